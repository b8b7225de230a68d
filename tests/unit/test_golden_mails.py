"""Every mail as it was when somebody last looked: a change of words or of looks is seen, and agreed to.

`make test ARGS='tests/unit/test_golden_mails.py --snapshot-update --no-cov'` writes them anew; the diff is for people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from collaboration.domain.model.values import Locale
from support.mails import LONG_READER, LONGEST, READER, SHORTEST, rendered
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from collaboration.mailing.outbox import RenderedMail
    from syrupy.assertion import SnapshotAssertion

EXTREMES = {"shortest": (SHORTEST, READER), "longest": (LONGEST, LONG_READER)}


class Html(SingleFileSnapshotExtension):
    """A file that a browser opens."""

    file_extension = "html"
    _write_mode = WriteMode.TEXT


class Text(SingleFileSnapshotExtension):
    """A file with the head of a mail and its plain text."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("kind", SHORTEST)
def test_a_mail_is_as_it_was(kind: str, extreme: str, locale: Locale, snapshot: SnapshotAssertion) -> None:
    """Subject, headers, text and HTML."""
    contents, reader = EXTREMES[extreme]
    mail = rendered(contents[kind], locale, reader)
    assert with_head(mail) == snapshot(extension_class=Text)
    assert mail.html == snapshot(extension_class=Html)


def with_head(mail: RenderedMail) -> str:
    """The text of a mail, below whom it is from and what else a mail program shows of it."""
    head = {"From": mail.sender_name, "Reply-To": mail.reply_to or "-", "Subject": mail.subject, **mail.headers}
    return "".join(f"{name}: {value}\n" for name, value in head.items()) + f"\n{mail.text}"
