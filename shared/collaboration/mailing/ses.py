"""SES takes the mails: how sender, tags and headers are written, and when a mail was not taken."""

import re
from collections.abc import Mapping
from email.header import Header
from email.utils import formataddr
from typing import TYPE_CHECKING

from collaboration.domain.decisions.mail_retry import Refusal
from collaboration.domain.model.values import Email
from collaboration.mailing.outbox import RenderedMail, SendError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

# SES takes 320 characters for an address, its display name and encoding included.
_ADDRESS = 320

# A header is a line of at most 998 bytes (RFC 5322); a subject grows to four thirds when it is encoded as Base64.
_SUBJECT_BYTES = 600


class Ses:
    """SES v2.

    Args:
        client: an SES client that does not retry by itself: a retry could send a mail twice.
        sender: the verified address that mails come from.
        configuration_set: makes SES report what becomes of a mail.
    """

    def __init__(self, client: "SESV2Client", sender: str, configuration_set: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, mail: RenderedMail, to: Email, tags: Mapping[str, str]) -> str:
        """Hand over a mail to one recipient.

        Returns:
            SES's id of the mail.

        Raises:
            SendError: SES does not take it, or does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            answer = self._client.send_email(
                FromEmailAddress=from_header(mail.sender_name, self._sender),
                Destination={"ToAddresses": [to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": shortened(mail.subject, _SUBJECT_BYTES), "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": mail.text, "Charset": "UTF-8"},
                            "Html": {"Data": mail.html, "Charset": "UTF-8"},
                        },
                        "Headers": [{"Name": name, "Value": value} for name, value in mail.headers.items()],
                    }
                },
                ReplyToAddresses=[mail.reply_to] if mail.reply_to else [],
                ConfigurationSetName=self._configuration_set,
                EmailTags=[
                    {"Name": name, "Value": tag_value(value)} for name, value in {**tags, "kind": mail.kind}.items()
                ],
            )
        except (ClientError, BotoCoreError) as error:
            raise SendError(_refusal(error)) from error
        return answer["MessageId"]


# The codes of SES's errors: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "LimitExceededException"})
_SUSPENDED = frozenset(
    {
        "AccountSuspendedException",
        "SendingPausedException",
        "MailFromDomainNotVerifiedException",
        # The configuration set is missing, or the function may not send: both are set up wrongly.
        "NotFoundException",
        "AccessDeniedException",
    }
)
_REJECTED = frozenset({"MessageRejected", "BadRequestException"})
# SES rejects with these words what comes from, and in its sandbox what goes to, an address that is not verified.
_NOT_VERIFIED = "not verified"


def _refusal(error: Exception) -> Refusal:
    """Why SES did not take a mail. The text of its error may hold addresses: it is looked at, and goes nowhere."""
    # An error of the connection has no response, or None.
    response = getattr(error, "response", None) or {}
    code, said = (response.get("Error", {}).get(part, "") for part in ("Code", "Message"))
    if code in _THROTTLED:
        return Refusal.THROTTLED
    if code in _SUSPENDED or (code in _REJECTED and _NOT_VERIFIED in said):
        return Refusal.SUSPENDED
    return Refusal.REJECTED if code in _REJECTED else Refusal.UNAVAILABLE


def tag_value(text: str) -> str:
    """A text as a tag's value, which holds ASCII letters, digits, `_` and `-` only; `tag_text` reads it.

    Each byte of anything else, of `_` too, is written as `_` and two hexadecimal digits.
    """
    return re.sub(rb"[^A-Za-z0-9-]", lambda byte: b"_%02X" % byte.group()[0], text.encode()).decode()


def tag_text(value: str) -> str:
    """The text that `tag_value` wrote; a value that it did not write is read as it stands.

    Raises:
        ValueError: its bytes are no text.
    """
    return re.sub(rb"_([0-9A-F]{2})", lambda code: bytes([int(code.group(1), 16)]), value.encode()).decode()


def from_header(name: str, address: str) -> str:
    """A sender with a display name: ASCII, encoded as RFC 2047 has it, and cut until SES takes it."""
    shown = name
    while len(header := _with_name(shown, address)) > _ADDRESS:
        shown = shown.removesuffix("…")[:-1].rstrip() + "…"
    return header


def _with_name(name: str, address: str) -> str:
    if name.isascii():
        return formataddr((name, address))
    # Words of at most 75 characters, as RFC 2047 wants them, in one line.
    return f"{Header(name, 'utf-8', maxlinelen=75).encode(linesep='')} <{address}>"


def shortened(text: str, size: int) -> str:
    """A text of at most so many bytes in UTF-8; one that is longer ends in an ellipsis."""
    if len(text.encode()) <= size:
        return text
    return text.encode()[: size - len("…".encode())].decode(errors="ignore") + "…"
