"""Signed-in account users: invitations to their companies, and their companies' collaborations."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "my_solutions": ("GET /my/solutions",),
        "my_requests": (
            "GET /my/requests",
            "POST /my/requests/{invitationId}/decision",
        ),
        "my_collaborations": ("GET /my/collaborations",),
        "my_collaboration_records": (
            "GET /my/collaborations/{collaborationId}/access",
            "GET /my/collaborations/{collaborationId}/history",
        ),
        "my_collaboration_changes": (
            "POST /my/collaborations/{collaborationId}/end",
            "DELETE /my/collaborations/{collaborationId}/scheduled-end",
        ),
    },
)
