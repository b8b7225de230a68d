"""A house per test: moto's AWS, the real handlers, a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.links import Links
from collaboration.mailing.letter_text import written
from collaboration.mailing.outbox import NotSent
from moto import mock_aws

from integration.house import House, SentMail
from integration.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.domain.letters import Outgoing, Reader


class _Mailbox:
    """Takes mails as SES does, worded in full."""

    def __init__(self, house: House) -> None:
        self._house = house

    def __call__(self, *_: Any) -> _Mailbox:
        return self

    def send(self, mail: Outgoing, reader: Reader, link: str | None) -> str:
        if self._house.refusing_mail:
            raise NotSent("throttled")
        text = written(mail.letter, reader, mail.locale, link)
        self._house.mailbox.append(SentMail(reader.email, "", text.subject, text.text, text.html))
        return f"message-{len(self._house.mailbox)}"


class _MailSettings:
    """Where mails come from, and where their links lead."""

    mail_sender = "collaboration@spiris.example"
    mail_configuration_set = "tests"
    public_url = "https://api.example/v1"


def furnished(house: House) -> House:
    """A house whose mails go to its mailbox, with links that the house itself can read."""
    links = Links(b"a key of the tests")
    accept: Any = house.functions["accept"]
    accept.secret_links = lambda: links
    mail: Any = house.functions["mail"]
    mail.secret_links = lambda: links
    mail.mail_provider = lambda: (None, _MailSettings())
    mail.Ses = _Mailbox(house)
    return house


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The whole house, empty."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "POWERTOOLS_SERVICE_NAME": "collaboration",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield furnished(House())


@pytest.fixture
def big_house(monkeypatch: pytest.MonkeyPatch) -> House:
    """The whole house over a table in memory, for what needs thousands of writes: moto copies the table for each."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "collaboration")
    return furnished(House(in_memory=True))


@pytest.fixture
def big_office(big_house: House) -> Office:
    """The demonstration office in the big house."""
    office = Office(big_house)
    office.feed()
    return office


@pytest.fixture
def office(house: House) -> Office:
    """The demonstration office, fed: employees with different rights, and a customer in every situation."""
    office = Office(house)
    office.feed()
    return office
