"""The keys of the one table, and nothing but the keys.

    item           pk                 sk                          index, keys                    read by
    office         OFFICE#o           OFFICE                                                     commands
    employee       OFFICE#o           EMPLOYEE#e                                                 every request
    customer       CUSTOMER#o#c       CUSTOMER                    lists OFFICE#o#CUSTOMERS name  doors, lists, access
    task           CUSTOMER#o#c       TASK#t                                                     doors, access
    guard          CUSTOMER#o#c       GUARD#solution                                             doors
    account        ORGANISATION#n     ACCOUNT#a                                                  doors, access
    subscription   ORGANISATION#n     ACCOUNT#a#SUBSCRIPTION#s                                   doors, access
    account guard  ORGANISATION#n     GUARD                                                      activate
    unlinked       ORGANISATION#n     UNLINKED#o#collaboration                                   preview, suggestions
    account place  ACCOUNT#a          ACCOUNT                                                    platform
    invitation     AGREEMENT#g        INVITATION                  lists OFFICE#o#INVITATIONS     requests, accept
                                                                  accounts ACCOUNT#a
                                                                  due DUE#INVITATION#shard       clean-up
    its mails      AGREEMENT#g        INVITATION-DELIVERY         lists OFFICE#o#INVITATIONS     requests, mail events
    link door      AGREEMENT#g        LINK#recipient                                             accept
    collaboration  AGREEMENT#g        COLLABORATION               lists OFFICE#o#COLLABORATIONS  lists, link, access
                                                                  accounts ACCOUNT#a
    its mails      AGREEMENT#g        COLLABORATION-DELIVERY      lists OFFICE#o#COLLABORATIONS  lists, mail events
    customer under ORGANISATION#n     CUSTOMER#o#c                                               link suggestions
    on task        EMPLOYEE#o#e       TASK#c#t                                                   access
    person         PERSON#hash        ACCOUNT#number#a                                           account users
    grant          AGREEMENT#g        GRANT#side#person                                          access
    access run     AGREEMENT#g        ACCESS                                                     access
    history        AGREEMENT#g        HISTORY#milliseconds.place                                 timelines, publish
    outbox         AGREEMENT#g        OUTBOX#mail                 due DUE#MAIL#shard             mail
    mail           AGREEMENT#g        MAIL#mail#reader            due DUE#MAIL#shard             mail
    message        MESSAGE#id         MESSAGE                                                    mail events
    report         REPORT#kind        milliseconds#o                                             reports
    idempotency    IDEMPOTENCY#o#key  IDEMPOTENCY                                                invite, activate

An invitation and its collaboration share one partition, and so one timeline. An organisation number may be a personal
identity number: it is in keys here, and so keys never leave this package.
"""

from collections.abc import Iterator
from datetime import datetime
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
)

LISTS = "lists"


ACCOUNTS = "accounts"


DUE = "due"


SHARDS = 8


OFFICE_LIST = "OFFICES"


INVITATIONS_OF_ACCOUNT = "INVITATION#"


COLLABORATIONS_OF_ACCOUNT = "COLLABORATION#"


# What the sort keys of one kind of items in a partition start with.
TASKS = "TASK#"


GUARDS = "GUARD#"


GRANTS = "GRANT#"


HISTORY = "HISTORY#"


UNLINKED = "UNLINKED#"


class Key(NamedTuple):
    """Where one item is."""

    pk: str
    sk: str


def office(office_id: OfficeId) -> Key:
    """An office; its employees stand in the same partition."""
    return Key(f"OFFICE#{office_id}", "OFFICE")


def employee(office_id: OfficeId, employee_id: EmployeeId) -> Key:
    """An employee of an office."""
    return Key(f"OFFICE#{office_id}", f"EMPLOYEE#{employee_id}")


def customer(office_id: OfficeId, customer_id: CustomerId) -> Key:
    """A customer of an office; tasks and guards stand in the same partition."""
    return Key(f"CUSTOMER#{office_id}#{customer_id}", "CUSTOMER")


def task(office_id: OfficeId, customer_id: CustomerId, task_id: TaskId) -> Key:
    """A task at a customer."""
    return Key(customer(office_id, customer_id).pk, f"TASK#{task_id}")


def guard(office_id: OfficeId, customer_id: CustomerId, solution: str) -> Key:
    """The one place for something live."""
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


def account_guard(number: OrganisationNumber) -> Key:
    """Says that there is an account with this number."""
    return Key(organisation(number), "GUARD")


def unlinked(number: OrganisationNumber, office_id: OfficeId, collaboration_id: CollaborationId) -> Key:
    """Says that an unlinked collaboration waits under this number."""
    return Key(organisation(number), f"UNLINKED#{office_id}#{collaboration_id}")


def customer_by_number(number: OrganisationNumber, office_id: OfficeId, customer_id: CustomerId) -> Key:
    """Says that an office has a customer with this number."""
    return Key(organisation(number), f"CUSTOMER#{office_id}#{customer_id}")


def account_place(account_id: AccountId) -> Key:
    """Says under which number an account is."""
    return Key(f"ACCOUNT#{account_id}", "ACCOUNT")


def person(email: Email, number: OrganisationNumber, account_id: AccountId) -> Key:
    """Says where to look whether somebody is an administrator. The address itself stays out of the key."""
    return Key(people(email), f"ACCOUNT#{number}#{account_id}")


def people(email: Email) -> str:
    """The partition of everything known of an address."""
    return f"PERSON#{sha256(email.folded.encode()).hexdigest()}"


def task_membership(office_id: OfficeId, employee_id: EmployeeId, customer_id: CustomerId, task_id: TaskId) -> Key:
    """Says where to look for the tasks of an employee."""
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


def task_list(office_id: OfficeId) -> str:
    """The partition, in the index of lists, of an office's tasks."""
    return f"OFFICE#{office_id}#TASKS"


def account_list(account_id: AccountId) -> str:
    """The partition, in the index of accounts, of everything that an account has."""
    return f"ACCOUNT#{account_id}"


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


def delivery_list_sk(row_list_sk: str) -> str:
    """Where the item of a row's mails stands in a list: directly after the row, before any other."""
    return f"{row_list_sk}#DELIVERY"


def link(agreement: AgreementId, recipient: str) -> Key:
    """The wrong digits typed on a link."""
    return Key(f"AGREEMENT#{agreement}", f"LINK#{recipient}")


def grant(agreement: AgreementId, person: str) -> Key:
    """What one person may open through a collaboration."""
    return Key(f"AGREEMENT#{agreement}", f"GRANT#{person}")


def access_run(agreement: AgreementId) -> Key:
    """Counts the runs that brought the grants of a collaboration up to date."""
    return Key(f"AGREEMENT#{agreement}", "ACCESS")


def history(agreement: AgreementId, entry_id: str) -> Key:
    """A line of a timeline. The entry's id starts with the agreement and ends with its place in time."""
    return Key(f"AGREEMENT#{agreement}", f"HISTORY#{entry_id.removeprefix(f'{agreement}.')}")


def outbox(agreement: AgreementId, mail_id: str) -> Key:
    """A mail to write to its readers."""
    return Key(f"AGREEMENT#{agreement}", f"OUTBOX#{mail_id}")


def mail(agreement: AgreementId, mail_id: str, reader: str) -> Key:
    """A mail to one reader."""
    return Key(f"AGREEMENT#{agreement}", f"MAIL#{mail_id}#{reader}")


def message(message_id: str) -> Key:
    """Says which mail the provider's message is."""
    return Key(f"MESSAGE#{message_id}", "MESSAGE")


def report(kind: str, at: datetime, office_id: OfficeId) -> Key:
    """A report of nightly work."""
    return Key(reports(kind), f"{sortable(at)}#{office_id}")


def reports(kind: str) -> str:
    """The partition of all reports of a kind."""
    return f"REPORT#{kind}"


def idempotency(office_id: OfficeId, key: str) -> Key:
    """The answer kept for a key of an office. The key itself is the caller's, and may say anything: only its hash."""
    return Key(f"IDEMPOTENCY#{office_id}#{sha256(key.encode()).hexdigest()}", "IDEMPOTENCY")


def sortable(moment: datetime) -> str:
    """A moment in a sort key: milliseconds since 1970, all of one length."""
    return f"{round(moment.timestamp() * 1000):013d}"


def due_shard(of: str, name: str) -> str:
    """The partition of the due index for work of a kind."""
    return f"DUE#{of}#{crc32(name.encode()) % SHARDS}"


def due_shards(of: str) -> Iterator[str]:
    """All partitions of the due index for work of a kind."""
    return (f"DUE#{of}#{shard}" for shard in range(SHARDS))
