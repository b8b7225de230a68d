"""Show, edit and end: the catalogue, customers, collaborations, who has access, what happened."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "people": (
            "GET /me",
            "GET /employees",
        ),
        "summaries": ("GET /summary",),
        "solutions": ("GET /solutions",),
        "customers": (
            "GET /customers",
            "GET /customers/{customerId}",
        ),
        "collaborations": (
            "GET /collaborations",
            "GET /collaborations/{collaborationId}",
        ),
        "collaboration_changes": (
            "PATCH /collaborations/{collaborationId}",
            "POST /collaborations/{collaborationId}/end",
            "DELETE /collaborations/{collaborationId}/scheduled-end",
            "POST /collaborations/{collaborationId}/resend-login",
        ),
        "collaboration_records": (
            "GET /collaborations/{collaborationId}/access",
            "GET /collaborations/{collaborationId}/history",
        ),
    },
)
