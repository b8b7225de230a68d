"""The holder of a mailed link sees the invitation and decides. A forged link is refused before the table is read."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "recipients": (
            "GET /accept/{token}",
            "HEAD /accept/{token}",
            "POST /accept/{token}",
            "POST /accept/{token}/ask-again",
            "GET /accept/{token}/ask-again",
            "POST /accept/{token}/not-me",
            "GET /accept/{token}/not-me",
        ),
    },
)
