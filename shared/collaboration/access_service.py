"""What the access service does with each message of the bus, and with the schedule's call at night."""

from collections.abc import Callable, Mapping, Sequence

from collaboration.commands.granting import affected, agreement_named, refresh_all
from collaboration.commands.proving import offices, prove
from collaboration.commands.services import Services
from collaboration.domain.values import AgreementId, CollaborationId, OfficeId
from collaboration.publishing import ACCESS_DUE, DIRECTORY_CHANGED, PROOF_DUE, Message

# More than this many collaborations are handed out, each as a message of its own: a call has a minute.
AT_ONCE = 20

Tell = Callable[[Sequence[Message]], None]
Measure = Callable[[int], None]


def handle(
    services: Services, tell: Tell, measure: Measure, detail_type: str, detail: Mapping[str, str]
) -> dict[str, int]:
    """One message: a collaboration that moved, a change of the directory, some of the proof; or the proof's start."""
    match detail_type:
        case "":
            due = [Message(PROOF_DUE, {"officeId": office_id}) for office_id in offices(services)]
            tell(due)
            return {"offices": len(due)}
        case name if name == PROOF_DUE:
            return _prove(services, tell, measure, detail)
        case name if name == DIRECTORY_CHANGED:
            return _follow(services, tell, affected(services, detail))
        case _:
            agreement = agreement_named(detail["collaborationId"])
            return {"changed": refresh_all(services, [agreement] if agreement else [])}


def _follow(services: Services, tell: Tell, agreements: Sequence[AgreementId]) -> dict[str, int]:
    if len(agreements) <= AT_ONCE:
        return {"changed": refresh_all(services, agreements)}
    tell([Message(ACCESS_DUE, {"collaborationId": CollaborationId.of(agreement)}) for agreement in agreements])
    return {"handedOut": len(agreements)}


def _prove(services: Services, tell: Tell, measure: Measure, detail: Mapping[str, str]) -> dict[str, int]:
    proven = prove(services, OfficeId(detail["officeId"]), detail.get("after"))
    measure(len(proven.report.drifted))
    if proven.after is not None:
        tell([Message(PROOF_DUE, {"officeId": proven.report.office_id, "after": proven.after})])
    return {"checked": proven.report.checked, "drifted": len(proven.report.drifted)}
