"""Preview and invite, one or many; what was sent, what became of it, and what the office does about it."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "previews": ("POST /collaborations/preview",),
        "inviting": ("POST /invitations",),
        "invitation_batches": ("POST /invitations/batch",),
        "sent_requests": (
            "GET /invitations",
            "GET /invitations/{invitationId}",
            "GET /invitations/{invitationId}/history",
        ),
        "request_changes": (
            "POST /invitations/{invitationId}/remind",
            "POST /invitations/{invitationId}/resend",
            "POST /invitations/{invitationId}/revoke",
        ),
    },
)
