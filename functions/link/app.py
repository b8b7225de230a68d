"""Link a collaboration to a customer's task, move its link, undo it; and where it may belong."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "links": (
            "PUT /collaborations/{collaborationId}/link",
            "DELETE /collaborations/{collaborationId}/link",
            "GET /collaborations/{collaborationId}/link-suggestions",
        ),
    },
)
