"""What became of a mail, reported by the platform."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictStr, StringConstraints, model_validator

from collaboration.domain.model.values import (
    Value,
)
from collaboration.http.contract.operation import NoQuery, Operation
from collaboration.http.request import CallerClass

# SES sends a dozen tags of its own beside ours, each with one value of 256 characters at most.
MOST_TAGS = 100
TagName = Annotated[str, StringConstraints(max_length=1000)]
TagValues = Annotated[tuple[Annotated[StrictStr, StringConstraints(max_length=1000)], ...], Field(max_length=100)]


class SesMail(Value):
    """The mail that an SES event is about: its id or the tags that it was sent with."""

    model_config = ConfigDict(extra="allow")

    message_id: Annotated[StrictStr, StringConstraints(min_length=1, max_length=256)] | None = None
    tags: Annotated[dict[TagName, TagValues], Field(max_length=MOST_TAGS)] | None = None

    @model_validator(mode="after")
    def _can_be_matched(self) -> Self:
        if not self.message_id and not self.tags:
            raise ValueError("neither id nor tags")
        return self


class SesEvent(Value):
    """What SES says of a mail."""

    model_config = ConfigDict(extra="allow")

    event_type: Annotated[StrictStr, StringConstraints(max_length=200)]
    mail: SesMail


class MailEventBody(Value):
    """An SES event as EventBridge delivers it. What is not needed may be there, and is left alone."""

    model_config = ConfigDict(extra="ignore")

    detail: SesEvent


class MailEventResponse(Value):
    """Whether the event told something new."""

    kept: bool


RECORD_MAIL_EVENT = Operation(
    name="recordMailEvent",
    function="directory",
    method="POST",
    path="/platform/mail-events",
    caller=CallerClass.PLATFORM,
    summary="What became of a mail: an SES event as EventBridge delivers it; repeatable, in any order",
    body=MailEventBody,
    query=NoQuery,
    answers={202: MailEventResponse},
)
