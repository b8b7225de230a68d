"""What the layer's build leaves out is not missed: a trimmed client asks and reads as the stock one does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
import pydantic_core
import pytest
from bench.recording import KEY_OF_LINKS, Exchange, recorded_operations
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session
from support.template import PROJECT, template
from trim_layer import (
    OPERATIONS,
    rewrite,
    trimmed_endpoints,
    trimmed_model,
    with_plain_values,
    without_documenters,
    without_field_types,
)

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


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The libraries that the build rewrites: as they are shipped, and rewritten."""
    shipped, rewritten = (tmp_path_factory.mktemp(name) for name in ("shipped", "rewritten"))
    installed = Path(pydantic_core.__file__).parents[1]
    for name in ("annotated_types", "botocore", "pydantic", "pydantic_core"):
        for folder in (shipped, rewritten):
            shutil.copytree(installed / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "data", "v1"))
    rewrite(rewritten)
    return shipped, rewritten


def printed(program: str, packages: Path) -> str:
    """What a fresh process prints whose libraries are those in a folder."""
    data = Path(botocore.__file__).with_name("data")
    return subprocess.run(  # noqa: S603 - this interpreter, with a program of this module
        [sys.executable, "-c", program, str(packages)],
        env={"PYTHONPATH": f"{packages}:{PROJECT / 'shared'}", "AWS_DATA_PATH": str(data)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


# Prints the whole contract as pydantic describes it, and what it makes of a body with faults.
DESCRIBED = """
import sys
from pydantic import ValidationError
import annotated_types, pydantic, pydantic_core.core_schema
for library in (annotated_types, pydantic, pydantic_core.core_schema):
    assert library.__file__.startswith(sys.argv[1]), library.__file__
from collaboration.http.contract.inviting import InvitationBody
from collaboration.http.openapi import document_text
print(document_text())
try:
    InvitationBody.model_validate({"customerId": 7, "solution": "scanner", "more": None})
except ValidationError as error:
    print(error.errors(include_url=False))
"""


def test_pydantic_describes_and_reads_the_contract_as_the_stock_one_does(libraries: tuple[Path, Path]) -> None:
    """The types of typed dictionaries' fields are for type checkers alone, and nobody prints or changes its values."""
    shipped, rewritten = libraries
    assert printed(DESCRIBED, rewritten) == printed(DESCRIBED, shipped)


# Prints whether pydantic's own values are equal and hashed alike when they were made alike.
COMPARED = """
from annotated_types import Ge, Interval, MaxLen
from pydantic import AfterValidator, AliasChoices, StringConstraints, Tag
for one, same, other in (
    (Ge(1), Ge(1), Ge(2)),
    (Interval(gt=1), Interval(gt=1), Interval(ge=1)),
    (MaxLen(1), MaxLen(1), MaxLen(2)),
    (AfterValidator(str), AfterValidator(str), AfterValidator(int)),
    (StringConstraints(max_length=1), StringConstraints(max_length=1), StringConstraints(max_length=2)),
    (Tag("a"), Tag("a"), Tag("b")),
):
    print(one == same, hash(one) == hash(same), one == other)
print(AliasChoices("a", "b") == AliasChoices("a", "b"))
"""


def test_pydantics_values_are_compared_and_hashed_as_the_stock_ones_are(libraries: tuple[Path, Path]) -> None:
    """They are looked up by both, as types are that are annotated with them."""
    shipped, rewritten = libraries
    assert printed(COMPARED, rewritten) == printed(COMPARED, shipped)


# Makes a client of each service, and prints what writes its documentation and is imported by then.
DOCUMENTERS = """
import sys
from botocore.session import get_session
for service in ("cognito-idp", "dynamodb", "events", "secretsmanager", "sesv2"):
    get_session().create_client(service, "eu-north-1")
print(*sorted(name for name in sys.modules if name.startswith("botocore.docs.") or name == "html.parser"))
"""


def test_a_client_is_made_without_what_writes_documentation(libraries: tuple[Path, Path]) -> None:
    """Its descriptions have none; the stock one imports twenty modules for it."""
    shipped, rewritten = libraries
    assert "html.parser" in printed(DOCUMENTERS, shipped)
    assert printed(DOCUMENTERS, rewritten).split() == ["botocore.docs.docstring", "botocore.docs.utils"]


def test_a_module_of_another_kind_is_not_trimmed() -> None:
    """Fields of other classes stay, and a library that has changed is noticed."""
    source = "class A(TypedDict):\n    a: int\n\nclass B:\n    b: int = 1"
    assert without_field_types(source) == "class A(TypedDict):\n    pass\n\nclass B:\n    b: int = 1"
    with pytest.raises(ValueError, match="no typed dictionary"):
        without_field_types("class B:\n    b: int = 1")


def test_a_module_that_imports_no_documenter_is_not_trimmed() -> None:
    """Other imports stay."""
    source = "import re\nfrom botocore.docs.method import document\nfrom botocore.model import Shape"
    assert without_documenters(source) == "import re\nfrom botocore.model import Shape"
    with pytest.raises(ValueError, match="no documenter"):
        without_documenters("from botocore.model import Shape")


def test_a_module_without_a_dataclass_is_not_trimmed() -> None:
    """What is asked of a dataclass besides stays, and so do classes of another kind."""
    source = "@dataclass\nclass A:\n    a: int\n\n@dataclasses.dataclass(frozen=True, slots=True)\nclass B:\n    b: int"
    plain = source.replace("@dataclass\n", "@dataclass(repr=False)\n")
    plain = plain.replace("frozen=True, slots=True", "unsafe_hash=True, slots=True, repr=False")
    assert with_plain_values(source) == plain
    with pytest.raises(ValueError, match="no dataclass"):
        with_plain_values("@final\nclass A:\n    a: int")
