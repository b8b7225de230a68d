"""Findings of the programs that check the template, and the answers to those that are left as they are."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

ANSWERS = Path(__file__).with_name("answers.yaml")


@dataclass(frozen=True, order=True)
class Finding:
    """What a program holds against a resource of the template."""

    program: str
    rule: str
    resource: str
    says: str = ""


@dataclass(frozen=True)
class Answer:
    """Why a finding is left as it is. `resources`: names, `*` in them for any letters."""

    program: str
    rule: str
    resources: tuple[str, ...]
    reason: str

    def fits(self, finding: Finding) -> bool:
        """Whether this is the answer to the finding. A rule may be written without what is in its brackets."""
        return (
            (finding.program, finding.rule.partition("[")[0]) == (self.program, self.rule.partition("[")[0])
            and self.rule in {finding.rule, finding.rule.partition("[")[0]}
            and any(fnmatchcase(finding.resource, name) for name in self.resources)
        )


def read_answers(text: str) -> list[Answer]:
    """The answers in the text of `answers.yaml`: program -> rule -> a list of resources and the reason."""
    return [
        Answer(program, rule, tuple(row["resources"]), row["reason"])
        for program, rules in yaml.safe_load(text).items()
        for rule, rows in rules.items()
        for row in rows
    ]


def unanswered(findings: Iterable[Finding], answers: Iterable[Answer]) -> list[Finding]:
    """Those that no answer fits, in order."""
    known = list(answers)
    return sorted(finding for finding in findings if not any(answer.fits(finding) for answer in known))


def unneeded(findings: Iterable[Finding], answers: Iterable[Answer]) -> list[Answer]:
    """Answers to what is not found any more."""
    known = list(findings)
    return [answer for answer in answers if not any(answer.fits(finding) for finding in known)]
