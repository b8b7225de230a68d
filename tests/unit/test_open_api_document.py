"""The OpenAPI document as generators and validators read it: names, bounds, examples and headers."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from annotated_types import MaxLen
from collaboration.access import audit
from collaboration.domain.model.access import Role
from collaboration.domain.model.accounts import AccountRecord
from collaboration.domain.model.catalogue import catalogue
from collaboration.domain.model.faults import Slug
from collaboration.domain.model.invitation import MOST_REMINDERS
from collaboration.http import problems, request
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.openapi import document
from collaboration.http.problems import STATUS
from collaboration.queries import account_access, collaboration_context, customers, signed_in
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.http.contract.operation import Operation

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
DESCRIBED = {
    described["operationId"]: described for methods in DOCUMENT["paths"].values() for described in methods.values()
}

# What the register says of a period is its to limit, and what was before and after may be any number.
ANY_NUMBER = {
    "SetUpResponse.periodMonths",
    "Terms.periodMonths",
    "DifferenceResponse.from",
    "DifferenceResponse.to",
}

# What is as long whatever it says.
FIXED_FORMATS = {"date", "date-time"}


def schemas_in(where: str, part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema anywhere in a part of the document, with the field or the place that it belongs to."""
    if isinstance(part, list):
        for number, inner in enumerate(part):
            yield from schemas_in(f"{where}/{number}", inner)
    if isinstance(part, dict):
        if isinstance(part.get("type"), str):
            yield where, part
        for keyword, value in part.items():
            for place, inner in _inner_parts(where, keyword, value):
                yield from schemas_in(place, inner)


def _inner_parts(where: str, keyword: str, value: Any) -> Iterator[tuple[str, Any]]:
    match keyword:
        case "properties":
            yield from ((f"{where}.{field}", schema) for field, schema in value.items())
        case "anyOf":
            yield from ((where, choice) for choice in value)
        case "items" | "additionalProperties":
            yield where, value
        case "example" | "examples" | "default" | "enum" | "const":
            return
        case _:
            yield f"{where}/{keyword}", value


def is_bounded(schema: dict[str, Any]) -> bool:
    """Whether a text or a list has an end, and a number a beginning."""
    if "enum" in schema or "const" in schema:
        return True
    match schema.get("type"):
        case "string":
            return "maxLength" in schema or schema.get("format") in FIXED_FORMATS or is_finite(schema.get("pattern"))
        case "array":
            return "maxItems" in schema
        case "integer" | "number":
            return "minimum" in schema
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return "maxProperties" in schema
    return True


def is_finite(pattern: str | None) -> bool:
    """Whether a pattern is of the whole text, and repeats nothing without end."""
    if pattern is None or not (pattern.startswith("^") and pattern.endswith("$")):
        return False
    outside_of_classes = re.sub(r"\[[^]]*\]", "", pattern)
    return not re.search(r"[*+.]|,\}", outside_of_classes)


@pytest.mark.parametrize(
    ("pattern", "finite"),
    [
        ("^[A-Za-z0-9._-]{1,64}$", True),
        ("^(16|19|20)?[0-9]{6}[-+]?[0-9]{4}$", True),
        ("^[a-z]*$", False),
        ("^[a-z]{2,}$", False),
        ("[a-z]{2}", False),
        (None, False),
    ],
)
def test_a_pattern_is_finite_where_nothing_repeats_without_end(pattern: str | None, *, finite: bool) -> None:
    """Of the whole text, else what surrounds it may be of any length."""
    assert is_finite(pattern) is finite


def test_texts_lists_and_numbers_are_bounded() -> None:
    """Wherever in the document: bodies, parameters, headers, pages."""
    parts = {"": DOCUMENT["paths"], **DOCUMENT["components"], **SCHEMAS}
    parts = {name: part for name, part in parts.items() if name not in {"schemas", "securitySchemes"}}
    found = [pair for name, part in parts.items() for pair in schemas_in(name, part)]
    assert {schema["type"] for _, schema in found} >= {"string", "array", "integer", "object"}
    assert {where for where, schema in found if not is_bounded(schema)} == ANY_NUMBER


# What keeps an answer within a bound that no model checks.
MOST_SENT_AGAIN, ENDED = MOST_REMINDERS, 1
MOST_USERS = next(it.max_length for it in AccountRecord.model_fields["users"].metadata if isinstance(it, MaxLen))
KEPT_BY_CODE = {
    ("AccessResponse", "reasons"): len({Role.OWNER, Role.PARTICIPANT}),
    ("BatchRowResponse", "key"): request.LARGEST_BODY,
    ("CollaborationResponse", "mails"): MOST_USERS + MOST_SENT_AGAIN + ENDED * MOST_USERS,
    ("CustomerInFullResponse", "tasks"): customers.MOST_TASKS,
    ("DriftReportResponse", "drifted"): audit.AT_ONCE,
    ("DriftReportResponse", "failed"): audit.AT_ONCE,
    ("DriftReportResponse", "driftedInvitations"): audit.AT_ONCE,
    ("DriftReportResponse", "failedInvitations"): audit.AT_ONCE,
    ("ImportedResponse", "reference"): request.LARGEST_BODY,
    ("MeResponse", "accounts"): signed_in.MOST_ACCOUNTS,
    ("MyCollaborationResponse", "mails"): MOST_USERS + MOST_SENT_AGAIN + ENDED * MOST_USERS,
    ("EndedResponse", "remaining"): collaboration_context.MOST_REMAINING,
    ("MyEndedResponse", "remaining"): collaboration_context.MOST_REMAINING,
    ("ProblemResponse", "accounts"): problems.MOST_NAMED,
    ("ProblemResponse", "errors"): problems.MOST_NAMED,
    ("SolutionAccessResponse", "reasons"): account_access.MOST_REASONS,
}


@pytest.mark.parametrize(("schema", "field"), KEPT_BY_CODE)
def test_a_bound_is_the_one_that_the_code_keeps(schema: str, field: str) -> None:
    """`tests/integration/test_bounds.py` shows that it does."""
    inner = SCHEMAS[schema]["properties"][field]
    said = [choice for choice in inner.get("anyOf", [inner]) if choice["type"] != "null"]
    assert [choice.get("maxItems", choice.get("maxLength")) for choice in said] == [KEPT_BY_CODE[schema, field]]


def test_one_customer_has_fewer_collaborations_than_an_answer_may_list() -> None:
    """One for each solution: `one-live-per-solution`."""
    listed = SCHEMAS["CustomerInFullResponse"]["properties"]["collaborations"]
    assert len(catalogue().solutions) <= listed["maxItems"]


def test_each_schema_has_a_name_of_its_own() -> None:
    """As classes are named: two enumerations of one name would be told apart by the path of their modules."""
    folded = Counter(name.replace("_", "").casefold() for name in SCHEMAS)
    assert [name for name, count in folded.items() if count > 1] == []
    assert [name for name in SCHEMAS if not name.isalnum()] == []


def test_every_schema_is_used() -> None:
    """None is left over that a client would generate for nothing."""
    text = str(DOCUMENT)
    assert [name for name in SCHEMAS if f"'#/components/schemas/{name}'" not in text] == []


def examples_with_schemas() -> Iterator[Any]:
    """Each example of a body, by its place."""
    for name, described in DESCRIBED.items():
        contents = {"request": described.get("requestBody", {}), **described["responses"]}
        for place, content in ((place, it.get("content", {})) for place, it in contents.items()):
            for media_type, body in content.items():
                examples = [body["example"]] if "example" in body else []
                examples += [example["value"] for example in body.get("examples", {}).values()]
                for number, example in enumerate(examples):
                    yield pytest.param(body["schema"], example, id=f"{name}-{place}-{media_type}-{number}")


@pytest.mark.parametrize(("schema", "example"), [*examples_with_schemas()])
def test_examples_are_valid(schema: Any, example: Any) -> None:
    """Each against the schema that it stands beside."""
    whole = {**schema, "components": {"schemas": SCHEMAS}}
    problems = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(example)
    assert [problem.message for problem in problems] == []


def headers_of(described: dict[str, Any], status: int) -> set[str]:
    """The headers of an answer."""
    return set(described["responses"][str(status)]["headers"])


def asked_headers(described: dict[str, Any]) -> set[str]:
    """The names of the shared header parameters."""
    return {it["$ref"].rpartition("/")[2] for it in described["parameters"] if "$ref" in it}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_headers_are_described(operation: Operation[Any, Any]) -> None:
    """What is read of a request and said in an answer beside the bodies."""
    described = DESCRIBED[operation.name]
    asked = {"AcceptLanguage"}
    asked |= {"IdempotencyKey"} if operation.keyed else set()
    asked |= {"IfMatch"} if operation.matched else set()
    asked |= {"IfNoneMatch"} if 304 in operation.answers else set()
    assert asked_headers(described) == asked
    for status in operation.answers:
        said = headers_of(described, status)
        assert ("ETag" in said) is operation.tagged
        assert ("Location" in said) is (status in operation.located)
        assert ("Idempotency-Replayed" in said) is operation.keyed
    for slug in operation.all_refusals:
        assert ("Retry-After" in headers_of(described, STATUS[slug])) is (STATUS[slug] in {429, 503})
    for slug in {Slug.ALREADY_INVITED, Slug.ALREADY_COLLABORATING} & set(operation.all_refusals):
        assert "Location" in headers_of(described, STATUS[slug])


def test_a_form_and_json_have_schemas_of_their_own() -> None:
    """The same fields; only JSON can say null."""
    content = DESCRIBED["decideInvitationByLink"]["requestBody"]["content"]
    as_json, as_form = (
        SCHEMAS[content[media_type]["schema"]["$ref"].rpartition("/")[2]]
        for media_type in ("application/json", "application/x-www-form-urlencoded")
    )
    assert as_json["properties"].keys() == as_form["properties"].keys()
    assert "null" in str(as_json)
    assert "null" not in str(as_form)


def test_a_query_parameter_without_which_there_is_no_answer_is_required() -> None:
    """Which reports to list; every other parameter of a query may be left out."""
    required = {
        (operation, parameter["name"])
        for operation, described in DESCRIBED.items()
        for parameter in described["parameters"]
        if parameter.get("in") == "query" and parameter.get("required")
    }
    assert required == {("listReports", "kind")}


def test_rows_are_described_by_the_model_that_reads_them() -> None:
    """Of a batch and of an import: to the body's own model they may be anything."""
    for body, row in (("BatchBody", "BatchRow"), ("ImportBody", "ImportRow")):
        assert SCHEMAS[body]["properties"]["rows"]["items"] == {"$ref": f"#/components/schemas/{row}"}
        assert SCHEMAS[row]["required"]


def test_licence_and_contact_are_named() -> None:
    """Who may use the document, and whom to ask."""
    assert DOCUMENT["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
    assert DOCUMENT["info"]["contact"]["name"]
