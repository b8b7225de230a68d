"""Terms that were given up for the usual ones do not come back; CHANGELOG.md may tell of them."""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

PROJECT = Path(__file__).parents[2]

# As a name in the code: what a reader would have to learn. In prose most of these are ordinary words.
NAMES = frozenset(
    re.findall(
        r"\w+",
        """
    house Lost until_settled Unfinished Unavailable told told_of _told_to_activator tell_bus NotTold TELL_MAIL_EVENT
    kept_answer KeptText Answered Once _once settle World Editable Endable Linkable Visit Ask Agreed check_door
    LinkDoor closed_until WrongDigits _keep_wrong LinkUntouched What Happened Standing judge Step CustomerStays
    _still_so beside resting Resting _left Copied waits_unlinked feeding Fed _feeding on_task people_of customer_under
    granting closed_difference _follow proving Proven PROOF_DUE sweeping Done fates keep_fate ProviderSays
    _LASTING Outgoing Post written Written _put_off Reader Addressee Links LinkHolder SecretLinks Shown Mine of_office
    at_x together upto _PASSING LOOK PEEK _precede _maybe Unreadable Shape House furnished big_house NotAsToldError
    clerk fate tell guard_of
    """,
    )
)
# Anywhere, also in prose: no other word is meant.
ANYWHERE = re.compile(
    r"""\b(?:until_settled|told_of|tell_bus|NotTold|TELL_MAIL_EVENT|kept_answer|KeptText|check_door|LinkDoor
    |closed_until|_keep_wrong|LinkUntouched|CustomerStays|_still_so|waits_unlinked|closed_difference|PROOF_DUE
    |keep_fate|ProviderSays|LinkHolder|SecretLinks|access_service\.py|big_house|[Hh]ouse|[Ff]ates?|[Cc]lerks?
    |[Tt]he\ nightly\ proof)\b
    # What is raised, by the name that the exception had.
    |^\s+(?:Refused|Lost|Unavailable|NotTold|NotSent|Unfinished|WrongDigits):\s""",
    re.VERBOSE,
)


def sources(*patterns: str) -> list[Path]:
    """The files of the project, but for this one."""
    folders = [PROJECT / name for name in ("shared", "functions", "tests", "events")]
    found = [path for folder in folders for pattern in patterns for path in folder.rglob(pattern)]
    return [path for path in found if path != Path(__file__)] + [
        path for pattern in patterns for path in PROJECT.glob(pattern)
    ]


def test_no_name_is_one_of_those_given_up() -> None:
    """Functions, classes, arguments, variables."""
    found = []
    for path in sources("*.py"):
        with path.open(encoding="utf-8") as file:
            found += [
                f"{path.relative_to(PROJECT)}:{token.start[0]} {token.string}"
                for token in tokenize.generate_tokens(file.readline)
                if token.type == tokenize.NAME and token.string in NAMES
            ]
    assert found == []


def test_no_text_speaks_of_them() -> None:
    """Docstrings, comments, documents, the template."""
    found = []
    for path in sources("*.py", "*.md", "Makefile", "template.yaml", "*.toml"):
        if path.name == "CHANGELOG.md":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found += [f"{path.relative_to(PROJECT)}:{number} {word}" for word in ANYWHERE.findall(line)]
    assert found == []
