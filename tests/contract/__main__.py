"""Print what changed in the API since the last release, and fail when a change breaks clients: `python -m contract`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from collaboration.http.openapi import document_text

from contract.compare import Difference, Level, compare

RELEASE = "0.1.0"
FOLDER = Path(__file__).parent


def released() -> dict[str, Any]:
    """The document of the last release, without its examples."""
    found: dict[str, Any] = json.loads((FOLDER / f"openapi-{RELEASE}.json").read_bytes())
    return found


def present() -> dict[str, Any]:
    """The document that the code has now."""
    found: dict[str, Any] = json.loads(document_text())
    return found


def accepted() -> dict[str, str]:
    """The breaking changes that are meant, each with its reason."""
    found: dict[str, str] = json.loads((FOLDER / "accepted.json").read_bytes())
    return found


def refused(differences: list[Difference]) -> list[Difference]:
    """Those that break clients, and that nobody has given a reason for."""
    reasons = accepted()
    breaking = (difference for difference in differences if difference.level is Level.BREAKING)
    return [difference for difference in breaking if f"{difference.where}: {difference.what}" not in reasons]


def main() -> int:
    """Print every difference; 1 when one breaks clients without a reason."""
    differences = compare(released(), present())
    print(f"The API since {RELEASE}: {len(differences)} difference(s).")
    for difference in differences:
        reason = accepted().get(f"{difference.where}: {difference.what}")
        print(f"  {difference}{f' ({reason})' if reason else ''}")
    failures = refused(differences)
    if failures:
        print(
            f"{len(failures)} of them break clients. Change that, or give the reason in tests/contract/accepted.json."
        )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
