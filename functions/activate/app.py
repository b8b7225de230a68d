"""Activate: a collaboration at once, for a company that is new or in a tool that the office runs itself."""

from collaboration.composition import app
from collaboration.http.dispatch import Api

handler = Api(
    app,
    {
        "activations": ("POST /activations",),
    },
)
