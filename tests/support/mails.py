"""Examples of every kind of mail: with as little as there can be, with as much, written to harm, and as on any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from collaboration.domain.model.catalogue import SetUp, SetUpField
from collaboration.domain.model.digest import DigestReason
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import Choice
from collaboration.domain.model.mail import (
    AskedAgainContent,
    DecisionContent,
    DigestContent,
    DigestLine,
    EndedContent,
    EndFailedContent,
    InformationContent,
    InvitationContent,
    LoginBouncedContent,
    LoginContent,
    Mail,
    MailContent,
    WrongRecipientContent,
)
from collaboration.domain.model.mail_recipient import MailRecipient
from collaboration.domain.model.subscriptions import ComingTerms
from collaboration.domain.model.values import (
    AgreementId,
    Email,
    InvitationId,
    InvoiceRecipient,
    Kind,
    Locale,
    Outcome,
    Scenario,
    Side,
)
from collaboration.link_tokens import TokenSigner
from collaboration.mailing.rendering import Addresses, render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collaboration.mailing.outbox import RenderedMail

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# As long as those on AWS, without a domain of its own and with ids as they are made.
ROOT = "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com/v1"
AGREEMENT = AgreementId("k3v7q2m5n8p4r6t9w1x3y5z7")
ADDRESSES = Addresses(ROOT, TokenSigner(b"a key of the tests").token)

# What a name may hold: markup, another direction of writing, and not one space to break a line at.
LONG = "Donaudampfschiffahrtsgesellschaftskapitänsmützenabzeichenfabrik"
HOSTILE = f'<b onclick="x">&amp; {{name}} %s</b> שלום عليكم {LONG * 2}'[:200]
# What a name cannot hold any more, and what was stored before may: line breaks, and marks that turn lines around.
UNSEEN = "Eva\r\nBcc: x@x.example\u202e\u2067\u200bLind"
HOSTILE_MESSAGE = (
    "Hej!\n\n<script>alert(1)</script>\n\u202eSe https://evil.example/v1/accept/v1.inv-abc.r1.1.mac\n"
    f"שלום, ראה https://www.spiris.se/hjalp\n{LONG * 3}\n" + "Vi ses på måndag. " * 40
)

READER = MailRecipient(key="r1", email=Email("bo@x.se"), name="Bo Ek", recipient="r1", version=1)
LONG_READER = MailRecipient(
    key="r1",
    email=Email(f"{'birgitta.' * 6}b@{'bjork-brown.' * 12}example"),
    name=f"Birgitta {HOSTILE}"[:200],
    recipient="r1",
    version=1,
)


@dataclass(frozen=True)
class Sample:
    """What examples are made of. `reasons`, `customers`, `lines`: of a digest, `lines` of each reason."""

    office: str
    email: Email
    company: str
    person: str
    sender: str
    access: tuple[str, ...]
    message: str | None
    solution: str
    setup: dict[str, object]
    reasons: tuple[DigestReason, ...]
    customers: tuple[str, ...]
    lines: int
    more: int


def examples(sample: Sample) -> dict[str, MailContent]:
    """Every kind of mail, made of a sample."""
    setup = SetUp.model_validate(sample.setup)
    inherited = SetUp.model_validate({"invoiceRecipient": "customer", **sample.setup})
    another_pays: dict[str, Any] = {
        "scenario": Scenario.HAS_SOLUTION,
        "setup": SetUp(invoice_recipient=InvoiceRecipient.OFFICE),
        "paid_by_another": (SetUpField.INVOICE_RECIPIENT,),
        "coming": ComingTerms(on=date(2026, 12, 1), setup=SetUp(invoice_recipient=InvoiceRecipient.CUSTOMER)),
    }
    for_office: dict[str, Any] = {"company_name": sample.company, "solution": sample.solution}
    for_customer: dict[str, Any] = {**for_office, "office_name": sample.office, "office_email": sample.email}
    person, access, message = sample.person, sample.access, sample.message
    invitation = InvitationContent(
        **for_customer,
        scenario=Scenario.WITHOUT_SOLUTION,
        setup=setup,
        customer_owned=False,
        sender_name=sample.sender,
        access=access,
        sent_at=datetime(2026, 11, 17, 9, 0, tzinfo=UTC),
        expires_at=datetime(2026, 12, 8, 9, 0, tzinfo=UTC),
        message=message,
    )
    lines = tuple(
        DigestLine(
            reason=reason,
            invitation_id=InvitationId(f"inv-{reason}-{number}"),
            customer_name=sample.customers[number % len(sample.customers)],
            solution=sample.solution,
            at=NOW,
            recipients=("r1",),
        )
        for reason in sample.reasons
        for number in range(sample.lines)
    )
    return {
        "invitation": invitation,
        "invitation-has-solution": invitation.replace(scenario=Scenario.HAS_SOLUTION, setup=inherited),
        "invitation-customer-owned": invitation.replace(
            scenario=Scenario.HAS_SOLUTION, setup=SetUp(), customer_owned=True
        ),
        "invitation-terms-change": invitation.replace(**another_pays),
        "reminder": invitation.replace(reminder=True),
        "reminder-customer-owned": invitation.replace(
            reminder=True, customer_owned=True, expires_at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
        ),
        "reminder-last-day": invitation.replace(reminder=True, expires_at=datetime(2026, 11, 24, 22, 0, tzinfo=UTC)),
        "login-instructions": LoginContent(**for_customer, solution_kind=Kind.SHARED, access=access),
        "login-instructions-office-tool": LoginContent(**for_customer, solution_kind=Kind.OFFICE_TOOL, access=access),
        "login-instructions-to-another": LoginContent(
            **for_customer,
            solution_kind=Kind.SHARED,
            access=access,
            not_main_contact=(READER.key, LONG_READER.key),
            from_register=(READER.key, LONG_READER.key),
        ),
        "information": InformationContent(
            **for_customer,
            solution_kind=Kind.SHARED,
            scenario=Scenario.WITHOUT_SOLUTION,
            setup=setup,
            access=access,
            decided_by=person,
        ),
        "information-has-solution": InformationContent(
            **for_customer,
            solution_kind=Kind.SHARED,
            scenario=Scenario.HAS_SOLUTION,
            setup=inherited,
            access=access,
            decided_by=person,
        ),
        "information-terms-change": InformationContent(
            **for_customer,
            solution_kind=Kind.SHARED,
            access=access,
            **another_pays,
            decided_by=person,
        ),
        "information-office-tool": InformationContent(
            **for_customer,
            solution_kind=Kind.OFFICE_TOOL,
            scenario=Scenario.HAS_SOLUTION,
            setup=setup,
            access=access,
        ),
        "accepted": DecisionContent(**for_office, choice=Choice.ACCEPT, decided_by=person, message=message),
        "accepted-unlinked": DecisionContent(**for_office, choice=Choice.ACCEPT, decided_by=person, linked=False),
        "accepted-nobody": DecisionContent(**for_office, choice=Choice.ACCEPT, decided_by=person, access=False),
        "accepted-ended": DecisionContent(
            **for_office, choice=Choice.ACCEPT, decided_by=person, message=message, ended=True
        ),
        "declined": DecisionContent(**for_office, choice=Choice.DECLINE, decided_by=person, message=message),
        "new-invitation-asked-for": AskedAgainContent(**for_office, asked_by=person),
        "wrong-recipient": WrongRecipientContent(**for_office, reported_by=person),
        "ended-by-office": EndedContent(
            **for_customer, to=Side.CUSTOMER, ended_by=person, outcome=Outcome.CONTINUE, pays_from=date(2027, 1, 1)
        ),
        "ended-by-office-unnamed": EndedContent(
            **for_customer,
            to=Side.CUSTOMER,
            ended_by=for_customer["office_name"],
            outcome=Outcome.CONTINUE,
            pays_from=date(2026, 11, 24),
            pays_already=True,
        ),
        "ended-by-office-unlinked": EndedContent(
            **{**for_customer, "solution": ""},
            to=Side.CUSTOMER,
            ended_by=person,
            outcome=Outcome.CONTINUE,
            has_subscription=False,
        ),
        "ended-by-customer": EndedContent(**for_customer, to=Side.OFFICE, ended_by=person, outcome=Outcome.CLOSE),
        "ended-by-customer-deleted": EndedContent(
            **for_customer, to=Side.OFFICE, ended_by=person, outcome=Outcome.DELETE
        ),
        "ended-by-customer-unrecorded": EndedContent(
            **for_customer, to=Side.OFFICE, ended_by=person, outcome=Outcome.CLOSE, has_subscription=False
        ),
        "ended-by-customer-deleted-unrecorded": EndedContent(
            **for_customer, to=Side.OFFICE, ended_by=person, outcome=Outcome.DELETE, has_subscription=False
        ),
        "end-failed": EndFailedContent(**for_office, on=date(2027, 1, 1), problem=Slug.MAIN_CONTACT_MISSING),
        "end-failed-outcome": EndFailedContent(**for_office, on=date(2027, 1, 1), problem=Slug.VALIDATION_FAILED),
        "end-failed-by-customer": EndFailedContent(
            **for_office, on=date(2027, 1, 1), problem=Slug.MAIN_CONTACT_MISSING, arranged_by=Side.CUSTOMER
        ),
        "end-failed-outcome-by-customer": EndFailedContent(
            **for_office, on=date(2027, 1, 1), problem=Slug.VALIDATION_FAILED, arranged_by=Side.CUSTOMER
        ),
        "end-failed-continue": EndFailedContent(
            **for_office, on=date(2027, 1, 1), problem=Slug.VALIDATION_FAILED, outcome=Outcome.CONTINUE
        ),
        "end-failed-continue-by-customer": EndFailedContent(
            **for_office,
            on=date(2027, 1, 1),
            problem=Slug.VALIDATION_FAILED,
            arranged_by=Side.CUSTOMER,
            outcome=Outcome.CONTINUE,
        ),
        "login-bounced": LoginBouncedContent(**for_office),
        "login-bounced-no-resend": LoginBouncedContent(**for_office, can_resend=False),
        "digest": DigestContent(day=date(2026, 11, 24), lines=lines, more=sample.more),
    }


SHORTEST: Mapping[str, MailContent] = examples(
    Sample(
        office="AB",
        email=Email("b@b.se"),
        company="AB",
        person="Al",
        sender="Al",
        access=(),
        message=None,
        solution="scanner",
        setup={},
        reasons=(DigestReason.EXPIRED,),
        customers=("AB",),
        lines=1,
        more=0,
    )
)
LONGEST: Mapping[str, MailContent] = examples(
    Sample(
        office=HOSTILE,
        email=LONG_READER.email,
        company=HOSTILE,
        person=UNSEEN,
        sender=UNSEEN,
        access=tuple(f"{number} {HOSTILE}"[:200] for number in range(40)),
        message=HOSTILE_MESSAGE,
        solution="digital-invoices",
        setup={"sentInvoiceRecipient": "office", "receivedInvoiceRecipient": "customer"},
        reasons=tuple(DigestReason),
        customers=(HOSTILE, LONG),
        lines=3,
        more=7,
    )
)
ORDINARY_READER = READER.replace(name="Birgitta Björk", email=Email("birgitta@bjork-brown.example"))
# What offices send on an ordinary day: to look at.
ORDINARY: Mapping[str, MailContent] = examples(
    Sample(
        office="Ek & Lind Redovisning",
        email=Email("kontakt@ek-lind.example"),
        company="Björk & Brown AB",
        person="Birgitta Björk",
        sender="Anna Ek",
        access=("Bo Lind", "Cecilia Holm"),
        message="Hej Birgitta!\n\nSom vi talade om i torsdags. Hör av dig om något är oklart.\n\nAnna",
        solution="bookkeeping-invoicing",
        setup={"variant": "bookkeeping-invoicing", "periodMonths": 12, "invoiceRecipient": "office"},
        reasons=tuple(DigestReason),
        customers=("Almbergs Bageri AB", "Ceder Snickeri", "Dahl & Söner HB"),
        lines=2,
        more=0,
    )
)


def mail_of(content: MailContent, locale: Locale) -> Mail:
    """A mail that holds a content."""
    return Mail(id="m-1", agreement=AGREEMENT, at=NOW, locale=locale, recipients=(READER,), content=content)


def rendered(content: MailContent, locale: Locale, recipient: MailRecipient = READER) -> RenderedMail:
    """The mail that holds a content, as a recipient gets it."""
    return render(mail_of(content, locale), recipient, addresses=ADDRESSES)
