"""The keys of the one table, and nothing but the keys.

    item           pk                 sk                          index, keys                    read by
    office         OFFICE#o           OFFICE                                                     commands
    employee       OFFICE#o           EMPLOYEE#e                  lists OFFICE#o#EMPLOYEES name  every request, lists
    customer       CUSTOMER#o#c       CUSTOMER                    lists OFFICE#o#CUSTOMERS name  doors, lists, access
    task           CUSTOMER#o#c       TASK#t                                                     doors, access
    guard          CUSTOMER#o#c       GUARD#solution                                             doors
    account        ORGANISATION#n     ACCOUNT#a                                                  doors, access
    subscription   ORGANISATION#n     ACCOUNT#a#SUBSCRIPTION#s                                   doors, access
    account guard  ORGANISATION#n     GUARD                                                      activate
    unlinked       ORGANISATION#n     UNLINKED#o#collaboration                                   preview, suggestions
    account entry  ACCOUNT#a          ACCOUNT                                                    platform
    invitation     AGREEMENT#g        INVITATION                  lists OFFICE#o#INVITATIONS     requests, accept
                                                                  accounts ACCOUNT#a
                                                                  due DUE#INVITATION#shard,      clean-up
                                                                      DUE#ERASURE#shard
    its mails      AGREEMENT#g        INVITATION-DELIVERY         lists OFFICE#o#INVITATIONS     requests, mail events
    attempts       AGREEMENT#g        ATTEMPTS                                                   accept, resend
    collaboration  AGREEMENT#g        COLLABORATION               lists OFFICE#o#COLLABORATIONS  lists, link, access
                                                                  accounts ACCOUNT#a
    its mails      AGREEMENT#g        COLLABORATION-DELIVERY      lists OFFICE#o#COLLABORATIONS  lists, mail events
    customer entry ORGANISATION#n     CUSTOMER#o#c                                               link suggestions
    task entry     EMPLOYEE#o#e       TASK#c#t                                                   access
    person entry   PERSON#hash        ACCOUNT#number#a                                           account users
    address entry  ADDRESS#o#hash     EMPLOYEE#e                                                 preview, activate
    grant          AGREEMENT#g        GRANT#side#person           accounts ACCOUNT#a             access, platform
    access run     AGREEMENT#g        ACCESS                                                     access
    marker         AGREEMENT#g        MARKER#marker               lists OFFICE#o#MARKER          summary, digest
                                                                  due DUE#DIGEST#shard           clean-up
    by customer    AGREEMENT#g        CUSTOMER#list               lists OFFICE#o#CUSTOMER#c#list lists
    history        AGREEMENT#g        HISTORY#milliseconds.place                                 timelines, publish
    outbox         AGREEMENT#g        OUTBOX#mail                 due DUE#MAIL#shard             mail
    mail           AGREEMENT#g        MAIL#mail#recipient         due DUE#MAIL#shard             mail
    message        MESSAGE#id         MESSAGE                                                    mail events
    report         REPORT#kind        milliseconds#o                                             reports, clean-up
    complaint      COMPLAINTS#o       hash                                                       mail, mail events
    send rate      SEND-RATE          SEND-RATE                                                  mail
    digest         AGREEMENT#digest-o DIGEST                      due DUE#DIGEST#shard           clean-up
    idempotency    IDEMPOTENCY#o#key  IDEMPOTENCY                                                invite, activate

An invitation and its collaboration share one partition, and so one timeline. The digests of an office have a partition
like an agreement's (`digests_of`), with their outbox and mail items. An organisation number may be a personal
identity number: it is in keys here, and so keys never leave this package.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from collaboration.domain.model.values import (
    AccountId,
    AgreementId,
    CollaborationId,
    CustomerId,
    Email,
    EmployeeId,
    OfficeId,
    OrganisationNumber,
    TaskId,
    digests_of,
)

# The indexes, and what their attributes' names start with.
LISTS = "lists"
ACCOUNTS = "accounts"
DUE = "due"
STEMS = {LISTS: "list", ACCOUNTS: "account", DUE: "due"}

# Due work is spread over this many partitions of its index.
SHARDS = 8

# The list of all offices.
OFFICE_LIST = "OFFICES"

# Sort keys of one kind within a partition start with these.
TASKS = "TASK#"
EMPLOYEES = "EMPLOYEE#"
GUARDS = "GUARD#"


ACCOUNT_GUARD = "GUARD"
GRANTS = "GRANT#"
HISTORY = "HISTORY#"
OUTBOX = "OUTBOX#"
MAILS = "MAIL#"
UNLINKED = "UNLINKED#"
MARKERS = "MARKER#"
# Of which list of an office a marker of a customer is.
INVITATIONS = "INVITATIONS"
COLLABORATIONS = "COLLABORATIONS"
INVITATIONS_OF_ACCOUNT = "INVITATION#"
COLLABORATIONS_OF_ACCOUNT = "COLLABORATION#"


class Key(NamedTuple):
    """Where one item is."""

    pk: str
    sk: str


def office(office_id: OfficeId) -> Key:
    """An office; its employees are in the same partition."""
    return Key(f"OFFICE#{office_id}", "OFFICE")


def employee(office_id: OfficeId, employee_id: EmployeeId) -> Key:
    """An employee of an office."""
    return Key(f"OFFICE#{office_id}", f"EMPLOYEE#{employee_id}")


def employee_by_address(office_id: OfficeId, email: Email, employee_id: EmployeeId) -> Key:
    """The index entry by which an office's employee is found by their address, of which only the hash is stored."""
    return Key(employees_with_address(office_id, email), f"EMPLOYEE#{employee_id}")


def employees_with_address(office_id: OfficeId, email: Email) -> str:
    """The partition of the index entries of an address within an office."""
    return f"ADDRESS#{office_id}#{address_hash(email)}"


def customer(office_id: OfficeId, customer_id: CustomerId) -> Key:
    """A customer of an office; tasks and guards stand in the same partition."""
    return Key(f"CUSTOMER#{office_id}#{customer_id}", "CUSTOMER")


def task(office_id: OfficeId, customer_id: CustomerId, task_id: TaskId) -> Key:
    """A task at a customer."""
    return Key(customer(office_id, customer_id).pk, f"TASK#{task_id}")


def guard(office_id: OfficeId, customer_id: CustomerId, solution: str) -> Key:
    """The guard of what may be live only once: one invitation or collaboration per customer and solution."""
    return Key(customer(office_id, customer_id).pk, f"GUARD#{solution}")


def organisation(number: OrganisationNumber) -> str:
    """The partition of everything known under an organisation number."""
    return f"ORGANISATION#{number}"


def account(number: OrganisationNumber, account_id: AccountId) -> Key:
    """An account; its subscriptions follow it."""
    return Key(organisation(number), f"ACCOUNT#{account_id}")


def subscription(number: OrganisationNumber, account_id: AccountId, solution: str) -> Key:
    """A subscription of an account."""
    return Key(organisation(number), f"ACCOUNT#{account_id}#SUBSCRIPTION#{solution}")


def account_of_subscription(sk: str) -> str | None:
    """The account in the sort key of a subscription; None for any other sort key."""
    parts = sk.split("#")
    return parts[1] if len(parts) == 4 and (parts[0], parts[2]) == ("ACCOUNT", "SUBSCRIPTION") else None  # noqa: PLR2004 - as `subscription` makes it


def account_guard(number: OrganisationNumber) -> Key:
    """The guard that keeps two activations from making two accounts of one organisation number."""
    return Key(organisation(number), ACCOUNT_GUARD)


def unlinked(number: OrganisationNumber, office_id: OfficeId, collaboration_id: CollaborationId) -> Key:
    """The index entry by which an unlinked collaboration is found by its organisation number."""
    return Key(organisation(number), f"UNLINKED#{office_id}#{collaboration_id}")


def customer_by_number(number: OrganisationNumber, office_id: OfficeId, customer_id: CustomerId) -> Key:
    """The index entry by which an office's customer is found by its organisation number."""
    return Key(organisation(number), f"CUSTOMER#{office_id}#{customer_id}")


def account_place(account_id: AccountId) -> Key:
    """The index entry by which an account is found by its id."""
    return Key(f"ACCOUNT#{account_id}", "ACCOUNT")


def person(email: Email, number: OrganisationNumber, account_id: AccountId) -> Key:
    """The index entry by which an account is found by an administrator's address, of which only the hash is stored."""
    return Key(people(email), f"ACCOUNT#{number}#{account_id}")


def people(email: Email) -> str:
    """The partition of everything known of an address."""
    return f"PERSON#{address_hash(email)}"


def address_hash(email: Email) -> str:
    """What stands for an address in a key: nobody can read it back."""
    return sha256(email.folded.encode()).hexdigest()


def grant_of_account(email: Email, agreement: AgreementId, side: str) -> str:
    """The position of a grant among everything of its account: by person, then by collaboration."""
    return f"{GRANTS}{address_hash(email)}#{agreement}#{side}"


def grants_of_person(email: Email) -> str:
    """What the positions of a person's grants among everything of an account start with."""
    return f"{GRANTS}{address_hash(email)}#"


def grants_since(person_hash: str | None) -> tuple[str, str]:
    """From where to where the positions of grants reach in an account, from those of a person on (None: all)."""
    # `$` sorts directly after `#`.
    return (f"{GRANTS}{person_hash}#" if person_hash else GRANTS), f"{GRANTS[:-1]}$"


def task_membership(office_id: OfficeId, employee_id: EmployeeId, customer_id: CustomerId, task_id: TaskId) -> Key:
    """The index entry by which an employee's task is found."""
    return Key(task_memberships(office_id, employee_id), f"TASK#{customer_id}#{task_id}")


def task_memberships(office_id: OfficeId, employee_id: EmployeeId) -> str:
    """The partition of everything known of an employee's tasks."""
    return f"EMPLOYEE#{office_id}#{employee_id}"


def collaboration_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's collaborations."""
    return f"OFFICE#{office_id}#COLLABORATIONS"


def invitation_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's invitations."""
    return f"OFFICE#{office_id}#INVITATIONS"


def customer_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's customers."""
    return f"OFFICE#{office_id}#CUSTOMERS"


def employee_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's employees."""
    return f"OFFICE#{office_id}#EMPLOYEES"


def task_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's tasks."""
    return f"OFFICE#{office_id}#TASKS"


def account_list(account_id: AccountId) -> str:
    """The partition, in the index of accounts, of everything that an account has."""
    return f"ACCOUNT#{account_id}"


def marker_list(office_id: OfficeId, marker: str) -> str:
    """The partition, in the index of lists, of what is marked within an office."""
    return f"OFFICE#{office_id}#{marker.upper()}"


def customer_marker_list(office_id: OfficeId, customer_id: CustomerId, of: str) -> str:
    """The partition, in the index of lists, of what an office has with one of its customers: `of` a list."""
    return f"OFFICE#{office_id}#CUSTOMER#{customer_id}#{of}"


def customer_marker(agreement: AgreementId, of: str) -> Key:
    """The marker by which an invitation or a collaboration, `of` a list, is found among those of its customer."""
    return Key(f"AGREEMENT#{agreement}", f"CUSTOMER#{of}")


def marker(agreement: AgreementId, marker: str) -> Key:
    """A marker of an invitation or a collaboration, by which it is counted."""
    return Key(f"AGREEMENT#{agreement}", f"{MARKERS}{marker}")


def agreement_partition(agreement: AgreementId) -> str:
    """The partition of an invitation and its collaboration."""
    return f"AGREEMENT#{agreement}"


def invitation(agreement: AgreementId) -> Key:
    """An invitation."""
    return Key(f"AGREEMENT#{agreement}", "INVITATION")


def collaboration(agreement: AgreementId) -> Key:
    """A collaboration."""
    return Key(f"AGREEMENT#{agreement}", "COLLABORATION")


def invitation_delivery(agreement: AgreementId) -> Key:
    """What became of an invitation's mails, and which of its links were fetched."""
    return Key(f"AGREEMENT#{agreement}", "INVITATION-DELIVERY")


def collaboration_delivery(agreement: AgreementId) -> Key:
    """What became of a collaboration's mails."""
    return Key(f"AGREEMENT#{agreement}", "COLLABORATION-DELIVERY")


def invitation_keys(agreement: AgreementId) -> tuple[Key, Key]:
    """An invitation, and what became of its mails."""
    return invitation(agreement), invitation_delivery(agreement)


def collaboration_keys(agreement: AgreementId) -> tuple[Key, Key]:
    """A collaboration, and what became of its mails."""
    return collaboration(agreement), collaboration_delivery(agreement)


DELIVERY_SKS = frozenset({"INVITATION-DELIVERY", "COLLABORATION-DELIVERY"})


def row_of_delivery(item_key: Key) -> Key:
    """The invitation or collaboration whose mails an item is about."""
    return Key(item_key.pk, item_key.sk.removesuffix("-DELIVERY"))


def delivery_list_sk(row_list_sk: str) -> str:
    """Where the item of a row's mails stands in a list: directly after the row, before any other."""
    return f"{row_list_sk}#DELIVERY"


def office_of_marker_list(partition: str) -> OfficeId:
    """The office of a partition of the index of lists that `marker_list` made."""
    return OfficeId(partition.split("#")[1])


DIGEST = "DIGEST"


def digest(office_id: OfficeId) -> Key:
    """On which day an office had its latest digest."""
    return digest_of(digests_of(office_id))


def digest_of(digests: AgreementId) -> Key:
    """On which day there was the latest of these digests, `digests_of` an office."""
    return Key(agreement_partition(digests), DIGEST)


def attempts(agreement: AgreementId) -> Key:
    """The wrong digits typed on the links of an invitation."""
    return Key(f"AGREEMENT#{agreement}", "ATTEMPTS")


def grant(agreement: AgreementId, person: str) -> Key:
    """What one person may open through a collaboration."""
    return Key(f"AGREEMENT#{agreement}", f"GRANT#{person}")


def access_run(agreement: AgreementId) -> Key:
    """Counts the runs that brought the grants of a collaboration up to date."""
    return Key(f"AGREEMENT#{agreement}", "ACCESS")


def history(agreement: AgreementId, entry_id: str) -> Key:
    """A line of a timeline. The entry's id is the agreement and then its position in time."""
    return Key(f"AGREEMENT#{agreement}", f"HISTORY#{entry_id.removeprefix(f'{agreement}.')}")


def outbox(agreement: AgreementId, mail_id: str) -> Key:
    """A queued mail."""
    return Key(f"AGREEMENT#{agreement}", f"OUTBOX#{mail_id}")


def mail(agreement: AgreementId, mail_id: str, recipient: str) -> Key:
    """A mail to one recipient."""
    return Key(f"AGREEMENT#{agreement}", f"{MAILS}{mail_id}#{recipient}")


def complaint(office_id: OfficeId, email: Email) -> Key:
    """That somebody has complained of an office's mail: of the address only a hash, of another kind at each office."""
    return Key(f"COMPLAINTS#{office_id}", sha256(f"{office_id}#{email.folded}".encode()).hexdigest())


def send_rate() -> Key:
    """How many mails were sent in the present second."""
    return Key("SEND-RATE", "SEND-RATE")


def message(message_id: str) -> Key:
    """The index entry by which the provider's message id leads to its mail."""
    return Key(f"MESSAGE#{message_id}", "MESSAGE")


def report(kind: str, at: datetime, office_id: OfficeId) -> Key:
    """A report of nightly work."""
    return Key(reports(kind), f"{sortable(at)}#{office_id}")


def reports(kind: str) -> str:
    """The partition of all reports of a kind."""
    return f"REPORT#{kind}"


def idempotency(office_id: OfficeId, key: str) -> Key:
    """The response stored under an idempotency key of an office, of which only the hash is stored."""
    return Key(f"IDEMPOTENCY#{office_id}#{sha256(key.encode()).hexdigest()}", "IDEMPOTENCY")


def stored_response(pk: str) -> Key:
    """The stored response in a partition that `idempotency` has named."""
    return Key(pk, "IDEMPOTENCY")


def mail_of(sk: str) -> str:
    """The id of the mail of an outbox item, or of a mail to one recipient."""
    return sk.split("#")[1]


def in_order(name: str) -> str:
    """A name as part of a sort key, cut where a long one in some scripts would outgrow what a key may hold."""
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def directory_ids(pk: str, sk: str) -> dict[str, str] | None:
    """The ids of something that the platform feeds, by their names; None for anything else.

    An account is named by its id alone: the organisation number of its key stays here.
    """
    kind, _, ids = pk.partition("#")
    match kind, sk.split("#"):
        case "OFFICE", ["OFFICE"]:
            return {"officeId": ids}
        case "OFFICE", ["EMPLOYEE", employee_id]:
            return {"officeId": ids, "employeeId": employee_id}
        case "CUSTOMER", ["CUSTOMER"] | ["TASK", _]:
            office_id, _, customer_id = ids.partition("#")
            return {"officeId": office_id, "customerId": customer_id}
        case "ORGANISATION", ["ACCOUNT", account_id]:
            return {"accountId": account_id}
        case _:
            return None


# A sort key holds 1 024 bytes, an id of at most 64 beside the name.
_NAME_BYTES = 800

# Before and after every moment in a sort key, ids that follow it included.
FIRST_SORTABLE = "0" * 13
LAST_SORTABLE = "9" * 13


def sortable_after(moment: datetime) -> str:
    """The millisecond after a moment in a sort key: whatever is at `moment` itself sorts before it, ids and all."""
    return f"{min(int(sortable(moment)) + 1, int(LAST_SORTABLE)):013d}"


def sortable(moment: datetime) -> str:
    """A moment in a sort key: milliseconds since 1970, all of one length; all before 1970, or after 2286, are one."""
    return f"{min(max(round(moment.timestamp() * 1000), int(FIRST_SORTABLE)), int(LAST_SORTABLE)):013d}"


def moment(milliseconds: int) -> datetime:
    """The moment (UTC) that is so many milliseconds after the beginning of 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def due_shard(of: str, name: str) -> str:
    """The partition of the due index for work of a kind."""
    return f"DUE#{of}#{crc32(name.encode()) % SHARDS}"


def due_shards(of: str) -> Iterator[str]:
    """All partitions of the due index for work of a kind."""
    return (f"DUE#{of}#{shard}" for shard in range(SHARDS))


def kind_of_due_shard(shard: str) -> str:
    """The kind of work in a partition of the due index; empty for any other text."""
    kind, _, number = shard.removeprefix("DUE#").partition("#")
    return kind if shard == f"DUE#{kind}#{number}" else ""
