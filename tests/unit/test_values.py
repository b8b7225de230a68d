"""Values that cannot be wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from unicodedata import category

import pytest
from collaboration.domain.model.directory import MOST_PARTICIPANTS, Employee, Task
from collaboration.domain.model.values import (
    AgreementId,
    CollaborationId,
    Email,
    EmployeeId,
    InvitationId,
    OfficeId,
    OrganisationNumber,
    _unseen,
    local_date,
    local_midnight,
    written_time,
)
from hypothesis import given
from hypothesis import strategies as st


def with_check_digit(stem: str) -> str:
    """Ten digits of nine, worked out another way than the code does."""
    total = 0
    for place, digit in enumerate(stem):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return stem + str((10 - total % 10) % 10)


@pytest.mark.parametrize(
    "spelling", ["5560000001", "556000-0001", "165560000001", "16556000-0001", "19121212-1212", "121212+1212"]
)
def test_an_organisation_number_is_read_in_every_spelling(spelling: str) -> None:
    """With or without dash and century; given back as ten digits."""
    number = OrganisationNumber(spelling)
    assert (len(number), number.isdigit(), spelling.endswith(number.ending)) == (10, True, True)


@pytest.mark.parametrize(
    "wrong", ["5560000002", "556000001", "55600000011", "", "556000 0001", "٥٥٦٠٠٠٠٠٠١", "abcdefghij", "175560000001"]
)
def test_a_wrong_organisation_number_cannot_be_made(wrong: str) -> None:
    """Another check digit, another length, other characters."""
    with pytest.raises(ValueError, match="organisation number"):
        OrganisationNumber(wrong)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_exactly_one_check_digit_is_right(stem: str) -> None:
    """Of the ten possible ones."""
    right = with_check_digit(stem)
    assert OrganisationNumber(right) == right
    for digit in set("0123456789") - {right[-1]}:
        with pytest.raises(ValueError, match="organisation number"):
            OrganisationNumber(stem + digit)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Gäller 556823-4172.", "Gäller 556823-••••."),
        ("5568234172 och 165568234172", "556823•••• och 16556823••••"),
        ("momsnummer SE556823417201", "momsnummer SE556823••••01"),
        ("5568 23 41 72, 5568-234172 och 55-68-23-41-72", "5568 23 ••••, 5568-23•••• och 55-68-23-••••"),
        ("556823 - 4172 eller 5 5 6 8 2 3 4 1 7 2", "556823 - •••• eller 5 5 6 8 2 3 ••••"),
        ("\uff14\uff11\uff17\uff12 och 16\u2009556823\u20134172", "•••• och 16\u2009556823\u2013••••"),
        ("De fyra sista är 4172", "De fyra sista är ••••"),
        ("Ring 08-41720 eller 084172, plan 14172", "Ring 08-41720 eller 084172, plan 14172"),
        ("Björk & Brown Flowers AB", "Björk & Brown Flowers AB"),
    ],
)
def test_a_text_does_not_give_the_digits_away(text: str, shown: str) -> None:
    """`digits-prove-the-person`: those that are asked for are hidden, and no others."""
    assert OrganisationNumber("5568234172").hidden_in(text) == shown


@pytest.mark.parametrize("address", ["anna@example.se", "A.B+c@sub.example.co", "o'hara@example.se"])
def test_an_address_is_kept_as_written_and_compared_without_case(address: str) -> None:
    """What SES can send to."""
    assert Email(address) == address
    assert Email(address).folded == address.lower()


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "anna",
        "@example.se",
        "anna@",
        "a b@example.se",
        "anna@example",
        "å@example.se",
        "a@b@c.se",
        "x" * 250 + "@e.se",
    ],
)
def test_a_wrong_address_cannot_be_made(wrong: str) -> None:
    """Nothing that a mail program would choke on."""
    with pytest.raises(ValueError, match="e-mail"):
        Email(wrong)


@pytest.mark.parametrize("wrong", ["", "a/b", "a b", "å", "x" * 65, "a#b"])
def test_ids_fit_into_paths_and_keys(wrong: str) -> None:
    """1 to 64 of letters, digits, dot, underscore and dash."""
    with pytest.raises(ValueError, match="id"):
        OfficeId(wrong)


def test_an_invitation_and_its_collaboration_share_an_agreement() -> None:
    """One timeline, two ids; neither is mistaken for the other."""
    agreement = AgreementId("abc")
    assert InvitationId.of(agreement).agreement == CollaborationId.of(agreement).agreement == agreement
    assert InvitationId("col-abc").agreement is None
    assert InvitationId("inv-").agreement is None


def test_times_are_written_in_utc_in_whole_seconds() -> None:
    """Whatever zone they came in."""
    moment = datetime(2026, 11, 23, 10, 0, 0, 999_000, tzinfo=timezone(timedelta(hours=1)))
    assert written_time(moment) == "2026-11-23T09:00:00Z"


def test_days_begin_at_midnight_in_sweden() -> None:
    """In winter an hour before UTC, in summer two."""
    assert local_midnight(date(2026, 12, 1)) == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert local_midnight(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)
    assert local_date(datetime(2026, 11, 30, 23, 0, tzinfo=UTC)) == date(2026, 12, 1)


def test_a_changed_value_is_validated_again() -> None:
    """What `replace` makes could be read again: nobody is one too many, and no field is made up."""
    task = Task(name="Bookkeeping", owner=EmployeeId("bo"), active=True)
    people = [EmployeeId(f"e{nth}") for nth in range(MOST_PARTICIPANTS + 1)]
    assert len(task.replace(participants=people[1:]).participants) == MOST_PARTICIPANTS
    for changes in ({"participants": people}, {"name": ""}, {"active": "yes"}, {"no_such_field": 1}):
        with pytest.raises(ValueError, match="validation error"):
            task.replace(**changes)


def test_parts_are_put_together_without_validating_the_whole_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored in parts is read with every row of a list; `replace` validates, and is for decisions."""
    anna = Employee(name="Anna", email=Email("anna@ek.example"), full_user_rights=True, administrator=True, active=True)
    monkeypatch.setattr(Email, "normalised", lambda text: pytest.fail(f"{text} was validated again"))
    assert (anna.with_parts(active=False).active, anna.active) == (False, True)
    assert anna.with_parts(active=True) == anna


@given(st.text())
def test_what_cannot_be_seen_is_found_whether_or_not_the_rest_can_be_printed(text: str) -> None:
    """As if each character were looked at."""
    assert _unseen(text) == any(category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)
