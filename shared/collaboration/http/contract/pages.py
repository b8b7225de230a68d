"""The pages for offices and companies, and the files they load. They hold no data: the API asks who calls."""

from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.request import CallerClass

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
    answers={200: None, 304: None},
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
    answers={200: None, 304: None},
    html=True,
)
