"""SES as its documentation has it: what it refuses, a test sees; what it takes, it keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

from botocore.exceptions import ClientError

# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html, API_MessageTag.html and
# https://docs.aws.amazon.com/ses/latest/dg/quotas.html
HEADER_NAME = re.compile(r"[!-9;-@A-~]{1,126}")
HEADER_VALUE = re.compile(r"[ -~]{1,870}")
TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
MOST_HEADERS = 15
LONGEST_ADDRESS = 320
# These come from other arguments of the call, or from SES itself.
OTHERWISE_SET = {"bcc", "cc", "date", "from", "message-id", "reply-to", "return-path", "sender", "subject", "to"}


@dataclass(frozen=True)
class SentMail:
    """A mail as SES took it."""

    to: str
    source: str
    subject: str
    text: str
    html: str
    reply_to: str | None
    headers: dict[str, str]
    tags: dict[str, str]


class FakeSesClient:
    """Takes mails as SES v2 does. `refusing`: what it raises instead."""

    def __init__(self) -> None:
        self.sent: list[SentMail] = []
        self.refusing: Exception | None = None

    def send_email(
        self,
        *,
        FromEmailAddress: str,  # noqa: N803 - arguments are named as SES names them
        Destination: dict[str, list[str]],  # noqa: N803
        ReplyToAddresses: list[str],  # noqa: N803
        Content: dict[str, Any],  # noqa: N803
        ConfigurationSetName: str,  # noqa: N803
        EmailTags: list[dict[str, str]],  # noqa: N803
    ) -> dict[str, str]:
        """Take a mail, or raise."""
        if self.refusing:
            raise self.refusing
        message = Content["Simple"]
        [to] = Destination["ToAddresses"]
        for address in (FromEmailAddress, to, *ReplyToAddresses):
            require(address.isascii() and "\n" not in address and len(address) <= LONGEST_ADDRESS, "an address")
        subject = message["Subject"]["Data"]
        require(not re.search(r"[\x00-\x1f\x7f]", subject), "a subject in one line")
        headers = {header["Name"]: header["Value"] for header in message["Headers"]}
        require(len(headers) == len(message["Headers"]) <= MOST_HEADERS, "few headers, each once")
        for name, value in headers.items():
            require(HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(value), f"the header {name}")
            require(name.casefold() not in OTHERWISE_SET, f"{name} where it belongs")
        tags = {tag["Name"]: tag["Value"] for tag in EmailTags}
        for name, value in tags.items():
            require(TAG.fullmatch(name) and TAG.fullmatch(value), f"the tag {name}")
        require(ConfigurationSetName, "a configuration set")
        self.sent.append(
            SentMail(
                to=to,
                source=str(make_header(decode_header(parseaddr(FromEmailAddress)[0]))),
                subject=subject,
                text=message["Body"]["Text"]["Data"],
                html=message["Body"]["Html"]["Data"],
                reply_to=ReplyToAddresses[0] if ReplyToAddresses else None,
                headers=headers,
                tags=tags,
            )
        )
        return {"MessageId": f"message-{len(self.sent)}"}


def throttled() -> ClientError:
    """What SES says to who sends too fast."""
    return ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "throttled"}}, "SendEmail")


def unverified() -> ClientError:
    """What SES says while the sender, or in its sandbox the recipient, is not verified; it names the address."""
    message = "Email address is not verified: anna@x.example"
    return ClientError({"Error": {"Code": "MessageRejected", "Message": message}}, "SendEmail")


def require(held: object, what: str) -> None:
    """Refuse as SES does."""
    if not held:
        raise ClientError({"Error": {"Code": "BadRequestException", "Message": what}}, "SendEmail")
