"""The access service: one message of the bus, or the nightly schedule, at a time."""

from collections.abc import Callable, Mapping, Sequence

from collaboration.access.affected import Affected, affected, agreement_named
from collaboration.access.audit import audit_page, offices_page
from collaboration.access.backfill import backfill_page
from collaboration.access.reconcile import reconcile_all
from collaboration.calls import Call
from collaboration.commands.obstacles import follow_customer, follow_offer
from collaboration.commands.readdressing import readdress_of_account, readdress_one
from collaboration.domain.model.values import AccountId, CollaborationId, CustomerId, InvitationId, OfficeId
from collaboration.publishing import ACCESS_DUE, AUDIT_DUE, DIRECTORY_CHANGED, INVITATIONS_DUE, Message
from collaboration.services import Services

# More than this many collaborations are handed out, each as a message of its own: a call has a minute.
AT_ONCE = 20


Publish = Callable[[Sequence[Message]], None]


Measure = Callable[[int], None]


# The events after which the access of their collaboration may be another, and the message that asks for it.
_RECONCILED = frozenset(
    {
        "CollaborationStarted",
        "CollaborationLinked",
        "CollaborationUnlinked",
        "CollaborationChanged",
        "CollaborationEnded",
        "SubscriptionChanged",
        ACCESS_DUE,
    }
)


INVITATION_BOUNCED = "InvitationBounced"


def handle(services: Services, publish: Publish, measure: Measure, call: Call) -> dict[str, int]:
    """Handle a call, and tell what was done as counts by name.

    Args:
        services: the application's services.
        publish: sends messages to the bus.
        measure: records how many collaborations an audit found wrong, or could not look at; 0 also where an audit
            begins, so that its absence says that none does.
        call: a message, or the schedule, which starts the access audit. Any other call is ignored.

    Raises:
        PartialFailureError: some collaborations could not be reconciled, after all others were.
        TableUnavailableError: the table does not answer.
    """
    if call.schedule is not None or (call.detail_type == AUDIT_DUE and call.names("afterOffice")):
        return _begin_audits(services, publish, measure, call.detail.get("afterOffice"))
    if call.detail_type == AUDIT_DUE and call.names("officeId"):
        return _audit(services, publish, measure, call.detail)
    if call.detail_type == DIRECTORY_CHANGED and (call.names("accountId") or call.names("officeId")):
        counts = _fan_out(services, publish, affected(services, call.detail), call.detail)
        return {**counts, **_readdress(services, call)}
    if call.detail_type in {INVITATION_BOUNCED, INVITATIONS_DUE}:
        return _readdress(services, call)
    if call.detail_type in _RECONCILED and call.names("collaborationId"):
        agreement = agreement_named(call.detail["collaborationId"])
        return {"changed": reconcile_all(services, [agreement] if agreement else [])}
    return {"ignored": 1}


def _fan_out(services: Services, publish: Publish, found: Affected, changed: Mapping[str, str]) -> dict[str, int]:
    if customers := found.customers:
        office_id = changed["officeId"]
        publish([Message(DIRECTORY_CHANGED, {"officeId": office_id, "customerId": each}) for each in customers])
        return {"handedOut": len(customers)}
    agreements = found.agreements
    if len(agreements) <= AT_ONCE:
        return {"changed": reconcile_all(services, agreements)}
    publish([Message(ACCESS_DUE, {"collaborationId": CollaborationId.of(agreement)}) for agreement in agreements])
    return {"handedOut": len(agreements)}


def _readdress(services: Services, call: Call) -> dict[str, int]:
    """Who decides for an account is also whom its invitations are sent to, while they can be accepted."""
    if call.detail_type == INVITATIONS_DUE:
        return {"noted": follow_offer(services, AccountId(call.detail["accountId"]), call.detail["solution"])}
    if call.names("accountId"):
        return {"readdressed": readdress_of_account(services, AccountId(call.detail["accountId"]))}
    if call.names("customerId"):
        office_id, customer_id = OfficeId(call.detail["officeId"]), CustomerId(call.detail["customerId"])
        return {"noted": follow_customer(services, office_id, customer_id)}
    if call.names("invitationId") and (agreement := InvitationId(call.detail["invitationId"]).agreement):
        # The register may have had another address before the mail to the old one came back.
        return {"readdressed": int(readdress_one(services, agreement))}
    return {}


def _begin_audits(services: Services, publish: Publish, measure: Measure, after: str | None) -> dict[str, int]:
    """Have the next offices audited, and those after them begun with by another call."""
    due, more = offices_page(services, after)
    messages = [Message(AUDIT_DUE, {"officeId": office_id}) for office_id in due]
    if more is not None:
        messages.append(Message(AUDIT_DUE, {"afterOffice": more}))
    publish(messages)
    if after is None:
        measure(0)
    return {"offices": len(due)}


def _audit(services: Services, publish: Publish, measure: Measure, detail: Mapping[str, str]) -> dict[str, int]:
    office_id, after = OfficeId(detail["officeId"]), detail.get("after")
    if after is None and (position := backfill_page(services, office_id, detail.get("backfilled"))):
        publish([Message(AUDIT_DUE, {"officeId": office_id, "backfilled": position})])
        return {"handedOut": 1}
    audited = audit_page(services, office_id, after)
    measure(audited.report.faults)
    if audited.after is not None:
        publish([Message(AUDIT_DUE, {"officeId": audited.report.office_id, "after": audited.after})])
    return {"checked": audited.report.checked, "drifted": len(audited.report.drifted)}
