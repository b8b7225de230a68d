"""The main job by the generated Python client: preview, invite, accept by link, show, edit, end."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from collaborations_client import AuthenticatedClient, Client
from collaborations_client.api.employee import (
    edit_collaboration,
    end_collaboration,
    list_collaborations,
    preview_collaboration,
    send_invitation,
    show_collaboration,
)
from collaborations_client.api.holder import decide_invitation_by_link, show_invitation_by_link
from collaborations_client.models import (
    Choice,
    CollaborationPage,
    CollaborationResponse,
    CollaborationState,
    DecidedResponse,
    DecisionBody,
    EditBody,
    EndBody,
    EndedResponse,
    InvitationBody,
    InvitationResponse,
    InvitationState,
    InvoiceRecipient,
    Outcome,
    PreviewResponse,
    ProblemResponse,
    ProposalBody,
    RecipientInvitationResponse,
    Route,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SOLUTION = "smart-office"


def do_main_job(api_url: str, token: str, customer_id: str, ending: str, link: Callable[[], str]) -> str:
    """Go through it; the id of the collaboration, which has ended.

    Args:
        api_url: where the API is.
        token: the ID token of an employee who may decide.
        customer_id: a customer with an account and the task `task`, and without the solution.
        ending: the last four digits of the customer's organisation number.
        link: the link in the mail that the invitation sends.
    """
    with (
        AuthenticatedClient(base_url=api_url, token=token, raise_on_unexpected_status=True) as office,
        Client(base_url=api_url, raise_on_unexpected_status=True, headers={"Accept": "application/json"}) as customer,
    ):
        id_ = accept_link(customer, invite(office, customer_id, link), ending)
        edit_and_end(office, id_)
        page = list_collaborations.sync(client=office, customer_id=customer_id)
    assert isinstance(page, CollaborationPage), page
    return id_


def invite(office: AuthenticatedClient, customer_id: str, link: Callable[[], str]) -> str:
    """See what would happen, invite as shown, once; the token of the link in the mail."""
    pays = InvoiceRecipient.CUSTOMER

    proposal = ProposalBody(customer_id=customer_id, solution=SOLUTION, task_id="task", invoice_recipient=pays)
    preview = preview_collaboration.sync(client=office, body=proposal)
    assert isinstance(preview, PreviewResponse), preview
    assert preview.door is Route.INVITE
    assert preview.problems == []

    body = InvitationBody(
        customer_id=customer_id,
        solution=SOLUTION,
        task_id="task",
        invoice_recipient=pays,
        scenario=preview.scenario,
        terms_version=preview.terms.version,
        message="Hej!",
    )
    key = str(uuid.uuid4())
    sent = send_invitation.sync_detailed(client=office, body=body, idempotency_key=key)
    assert isinstance(sent.parsed, InvitationResponse), sent
    assert sent.headers["Location"].endswith(sent.parsed.id)
    again = send_invitation.sync_detailed(client=office, body=body, idempotency_key=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    refused = send_invitation.sync(client=office, body=body, idempotency_key=str(uuid.uuid4()))
    assert isinstance(refused, ProblemResponse)
    assert refused.type_.endswith("problems/already-invited")

    return link().rpartition("/")[2]


def accept_link(customer: Client, opened: str, ending: str) -> str:
    """Look, and accept; the id of the collaboration."""
    request = show_invitation_by_link.sync(opened, client=customer, accept_language="en")
    assert isinstance(request, RecipientInvitationResponse), request
    assert request.message == "Hej!"
    answer = DecisionBody(decision=Choice.ACCEPT, organisation_number_ending=ending)
    decided = decide_invitation_by_link.sync(opened, client=customer, body=answer)
    assert isinstance(decided, DecidedResponse), decided
    assert decided.status is InvitationState.ACCEPTED
    id_ = decided.collaboration_id
    assert isinstance(id_, str)
    return id_


def edit_and_end(office: AuthenticatedClient, id_: str) -> None:
    """Change who pays at the version that was seen, not at one that is stale; then end it."""
    shown = show_collaboration.sync_detailed(id_, client=office)
    assert isinstance(shown.parsed, CollaborationResponse), shown
    assert shown.parsed.state is CollaborationState.ACTIVE
    assert shown.parsed.setup.invoice_recipient is InvoiceRecipient.CUSTOMER
    edit = EditBody(invoice_recipient=InvoiceRecipient.OFFICE)
    edited = edit_collaboration.sync_detailed(id_, client=office, body=edit, if_match=shown.headers["ETag"])
    assert isinstance(edited.parsed, CollaborationResponse), edited
    assert edited.parsed.next_setup is not None
    assert edited.parsed.next_setup.invoice_recipient is InvoiceRecipient.OFFICE
    stale = edit_collaboration.sync(id_, client=office, body=edit, if_match=shown.headers["ETag"])
    assert isinstance(stale, ProblemResponse)
    assert stale.status == 412

    ended = end_collaboration.sync(
        id_, client=office, body=EndBody(outcome=Outcome.CONTINUE), if_match=edited.headers["ETag"]
    )
    assert isinstance(ended, EndedResponse), ended
    assert ended.collaboration.state is CollaborationState.ENDED
    assert ended.remaining == []
