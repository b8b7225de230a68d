"""What rows of a batch, an import or a mass update are answered when they are sent again: by their keys, the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.app import Response


def answers_of(answer: Response) -> Iterator[tuple[str, str]]:
    """The rows that were carried out, now or when they came first, each by its key: what it is answered.

    An invitation is the same; an import has the same collaboration; a task is changed or needs no change.
    """
    for row in answer.json["rows"]:
        if row["status"] in {"created", "replayed"}:
            yield row["key"], json.dumps(row["invitation"])
        elif row["status"] in {"imported", "exists"}:
            yield row["reference"], row["collaborationId"]
        elif row["status"] in {"changed", "unchanged"}:
            yield _task(row), row["status"]


def promised_by(answer: Response) -> dict[str, str]:
    """What the rows of an answer are to be answered when they are sent again: of a task, that it needs no change."""
    return {key: "unchanged" if given == "changed" else given for key, given in answers_of(answer)}


def _task(row: Any) -> str:
    return f"{row['customerId']}/{row['taskId']}"


def answered_otherwise(first: Response, again: Response) -> Iterator[str]:
    """What of the rows that the first answer has carried out is answered otherwise when they are sent again."""
    if first.status >= 400:
        return
    promised, given = promised_by(first), [*answers_of(again)] if again.status < 400 else []
    for key in promised.keys() - dict(given).keys():
        yield f"same key, no answer: {key}, {again.status} {again.text[:200]}"
    for key, answer in given:
        if answer != promised.get(key, answer):
            yield f"same key, another answer: {key} {promised[key][:200]}, then {answer[:200]}"
