"""The pages for offices and companies, and the files they load. They hold no data: the API asks who calls."""

from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass


def _place(name: str, path: str, what: str) -> Operation[NoBody, NoQuery]:
    """An address that mails link to: it leads to the page, which asks who calls before it shows anything."""
    return Operation(
        name=name,
        function="console",
        method="GET",
        path=path,
        caller=CallerClass.ANYONE,
        summary=f"To {what} on the office's page",
        body=NoBody,
        query=NoQuery,
        answers={302: None},
        located=(302,),
        html=True,
    )


SHOW_START = Operation(
    name="showStart",
    function="console",
    method="GET",
    path="/",
    caller=CallerClass.ANYONE,
    summary="The front page: where offices and companies go on",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 302: None, 304: None},
    located=(302,),
    tagged=True,
    html=True,
)


SHOW_CONSOLE = Operation(
    name="showConsole",
    function="console",
    method="GET",
    path="/console",
    caller=CallerClass.ANYONE,
    summary="The office's page",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 302: None, 304: None},
    located=(302,),
    tagged=True,
    html=True,
)


SHOW_CONSOLE_FILE = Operation(
    name="showConsoleFile",
    function="console",
    method="GET",
    path="/console/{file}",
    caller=CallerClass.ANYONE,
    summary="A script, a style sheet or a setting that the pages load",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 304: None},
    tagged=True,
    media_types=("text/javascript", "text/css", "image/svg+xml", "text/plain", "application/json"),
)


SHOW_MY_PAGE = Operation(
    name="showMyPage",
    function="console",
    method="GET",
    path="/my",
    caller=CallerClass.ANYONE,
    summary="The company's page",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 302: None, 304: None},
    located=(302,),
    tagged=True,
    html=True,
)

SHOW_CUSTOMER_PLACE = _place("showCustomerPlace", "/console/customers/{customerId}", "a customer")

SHOW_COLLABORATION_PLACE = _place(
    "showCollaborationPlace", "/console/collaborations/{collaborationId}", "a collaboration"
)

SHOW_INVITATION_PLACE = _place("showInvitationPlace", "/console/requests/{invitationId}", "a sent request")
