"""The OpenAPI document as generators and validators read it: names, bounds, examples and headers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from collaboration.domain.model.faults import Slug
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.openapi import document
from collaboration.http.problems import STATUS
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collaboration.http.contract.operation import Operation

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
DESCRIBED = {
    described["operationId"]: described for methods in DOCUMENT["paths"].values() for described in methods.values()
}

# Lists whose length no rule of the product limits: an answer of the gateway's size is the end of it.
ENDLESS = {
    "AccessResponse.reasons",
    "CollaborationResponse.mails",
    "CustomerInFullResponse.tasks",
    "DriftReportResponse.drifted",
    "DriftReportResponse.driftedInvitations",
    "DriftReportResponse.failed",
    "DriftReportResponse.failedInvitations",
    "EndedResponse.remaining",
    "MeResponse.accounts",
    "MyCollaborationResponse.mails",
    "MyEndedResponse.remaining",
    "ProblemResponse.accounts",
    "ProblemResponse.errors",
    "SolutionAccessResponse.reasons",
    # What SES and the register say is theirs to limit, what came with a refused row its sender's, and a value before
    # and after is any.
    "SetUpResponse.periodMonths",
    "Terms.periodMonths",
    "SesMail.tags",
    "BatchRowResponse.key",
    "ImportedResponse.reference",
    "DifferenceResponse.from",
    "DifferenceResponse.to",
    "SetUpFieldResponse.values",
}


def schemas_in(where: str, schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema in a schema, with the field that it belongs to."""
    yield where, schema
    for field, inner in schema.get("properties", {}).items():
        yield from schemas_in(f"{where}.{field}", inner)
    for choice in schema.get("anyOf", ()):
        yield from schemas_in(where, choice)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from schemas_in(where, schema[keyword])


def is_bounded(schema: dict[str, Any]) -> bool:
    """Whether a text, a list or a number has an end."""
    if "enum" in schema or "const" in schema:
        return True
    match schema.get("type"):
        case "string":
            return bool({"maxLength", "pattern", "format"} & set(schema))
        case "array":
            return "maxItems" in schema
        case "integer":
            return "minimum" in schema
    return True


def test_texts_lists_and_numbers_are_bounded() -> None:
    """In every schema, but for the lists that nothing limits."""
    found = [pair for name, schema in SCHEMAS.items() for pair in schemas_in(name, schema)]
    assert {where for where, schema in found if not is_bounded(schema)} == ENDLESS


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
