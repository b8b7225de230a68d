"""A house per test: moto's AWS, the real handlers, a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.link_tokens import TokenSigner
from collaboration.mailing.outbox import SendError
from collaboration.mailing.rendering import render
from moto import mock_aws

from integration.app import App, SentMail
from integration.office import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.domain.model.mail import Mail, MailRecipient


class _Mailbox:
    """Takes mails as SES does, worded in full."""

    def __init__(self, app: App) -> None:
        self._house = app

    def __call__(self, *_: Any) -> _Mailbox:
        return self

    def send(self, mail: Mail, reader: MailRecipient, link: str | None) -> str:
        if self._house.refusing_mail:
            raise SendError("throttled")
        text = render(mail.content, reader, mail.locale, link)
        self._house.mailbox.append(SentMail(reader.email, "", text.subject, text.text, text.html))
        return f"message-{len(self._house.mailbox)}"


class _MailSettings:
    """Where mails come from, and where their links lead."""

    mail_sender = "collaboration@spiris.example"
    mail_configuration_set = "tests"
    public_url = "https://api.example/v1"


def with_fakes(app: App) -> App:
    """A house whose mails go to its mailbox, with links that the house itself can read."""
    links = TokenSigner(b"a key of the tests")
    accept: Any = app.functions["accept"]
    accept.token_signer = lambda: links
    mail: Any = app.functions["mail"]
    mail.token_signer = lambda: links
    mail.mail_provider = lambda: (None, _MailSettings())
    mail.Ses = _Mailbox(app)
    return app


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """The application over a table in memory, empty."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "collaboration")
    return with_fakes(App(in_memory=True))


@pytest.fixture
def moto_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """The application over moto, empty: a second engine under the main job."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-north-1",
        "POWERTOOLS_SERVICE_NAME": "collaboration",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield with_fakes(App())


@pytest.fixture
def office(app: App) -> Office:
    """The demonstration office, fed: employees with different rights, and a customer in every situation."""
    office = Office(app)
    office.feed()
    return office
