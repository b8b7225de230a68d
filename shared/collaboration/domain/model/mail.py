"""What a mail says, as plain values: stored with the change that caused it, worded when it is sent.

A mail holds no link: the link of an invitation is made from its agreement and its recipient when it is written. To the
office, `company_name` is what the office calls the customer; to the customer's people, the name of the account.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from collaboration.domain.model.accounts import Account
from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.collaboration import SentMail
from collaboration.domain.model.digest import DigestReason
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.subscriptions import ComingTerms
from collaboration.domain.model.values import (
    AgreementId,
    Email,
    InvitationId,
    Kind,
    Locale,
    Moment,
    OfficeId,
    Outcome,
    Scenario,
    Side,
    Value,
)

# How many names a mail lists, and is stored with; the pages list all.
MOST_NAMES = 25


class InvitationContent(Value):
    """To every administrator: somebody asks to collaborate. The first mail of all says where the address is from.

    `access`: the first names; `access_more`: how many there are beyond; `paid_by_another`: the invoice recipients that
    mean another office, where they are the office; `coming`: what changes when the subscription renews.
    `sent_at`: when the invitation was sent, or revived.
    """

    kind: Literal["invitation"] = "invitation"
    office_name: str
    office_email: Email
    company_name: str
    solution: str
    scenario: Scenario
    setup: SetUp
    paid_by_another: tuple[SetUpField, ...] = ()
    coming: ComingTerms | None = None
    customer_owned: bool
    sender_name: str
    access: tuple[str, ...]
    access_more: int = 0
    sent_at: Moment | None = None
    expires_at: Moment
    message: str | None = None
    reminder: bool = False

    @property
    def mail_kind(self) -> str:
        """The kind of mail as the product names it."""
        return "reminder" if self.reminder else "invitation"


class AskedAgainContent(Value):
    """To the sender and the task's owner: an invitation is dead, and the customer wants a new one."""

    kind: Literal["new-invitation-asked-for"] = "new-invitation-asked-for"
    company_name: str
    solution: str
    asked_by: str


class WrongRecipientContent(Value):
    """To the sender and the task's owner: a recipient says that an invitation is not for them."""

    kind: Literal["wrong-recipient"] = "wrong-recipient"
    company_name: str
    solution: str
    reported_by: str


class EndedContent(Value):
    """To the other side: a collaboration has ended.

    `pays_from`: the day from which the customer pays for the subscription; None where that is not known.
    `pays_already`: the customer did before it ended. `has_subscription`: the register knew of one that it rested on.
    """

    kind: Literal["ended"] = "ended"
    to: Side
    office_name: str
    office_email: Email
    company_name: str
    solution: str
    ended_by: str
    outcome: Outcome
    pays_from: date | None = None
    pays_already: bool = False
    has_subscription: bool = True


class EndFailedContent(Value):
    """To the task's owner: an end that was arranged could not be carried out.

    `arranged_by`: the side that had; `outcome`: what was to become of the subscription, None in a mail from before.
    """

    kind: Literal["end-failed"] = "end-failed"
    company_name: str
    solution: str
    on: date
    problem: Slug
    arranged_by: Side = Side.OFFICE
    outcome: Outcome | None = None


class LoginBouncedContent(Value):
    """To the one who activated: login instructions did not arrive. `can_resend`: the office may send them once more."""

    kind: Literal["login-bounced"] = "login-bounced"
    company_name: str
    solution: str
    can_resend: bool = True


class LoginContent(Value):
    """To the contact person of a company that has just become a customer: how to sign in, and why they can.

    Sent again, to whoever is administrator by then: `not_main_contact` and `from_register` are the keys of the
    recipients who are not the account's main contact, and of those whom the register has, not the office, named.
    """

    kind: Literal["login-instructions"] = "login-instructions"
    office_name: str
    office_email: Email
    company_name: str
    solution: str
    solution_kind: Kind
    access: tuple[str, ...]
    access_more: int = 0
    not_main_contact: tuple[str, ...] = ()
    from_register: tuple[str, ...] = ()


class InformationContent(Value):
    """To all administrators: what the company now has, and who at the office may open it; `coming` as above."""

    kind: Literal["information"] = "information"
    office_name: str
    office_email: Email
    company_name: str
    solution: str
    solution_kind: Kind
    scenario: Scenario
    setup: SetUp
    paid_by_another: tuple[SetUpField, ...] = ()
    coming: ComingTerms | None = None
    access: tuple[str, ...]
    access_more: int = 0
    decided_by: str | None = None


class DecisionContent(Value):
    """To the sender and the task's owner: the customer has decided.

    `linked`: what has begun has a task; `access`: somebody at the office has access; `ended`: it has ended since, which
    is known when the mail is sent, and not stored.
    """

    kind: Literal["decision"] = "decision"
    choice: Choice
    company_name: str
    solution: str
    decided_by: str
    message: str | None = None
    linked: bool = True
    access: bool = True
    ended: bool = Field(default=False, exclude=True)

    @property
    def mail_kind(self) -> str:
        """The kind of mail as the product names it."""
        return "accepted" if self.choice is Choice.ACCEPT else "declined"


class DigestLine(Value):
    """One invitation in a digest.

    `customer_name`: what the office calls the customer; `at`: when a mail bounced, when the invitation expires or
    expired, or when a new one was asked for; `recipients`: the keys of the mail's recipients whom it concerns.
    """

    reason: DigestReason
    invitation_id: InvitationId
    customer_name: str
    solution: str
    at: Moment
    recipients: tuple[str, ...]


class DigestContent(Value):
    """To the senders and the tasks' owners: what became of their invitations without a decision, once a day.

    `day`: in Sweden; `more`: how many invitations there are beyond the lines, for all recipients together.
    """

    kind: Literal["digest"] = "digest"
    day: date
    lines: tuple[DigestLine, ...]
    more: int = 0

    def lines_for(self, recipient: MailRecipient) -> dict[DigestReason, tuple[DigestLine, ...]]:
        """The lines that concern a recipient, by reason; a reason without lines is left out."""
        concerning = [line for line in self.lines if recipient.key in line.recipients]
        found = {reason: tuple(line for line in concerning if line.reason is reason) for reason in DigestReason}
        return {reason: lines for reason, lines in found.items() if lines}


MailContent = Annotated[
    InvitationContent
    | LoginContent
    | InformationContent
    | DecisionContent
    | AskedAgainContent
    | WrongRecipientContent
    | EndedContent
    | EndFailedContent
    | LoginBouncedContent
    | DigestContent,
    Field(discriminator="kind"),
]


class Mail(Value):
    """A mail to write, once per recipient: one per change and kind, in the same transaction as the change.

    `office_id`: whose mail it is; None for one that was stored before that was known.
    """

    id: str
    agreement: AgreementId
    office_id: OfficeId | None = None
    at: Moment
    locale: Locale
    recipients: tuple[MailRecipient, ...]
    content: MailContent

    @property
    def mail_kind(self) -> str:
        """The kind of mail as the product names it."""
        return mail_kind(self.content)

    @property
    def audiences(self) -> tuple[tuple[str, ...], ...]:
        """The keys of the recipients who hear of the same thing: of each line of a digest, and else all of them."""
        if isinstance(self.content, DigestContent):
            return tuple(line.recipients for line in self.content.lines)
        return (tuple(recipient.key for recipient in self.recipients),)

    @property
    def is_essential(self) -> bool:
        """Whether it goes to somebody who has complained of the office's mail too: `no-mail-after-a-complaint`.

        Without it they could not sign in, or would not learn what the company has, pays for, or has no more.
        """
        return isinstance(self.content, (LoginContent, InformationContent, EndedContent, EndFailedContent))

    @property
    def shown_on_collaboration(self) -> bool:
        """Whether the collaboration shows its delivery: mails to the customer's people, not the invitation's."""
        if isinstance(self.content, EndedContent):
            return self.content.to is Side.CUSTOMER
        return self.names_access

    @property
    def names_access(self) -> bool:
        """Whether it names those at the office who have access."""
        return isinstance(self.content, (LoginContent, InformationContent))

    @property
    def is_about_collaboration(self) -> bool:
        """Whether it speaks of a collaboration that goes on, which may have ended while it waited."""
        has_begun = isinstance(self.content, DecisionContent) and self.content.choice is Choice.ACCEPT
        return (
            self.shown_on_collaboration
            or has_begun
            or isinstance(self.content, (EndFailedContent, LoginBouncedContent))
        )


def mail_kind(content: MailContent) -> str:
    """The kind of mail as the product names it."""
    return content.mail_kind if isinstance(content, (InvitationContent, DecisionContent)) else content.kind


def administrator_recipients(account: Account) -> tuple[MailRecipient, ...]:
    """Everybody who decides for the account, as readers of a mail without a link."""
    return tuple(
        MailRecipient(key=f"a{number}", email=user.email, name=user.name)
        for number, user in enumerate(account.administrators, start=1)
    )


def sent_mails(mail: Mail) -> Iterator[tuple[str, SentMail]]:
    """What the collaboration shows of a mail, by the key under which its delivery is written."""
    for recipient in mail.recipients:
        yield f"{mail.id}.{recipient.key}", SentMail(kind=mail.mail_kind, to=recipient.email)
