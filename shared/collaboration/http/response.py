"""What an operation answers, before it becomes what the gateway expects."""

from collections.abc import Mapping
from dataclasses import field

from collaboration.domain.model.values import Value
from collaboration.frozen import dataclass
from collaboration.http.request import Request
from collaboration.storage.idempotency import StoredResponse

_JSON = "application/json"


@dataclass(frozen=True)
class Response:
    """A status with a body: a model, JSON text, or a page of HTML."""

    status: int
    body: Value | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = _JSON

    def text(self) -> str:
        """The body as it is sent."""
        if isinstance(self.body, Value):
            return self.body.model_dump_json(by_alias=True)
        return self.body or ""


def tagged(body: Value, revision: int, status: int = 200) -> Response:
    """A resource with its ETag."""
    return Response(status, body, {"ETag": f'"{revision}"'})


def storable(status: int, location: str, body: Value) -> StoredResponse:
    """A success in the form in which it is stored under the Idempotency-Key. `location`: below the API's root."""
    return StoredResponse(status, location, body.model_dump_json(by_alias=True))


def idempotent_response(request: Request, stored: StoredResponse) -> Response:
    """The response of an operation that runs once per Idempotency-Key."""
    headers = {"Location": request.reference(stored.location)}
    if stored.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(stored.status, stored.body, headers)
