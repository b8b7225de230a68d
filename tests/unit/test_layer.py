"""What the layer's build leaves out is not missed: a trimmed client asks and reads as the stock one does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic_core
import pytest
from bench.recording import KEY_OF_LINKS, Exchange, recorded_operations
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session
from support.template import PROJECT, template
from trim_layer import OPERATIONS, trimmed_endpoints, trimmed_model, without_field_types

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = {
    "batch_get_item": ("dynamodb", "BatchGetItem"),
    "query": ("dynamodb", "Query"),
    "transact_write_items": ("dynamodb", "TransactWriteItems"),
    "update_item": ("dynamodb", "UpdateItem"),
    "put_events": ("events", "PutEvents"),
    "get_secret_value": ("secretsmanager", "GetSecretValue"),
    "send_email": ("sesv2", "SendEmail"),
    "list_users": ("cognito-idp", "ListUsers"),
    "admin_delete_user": ("cognito-idp", "AdminDeleteUser"),
    "admin_get_user": ("cognito-idp", "AdminGetUser"),
}
MAIL = {
    "FromEmailAddress": "office@example.com",
    "Destination": {"ToAddresses": ["anna@example.com"]},
    "ReplyToAddresses": ["office@example.com"],
    "ConfigurationSetName": "set",
    "EmailTags": [{"Name": "kind", "Value": "invitation"}],
    "Content": {
        "Simple": {
            "Subject": {"Data": "Å", "Charset": "UTF-8"},
            "Body": {"Text": {"Data": "text"}, "Html": {"Data": "<p>html</p>"}},
            "Headers": [{"Name": "Auto-Submitted", "Value": "auto-generated"}],
        }
    },
}
OTHERS = (
    Exchange("send_email", MAIL, {"MessageId": "m1"}),
    Exchange(
        "put_events",
        {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": "bus"}]},
        {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Internal", "ErrorMessage": "m"}, {"EventId": "e"}]},
    ),
    Exchange(
        "list_users",
        {"UserPoolId": "eu-north-1_pool", "Filter": 'cognito:user_status = "UNCONFIRMED"', "AttributesToGet": ["sub"]},
        {"Users": [{"Username": "u", "UserStatus": "UNCONFIRMED", "UserCreateDate": 1.7e9}], "PaginationToken": "p"},
    ),
    Exchange(
        "admin_get_user",
        {"UserPoolId": "eu-north-1_pool", "Username": "u"},
        {"Username": "u", "UserStatus": "CONFIRMED", "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]},
    ),
    Exchange("admin_delete_user", {"UserPoolId": "eu-north-1_pool", "Username": "u"}, {}),
    Exchange("get_secret_value", {"SecretId": "links"}, {"SecretString": KEY_OF_LINKS, "VersionId": "v"}),
)


def exchanges() -> Iterator[Exchange]:
    """Every call of the operations that people wait for, and one of each other kind."""
    for operation in recorded_operations():
        yield from operation.exchanges
    yield from OTHERS


def stock(service: str) -> dict[str, Any]:
    """A service's description as botocore ships it."""
    described: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return described


@pytest.fixture(scope="module")
def models() -> dict[str, tuple[ServiceModel, ServiceModel]]:
    """Of each service, as it is shipped and trimmed."""
    found = {}
    for service, operations in OPERATIONS.items():
        shipped = stock(service)
        found[service] = (ServiceModel(shipped, service), ServiceModel(trimmed_model(shipped, operations), service))
    return found


def test_trimmed_clients_ask_as_the_stock_ones_do(models: dict[str, tuple[ServiceModel, ServiceModel]]) -> None:
    """The same request to the byte, for every call that was recorded."""
    asked = set()
    for exchange in exchanges():
        service, operation = METHODS[exchange.method]
        requests = []
        for model in models[service]:
            serializer = create_serializer(model.resolved_protocol)
            requests.append(serializer.serialize_to_request(exchange.arguments, model.operation_model(operation)))
        assert requests[0] == requests[1]
        asked.add((service, operation))
    assert asked == {(service, operation) for service, operations in OPERATIONS.items() for operation in operations}


def test_trimmed_clients_read_as_the_stock_ones_do(models: dict[str, tuple[ServiceModel, ServiceModel]]) -> None:
    """The same response, and the same error."""
    refusal = json.dumps({"__type": "x#TransactionCanceledException", "CancellationReasons": [{"Code": "None"}]})
    for exchange in exchanges():
        service, operation = METHODS[exchange.method]
        answers = []
        for model in models[service]:
            # AdminDeleteUser answers nothing: None in both.
            shape = model.operation_model(operation).output_shape
            parser = create_parser(model.resolved_protocol)
            for status, body in ((200, json.dumps(exchange.response)), (400, refusal)):
                sent = {"status_code": status, "headers": {}, "body": body.encode(), "context": {}}
                answers.append(parser.parse(sent, shape))  # type: ignore[arg-type]
        assert answers[:2] == answers[2:]


def test_trimmed_clients_go_where_the_stock_ones_go() -> None:
    """Every region of every partition that a service has stays."""
    shipped = Session().get_data("endpoints")
    for whole, trimmed in zip(shipped["partitions"], trimmed_endpoints(shipped)["partitions"], strict=True):
        for service in ("cognito-idp", "dynamodb", "events", "secretsmanager", "email"):
            assert whole["services"].get(service) == trimmed["services"].get(service)


def test_the_layer_describes_what_is_called() -> None:
    """A client's method in the code is an operation of the layer, and the other way round."""
    called = set()
    for file in (PROJECT / "shared" / "collaboration").rglob("*.py"):
        called |= set(re.findall(rf"client\.({'|'.join(METHODS)})\b", file.read_text(encoding="utf-8")))
        unknown = set(re.findall(r"_client\.([a-z]+_[a-z_]+)\b", file.read_text(encoding="utf-8"))) - set(METHODS)
        assert not unknown, f"{file.name} calls {unknown}"
    assert {METHODS[method] for method in called} == {
        (service, operation) for service, operations in OPERATIONS.items() for operation in operations
    }


def refused_build(artifacts: Path, *settings: str) -> str:
    """What a build of the layer says that must not come about."""
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(  # noqa: S603 - our own build
        [make, "--silent", "build-SharedLayer", f"ARTIFACTS_DIR={artifacts}", f"PYTHON={sys.executable}", *settings],
        cwd=PROJECT / "shared",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert not list(artifacts.iterdir())
    return done.stderr


def test_a_build_without_the_runtimes_python_is_refused(tmp_path: Path) -> None:
    """A layer without bytecode would work, at half the speed: it is not made, and the way to that Python is shown."""
    said = refused_build(tmp_path, "RUNTIME=3.99")
    assert "No Python 3.99" in said
    assert "uv python install 3.99" in said


def test_a_build_with_another_python_in_its_place_is_refused(tmp_path: Path) -> None:
    """Bytecode of another version is none."""
    assert f"{sys.executable} is none" in refused_build(tmp_path, "RUNTIME=3.99", f"RUNTIME_PYTHON={sys.executable}")


def test_the_layer_is_built_for_the_runtime_of_the_functions() -> None:
    """The same version and the same processor."""
    shared = template()["Globals"]["Function"]
    makefile = (PROJECT / "shared" / "Makefile").read_text(encoding="utf-8")
    assert f"RUNTIME := {shared['Runtime'].removeprefix('python')}\n" in makefile
    assert shared["Architectures"] == ["arm64"]
    assert "ARCHITECTURE := aarch64\n" in makefile


# Prints the whole contract as pydantic describes it, and what it makes of a body with faults.
DESCRIBED = """
import sys
from pydantic import ValidationError
import pydantic_core.core_schema
assert pydantic_core.core_schema.__file__.startswith(sys.argv[1]), pydantic_core.core_schema.__file__
from collaboration.http.contract.inviting import InvitationBody
from collaboration.http.openapi import document_text
print(document_text())
try:
    InvitationBody.model_validate({"customerId": 7, "solution": "scanner", "more": None})
except ValidationError as error:
    print(error.errors(include_url=False))
"""


def described(packages: Path) -> str:
    """What a fresh process says whose `pydantic_core` is the one in a folder."""
    return subprocess.run(  # noqa: S603 - this interpreter, with the program above
        [sys.executable, "-c", DESCRIBED, str(packages)],
        env={"PYTHONPATH": f"{packages}:{PROJECT / 'shared'}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_pydantic_describes_and_reads_the_contract_as_the_stock_one_does(tmp_path: Path) -> None:
    """The types of typed dictionaries' fields are for type checkers alone."""
    shipped, trimmed = tmp_path / "shipped", tmp_path / "trimmed"
    for folder in (shipped, trimmed):
        shutil.copytree(Path(pydantic_core.__file__).parent, folder / "pydantic_core")
    module = trimmed / "pydantic_core" / "core_schema.py"
    module.write_text(without_field_types(module.read_text(encoding="utf-8")), encoding="utf-8")
    assert described(trimmed) == described(shipped)


def test_a_module_of_another_kind_is_not_trimmed() -> None:
    """Fields of other classes stay, and a library that has changed is noticed."""
    source = "class A(TypedDict):\n    a: int\n\nclass B:\n    b: int = 1"
    assert without_field_types(source) == "class A(TypedDict):\n    pass\n\nclass B:\n    b: int = 1"
    with pytest.raises(ValueError, match="no typed dictionary"):
        without_field_types("class B:\n    b: int = 1")
