"""The API's documentation, explanations of problems, and health."""

from typing import Literal

from collaboration.domain.model.values import Value
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.parameters import LanguageQuery
from collaboration.http.request import CallerClass


class HealthResponse(Value):
    """The service answers."""

    status: Literal["ok"]


SHOW_OPENAPI = Operation(
    name="showOpenApi",
    function="docs",
    method="GET",
    path="/openapi.json",
    caller=CallerClass.ANYONE,
    summary="This document",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 304: None},
    tagged=True,
)

SHOW_DOCS = Operation(
    name="showDocs",
    function="docs",
    method="GET",
    path="/docs",
    caller=CallerClass.ANYONE,
    summary="This document, for people",
    body=NoBody,
    query=LanguageQuery,
    answers={200: None, 302: None, 304: None},
    located=(302,),
    tagged=True,
    html=True,
)

SHOW_DOCS_FILE = Operation(
    name="showDocsFile",
    function="docs",
    method="GET",
    path="/docs/{file}",
    caller=CallerClass.ANYONE,
    summary="A script, a style sheet or a licence of the page at `/docs`",
    body=NoBody,
    query=NoQuery,
    answers={200: None, 304: None},
    tagged=True,
    media_types=("text/javascript", "text/css", "text/plain"),
)

SHOW_HEALTH = Operation(
    name="showHealth",
    function="docs",
    method="GET",
    path="/health",
    caller=CallerClass.ANYONE,
    summary="Whether the service answers",
    body=NoBody,
    query=NoQuery,
    answers={200: HealthResponse},
)

SHOW_PROBLEM = Operation(
    name="showProblem",
    function="docs",
    method="GET",
    path="/problems/{slug}",
    caller=CallerClass.ANYONE,
    summary="What a problem means, and what to do",
    body=NoBody,
    query=LanguageQuery,
    answers={200: None},
    html=True,
)
