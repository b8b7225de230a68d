"""The moments from which everything is tried: an office with one agreement in each state, and the commands there.

A command is a request of the gateway, a message of the bus, a schedule, or records of the stream, as a function
gets it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

from collaboration.storage import keys
from collaboration.storage.keys import FIRST_SORTABLE
from stack import demonstration
from support.app import App
from support.people import BJORK, CEDER, DAHL, Office, Person
from support.samples import sample

from proof.simulation import Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from stack.demonstration import Customer

BIRGITTA, BENJAMIN = "birgitta@bjork-brown.example", "benjamin@bjork-brown.example"
CORRECTED = "b.bjork@bjork-brown.example"
BOOKS = {"variant": "bookkeeping-invoicing", "invoiceRecipient": "office", "periodMonths": 12}


@dataclass(frozen=True, eq=False)
class Command:
    """Something that is done, once: an event, and the function that gets it.

    `keyed`: it has an Idempotency-Key; `rows`: it has rows, each with a key of its own; `looks_first`: who had no
    answer looks what became of it, since it would be done again; `stream`: instead of the event, the records that the
    table's stream has by then and nobody was told of;
    `then`: what the same task does after it, mostly the message that follows from it; `last`: nothing that access
    follows from comes after it, so that grants are right when every task is one that is last; `by_link`: who decides
    does so by a link, which takes wrong digits so often only; `wrong_digits`: they are wrong, so that it is refused;
    `of_mail`: which mail it is about, by agreement, mail and recipient: SES says nothing of one that it does not have
    yet; `ahead`: by how much its clock is ahead of others'.
    """

    name: str
    folder: str
    event: Mapping[str, Any] = field(default_factory=dict, repr=False)
    keyed: bool = False
    rows: bool = False
    looks_first: bool = False
    stream: bool = False
    then: Command | None = None
    last: bool = False
    by_link: bool = False
    wrong_digits: bool = False
    of_mail: tuple[str, str, str] | None = None
    ahead: timedelta = timedelta()


@dataclass(frozen=True, eq=False)
class Situation:
    """A moment, and the commands that matter then.

    `idle`: commands that alone change nothing, by name, each with why it is there all the same; `key`: its short name;
    `crossed`: where there are any, only pairs of one of these commands, by name, and one of the others are tried.
    """

    name: str
    world: Setting
    commands: tuple[Command, ...]
    idle: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    crossed: Sequence[str] = ()

    @property
    def pairs(self) -> list[tuple[Command, Command]]:
        """The pairs that are tried: each two of its commands, each with itself too."""
        if not self.crossed:
            return [*combinations_with_replacement(self.commands, 2)]
        first = [command for command in self.commands if command.name in self.crossed]
        return [(one, other) for one in first for other in self.hit]

    @property
    def hit(self) -> list[Command]:
        """Those that are hit by faults: all, but for those that the situation shares with another one."""
        return [command for command in self.commands if command.name not in self.crossed]


class Maker:
    """Makes the commands of an office at a moment."""

    def __init__(self, office: Office) -> None:
        self.office, self.app = office, office.app
        self._keys = 0

    def request(self, name: str, person: Person, method: str, path: str, body: Any = None, **headers: str) -> Command:
        """A request of somebody."""
        sent = {"Accept-Language": "en", **{key.replace("_", "-"): value for key, value in headers.items()}}
        folder, event = self.app.event(method, path, body, claims=person.claims, headers=sent)
        return Command(name, folder, event)

    def keyed(self, name: str, person: Person, path: str, body: Any) -> Command:
        """A request with an Idempotency-Key of its own."""
        self._keys += 1
        made = self.request(
            name, person, "POST", path, body, Idempotency_Key=f"proof-{self.app.clock.now:%H%M%S}-{self._keys:04d}"
        )
        return Command(made.name, made.folder, made.event, keyed=True)

    def message(self, name: str, folder: str, detail_type: str, **detail: Any) -> Command:
        """A message of the bus."""
        return Command(name, folder, {"detail-type": detail_type, "source": "collaborations", "detail": detail})

    def schedule(self, name: str, folder: str, event: str) -> Command:
        """A schedule, by its sample event."""
        return Command(name, folder, sample(event))

    # The office's own

    def invite(self, customer: Customer = BJORK, solution: str = "scanner", office: Office | None = None) -> Command:
        """Invite, as the preview says now."""
        by = office or self.office
        body = by.confirmed(by.proposal(customer, solution, **self._setup(customer, solution)))
        return self.keyed(f"invite {solution}{f' by {by.id}' if office else ''}", by.anna, "/invitations", body)

    def activate(self, customer: Customer = CEDER, solution: str = "scanner", office: Office | None = None) -> Command:
        """Activate, as the preview says now."""
        by = office or self.office
        body = by.confirmed(by.proposal(customer, solution, **self._setup(customer, solution)))
        return self.keyed(f"activate {solution}{f' by {by.id}' if office else ''}", by.anna, "/activations", body)

    def _setup(self, customer: Customer, solution: str) -> dict[str, Any]:
        return BOOKS if solution == "bookkeeping-invoicing" else {}

    def of_invitation(self, invitation: str) -> Iterator[Command]:
        """What the office does with an invitation."""
        for verb in ("remind", "resend", "revoke"):
            made = self.request(verb, self.office.anna, "POST", f"/invitations/{invitation}/{verb}")
            # A second one soon after is a second mail, as agreed: the first after a resend counts from there.
            yield replace(made, looks_first=verb == "resend")

    def of_links(self, *emails: str, customer: Customer = BJORK) -> Iterator[Command]:
        """What holders of links do."""
        ending = customer.organisation_number[-4:]
        for number, email in enumerate(emails, 1):
            link = self.office.link_of(email)
            for decision in ("accept", "decline"):
                body = {"decision": decision, "organisationNumberEnding": ending}
                made = self.request(f"{decision} by {number}", self.office.nobody, "POST", link, body)
                yield replace(made, by_link=True)
            wrong = {"decision": "accept", "organisationNumberEnding": "0000"}
            made = self.request(f"wrong digits by {number}", self.office.nobody, "POST", link, wrong)
            yield replace(made, wrong_digits=True)
            if number == 1:
                yield self.request("fetch the link", self.office.nobody, "GET", link)
                yield self.request("not me", self.office.nobody, "POST", f"{link}/not-me", {"email": email})
                yield self.request("ask again", self.office.nobody, "POST", f"{link}/ask-again", {})

    def of_user(self, email: str, invitation: str) -> Iterator[Command]:
        """What an administrator who is signed in does with an invitation."""
        path = f"/my/requests/{invitation}/decision"
        yield self.request("accept, signed in", self.office.user(email), "POST", path, {"decision": "accept"})

    def of_collaboration(self, collaboration: str, email: str, customer: Customer) -> Iterator[Command]:
        """What either side does with a collaboration, having seen it as it is now."""
        office, path = self.office, f"/collaborations/{collaboration}"
        seen = office.anna.get(path)
        tag = seen.headers["ETag"]
        end = {"outcome": "continue"}
        later = {"outcome": "continue", "on": f"{self.app.clock.now + timedelta(days=200):%Y-%m-%d}"}
        link = {"customerId": customer.id, "taskId": "other", "solution": seen.json["solution"]}
        if seen.json["linked"]:
            yield self.request("edit the task", office.bo, "PATCH", path, {"taskId": "other"}, If_Match=tag)
            yield self.request("unlink", office.anna, "DELETE", f"{path}/link", If_Match=tag)
        yield self.request("link", office.anna, "PUT", f"{path}/link", link, If_Match=tag)
        yield self.request("end", office.anna, "POST", f"{path}/end", end, If_Match=tag)
        yield self.request("arrange an end", office.anna, "POST", f"{path}/end", later, If_Match=tag)
        yield self.request("end by the company", office.user(email), "POST", f"/my{path}/end", end, If_Match=tag)
        yield self.request("arrange, company", office.user(email), "POST", f"/my{path}/end", later, If_Match=tag)

    def of_arranged_end(self, collaboration: str, email: str) -> Iterator[Command]:
        """What either side does with the end that it has arranged."""
        office, path = self.office, f"/collaborations/{collaboration}/scheduled-end"
        tag = office.anna.get(f"/collaborations/{collaboration}").headers["ETag"]
        yield self.request("cancel the end", office.anna, "DELETE", path, If_Match=tag)
        yield self.request("cancel, company", office.user(email), "DELETE", f"/my{path}", If_Match=tag)

    # The platform's

    def puts(self, customer: Customer) -> Iterator[Command]:
        """One PUT of each kind that matters to a customer, and a mass update."""
        platform, base = self.office.platform, f"/platform/offices/{self.office.id}"
        path = f"{base}/customers/{customer.id}"
        moved = {**customer.body(), "organisationNumber": "5560360793"}
        task = {**customer.task(), "owner": "anna", "participants": ["cecilia"]}
        yield self.request("PUT the office", platform, "PUT", base, {**demonstration.OFFICE, "name": "Ek & Lind AB"})
        bo = {**demonstration.BO.body(), "active": False}
        yield self.request("PUT an employee, inactive", platform, "PUT", f"{base}/employees/bo", bo)
        yield self.request("PUT the customer, inactive", platform, "PUT", path, {**customer.body(), "active": False})
        yield self.request("PUT the customer, other number", platform, "PUT", path, moved)
        yield self.request("PUT the task, other people", platform, "PUT", f"{path}/tasks/{customer.task_id}", task)
        idle = {**customer.task(), "active": False}
        yield self.request("PUT the task, inactive", platform, "PUT", f"{path}/tasks/{customer.task_id}", idle)
        body = {"customerIds": [customer.id], "addParticipants": ["anna"]}
        yield self.request("mass update", platform, "POST", f"{base}/tasks/mass-update", body)

    def put_account(self, customer: Customer, account_id: str | None = None) -> Iterator[Command]:
        """PUTs of an account: other administrators, another subscription, another number."""
        account = customer.account
        platform = self.office.platform
        if account is None:
            path = f"/platform/accounts/{account_id}"
            body = {key: value for key, value in platform.get(path).json.items() if key != "id"}
        else:
            path, body = f"/platform/accounts/{account.id}", account.body(customer)
        users = [{"name": "B Björk", "email": CORRECTED, "role": "administrator"}, *body["users"][1:]]
        people = {**body, "users": users, "mainContact": CORRECTED}
        terms = {**body, "subscriptions": [{"solution": "scanner", "renewsOn": "2027-03-01"}]}
        yield self.request("PUT the account, other people", platform, "PUT", path, people)
        yield self.request("PUT the account, other terms", platform, "PUT", path, terms)
        yield self.request("PUT the account, no terms", platform, "PUT", path, {**body, "subscriptions": []})
        moved = {**body, "organisationNumber": "5560360793"}
        yield self.request("PUT the account, other number", platform, "PUT", path, moved)

    def imported(self, **row: Any) -> Command:
        """An import of one row."""
        path = f"/platform/offices/{self.office.id}/collaborations/import"
        return self.request("import", self.office.platform, "POST", path, {"rows": [{**demonstration.UNLINKED, **row}]})

    # The consumers

    def consumers(self, agreement: str, mail: str | None = None, customer: Customer = BJORK) -> Iterator[Command]:
        """What the stream, the bus and the schedules call. `mail`: one that waits, and is due."""
        yield self.publish()
        if mail:
            yield self.message("mail", "mail", "MailQueued", agreement=agreement, mail=mail)
            yield self.schedule("mail, by schedule", "mail", "mail-every-minute")
        yield self.access_run(f"col-{agreement}", "access, collaboration")
        ids = {"officeId": self.office.id, "customerId": customer.id, "taskId": customer.task_id}
        yield self.message("access, task", "access", "DirectoryChanged", **ids)
        # As the backfill hands on: from before the first of all positions.
        first = f"{FIRST_SORTABLE}#{agreement}"
        yield self.message("access audit", "access", "AuditDue", officeId=self.office.id, after=first)

    def access_run(self, collaboration: str, name: str = "access") -> Command:
        """A run of the access service for one collaboration."""
        return self.message(name, "access", "AccessDue", collaborationId=collaboration)

    def publish(self) -> Command:
        """The records that the stream has by then."""
        return Command("publish", "publish", stream=True)

    def backfill(self) -> Iterator[Command]:
        """The pages of the backfill, with which the audit of an office begins."""
        for kind in ("employees", "collaborations", "invitations"):
            detail = {"officeId": self.office.id, "backfilled": f"2 {kind} "}
            yield self.message(f"backfill, {kind}", "access", "AuditDue", **detail)

    def clean_up(self) -> Command:
        """The clean-up."""
        return self.schedule("clean-up", "cleanup", "cleanup-every-quarter")

    def mail_events(
        self, agreement: str, mail: str, recipient: str = "r1", *, kinds: Sequence[str] = ("bounce", "delivery")
    ) -> Iterator[Command]:
        """What SES says of a mail."""
        for name in kinds:
            found = sample(f"mail_events-{name}")
            found["detail"]["mail"]["tags"] |= {"agreement": [agreement], "mail": [mail], "recipient": [recipient]}
            yield Command(f"mail event, {name}", "mail_events", found, of_mail=(agreement, mail, recipient))


def _new_office() -> tuple[App, Office, Maker]:
    office = Office(App())
    office.feed()
    office.app.drain_events()
    return office.app, office, Maker(office)


def _other_task(office: Office, customer: Customer) -> None:
    path = f"/platform/offices/{office.id}/customers/{customer.id}/tasks/other"
    office.put(path, {"name": "Annat", "owner": "bo", "participants": [], "active": True})


def _other_office(app: App) -> Office:
    other = Office(app, "siffror")
    other.feed_office_only()
    app.drain_events()
    return other


def nothing_yet() -> Situation:
    """Nothing is agreed: who comes first?"""
    app, office, make = _new_office()
    other = _other_office(app)
    twice = make.invite()
    base = f"/platform/offices/{office.id}"
    renamed = {**demonstration.OFFICE, "name": "Ek & Partner"}
    boel = {**demonstration.BO.body(), "name": "Boel Ek"}
    commands = [
        make.invite(),
        twice,
        make.activate(BJORK, "tax-annual-accounts"),
        make.activate(BJORK, "tax-annual-accounts", other),
        make.request("PUT the office, other name", office.platform, "PUT", base, renamed),
        make.request("PUT an employee, other name", office.platform, "PUT", f"{base}/employees/bo", boel),
        make.invite(BJORK, "bookkeeping-invoicing"),
        make.imported(organisationNumber=BJORK.organisation_number),
        *make.puts(BJORK),
        *make.put_account(BJORK),
        make.publish(),
    ]
    return Situation("nothing yet", Setting(app), tuple(commands))


def new_company() -> Situation:
    """A company without an account, which two offices have as a customer."""
    app, office, make = _new_office()
    other = _other_office(app)
    account = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [{"name": "Carl Cederlund", "email": CEDER.contact.email, "role": "administrator"}],
        "mainContact": CEDER.contact.email,
        "subscriptions": [],
    }
    path = "/platform/accounts/account-ceder"
    put = make.request("PUT an account", office.platform, "PUT", path, account)
    moved = {**account, "organisationNumber": "5560360793"}
    elsewhere = make.request("PUT an account, other number", office.platform, "PUT", path, moved)
    commands = [
        make.activate(),
        make.activate(),
        make.activate(office=other),
        make.activate(CEDER, "bookkeeping-invoicing"),
        make.activate(CEDER, "tax-annual-accounts"),
        make.imported(organisationNumber=CEDER.organisation_number),
        put,
        elsewhere,
        *make.puts(CEDER),
        make.publish(),
    ]
    return Situation("a company that is new", Setting(app), tuple(commands))


def mail_waiting() -> Situation:
    """Invited a moment ago: the mails wait, and are due; the stream has told nobody."""
    app, office, make = _new_office()
    invitation = office.invite().json["id"]
    agreement = invitation.removeprefix("inv-")
    app.clock.pass_(minutes=2)
    commands = [
        *make.consumers(agreement, "invitation-1"),
        *make.of_invitation(invitation),
        *make.of_user(BIRGITTA, invitation),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("invited, mails waiting", Setting(app), tuple(commands))


def pending() -> Situation:
    """Invited, mails sent, nothing decided."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    preview = make.invite()
    invitation = office.invited()["id"]
    agreement = invitation.removeprefix("inv-")
    app.clock.pass_(hours=30)
    commands = [
        preview,
        *make.of_invitation(invitation),
        *make.of_links(BIRGITTA, BENJAMIN),
        *make.of_user(BIRGITTA, invitation),
        *make.puts(BJORK),
        *make.put_account(BJORK),
        *make.consumers(agreement),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("pending", Setting(app), tuple(commands))


def expired() -> Situation:
    """Past its expiry, and no clean-up has been there."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    agreement = invitation.removeprefix("inv-")
    links = [*make.of_links(BIRGITTA)]
    app.clock.pass_(days=15)
    commands = [
        make.invite(),
        make.invite(),
        *make.of_invitation(invitation),
        *links,
        *make.put_account(BJORK),
        make.clean_up(),
        *make.consumers(agreement),
    ]
    return Situation("past its expiry", Setting(app), tuple(commands))


def reminder_due() -> Situation:
    """Three days before its expiry."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    links = [*make.of_links(BIRGITTA)]
    app.clock.pass_(days=11, hours=1)
    agreement = invitation.removeprefix("inv-")
    commands = [
        *make.of_invitation(invitation),
        *links,
        *make.put_account(BJORK),
        make.clean_up(),
        *make.consumers(agreement),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("a reminder and a digest are due", Setting(app), tuple(commands))


def bounced() -> Situation:
    """A mail bounced, and the register has another address by now."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    agreement = invitation.removeprefix("inv-")
    tags = {"agreement": [agreement], "mail": ["invitation-1"], "recipient": ["r1"]}
    assert office.mail_event("Bounce", tags=tags)
    app.drain_events()
    links = [*make.of_links(BENJAMIN)]
    app.clock.pass_(days=1, hours=1)
    account = BJORK.account
    assert account is not None
    body = account.body(BJORK)
    users = [{"name": "B Björk", "email": CORRECTED, "role": "administrator"}, *body["users"][1:]]
    office.put(f"/platform/accounts/{account.id}", {**body, "users": users, "mainContact": CORRECTED})
    app.new_messages()
    commands = [
        make.message("readdress", "access", "DirectoryChanged", accountId=account.id),
        make.message("readdress, bounced", "access", "InvitationBounced", invitationId=invitation, collaborationId=""),
        *make.of_invitation(invitation),
        *links,
        make.clean_up(),
        *make.consumers(agreement),
        *make.mail_events(agreement, "invitation-1", "r2"),
    ]
    return Situation("a mail bounced, another address is known", Setting(app), tuple(commands))


def erasure_due() -> Situation:
    """Dead for thirty days."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    agreement = invitation.removeprefix("inv-")
    links = [*make.of_links(BIRGITTA)]
    app.clock.pass_(days=15)
    app.clean_up()
    app.drain_events()
    app.clock.pass_(days=31)
    commands = [
        make.invite(),
        *make.of_invitation(invitation),
        *links,
        make.clean_up(),
        *make.consumers(agreement),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("to be erased", Setting(app), tuple(commands))


def _collaborating(*, solution: str = "scanner", customer: Customer = BJORK) -> tuple[App, Office, Maker, str]:
    app, office, make = _new_office()
    _other_task(office, customer)
    more = BOOKS if solution == "bookkeeping-invoicing" else {}
    found = office.collaborating(customer, solution, **more)
    return app, office, make, found["id"]


def collaborating() -> Situation:
    """Accepted: it joined the account's subscription."""
    app, office, make, collaboration = _collaborating()
    agreement = collaboration.removeprefix("col-")
    invite = make.request(
        "invite again",
        office.anna,
        "POST",
        "/invitations",
        {**office.proposal(), "scenario": "has-solution", "termsVersion": "1"},
        Idempotency_Key="proof-again-0001",
    )
    commands = [
        *make.of_collaboration(collaboration, BIRGITTA, BJORK),
        *make.puts(BJORK),
        *make.put_account(BJORK),
        *make.consumers(agreement),
        invite,
    ]
    return Situation("collaborating", Setting(app), tuple(commands))


def access_runs() -> Situation:
    """Accepted: what access follows from changes while it is reconciled, and each change has a run of its own after it.

    The stream does not come in between: it would repair what two runs beside each other spoil.
    """
    _, office, make, collaboration = _collaborating()
    run = make.access_run(collaboration)
    changes = {each.name: each for each in (*make.puts(BJORK), *make.put_account(BJORK))}
    names = (
        "PUT the task, other people",
        "PUT the task, inactive",
        "PUT an employee, inactive",
        "PUT the account, other people",
    )
    commands = [
        *(replace(changes[name], name=f"{name}, then access", then=run, last=True) for name in names),
        replace(run, last=True),
    ]
    return Situation("access is reconciled while it changes", Setting(office.app), tuple(commands))


def _with_arranged_ends() -> tuple[App, Office, Maker, str]:
    """Both sides have arranged an end; the subscription renews before either."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    collaboration = office.collaborating(BJORK, "bookkeeping-invoicing", **{**BOOKS, "periodMonths": 3})["id"]
    path = f"/collaborations/{collaboration}"
    for person, prefix, day in ((office.anna, "", "2027-03-05"), (office.user(BIRGITTA), "/my", "2027-04-01")):
        tag = office.anna.get(path).headers["ETag"]
        answer = person.post(f"{prefix}{path}/end", {"outcome": "continue", "on": day}, headers={"If-Match": tag})
        assert answer.status == 200, answer.text
    app.drain_events()
    return app, office, make, collaboration


def end_due() -> Situation:
    """Both sides have arranged an end, and the day of one has come; so has a renewal's."""
    app, _, make, collaboration = _with_arranged_ends()
    app.clock.pass_(days=105)
    commands = [
        *make.of_collaboration(collaboration, BIRGITTA, BJORK),
        *make.of_arranged_end(collaboration, BIRGITTA),
        *make.put_account(BJORK),
        make.clean_up(),
        *make.consumers(collaboration.removeprefix("col-")),
    ]
    return Situation("an end and a renewal are due", Setting(app), tuple(commands))


def end_fails() -> Situation:
    """The day of an arranged end has come, and the account has no main contact."""
    app, office, make, collaboration = _with_arranged_ends()
    app.clock.pass_(days=105)
    account = BJORK.account
    assert account is not None
    whole = account.body(BJORK)
    office.put(f"/platform/accounts/{account.id}", {name: whole[name] for name in whole if name != "mainContact"})
    app.drain_events()
    commands = [
        *make.of_arranged_end(collaboration, BIRGITTA),
        *(each for each in make.put_account(BJORK) if each.name == "PUT the account, other people"),
        make.clean_up(),
        *make.consumers(collaboration.removeprefix("col-")),
    ]
    return Situation("an end is due that cannot be carried out", Setting(app), tuple(commands))


def two_share() -> Situation:
    """Two offices collaborate in one subscription, which renews; a third way in is open."""
    app, office, make = _new_office()
    other = _other_office(app)
    _other_task(office, BJORK)
    first = office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKS)["id"]
    second = other.collaborating(BJORK, "bookkeeping-invoicing")["id"]
    app.clock.pass_(days=366)
    commands = [
        *(
            Command(f"{command.name}, first", command.folder, command.event)
            for command in make.of_collaboration(first, BIRGITTA, BJORK)
        ),
        *(
            Command(f"{command.name}, second", command.folder, command.event)
            for command in Maker(other).of_collaboration(second, BIRGITTA, BJORK)
            if command.name in {"end", "end by the company", "arrange an end"}
        ),
        _edit_payer(make, office, first),
        *make.put_account(BJORK),
        make.clean_up(),
        *make.consumers(first.removeprefix("col-")),
    ]
    return Situation("two offices share a subscription, a renewal is due", Setting(app), tuple(commands))


def _edit_payer(make: Maker, office: Office, collaboration: str) -> Command:
    """Change who pays."""
    tag = office.anna.get(f"/collaborations/{collaboration}").headers["ETag"]
    body = {"invoiceRecipient": "customer"}
    return make.request("edit the payer", office.anna, "PATCH", f"/collaborations/{collaboration}", body, If_Match=tag)


def unlinked() -> Situation:
    """Imported from the older program, and not linked."""
    app, office, make = _new_office()
    _other_task(office, DAHL)
    collaboration = office.imported()["id"]
    agreement = collaboration.removeprefix("col-")
    commands = [
        *make.of_collaboration(collaboration, DAHL.contact.email, DAHL),
        make.imported(),
        make.invite(DAHL),
        *make.puts(DAHL),
        *make.put_account(DAHL),
        *make.consumers(agreement, customer=DAHL),
    ]
    return Situation("imported, unlinked", Setting(app), tuple(commands))


def activated() -> Situation:
    """A new company, its account made here; the login mail waits."""
    app, office, make = _new_office()
    _other_task(office, CEDER)
    answer = office.activate()
    assert answer.status == 201, answer.text
    collaboration = answer.json["id"]
    agreement = collaboration.removeprefix("col-")
    account_id = answer.json["accountId"]
    resend = make.request("resend the login", office.anna, "POST", f"/collaborations/{collaboration}/resend-login")
    app.clock.pass_(minutes=2)
    commands = [
        *make.of_collaboration(collaboration, CEDER.contact.email, CEDER),
        *make.puts(CEDER),
        *make.put_account(CEDER, account_id),
        *make.consumers(agreement, "login-instructions", customer=CEDER),
        resend,
    ]
    return Situation("activated, login mail waiting", Setting(app), tuple(commands))


def login_sent() -> Situation:
    """A new company that has its login instructions, and nobody of it has signed in."""
    app, office, make = _new_office()
    answer = office.activate()
    assert answer.status == 201, answer.text
    collaboration = answer.json["id"]
    app.drain_events()
    app.clock.pass_(hours=30)
    path = f"/collaborations/{collaboration}"
    user = office.user(CEDER.contact.email)
    commands = [
        make.request("resend the login", office.anna, "POST", f"{path}/resend-login"),
        make.request("sign in", user, "GET", "/my/collaborations"),
        *make.mail_events(collaboration.removeprefix("col-"), "login-instructions", "a1"),
        *make.put_account(CEDER, answer.json["accountId"]),
        *make.consumers(collaboration.removeprefix("col-"), customer=CEDER),
    ]
    return Situation("activated, login mail sent", Setting(app), tuple(commands))


def older() -> Situation:
    """Stored before there were markers and index entries: an invitation, a collaboration, an employee."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    collaboration = office.collaborating()["id"]
    app.drain_events()
    invitation = office.invited(DAHL)["id"]
    app.drain_events()
    for place in [*app.client.items]:
        pk, sk = place
        marks = sk.startswith("MARKER#") or sk in {"CUSTOMER#INVITATIONS", "CUSTOMER#COLLABORATIONS"}
        if marks or pk.startswith("ADDRESS#"):
            app.client.delete_item(TableName=app.table_name, Key={"pk": {"S": pk}, "sk": {"S": sk}})
    for employee in ("bo", "anna"):
        _unlist(office, employee)
    app.new_messages()
    verbs = {"end", "unlink", "arrange an end"}
    commands = [
        *make.backfill(),
        *(each for each in make.of_collaboration(collaboration, BIRGITTA, BJORK) if each.name in verbs),
        *make.of_invitation(invitation),
        *make.of_links(DAHL.contact.email, customer=DAHL),
        *(each for each in make.puts(BJORK) if each.name == "PUT an employee, inactive"),
        *(each for each in make.consumers(collaboration.removeprefix("col-")) if each.name == "access audit"),
    ]
    return Situation("stored by an older version", Setting(app), tuple(commands))


def revoked() -> Situation:
    """Revoked an hour ago: what is dead stays so, and stands in nobody's way."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    links = [*make.of_links(BIRGITTA)]
    assert office.anna.post(f"/invitations/{invitation}/revoke").status == 200
    app.drain_events()
    app.clock.pass_(hours=1)
    commands = [
        make.invite(),
        *(each for each in make.of_invitation(invitation) if each.name != "remind"),
        *(each for each in links if each.name in {"accept by 1", "ask again", "not me"}),
        *(each for each in make.puts(BJORK) if each.name == "PUT the customer, other number"),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("no terms", "other number"))),
        *make.mail_events(invitation.removeprefix("inv-"), "invitation-1"),
    ]
    return Situation("revoked", Setting(app), tuple(commands))


def declined() -> Situation:
    """Declined by one of two: that is decided for both, and the next may come."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    links = [*make.of_links(BIRGITTA, BENJAMIN)]
    assert office.decide(BIRGITTA, "decline").status == 200
    app.new_messages()
    app.clock.pass_(minutes=2)
    agreement = invitation.removeprefix("inv-")
    verbs = {"accept by 1", "decline by 1", "accept by 2", "decline by 2", "wrong digits by 2", "ask again"}
    commands = [
        make.invite(),
        *(each for each in make.of_invitation(invitation) if each.name != "remind"),
        *(each for each in links if each.name in verbs),
        *(each for each in make.puts(BJORK) if each.name == "PUT the customer, other number"),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("no terms", "other number"))),
        make.message("mail", "mail", "MailQueued", agreement=agreement, mail="decision"),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("declined", Setting(app), tuple(commands))


def digits_exhausted() -> Situation:
    """Invited, and ten wrong tries have closed all links."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    _tried(office, 10)
    app.clock.pass_(hours=30)
    agreement = invitation.removeprefix("inv-")
    verbs = {"accept by 1", "wrong digits by 1", "fetch the link", "not me"}
    company = [*make.puts(BJORK), *make.put_account(BJORK)]
    wanted = {"PUT the customer, other number", "PUT the account, other people", "PUT the account, no terms"}
    commands = [
        *make.of_invitation(invitation),
        *(each for each in make.of_links(BIRGITTA) if each.name in verbs),
        *make.of_user(BIRGITTA, invitation),
        *(each for each in company if each.name in wanted),
        make.clean_up(),
        make.publish(),
        *make.mail_events(agreement, "invitation-1"),
    ]
    return Situation("wrong tries have closed all links", Setting(app), tuple(commands))


def ended() -> Situation:
    """Ended a moment ago: access is still to go, and the next may come."""
    app, office, make, collaboration = _collaborating()
    stale = [*make.of_collaboration(collaboration, BIRGITTA, BJORK)]
    path = f"/collaborations/{collaboration}"
    tag = office.anna.get(path).headers["ETag"]
    assert office.anna.post(f"{path}/end", {"outcome": "continue"}, headers={"If-Match": tag}).status == 200
    app.clock.pass_(minutes=2)
    commands = [
        make.invite(),
        *(each for each in stale if each.name in {"edit the task", "end by the company"}),
        *(each for each in make.puts(BJORK) if each.name.startswith(("PUT the task", "PUT the customer, other"))),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("no terms", "other number", "people"))),
        *(each for each in make.consumers(collaboration.removeprefix("col-")) if each.name != "access audit"),
    ]
    return Situation("ended", Setting(app), tuple(commands))


def reminded() -> Situation:
    """Reminded a moment ago: that mail waits, and the links of the first are good."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    links = [*make.of_links(BIRGITTA)]
    app.clock.pass_(hours=30)
    assert office.anna.post(f"/invitations/{invitation}/remind").status == 202
    app.new_messages()
    app.clock.pass_(minutes=2)
    agreement = invitation.removeprefix("inv-")
    commands = [
        make.message("mail", "mail", "MailQueued", agreement=agreement, mail="reminder-2"),
        *(each for each in links if each.name not in {"fetch the link", "ask again"}),
        *(each for each in make.of_invitation(invitation) if each.name == "revoke"),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("other people", "no terms"))),
    ]
    return Situation("a reminder waits", Setting(app), tuple(commands))


def end_arranged() -> Situation:
    """Both sides have arranged an end, and neither day has come."""
    app, _, make, collaboration = _with_arranged_ends()
    commands = [
        *(
            each
            for each in make.of_collaboration(collaboration, BIRGITTA, BJORK)
            if each.name in {"end", "arrange an end", "arrange, company", "unlink"}
        ),
        *make.of_arranged_end(collaboration, BIRGITTA),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("other terms", "no terms"))),
    ]
    return Situation("ends are arranged", Setting(app), tuple(commands))


def customer_owned() -> Situation:
    """Access is asked for to a subscription that is the customer's own."""
    app, office, make = _new_office()
    account = BJORK.account
    assert account is not None
    own = {"solution": "scanner", "renewsOn": "2027-01-01", "customerOwned": True}
    body, path = {**account.body(BJORK), "subscriptions": [own]}, f"/platform/accounts/{account.id}"
    office.put(path, body)
    invitation = office.invited()["id"]
    app.clock.pass_(hours=30)
    theirs = {**body, "subscriptions": [{**own, "customerOwned": False}]}
    commands = [
        *(each for each in make.of_links(BIRGITTA) if each.name in {"accept by 1", "decline by 1"}),
        *(each for each in make.of_invitation(invitation) if each.name != "remind"),
        make.request("PUT the account, not its own", office.platform, "PUT", path, theirs),
        *(each for each in make.put_account(BJORK) if each.name.endswith("no terms")),
        make.imported(organisationNumber=BJORK.organisation_number),
    ]
    return Situation("access to what is the customer's own", Setting(app), tuple(commands))


def two_accounts() -> Situation:
    """One company has two accounts: who asks says which."""
    app, office, make = _new_office()
    account = BJORK.account
    assert account is not None
    body, path = account.body(BJORK), "/platform/accounts/account-bjork-2"
    second = {**body, "name": "Björk & Brown, lager", "subscriptions": []}
    office.put(path, second)
    _other_task(office, BJORK)
    row = {"organisationNumber": BJORK.organisation_number, "solution": "scanner"}
    collaboration = office.imported(**row)["id"]
    tag = office.anna.get(f"/collaborations/{collaboration}").headers["ETag"]
    link = {"customerId": BJORK.id, "taskId": "other", "solution": "scanner", "accountId": "account-bjork-2"}
    proposals = [office.proposal(BJORK, "scanner", accountId=each) for each in (account.id, "account-bjork-2")]
    moved = {**second, "organisationNumber": "5560360793"}
    commands = [
        *(
            make.keyed(f"invite the {which}", office.anna, "/invitations", office.confirmed(each))
            for which, each in zip(("first", "second"), proposals, strict=True)
        ),
        make.request("link", office.anna, "PUT", f"/collaborations/{collaboration}/link", link, If_Match=tag),
        make.request("PUT the second, other number", office.platform, "PUT", path, moved),
        *(each for each in make.put_account(BJORK) if each.name.endswith(("no terms", "other number"))),
        make.access_run(collaboration, "access, collaboration"),
    ]
    return Situation("two accounts of one company", Setting(app), tuple(commands))


def terms_change() -> Situation:
    """Accepted with terms of its own: the office changes them, and so does the register."""
    app, office, make, collaboration = _collaborating(solution="bookkeeping-invoicing")
    path = f"/collaborations/{collaboration}"
    tag = office.anna.get(path).headers["ETag"]
    smaller = {"variant": "bookkeeping"}
    refused = office.anna.call("PATCH", path, smaller, headers={"If-Match": tag})
    bodies: dict[str, dict[str, Any]] = {
        "a larger variant": {"variant": "bookkeeping-invoicing-plus"},
        "a smaller variant": {**smaller, "confirm": refused.json["confirm"]},
        "the period": {"periodMonths": 3},
        "who pays": {"invoiceRecipient": "customer"},
    }
    account = BJORK.account
    assert account is not None
    terms = {"solution": "bookkeeping-invoicing", "variant": "approval-invoicing", "periodMonths": 12}
    fed = {**account.body(BJORK), "subscriptions": [{**terms, "invoiceRecipient": "office", "renewsOn": "2027-06-01"}]}
    commands = [
        *(
            make.request(f"edit to {name}", office.anna, "PATCH", path, body, If_Match=tag)
            for name, body in bodies.items()
        ),
        *(each for each in make.of_collaboration(collaboration, BIRGITTA, BJORK) if each.name in {"end", "unlink"}),
        make.request(
            "PUT the account, another variant", office.platform, "PUT", f"/platform/accounts/{account.id}", fed
        ),
        make.access_run(collaboration, "access, collaboration"),
    ]
    return Situation("terms change", Setting(app), tuple(commands))


def many_rows() -> Situation:
    """A new office: commands of several rows each, which are written one by one."""
    app, office, make = _new_office()
    platform = office.platform
    for customer in (BJORK, DAHL):
        _other_task(office, customer)
    references = enumerate((BJORK, CEDER, DAHL, DAHL), 1)
    rows = [
        {"organisationNumber": customer.organisation_number, "reference": f"desktop-{number}"}
        for number, customer in references
    ]
    proposals = [office.confirmed(office.proposal(customer)) for customer in (BJORK, DAHL)]
    # A row that is refused, and a row twice.
    proposals += [{**office.proposal(CEDER), "scenario": "has-solution", "termsVersion": "1"}, proposals[0]]
    batch = {"rows": [{**body, "key": f"proof-row-{number % 3:04d}"} for number, body in enumerate(proposals)]}
    update = {"owner": {"from": "bo", "to": "anna"}, "addParticipants": ["cecilia"]}
    base = f"/platform/offices/{office.id}"
    commands = [
        make.request("import, four rows", platform, "POST", f"{base}/collaborations/import", {"rows": rows}),
        make.request("invite, four rows", office.anna, "POST", "/invitations/batch", batch),
        make.request("mass update, all tasks", platform, "POST", f"{base}/tasks/mass-update", update),
    ]
    return Situation("commands of several rows", Setting(app), tuple(replace(each, rows=True) for each in commands))


def batches() -> Situation:
    """Nothing is agreed: a batch of invitations beside whatever it meets there."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    proposals = [office.confirmed(office.proposal(customer)) for customer in (BJORK, DAHL)]

    def batch(name: str) -> Command:
        rows = [{**body, "key": f"proof-{name}-{number}"} for number, body in enumerate(proposals)]
        made = make.request(f"invite two, {name}", office.anna, "POST", "/invitations/batch", {"rows": rows})
        return replace(made, rows=True)

    wanted = {"PUT the customer, other number", "PUT the task, inactive", "mass update"}
    commands = (
        (one := batch("first")),
        batch("again"),
        make.invite(),
        *(each for each in make.puts(BJORK) if each.name in wanted),
        *(each for each in make.put_account(BJORK) if each.name.endswith("no terms")),
    )
    return Situation("invited two at once", Setting(app), commands, crossed=(one.name,))


SITUATIONS: Mapping[str, Callable[[], Situation]] = {
    "nothing": nothing_yet,
    "new-company": new_company,
    "mail-waiting": mail_waiting,
    "pending": pending,
    "expired": expired,
    "reminder": reminder_due,
    "bounced": bounced,
    "erasure": erasure_due,
    "collaborating": collaborating,
    "access-runs": access_runs,
    "end-due": end_due,
    "end-fails": end_fails,
    "shared": two_share,
    "unlinked": unlinked,
    "activated": activated,
    "login-sent": login_sent,
    "older": older,
    "revoked": revoked,
    "declined": declined,
    "exhausted": digits_exhausted,
    "batches": batches,
    "ended": ended,
    "reminded": reminded,
    "end-arranged": end_arranged,
    "customer-owned": customer_owned,
    "two-accounts": two_accounts,
    "terms-change": terms_change,
}


# Moments that bring one guard out, with the few commands for that.


def four_tries() -> Situation:
    """Invited, and one link has taken four wrong tries: a fifth locks it."""
    _, office, make = _new_office()
    office.invited()
    commands = {command.name: command for command in make.of_links(BIRGITTA)}
    wrong = commands["wrong digits by 1"]
    for _ in range(4):
        office.app.functions[wrong.folder].handler(dict(wrong.event), None)
    office.app.drain_events()
    return Situation("four wrong tries on a link", Setting(office.app), (wrong, commands["accept by 1"]))


def _tried(office: Office, tries: int) -> None:
    """So many wrong tries, four an hour on each of two links: none is locked."""
    commands = {command.name: command for command in Maker(office).of_links(BIRGITTA, BENJAMIN)}
    for number in range(tries):
        wrong = commands[f"wrong digits by {1 + number // 4 % 2}"]
        office.app.functions[wrong.folder].handler(dict(wrong.event), None)
        if number % 8 == 7:
            office.app.clock.pass_(hours=2)
    office.app.drain_events()


def one_try_left() -> Situation:
    """Invited, and nine wrong tries on two links: the next one closes all of them."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    _tried(office, 9)
    app.clock.pass_(hours=30)
    links = _named(make.of_links(BIRGITTA), "wrong digits by 1")
    return Situation("one try is left", Setting(app), (*make.of_invitation(invitation), links))


def register_wavers() -> Situation:
    """Invited, the account has no administrators, and the register names others, and then again who was asked.

    The stream does not come in between: it would repair what two runs beside each other spoil.
    """
    app, office, make = _new_office()
    office.invited()
    account = BJORK.account
    assert account is not None
    body, path = account.body(BJORK), f"/platform/accounts/{account.id}"
    office.put(path, {**body, "users": []})
    app.drain_events()
    follow = make.message("access, account", "access", "DirectoryChanged", accountId=account.id)
    others = {**body, "users": [{"name": "B Björk", "email": CORRECTED, "role": "administrator"}]}
    commands = (
        make.request(f"PUT the account, {name}", office.platform, "PUT", path, each)
        for name, each in (("others", others), ("who was asked", body))
    )
    named = tuple(replace(_after(each, follow, "access"), last=True) for each in commands)
    return Situation("the register wavers", Setting(app), named)


def tries_closed() -> Situation:
    """Invited, four wrong tries on a link, and the office says that the company is a person's: that is too many."""
    app, office, make = _new_office()
    office.invited()
    _tried(office, 4)
    commands = {command.name: command for command in make.of_links(BIRGITTA)}
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}"
    person = make.request(
        "PUT the customer, a person", office.platform, "PUT", path, {**BJORK.body(), "companyType": "sole-trader"}
    )
    ids = {"officeId": office.id, "customerId": BJORK.id}
    access = make.message("access, customer", "access", "DirectoryChanged", **ids)
    other = make.request("PUT the customer, a company", office.platform, "PUT", path, BJORK.body())
    closes = replace(person, name="the links are closed", then=replace(access, then=other))
    commands_of_links = commands["wrong digits by 1"], commands["accept by 1"]
    return Situation("wrong tries that are too many for a person", Setting(app), (*commands_of_links, closes))


def five_tries() -> Situation:
    """Invited, nothing tried yet, and somebody tries five times one after another, which locks the link."""
    _, office, make = _new_office()
    office.invited()
    commands = {command.name: command for command in make.of_links(BIRGITTA)}
    tries = wrong = commands["wrong digits by 1"]
    for _ in range(4):
        tries = replace(wrong, then=tries)
    tries = replace(tries, name="five times wrong digits by 1")
    return Situation("no wrong tries on a link yet", Setting(office.app), (commands["accept by 1"], tries))


def waiting_for_long() -> Situation:
    """Dead for thirty days, and its mails were never handed to anybody, which would find that they are not needed."""
    app, office, make = _new_office()
    agreement = office.invite().json["id"].removeprefix("inv-")
    app.clock.pass_(days=15)
    app.clean_up()
    app.new_messages()
    app.clock.pass_(days=31)
    mail = make.message("mail", "mail", "MailQueued", agreement=agreement, mail="invitation-1")
    return Situation("to be erased, mails waiting", Setting(app), (mail, make.clean_up()))


def erasure_of_a_key() -> Situation:
    """Dead for thirty days, and another was sent with its key today."""
    app, office, make = _new_office()
    assert office.invite(key="sent-with-this").status == 201
    app.drain_events()
    app.clock.pass_(days=15)
    app.clean_up()
    app.drain_events()
    app.clock.pass_(days=31)
    assert office.invite(key="sent-with-this").status == 201
    app.drain_events()
    return Situation("to be erased, its key was used again", Setting(app), (make.clean_up(),))


def reminder_waits() -> Situation:
    """Three days before its expiry, and a mail has bounced: nothing is sent by itself."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    tags = {"agreement": [invitation.removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}
    assert office.mail_event("Bounce", tags=tags)
    app.drain_events()
    app.clock.pass_(days=11, hours=1)
    revoke = next(command for command in make.of_invitation(invitation) if command.name == "revoke")
    return Situation("a reminder is due that is not sent", Setting(app), (make.clean_up(), revoke))


def two_erasures(*, reported: bool) -> Situation:
    """Two are to be erased by two runs, one of which goes on from the first. `reported`: one more is erased already."""
    app, office, make = _new_office()
    if reported:
        office.invited(BJORK, "bookkeeping-invoicing", **BOOKS)
        app.clock.pass_(minutes=1)
    office.invited()
    app.clock.pass_(minutes=1)
    last = office.invited(DAHL)["id"].removeprefix("inv-")
    app.clock.pass_(days=15)
    app.clean_up()
    app.drain_events()
    due = sorted(
        item["dueSk"]["S"]
        for (_, sk), item in app.client.items.items()
        if sk == "INVITATION" and item.get("duePk", {"S": ""})["S"].startswith("DUE#ERASURE")
    )
    first = keys.moment(int(due[0].partition("#")[0]))
    app.clock.now = first + timedelta(seconds=1)
    if reported:
        app.clean_up()
        app.drain_events()
    app.clock.pass_(hours=1)
    shard = app.client.items[f"AGREEMENT#{last}", "INVITATION"]["duePk"]["S"]
    rest = make.message("clean-up, the rest", "cleanup", "WorkLeft", shard=shard, after=due[-2])
    name = "two to be erased, another one is" if reported else "two to be erased"
    return Situation(name, Setting(app), (make.clean_up(), rest))


def digest_again() -> Situation:
    """The day after a digest: there is something new to be told."""
    app, _, make = _digest_sent()
    app.clock.pass_(days=1)
    return Situation("a digest is due, yesterday there was one", Setting(app), (make.clean_up(),))


def digest_old() -> Situation:
    """The latest digest is as old as they are kept, and there is something new to be told."""
    app, _, make = _digest_sent(days=4)
    return Situation("a digest is due, and one to be erased", Setting(app), (make.clean_up(),))


def _digest_sent(**later: float) -> tuple[App, Office, Maker]:
    """A bounce was told by a digest, and another one comes a minute later, or still later than that."""
    app, office, make = _new_office()
    for customer in (BJORK, DAHL):
        invitation = office.invited(customer)["id"]
        tags = {"agreement": [invitation.removeprefix("inv-")], "mail": ["invitation-1"], "recipient": ["r1"]}
        assert office.mail_event("Bounce", tags=tags)
        if customer is BJORK:
            app.clean_up()
            assert app.digests_sent == 1
            app.clock.pass_(**later)
        app.drain_events()
        app.clock.pass_(minutes=1)
    return app, office, make


def import_comes(*, imported: bool) -> Situation:
    """A collaboration of a company that has the solution, and does not rest on its subscription yet.

    `imported`: it was, a moment ago; else it is to be.
    """
    app, _, make = _new_office()
    world = Setting(app)
    made = make.imported(organisationNumber=BJORK.organisation_number)
    answer = app.functions[made.folder].handler(dict(made.event), None)
    assert answer["statusCode"] == 200, answer
    row = next(pk for pk, sk in app.client.items if sk == "COLLABORATION")
    access = make.access_run(f"col-{row.partition('#')[2]}")
    puts = [command for command in make.put_account(BJORK) if command.name == "PUT the account, no terms"]
    if imported:
        return Situation("an import that comes to a subscription", Setting(app), (access, *puts))
    world.restore()
    commands = _after(made, access, "access"), *puts
    return Situation("an import is to come to a subscription", world, commands)


def row_behind() -> Situation:
    """Accepted; the task has another name by now, which the list row does not have yet."""
    app, office, make, collaboration = _collaborating()
    path = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks/{BJORK.task_id}"
    office.put(path, {**BJORK.task(), "name": "Bokföring"})
    app.new_messages()
    edit = next(each for each in make.of_collaboration(collaboration, BIRGITTA, BJORK) if each.name == "edit the task")
    access = make.access_run(collaboration)
    return Situation("a list row is behind", Setting(app), (access, edit))


def reminders_used() -> Situation:
    """Pending, and reminded three times."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    for _ in range(3):
        assert office.anna.post(f"/invitations/{invitation}/remind").status == 202
        app.drain_events()
        app.clock.pass_(hours=25)
    return Situation("no reminders are left", Setting(app), (*make.of_invitation(invitation), make.clean_up()))


def holder_gone() -> Situation:
    """Pending: one of two who were asked is no administrator any more, the other one works at the office by now."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    decisions = [*make.of_links(BIRGITTA, BENJAMIN), *make.of_user(BENJAMIN, invitation)]
    account = BJORK.account
    assert account is not None
    body = account.body(BJORK)
    users = [{"name": "B Björk", "email": CORRECTED, "role": "administrator"}, *body["users"][1:]]
    office.put(f"/platform/accounts/{account.id}", {**body, "users": users, "mainContact": CORRECTED})
    works = {**demonstration.BO.body(), "name": "Benjamin", "email": BENJAMIN}
    office.put(f"/platform/offices/{office.id}/employees/benjamin", works)
    app.drain_events()
    commands = (
        *(each for each in decisions if each.name.startswith(("accept", "decline"))),
        *make.of_invitation(invitation),
    )
    return Situation("who was asked may not decide any more", Setting(app), commands)


def wrong_doors() -> Situation:
    """Asked for by the other door than the right one: an account, a new company, an office tool."""
    app, office, make = _new_office()
    account = BJORK.account
    assert account is not None
    body = account.body(BJORK)
    gone = make.request(
        "PUT the account, no terms",
        office.platform,
        "PUT",
        f"/platform/accounts/{account.id}",
        {**body, "subscriptions": []},
    )
    commands = (
        make.activate(BJORK),
        make.invite(CEDER),
        make.invite(BJORK, "tax-annual-accounts"),
        gone,
    )
    return Situation("the wrong door", Setting(app), commands)


def _named(commands: Iterable[Command], name: str) -> Command:
    return next(command for command in commands if command.name == name)


def _some(commands: Iterable[Command], *names: str) -> list[Command]:
    return [command for command in commands if command.name in names]


def _after(first: Command, following: Command, name: str) -> Command:
    """Two commands of one task, the second after the first."""
    return replace(first, name=f"{first.name}, then {name}", then=following)


def mails_held(*, gone: bool) -> Situation:
    """Invited to what the account has, and a mail waits; that may go just then. `gone`: it has gone.

    While nobody can accept, the mail is looked at once an hour.
    """
    app, office, make = _new_office()
    account = DAHL.account
    assert account is not None
    body, path = account.body(DAHL), f"/platform/accounts/{account.id}"
    terms = {"solution": "bookkeeping-invoicing", "variant": "bookkeeping-invoicing", "renewsOn": "2027-01-01"}
    more = {**body, "subscriptions": [*body["subscriptions"], {**terms, "invoiceRecipient": "customer"}]}
    office.put(path, more)
    answer = office.invite(DAHL, "bookkeeping-invoicing")
    assert answer.status == 201, answer.text
    if gone:
        office.put(path, body)
        app.drain_events()
        assert not app.ses.sent
    app.new_messages()
    app.clock.pass_(hours=2)
    agreement = answer.json["id"].removeprefix("inv-")
    mail = make.message("mail", "mail", "MailQueued", agreement=agreement, mail="invitation-1")
    put = make.request(
        "PUT the account, terms again" if gone else "PUT the account, no terms",
        office.platform,
        "PUT",
        path,
        more if gone else body,
    )
    revoke = _named(make.of_invitation(answer.json["id"]), "revoke")
    commands = mail, _after(put, mail, "mail"), _after(revoke, mail, "mail")
    name = "a mail waits until somebody can accept" if gone else "a mail waits that may come to nothing"
    return Situation(name, Setting(app), commands)


def terms_go() -> Situation:
    """Asked to join what the account has, for a period that the register does not say, and it may go just then."""
    return _asked_to_join("what is to be joined may go", "bookkeeping-invoicing", "bookkeeping", None)


def terms_turn() -> Situation:
    """Asked to join what the account has, which may become just then what an office runs by itself."""
    return _asked_to_join("what is to be joined may be shared no more", "payroll", "standard", "start")


def _asked_to_join(name: str, solution: str, variant: str, other: str | None) -> Situation:
    """The register says just then that the variant is another one; None: that there is no such subscription."""
    app, office, make = _new_office()
    account = BJORK.account
    assert account is not None
    body, path = account.body(BJORK), f"/platform/accounts/{account.id}"
    terms = {"solution": solution, "variant": variant, "invoiceRecipient": "office", "renewsOn": "2027-01-01"}
    office.put(path, {**body, "subscriptions": [terms]})
    invitation = office.invited(BJORK, solution)["id"]
    app.clock.pass_(minutes=2)
    later = [{**terms, "variant": other}] if other else []
    commands = (
        _named(make.of_links(BIRGITTA), "accept by 1"),
        *make.of_user(BIRGITTA, invitation),
        make.request("PUT the account", office.platform, "PUT", path, {**body, "subscriptions": later}),
    )
    return Situation(name, Setting(app), commands)


def number_changes() -> Situation:
    """It has nearly expired: the platform's clock says that it has, and that its customer is another company by now."""
    app, office, make = _new_office()
    invitation = office.invited()
    app.clock.now = datetime.fromisoformat(invitation["expiresAt"]) - timedelta(seconds=40)
    by_name = {each.name: each for each in (*make.of_links(BIRGITTA), *make.puts(BJORK))}
    late = replace(by_name["PUT the customer, other number"], ahead=timedelta(seconds=50))
    commands = by_name["accept by 1"], by_name["decline by 1"], late
    return Situation("the customer's number changes, by clocks apart", Setting(app), commands)


def pace_met() -> Situation:
    """Invited, two mails wait, and one may leave in a second."""
    app, office, make = _new_office()
    agreement = office.invite().json["id"].removeprefix("inv-")
    app.new_messages()
    app.clock.pass_(minutes=2)
    mail = make.message("mail", "mail", "MailQueued", agreement=agreement, mail="invitation-1")
    return Situation("one mail a second", Setting(app, mails_a_second=1), (mail,))


def import_moves(*, found: bool) -> Situation:
    """Imported, unlinked, and its account leaves its number, or comes to it. `found`: it has one, else none."""
    app, office, make = _new_office()
    customer = BJORK if found else CEDER
    collaboration = office.imported(organisationNumber=customer.organisation_number, solution="scanner")["id"]
    access = make.access_run(collaboration)
    if found:
        account = _named(make.put_account(BJORK), "PUT the account, other number")
    else:
        user = {"name": "Carl Cederlund", "email": CEDER.contact.email, "role": "administrator"}
        body = {"organisationNumber": CEDER.organisation_number, "name": CEDER.name, "users": [user]}
        terms = {"solution": "scanner", "renewsOn": "2027-03-01"}
        body |= {"mainContact": CEDER.contact.email, "subscriptions": [terms]}
        account = make.request("PUT the account", office.platform, "PUT", "/platform/accounts/account-ceder", body)
    ends = [each for each in make.of_collaboration(collaboration, BIRGITTA, customer) if each.name.startswith("end")]
    audit = _named(make.consumers(collaboration.removeprefix("col-")), "access audit")
    name = "an import's account moves" if found else "an import gets an account"
    return Situation(name, Setting(app), (_after(account, access, "access"), *ends, audit))


def import_changes_hands() -> Situation:
    """Imported, unlinked, and its account leaves its number, which another one gets."""
    app, office, make = _new_office()
    collaboration = office.imported(organisationNumber=BJORK.organisation_number, solution="scanner")["id"]
    access = make.access_run(collaboration)
    assert BJORK.account is not None
    body = BJORK.account.body(BJORK)
    other = make.request("PUT another account", office.platform, "PUT", "/platform/accounts/account-other", body)
    leaves = _named(make.put_account(BJORK), "PUT the account, other number")
    end = _named(make.of_collaboration(collaboration, BIRGITTA, BJORK), "end")
    changes = _after(leaves, _after(other, access, "access"), "PUT another account, then access")
    return Situation("an import changes hands", Setting(app), (changes, end))


def import_is_of_two() -> Situation:
    """Imported, unlinked, and its account is joined by another one: it belongs to neither then."""
    app, office, make = _new_office()
    collaboration = office.imported(organisationNumber=BJORK.organisation_number, solution="scanner")["id"]
    assert BJORK.account is not None
    body = BJORK.account.body(BJORK)
    other = make.request("PUT another account", office.platform, "PUT", "/platform/accounts/account-other", body)
    end = _named(make.of_collaboration(collaboration, BIRGITTA, BJORK), "end")
    return Situation("an import's account is joined by another", Setting(app), (other, end))


def task_idle(*, customer: bool) -> Situation:
    """A task is active no more, while others are; `customer`: nor is its customer, with all of them."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    app.drain_events()
    collaboration = office.collaborating(BJORK)["id"]
    books = office.confirmed(office.proposal(BJORK, "bookkeeping-invoicing", **BOOKS, taskId="other"))
    tool = office.confirmed(office.proposal(BJORK, "tax-annual-accounts", taskId="other"))
    base = f"/platform/offices/{office.id}"
    path = f"{base}/customers/{BJORK.id}"
    if customer:
        office.put(path, {**BJORK.body(), "active": False})
    else:
        office.put(f"{path}/tasks/other", {"name": "Annat", "owner": "bo", "participants": [], "active": False})
    app.drain_events()
    commands = (
        make.keyed("invite", office.anna, "/invitations", books),
        make.keyed("activate", office.anna, "/activations", tool),
        *_some(make.of_collaboration(collaboration, BIRGITTA, BJORK), "edit the task", "link"),
        make.request("PUT the office", office.platform, "PUT", base, {**demonstration.OFFICE, "name": "Ek & Lind AB"}),
    )
    name = "a customer is inactive" if customer else "a task is inactive"
    return Situation(name, Setting(app), commands)


def agreed_otherwise() -> Situation:
    """Somebody asks for what is not to be had: another's data closed, a period nobody sells, a variant of another kind.

    The account had the scanner before; of the rest the collaborations are the first. Two offices work in the books.
    """
    app, office, make = _new_office()
    _other_task(office, BJORK)
    app.drain_events()
    joined = office.collaborating(BJORK)["id"]
    books = office.collaborating(BJORK, "bookkeeping-invoicing", **BOOKS)["id"]
    payroll = office.collaborating(BJORK, "payroll", variant="standard", invoiceRecipient="office")["id"]
    _other_office(app).collaborating(BJORK, "bookkeeping-invoicing")
    later = f"{app.clock.now + timedelta(days=200):%Y-%m-%d}"
    company, closing = office.user(BIRGITTA), {"outcome": "close"}
    asked: tuple[tuple[str, Person, str, str, str, Any], ...] = (
        ("end, closing", office.anna, "POST", joined, "/end", closing),
        ("arrange an end, closing", office.anna, "POST", joined, "/end", {**closing, "on": later}),
        ("end by the company, closing", company, "POST", books, "/end", closing),
        ("edit the period", office.anna, "PATCH", books, "", {"periodMonths": 7}),
        ("edit the kind", office.anna, "PATCH", payroll, "", {"variant": "start"}),
    )
    commands = []
    for name, person, method, collaboration, verb, body in asked:
        path = f"/collaborations/{collaboration}"
        tag = office.anna.get(path).headers["ETag"]
        root = "/my" if person is company else ""
        commands.append(make.request(name, person, method, f"{root}{path}{verb}", body, If_Match=tag))
    account = BJORK.account
    assert account is not None
    wrong = [{"solution": "payroll", "variant": "gold", "renewsOn": "2027-03-01"}]
    body, path = {**account.body(BJORK), "subscriptions": wrong}, f"/platform/accounts/{account.id}"
    commands.append(make.request("PUT the account, unknown variant", office.platform, "PUT", path, body))
    commands.append(_named(make.of_collaboration(joined, BIRGITTA, BJORK), "edit the task"))
    return Situation("what is asked for is not to be had", Setting(app), tuple(commands))


def guards_astray() -> Situation:
    """Nobody guards a pending invitation and an active collaboration; a revoked one and an ended one are guarded.

    The nightly audit is to put that right, and what else comes meanwhile stops neither.
    """
    app, office, make = _new_office()
    first = office.collaborating(BJORK)["id"]
    ended = office.collaborating(DAHL)["id"]
    dead = office.invited(BJORK, "bookkeeping-invoicing", **BOOKS)["id"]
    office.invited(DAHL, "bookkeeping-invoicing", **BOOKS)
    guards = {place: item for place, item in app.client.items.items() if place[1].startswith("GUARD#")}
    tag = office.anna.get(f"/collaborations/{ended}").headers["ETag"]
    end = office.anna.post(f"/collaborations/{ended}/end", {"outcome": "continue"}, headers={"If-Match": tag})
    assert end.status == 200, end.text
    assert office.anna.post(f"/invitations/{dead}/revoke").status == 200
    app.drain_events()
    for place, item in guards.items():
        if place in app.client.items:
            key = {name: item[name] for name in ("pk", "sk")}
            app.client.delete_item(TableName=app.table_name, Key=key)
        else:
            app.client.put_item(TableName=app.table_name, Item=item)
    app.new_messages()
    agreement = first.removeprefix("col-")
    commands = _named(make.consumers(agreement), "access audit"), _named(make.puts(BJORK), "PUT the office")
    return Situation("guards are astray", Setting(app), commands)


def _bounced_once(office: Office, agreement: str, recipient: str = "r1") -> None:
    tags = {"agreement": [agreement], "mail": ["invitation-1"], "recipient": [recipient]}
    assert office.mail_event("Bounce", tags=tags)
    office.app.drain_events()


def bounce_is_cured(*, announced: bool) -> Situation:
    """A mail has bounced, and a reminder to the same person waits; another's may bounce. `announced`: by a digest."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    agreement = invitation.removeprefix("inv-")
    _bounced_once(office, agreement)
    app.clock.pass_(hours=30)
    if announced:
        app.clean_up()
        assert app.digests_sent == 1
    # Who is an administrator no more keeps the link that they have, and gets no reminder.
    account = BJORK.account
    assert account is not None
    body = account.body(BJORK)
    office.put(f"/platform/accounts/{account.id}", {**body, "users": body["users"][:1]})
    answer = office.anna.post(f"/invitations/{invitation}/remind")
    assert answer.status == 202, answer.text
    app.new_messages()
    app.clock.pass_(minutes=2)
    mail = make.message("mail", "mail", "MailQueued", agreement=agreement, mail="reminder-2")
    bounce = _named(make.mail_events(agreement, "invitation-1", "r2"), "mail event, bounce")
    name = "a bounce is made good while another comes"
    return Situation(f"{name}, the first was told" if announced else name, Setting(app), (mail, bounce))


def reminder_obsolete() -> Situation:
    """Invited, mails sent, a reminder waits, and the invitation was revoked meanwhile."""
    app, office, make = _new_office()
    invitation = office.invited()["id"]
    app.clock.pass_(hours=30)
    for verb in ("remind", "revoke"):
        answer = office.anna.post(f"/invitations/{invitation}/{verb}")
        assert answer.status in {200, 202}, answer.text
    app.new_messages()
    app.clock.pass_(minutes=2)
    agreement = invitation.removeprefix("inv-")
    mail = make.message("mail", "mail", "MailQueued", agreement=agreement, mail="reminder-2")
    return Situation("a reminder waits of what was revoked", Setting(app), (mail,))


def deliveries_apart() -> Situation:
    """Invited by a version that kept what became of mails elsewhere: the first that is heard makes the item for it."""
    app, office, make = _new_office()
    agreement = office.invited()["id"].removeprefix("inv-")
    key = {"pk": {"S": f"AGREEMENT#{agreement}"}, "sk": {"S": "INVITATION-DELIVERY"}}
    app.client.delete_item(TableName=app.table_name, Key=key)
    app.new_messages()
    commands = [
        replace(event, name=f"{event.name} of {recipient}")
        for recipient in ("r1", "r2")
        for event in make.mail_events(agreement, "invitation-1", recipient)
    ]
    return Situation("nothing is kept of deliveries yet", Setting(app), tuple(commands))


def login_deliveries_apart() -> Situation:
    """Activated by a version that kept what became of the login mail elsewhere, and nobody has heard of it since."""
    app, office, make = _new_office()
    answer = office.activate()
    assert answer.status == 201, answer.text
    agreement = answer.json["id"].removeprefix("col-")
    app.drain_events()
    key = {"pk": {"S": f"AGREEMENT#{agreement}"}, "sk": {"S": "COLLABORATION-DELIVERY"}}
    app.client.delete_item(TableName=app.table_name, Key=key)
    app.new_messages()
    commands = make.mail_events(agreement, "login-instructions", "a1")
    return Situation("nothing is kept of a login mail yet", Setting(app), tuple(commands))


def bounce_uncounted(*, elsewhere: bool) -> Situation:
    """A mail has bounced, which is not counted, or counted in another place: the audit puts it right."""
    app, office, make = _new_office()
    agreement = office.invited()["id"].removeprefix("inv-")
    _bounced_once(office, agreement)
    place = f"AGREEMENT#{agreement}", "MARKER#bounced"
    if elsewhere:
        item = {**app.client.items[place], "listSk": {"S": f"{keys.sortable(app.clock.now)}#{agreement}"}}
        app.client.put_item(TableName=app.table_name, Item=item)
    else:
        app.client.delete_item(TableName=app.table_name, Key={"pk": {"S": place[0]}, "sk": {"S": place[1]}})
    app.new_messages()
    bounce = _named(make.mail_events(agreement, "invitation-1", "r2"), "mail event, bounce")
    audit = _named(make.consumers(agreement), "access audit")
    name = "a bounce is counted elsewhere" if elsewhere else "a bounce is not counted"
    return Situation(name, Setting(app), (audit, _after(bounce, make.clean_up(), "clean-up")))


def access_elsewhere(*, given: bool) -> Situation:
    """Bo has access to an account by one task, and by another one. `given`: by both; else the second run is to come."""
    app, office, make = _new_office()
    _other_task(office, BJORK)
    first = office.collaborating(BJORK, taskId="other")["id"]
    answer = office.activate(BJORK, "tax-annual-accounts")
    assert answer.status == 201, answer.text
    second = answer.json["id"]
    if given:
        app.drain_events()
    app.new_messages()
    tasks = f"/platform/offices/{office.id}/customers/{BJORK.id}/tasks"
    idle = {"name": "Annat", "owner": "bo", "participants": [], "active": False}
    leaves = make.request("PUT the first task, inactive", office.platform, "PUT", f"{tasks}/other", idle)
    idle = {**BJORK.task(), "active": False}
    leaves_too = make.request("PUT the second task, inactive", office.platform, "PUT", f"{tasks}/{BJORK.task_id}", idle)
    commands = (
        _after(leaves_too, make.access_run(second), "access") if given else make.access_run(second, "access, second"),
        _after(leaves, make.access_run(first), "access"),
    )
    name = "one access ends while another does" if given else "one access ends while another begins"
    return Situation(name, Setting(app), commands)


def access_by_a_third() -> Situation:
    """Two records of one company share a solution: one collaboration ends while another begins, after one that is over.

    The grants of the first name those of the second, which has ended; the run of the third is to come.
    """
    app, office, make = _new_office()
    twin = replace(BJORK, id="bjork-twin")
    office.feed_customer(twin)
    app.drain_events()
    first = office.collaborating(BJORK)["id"]
    second = office.collaborating(twin)
    tag = {"If-Match": f'"{second["revision"]}"'}
    ended = office.anna.post(f"/collaborations/{second['id']}/end", {"outcome": "continue"}, headers=tag)
    assert ended.status == 200, ended.text
    app.drain_events()
    office.invited(twin)
    decided = office.decide(BIRGITTA, customer=twin)
    assert decided.status == 200, decided.text
    app.new_messages()
    third = decided.json["collaborationId"]
    end = _named(make.of_collaboration(first, BIRGITTA, BJORK), "end")
    idle = _named(make.puts(BJORK), "PUT the task, inactive")
    commands = (
        make.access_run(third, "access, third"),
        _after(end, make.access_run(first), "access"),
        _after(idle, make.access_run(first), "access"),
    )
    return Situation("one access ends while a third begins", Setting(app), commands)


def solution_elsewhere() -> Situation:
    """Two offices collaborate in one solution. One ends that, and the other one's run of access is to come.

    The company's people open nothing but that solution by it: who comes to rely on their grants does so for that alone.
    """
    app, office, make = _new_office()
    other = _other_office(app)
    first = office.collaborating(DAHL)["id"]
    other.invited(DAHL)
    decided = other.decide(DAHL.contact.email, customer=DAHL)
    assert decided.status == 200, decided.text
    app.new_messages()
    end = _named(make.of_collaboration(first, DAHL.contact.email, DAHL), "end")
    second = make.access_run(decided.json["collaborationId"], "access, second")
    commands = second, _after(end, make.access_run(first), "access")
    return Situation("one opens a solution while another does so no more", Setting(app), commands)


def import_ends(*, subscribed: bool) -> Situation:
    """Imported a moment ago, with an account whose subscription it does not rest on yet, and ended.

    `subscribed`: there is one; else there is none yet.
    """
    app, office, make = _new_office()
    account = DAHL.account
    assert account is not None
    if not subscribed:
        office.put(f"/platform/accounts/{account.id}", {**account.body(DAHL), "subscriptions": []})
    collaboration = _imported_now(office)
    access = make.access_run(collaboration)
    end = _named(make.of_collaboration(collaboration, DAHL.contact.email, DAHL), "end")
    name = "an import ends that comes to a subscription"
    return Situation(name if subscribed else f"{name}, the first", Setting(app), (end, access))


def _imported_now(office: Office) -> str:
    path = f"/platform/offices/{office.id}/collaborations/import"
    answer = office.platform.post(path, {"rows": [demonstration.UNLINKED]})
    office.app.new_messages()
    found: str = answer.json["rows"][0]["collaborationId"]
    return found


def unlisted() -> Situation:
    """Employees who were stored before there was a list of them; one gets another name."""
    app, office, make = _new_office()
    _unlist(office, "bo")
    base = f"/platform/offices/{office.id}"
    boel = {**demonstration.BO.body(), "name": "Boel Ek"}
    put = make.request("PUT an employee, other name", office.platform, "PUT", f"{base}/employees/bo", boel)
    backfill = _named(make.backfill(), "backfill, employees")
    first = Command(backfill.name, backfill.folder, {**backfill.event, "detail": {"officeId": office.id}})
    return Situation("an employee is in no list", Setting(app), (first, put))


def _unlist(office: Office, employee: str) -> None:
    """As a version stored employees that had no list of them."""
    office.app.client.update_item(
        TableName=office.app.table_name,
        Key={"pk": {"S": f"OFFICE#{office.id}"}, "sk": {"S": f"EMPLOYEE#{employee}"}},
        UpdateExpression="REMOVE listPk, listSk",
    )


def digest_clears(*, later: bool) -> Situation:
    """A notice that the digest is not to tell: there is an invitation in its place. `later`: there was a digest."""
    app, office, make = _new_office()
    if later:
        _bounced_once(office, office.invited(DAHL)["id"].removeprefix("inv-"))
        app.clean_up()
        assert app.digests_sent == 1
        app.drain_events()
    invitation = office.invited()["id"]
    link = office.link_of(BIRGITTA)
    assert office.anna.post(f"/invitations/{invitation}/revoke").status == 200
    app.drain_events()
    answer = office.nobody.post(f"{link}/ask-again", {})
    assert answer.status in {200, 202}, answer.text
    bounce = _named(make.mail_events(office.invited()["id"].removeprefix("inv-"), "invitation-1"), "mail event, bounce")
    app.clock.pass_(days=1)
    name = "a notice is obsolete, and there was a digest" if later else "a notice is obsolete"
    clean_up = make.clean_up()
    return Situation(name, Setting(app), (clean_up, _after(bounce, clean_up, "clean-up")))


def account_returns() -> Situation:
    """The guard of an organisation number names an account that is not there, and may come back."""
    app, office, make = _new_office()
    other = _other_office(app)
    account = {
        "organisationNumber": CEDER.organisation_number,
        "name": CEDER.name,
        "users": [{"name": "Carl Cederlund", "email": CEDER.contact.email, "role": "administrator"}],
        "mainContact": CEDER.contact.email,
        "subscriptions": [],
    }
    path = "/platform/accounts/account-ceder"
    office.put(path, account)
    number = {"pk": {"S": f"ORGANISATION#{CEDER.organisation_number}"}}
    for key in (
        {**number, "sk": {"S": "ACCOUNT#account-ceder"}},
        {"pk": {"S": "ACCOUNT#account-ceder"}, "sk": {"S": "ACCOUNT"}},
    ):
        app.client.delete_item(TableName=app.table_name, Key=key)
    app.new_messages()
    comes = make.request("PUT the account", office.platform, "PUT", path, account)
    commands = (make.activate(), make.activate(office=other), comes)
    return Situation("an account that is gone may come back", Setting(app), commands)


def login_again(times: int) -> Situation:
    """Activated, and the login instructions were sent again, more than a day ago the last time. `times`: how often."""
    app, office, make = _new_office()
    _other_task(office, CEDER)
    answer = office.activate()
    assert answer.status == 201, answer.text
    app.drain_events()
    path = f"/collaborations/{answer.json['id']}"
    app.clock.pass_(hours=25)
    for _ in range(times):
        again = office.anna.post(f"{path}/resend-login")
        assert again.status == 202, again.text
        app.drain_events()
        app.clock.pass_(hours=25)
    commands = (
        make.request("resend the login", office.anna, "POST", f"{path}/resend-login"),
        _named(make.of_collaboration(answer.json["id"], CEDER.contact.email, CEDER), "edit the task"),
    )
    often = "again" if times == 1 else f"{times} times again"
    return Situation(f"login instructions were sent {often}", Setting(app), commands)


RARE: Mapping[str, Callable[[], Situation]] = {
    "login-again": lambda: login_again(1),
    "login-used": lambda: login_again(3),
    "reminders-used": reminders_used,
    "holder-gone": holder_gone,
    "wrong-doors": wrong_doors,
    "four-tries": four_tries,
    "five-tries": five_tries,
    "one-try-left": one_try_left,
    "tries-closed": tries_closed,
    "register-wavers": register_wavers,
    "waiting-for-long": waiting_for_long,
    "reminder-waits": reminder_waits,
    "two-erasures": lambda: two_erasures(reported=False),
    "more-erasures": lambda: two_erasures(reported=True),
    "digest-again": digest_again,
    "digest-old": digest_old,
    "import-comes": lambda: import_comes(imported=True),
    "import-to-come": lambda: import_comes(imported=False),
    "row-behind": row_behind,
    "mails-held": lambda: mails_held(gone=True),
    "mail-in-vain": lambda: mails_held(gone=False),
    "terms-go": terms_go,
    "terms-turn": terms_turn,
    "number-changes": number_changes,
    "pace-met": pace_met,
    "erasure-key": erasure_of_a_key,
    "import-moves": lambda: import_moves(found=True),
    "import-passes": import_changes_hands,
    "import-found": lambda: import_moves(found=False),
    "import-shared": import_is_of_two,
    "guards-astray": guards_astray,
    "task-idle": lambda: task_idle(customer=False),
    "customer-idle": lambda: task_idle(customer=True),
    "agreed-otherwise": agreed_otherwise,
    "bounce-cured": lambda: bounce_is_cured(announced=False),
    "told-bounce-cured": lambda: bounce_is_cured(announced=True),
    "reminder-obsolete": reminder_obsolete,
    "deliveries-apart": deliveries_apart,
    "login-deliveries-apart": login_deliveries_apart,
    "bounce-uncounted": lambda: bounce_uncounted(elsewhere=False),
    "bounce-elsewhere": lambda: bounce_uncounted(elsewhere=True),
    "access-elsewhere": lambda: access_elsewhere(given=False),
    "access-twice": lambda: access_elsewhere(given=True),
    "access-third": access_by_a_third,
    "solution-elsewhere": solution_elsewhere,
    "import-ends": lambda: import_ends(subscribed=True),
    "import-ends-new": lambda: import_ends(subscribed=False),
    "account-returns": account_returns,
    "unlisted": unlisted,
    "digest-clears": lambda: digest_clears(later=False),
    "later-digest-clears": lambda: digest_clears(later=True),
}

# Of commands so large that two of them have too many orders to go through.
LARGE: Mapping[str, Callable[[], Situation]] = {"many-rows": many_rows}


# Commands that come beside some of a situation only, since all of its pairs with them would take too long.


def _crossing(where: str, crossed: tuple[str, ...], more: Callable[[Maker], Iterable[Command]]) -> Situation:
    """A situation with other commands: each of `crossed` with each of `more`."""
    found = SITUATIONS[where]()
    commands = [next(each for each in found.commands if each.name == name) for name in crossed]
    others = more(Maker(Office(found.world.app)))
    return Situation(f"{found.name}: what else comes", found.world, (*commands, *others), crossed=crossed)


def _fed(make: Maker) -> Iterator[Command]:
    """What the platform feeds of the office, the customer and its tasks, and what else begins."""
    yield from make.puts(BJORK)
    yield make.imported(organisationNumber=BJORK.organisation_number)
    yield make.activate(BJORK, "tax-annual-accounts")


def _rarely(make: Maker, agreement: str, mail: str, recipient: str) -> Iterator[Command]:
    """Messages of the bus and reports of SES that come seldom."""
    office = make.office.id
    yield make.message("access, employee", "access", "DirectoryChanged", officeId=office, employeeId="cecilia")
    yield make.message("access, office", "access", "DirectoryChanged", officeId=office)
    offer = {"accountId": "account-bjork", "solution": "scanner"}
    yield make.message("offers, account", "access", "InvitationsDue", **offer)
    yield from make.mail_events(agreement, mail, recipient, kinds=("complaint", "delivery-delay"))


def _of_pending(make: Maker) -> Iterator[Command]:
    invitation = next(pk.partition("#")[2] for pk, sk in make.app.client.items if sk == "INVITATION")
    yield from _rarely(make, invitation, "invitation-1", "r1")
    bounce = _named(make.mail_events(invitation, "invitation-1"), "mail event, bounce")
    reported = make.request(
        "bounce, by the platform", make.office.platform, "POST", "/platform/mail-events", bounce.event
    )
    yield replace(reported, of_mail=bounce.of_mail)
    path = f"/my/requests/inv-{invitation}/decision"
    yield make.request("decline, signed in", make.office.user(BIRGITTA), "POST", path, {"decision": "decline"})


def _of_collaborating(make: Maker) -> Iterator[Command]:
    agreement = next(pk.partition("#")[2] for pk, sk in make.app.client.items if sk == "COLLABORATION")
    yield from _rarely(make, agreement, "information", "a1")
    yield from make.mail_events(agreement, "information", "a1")
    yield make.imported(organisationNumber=BJORK.organisation_number)


def _of_login(make: Maker) -> Iterator[Command]:
    agreement = next(pk.partition("#")[2] for pk, sk in make.app.client.items if sk == "COLLABORATION")
    of_collaboration = make.of_collaboration(f"col-{agreement}", CEDER.contact.email, CEDER)
    yield from _some(of_collaboration, "unlink", "end", "arrange an end", "end by the company")
    yield make.clean_up()


# The moment of expiry comes so soon, and the clocks of processes for which it has passed are so much ahead.
_BEFORE_EXPIRY, _AHEAD = timedelta(milliseconds=200), timedelta(milliseconds=250)


def at_expiry() -> Situation:
    """The moment of expiry: by the clocks of some processes it is to come, by those of the others it has passed.

    Whoever is before it meets each who is after it, and either may be the first to read, and to write.
    """
    app, office, make = _new_office()
    invite = make.invite()
    invitation = office.invited()
    links = [*make.of_links(BIRGITTA)]
    user = make.of_user(BIRGITTA, invitation["id"])
    app.clock.now = datetime.fromisoformat(invitation["expiresAt"]) - _BEFORE_EXPIRY
    by_name = {each.name: each for each in (*make.of_invitation(invitation["id"]), *links, *user)}
    before = [
        by_name[name] for name in ("remind", "resend", "revoke", "accept by 1", "decline by 1", "accept, signed in")
    ]
    after = [
        *(by_name[name] for name in ("resend", "revoke", "accept by 1", "ask again")),
        invite,
        make.clean_up(),
    ]
    late = [replace(each, name=f"{each.name}, later", ahead=_AHEAD) for each in after]
    crossed = [each.name for each in before]
    return Situation("at the moment of expiry, by clocks apart", Setting(app), (*before, *late), crossed=crossed)


CROSSINGS: Mapping[str, Callable[[], Situation]] = {
    "at-expiry": at_expiry,
    "pending-more": lambda: _crossing(
        "pending",
        (
            "remind",
            "resend",
            "revoke",
            "accept by 1",
            "not me",
            "PUT the account, other people",
            "PUT the account, no terms",
        ),
        _of_pending,
    ),
    "expired-more": lambda: _crossing("expired", ("resend", "ask again", "clean-up"), _fed),
    "reminder-more": lambda: _crossing("reminder", ("remind", "clean-up"), _fed),
    "bounced-more": lambda: _crossing("bounced", ("readdress", "readdress, bounced", "clean-up"), _fed),
    "erasure-more": lambda: _crossing("erasure", ("clean-up",), _fed),
    "collaborating-more": lambda: _crossing(
        "collaborating",
        ("edit the task", "unlink", "link", "end", "arrange an end", "end by the company", "PUT an employee, inactive"),
        _of_collaborating,
    ),
    "end-due-more": lambda: _crossing("end-due", ("cancel the end", "cancel, company", "clean-up"), _fed),
    "end-fails-more": lambda: _crossing("end-fails", ("clean-up",), _fed),
    "login-sent-more": lambda: _crossing(
        "login-sent", ("resend the login", "mail event, bounce", "mail event, delivery"), _of_login
    ),
}


# Commands that alone change nothing, and why they are tried beside others.
_NO_COLLABORATION = {
    "access, collaboration": "there is no collaboration before somebody accepts",
    "access, task": "nothing of the task is agreed before somebody accepts",
}
_DEAD = dict.fromkeys(
    ("remind", "revoke", "accept by 1", "decline by 1", "wrong digits by 1", "not me"),
    "refused until it is sent again, which revives it",
)
_ALIVE = {"ask again": "only of a dead one, which it is once it is revoked"}
_CUSTOMER_IN_USE = {"PUT the customer, other number": "refused until nothing is live any more"}
_ACCOUNT_IN_USE = {"PUT the account, other number": "refused until nothing rests on the account any more"}
_TERMS_IN_USE = {"PUT the account, no terms": "what a collaboration rests on stays until it has ended"}
IDLE: Mapping[str, Mapping[str, str]] = {
    "mail-waiting": {
        **_NO_COLLABORATION,
        **dict.fromkeys(("mail event, bounce", "mail event, delivery"), "the mail is not sent, unless it is just then"),
    },
    "pending": {
        **_NO_COLLABORATION,
        **_ALIVE,
        **_CUSTOMER_IN_USE,
        **_ACCOUNT_IN_USE,
        "invite scanner": "refused until the first is decided or revoked",
    },
    "expired": {**_NO_COLLABORATION, **_DEAD},
    "reminder": {**_NO_COLLABORATION, **_ALIVE, **_ACCOUNT_IN_USE},
    "bounced": {**_NO_COLLABORATION, **_ALIVE},
    "erasure": {**_NO_COLLABORATION, **_DEAD},
    "collaborating": {
        **_CUSTOMER_IN_USE,
        **_ACCOUNT_IN_USE,
        **_TERMS_IN_USE,
        "invite again": "refused until the first has ended",
    },
    "end-due": _ACCOUNT_IN_USE,
    "shared": _ACCOUNT_IN_USE,
    "unlinked": {**_TERMS_IN_USE, "import": "the same row again"},
    "activated": {**_CUSTOMER_IN_USE, **_ACCOUNT_IN_USE, **_TERMS_IN_USE},
    "login-sent": {**_ACCOUNT_IN_USE, **_TERMS_IN_USE},
    "older": _ALIVE,
    "login-used": {"resend the login": "there are no more"},
    "reminders-used": {
        **dict.fromkeys(("remind", "resend"), "refused: three went out"),
        "clean-up": "nothing is due",
    },
    "holder-gone": dict.fromkeys(
        ("accept by 1", "decline by 1", "accept by 2", "decline by 2"), "refused: the register says otherwise by now"
    ),
    "revoked": dict.fromkeys(("accept by 1", "not me", "resend", "revoke"), "refused: it is dead"),
    "declined": {
        **dict.fromkeys(("accept by 1", "accept by 2", "decline by 2", "resend", "revoke"), "refused: it is decided"),
        "decline by 1": "the same again",
        "wrong digits by 2": "no try is counted of what is decided",
        "ask again": "only of what has expired or was revoked",
    },
    "exhausted": {
        **_CUSTOMER_IN_USE,
        **dict.fromkeys(("accept by 1", "wrong digits by 1", "remind"), "refused until new links are sent"),
        "clean-up": "nothing is due",
    },
    "ended": {"edit the task": "refused: it was seen before it ended"},
    "at-expiry": dict.fromkeys(("revoke, later", "accept by 1, later"), "refused by then"),
    "pending-more": {
        "access, employee": "nothing of theirs is agreed before somebody accepts",
        "access, office": "nothing of the office is agreed before somebody accepts",
        "offers, account": "it is what it was, unless the terms go",
    },
    "reminder-more": _CUSTOMER_IN_USE,
    "bounced-more": _CUSTOMER_IN_USE,
    "collaborating-more": {
        "access, office": "nothing of it has changed",
        "offers, account": "nothing is pending",
    },
    "end-due-more": _CUSTOMER_IN_USE,
    "end-fails-more": _CUSTOMER_IN_USE,
    "login-sent-more": {"clean-up": "nothing is due"},
    **dict.fromkeys(
        ("task-idle", "customer-idle"),
        dict.fromkeys(("invite", "activate", "edit the task", "link"), "refused: the task is not active"),
    ),
    "agreed-otherwise": dict.fromkeys(
        (
            *("end, closing", "arrange an end, closing", "edit the period", "edit the kind"),
            "PUT the account, unknown variant",
        ),
        "refused: it is not to be had",
    ),
    "wrong-doors": dict.fromkeys(
        ("activate scanner", "invite scanner", "invite tax-annual-accounts"), "refused: it is the wrong door"
    ),
}


@cache
def situation(name: str) -> Situation:
    """A situation, made once."""
    return replace({**SITUATIONS, **CROSSINGS, **LARGE, **RARE}[name](), key=name, idle=IDLE.get(name, {}))
