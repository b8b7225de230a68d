"""Whatever anybody sends to any address of the document: no 5xx, and no answer that it does not describe."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from collaboration.http.contract.operation import NoBody, NoQuery, Operation
from collaboration.http.contract.operations import OPERATIONS
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from stack.people import Person

from e2e.offices import Office

if TYPE_CHECKING:
    from schemathesis import Case
    from stack.client import Client

WANTED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture(scope="module")
def document(client: Client) -> Any:
    """The live document."""
    url = client.stack["apiUrl"]
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    schema.config.update(base_url=url)
    return schema


@pytest.fixture(scope="module")
def tokens(client: Client) -> dict[str, str | None]:
    """A sign-in for each kind of caller, each of somebody to whom something is there to see."""
    office = Office(client)
    company = office.customer()
    user = office.sign_in(Person(company.administrator, "account-user"))
    assert office.invite(company).status == 201
    return {
        "employee": office.decides.token,
        "signed-in": office.decides.token,
        "platform": office.platform.token,
        "account-user": user.token,
        "holder": None,
        "anyone": None,
    }


VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Where nothing can be sent, nothing can be wrong.
# Nor where any text will do.
ANY_TEXT = {"showConsoleFile", "showDocsFile"}
CASES = [
    pytest.param(operation, mode, id=f"{operation.name}-{mode.value}")
    for operation in OPERATIONS
    for mode in (VALID, INVALID)
    if mode is VALID
    or (
        operation.name not in ANY_TEXT
        and (operation.path_parameters or operation.body is not NoBody or operation.query is not NoQuery)
    )
]


@pytest.mark.parametrize(("operation", "mode"), CASES)
def test_every_answer_is_described(
    operation: Operation[Any, Any], document: Any, tokens: dict[str, str | None], mode: GenerationMode
) -> None:
    """No 5xx, and status, media type and shape as the document has them."""
    token = tokens[operation.caller]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    checks: list[Any] = [check for check in CHECKS.get_all() if check.__name__ in WANTED]
    assert len(checks) == len(WANTED)

    # Each is a call of the live stack: a few on each commit, more of them by night.
    @settings(max_examples=max(5, settings().max_examples // 20), phases=[Phase.generate], database=None)
    @given(case=document[operation.path][operation.method].as_strategy(generation_mode=mode))
    def proposal(case: Case[Any]) -> None:
        response = case.call(headers=headers)
        # The emulator's gateway answers a bad token with a body of its own; template.yaml's is tested elsewhere.
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            case.validate_response(response, checks=checks)

    proposal()
