"""The pages for offices and companies: static files over the public API, from the API's own origin."""

import json
from functools import lru_cache
from pathlib import Path

from collaboration.composition import app, settings
from collaboration.domain.model.values import CollaborationId, CustomerId, InvitationId
from collaboration.http.call import Call
from collaboration.http.contract.operation import NoBody, NoQuery
from collaboration.http.contract.pages import (
    SHOW_COLLABORATION_PLACE,
    SHOW_CONSOLE,
    SHOW_CONSOLE_FILE,
    SHOW_CUSTOMER_PLACE,
    SHOW_INVITATION_PLACE,
    SHOW_MY_PAGE,
    SHOW_START,
)
from collaboration.http.dispatch import Api
from collaboration.http.pages import TOKENS, fault_page
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.http.static_files import CONTENT_TYPES, File, file_response, page_response, read_files
from collaboration.services import Services
from collaboration.settings import SignInSettings

handler = Api(app)

_FOLDERS = (Path(__file__).parent / "pages", Path(__file__).parent / "vendor")


@lru_cache(maxsize=1)
def files() -> dict[str, File]:
    """Everything that can be asked for, by name."""
    own = settings(SignInSettings)
    sign_in = {
        "signInEndpoint": own.sign_in_endpoint,
        "userPoolId": own.user_pool_id,
        "clientId": own.user_pool_client_id,
    }
    return {
        **read_files(*_FOLDERS),
        "tokens.css": File.of(TOKENS, ".css"),
        "config.json": File.of(json.dumps(sign_in), ".json"),
    }


def page(request: Request, name: str) -> Response:
    """A page, or 304 for who has this very version."""
    return page_response(files()[name], request, policy())


@lru_cache(maxsize=1)
def policy() -> str:
    """What the pages may load and call: files of this origin, the API, and the user pool that signs people in."""
    pool = settings(SignInSettings).sign_in_endpoint
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {pool}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


@handler.on(SHOW_START, faults_as_pages=fault_page)
def start(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The front page. Its links are relative, so the address has to end in a slash."""
    if here := call.request.reference(""):
        return Response(302, None, {"Location": here}, CONTENT_TYPES[".html"])
    return page(call.request, "index.html")


@handler.on(SHOW_CONSOLE, faults_as_pages=fault_page)
def console(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The office's page."""
    return page(call.request, "console.html")


@handler.on(SHOW_MY_PAGE, faults_as_pages=fault_page)
def my(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """The company's page."""
    return page(call.request, "my.html")


def to_place(request: Request, fragment: str) -> Response:
    """To a place on the office's page, whose router reads what stands after the `#`."""
    return Response(302, None, {"Location": request.reference(f"console#/{fragment}")}, CONTENT_TYPES[".html"])


@handler.on(SHOW_CUSTOMER_PLACE, faults_as_pages=fault_page)
def to_customer(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A customer with its solutions."""
    return to_place(call.request, f"customers/{call.id('customerId', CustomerId)}")


@handler.on(SHOW_COLLABORATION_PLACE, faults_as_pages=fault_page)
def to_collaboration(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A collaboration, opened beside the list."""
    return to_place(call.request, f"collaborations?open={call.id('collaborationId', CollaborationId)}")


@handler.on(SHOW_INVITATION_PLACE, faults_as_pages=fault_page)
def to_invitation(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """A sent request, opened beside the list."""
    return to_place(call.request, f"requests?open={call.id('invitationId', InvitationId)}")


@handler.on(SHOW_CONSOLE_FILE)
def file(call: Call[NoBody, NoQuery], services: Services) -> Response:
    """What the pages load."""
    return file_response(files().get(call.request.path["file"]), call.request, policy())
