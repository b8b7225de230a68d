"""`python -m checks`: fail on a finding without an answer, and on an answer without a finding."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from checks.answers import ANSWERS, Finding, read_answers, unanswered, unneeded
from checks.programs import CHECKOV, NAG, checkov, nag

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def main() -> int:
    """The exit code: 0 when every finding is answered."""
    answers = read_answers(ANSWERS.read_text(encoding="utf-8"))
    findings: list[Finding] = checkov(TEMPLATE)
    programs = {CHECKOV}
    if shutil.which("node"):
        findings += nag(TEMPLATE)
        programs.add(NAG)
    else:
        print("cdk-nag is left out: it needs Node.js, and there is none here", file=sys.stderr)
    answers = [answer for answer in answers if answer.program in programs]
    left, stale = unanswered(findings, answers), unneeded(findings, answers)
    for finding in left:
        print(f"{finding.program} {finding.rule} {finding.resource}: {finding.says}")
    for answer in stale:
        print(f"{answer.program} {answer.rule} {', '.join(answer.resources)}: answered, and no longer found")
    print(f"{' and '.join(sorted(programs))}: {len(findings)} findings, {len(findings) - len(left)} answered")
    return 1 if left or stale else 0


if __name__ == "__main__":
    sys.exit(main())
