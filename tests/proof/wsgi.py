"""The API as a WSGI application: what the gateway does around the functions, without a gateway."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from support.app import App

    from proof.valid_requests import Claims

PREFIX = "Bearer "


class Gateway:
    """Routes a request to its function, and refuses what has no route or no token.

    Args:
        app: the application.
        tokens: the claims of each token that the authorizer takes.
        signed_in: the routes that want one.
    """

    def __init__(self, app: App, tokens: Mapping[str, Claims], signed_in: Iterable[tuple[str, str]]) -> None:
        self._app, self._tokens, self._signed_in = app, tokens, frozenset(signed_in)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer a request of WSGI."""
        method, headers = environ["REQUEST_METHOD"], _headers(environ)
        # WSGI hands over bytes as Latin-1; the gateway hands over text.
        path = "/" + environ["PATH_INFO"].encode("latin-1").decode(errors="replace").lstrip("./")
        try:
            route, _ = self._app._route(method, path)
        except AssertionError:
            return _refused(start_response, HTTPStatus.NOT_FOUND, "not-found")
        claims = self._tokens.get(headers.get("Authorization", "").removeprefix(PREFIX))
        if (method, route) in self._signed_in and claims is None:
            return _refused(start_response, HTTPStatus.UNAUTHORIZED, "unauthenticated")
        url = f"{path.replace('?', '%3F').replace('#', '%23')}?{environ.get('QUERY_STRING', '')}"
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
        folder, event = self._app.event(method, url, claims=claims, headers=headers, raw=body or None)
        answer = self._app.invoke(folder, event)
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", [*answer.headers.items()])
        return [answer.text.encode()]


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    names = {name: name[5:].replace("_", "-").title() for name in environ if name.startswith("HTTP_")}
    headers = {title: environ[name] for name, title in names.items()}
    return headers | ({"Content-Type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {})


def _refused(start_response: Callable[..., Any], status: HTTPStatus, slug: str) -> list[bytes]:
    document = {"type": f"/v1/problems/{slug}", "title": status.phrase, "status": status, "detail": status.description}
    headers = [("Content-Type", "application/problem+json"), ("X-Request-Id", "gateway")]
    start_response(f"{status:d} {status.phrase}", headers)
    return [json.dumps({**document, "instance": "urn:request:gateway"}).encode()]
