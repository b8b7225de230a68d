"""A finding of the template's checks is fixed or answered, one by one."""

from __future__ import annotations

import pytest
from checks.answers import ANSWERS, Answer, Finding, read_answers, unanswered, unneeded

WRITTEN = """
checkov:
  CKV_1:
    - resources: ["*Function"]
      reason: because
cdk-nag:
  Rule-IAM4:
    - resources: [RoleOfOne]
      reason: as well
"""
ANSWERED = [Finding("checkov", "CKV_1", "MailFunction"), Finding("cdk-nag", "Rule-IAM4[Policy::arn]", "RoleOfOne")]


@pytest.mark.parametrize(
    "other",
    [
        Finding("checkov", "CKV_1", "MailQueue"),
        Finding("checkov", "CKV_2", "MailFunction"),
        Finding("cdk-nag", "CKV_1", "MailFunction"),
        Finding("cdk-nag", "Rule-IAM4", "RoleOfTwo"),
        Finding("cdk-nag", "Rule-IAM45", "RoleOfOne"),
    ],
)
def test_an_answer_is_for_what_it_names(other: Finding) -> None:
    """The same program, the same rule, a resource that it lists."""
    assert unanswered([*ANSWERED, other], read_answers(WRITTEN)) == [other]


def test_an_answer_that_is_no_longer_needed_is_found() -> None:
    """Else the list would excuse what comes back one day."""
    first, second = read_answers(WRITTEN)
    assert unneeded(ANSWERED, [first, second]) == []
    assert unneeded(ANSWERED[1:], [first, second]) == [first]


def test_an_answer_may_be_for_one_finding_of_a_rule() -> None:
    """Where a rule finds several things of one resource."""
    [one] = read_answers('cdk-nag: {"Rule-IAM4[Policy::arn]": [{resources: [RoleOfOne], reason: so}]}')
    assert unneeded(ANSWERED, [one]) == []
    assert unanswered([Finding("cdk-nag", "Rule-IAM4[Policy::other]", "RoleOfOne")], [one])


def test_every_answer_says_why() -> None:
    """In a sentence, not in a word; and none is for whatever there is."""
    answers: list[Answer] = read_answers(ANSWERS.read_text(encoding="utf-8"))
    assert {answer.program for answer in answers} == {"checkov", "cdk-nag"}
    assert all(len(answer.reason.split()) >= 4 for answer in answers)
    assert all(name != "*" for answer in answers for name in answer.resources)
