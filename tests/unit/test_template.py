"""template.yaml is what the code needs, and grants nothing more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from collaboration import settings
from collaboration.domain.model.faults import Slug
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.problems import STATUS
from collaboration.storage import keys
from support.template import PROJECT, template

RESOURCES: dict[str, Any] = template()["Resources"]
FUNCTIONS: dict[str, dict[str, Any]] = {
    resource["Properties"]["CodeUri"].rstrip("/").rpartition("/")[2]: resource["Properties"]
    for resource in RESOURCES.values()
    if resource["Type"] == "AWS::Serverless::Function"
}
PUBLIC = {
    "/accept/{token}",
    "/accept/{token}/ask-again",
    "/accept/{token}/not-me",
    "/openapi.json",
    "/docs",
    "/docs/{file}",
    "/health",
    "/problems/{slug}",
    "/",
    "/console",
    "/console/{file}",
    "/console/customers/{customerId}",
    "/console/collaborations/{collaborationId}",
    "/console/requests/{invitationId}",
    "/my",
}

READ = {"dynamodb:BatchGetItem", "dynamodb:Query"}
PUT, UPDATE, DELETE, CHECK = (
    f"dynamodb:{verb}" for verb in ("PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
)
SECRET, TELL, SEND = "secretsmanager:GetSecretValue", "events:PutEvents", "ses:SendEmail"
# What each function calls, written out: another verb in the template, or one less, turns this red.
VERBS = {
    "accept": READ | {PUT, UPDATE, DELETE, CHECK, SECRET},
    "access": READ | {PUT, UPDATE, DELETE, CHECK, TELL},
    "activate": READ | {PUT, CHECK},
    "cleanup": READ | {PUT, UPDATE, DELETE, CHECK, TELL},
    "collaborations": READ | {PUT, UPDATE, DELETE, CHECK},
    "console": set(),
    "directory": READ | {PUT, UPDATE, DELETE, CHECK},
    "docs": set(),
    "invite": READ | {PUT, UPDATE, DELETE, CHECK},
    "link": READ | {PUT, UPDATE, DELETE, CHECK},
    "my": READ | {PUT, UPDATE, DELETE, CHECK},
    "mail": READ | {PUT, UPDATE, SECRET, SEND},
    "mail_events": READ | {PUT, UPDATE, DELETE, CHECK},
    "publish": {TELL},
}
INDEXES = {
    "access": {keys.LISTS, keys.ACCOUNTS},
    "cleanup": {keys.DUE, keys.LISTS},
    "collaborations": {keys.LISTS},
    "directory": {keys.LISTS, keys.ACCOUNTS},
    "invite": {keys.LISTS},
    "mail": {keys.DUE},
    "my": {keys.ACCOUNTS},
}
NAMES: dict[str, list[type[Any]]] = {
    "console": [settings.SignInSettings],
    "docs": [settings.Settings],
    "publish": [settings.BusSettings],
    "access": [settings.TableSettings, settings.BusSettings],
    "cleanup": [settings.TableSettings, settings.BusSettings],
    "accept": [settings.LinkSettings],
    "mail": [settings.MailSettings],
}


def statements(folder: str) -> list[dict[str, Any]]:
    """The statements of a function's own policy."""
    return [statement for policy in FUNCTIONS[folder].get("Policies", []) for statement in policy["Statement"]]


def as_list(value: Any) -> list[Any]:
    """One or several, as several."""
    return value if isinstance(value, list) else [value]


def test_one_function_per_folder() -> None:
    """What is deployed is what stands in functions/, and nothing else."""
    assert set(FUNCTIONS) == {path.parent.name for path in PROJECT.glob("functions/*/app.py")} == set(VERBS)


@pytest.mark.parametrize("folder", VERBS)
def test_a_policy_holds_exactly_what_is_called(folder: str) -> None:
    """The verbs of the table above, on resources that are named."""
    found = {action for statement in statements(folder) for action in as_list(statement["Action"])}
    assert found == VERBS[folder]
    for statement in statements(folder):
        for resource in as_list(statement["Resource"]):
            assert "*" not in json.dumps(resource)


@pytest.mark.parametrize("folder", VERBS)
def test_only_indexes_that_are_asked_are_granted(folder: str) -> None:
    """A list's index for lists, the accounts' for account users, the due one for schedules."""
    granted = json.dumps([statement["Resource"] for statement in statements(folder)])
    found = {index for index in (keys.LISTS, keys.ACCOUNTS, keys.DUE) if f"/index/{index}" in granted}
    assert found == INDEXES.get(folder, set())


def routes() -> dict[tuple[str, str], tuple[str, Any]]:
    """(method, path) -> the function that answers, and its event."""
    return {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"]): (folder, event["Properties"])
        for folder, function in FUNCTIONS.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    }


def test_every_operation_has_its_route_and_no_route_is_without() -> None:
    """The template and the code name the same methods, paths and functions."""
    assert {route: folder for route, (folder, _) in routes().items()} == {
        operation.route: operation.function for operation in OPERATIONS
    }


def test_every_route_but_the_public_ones_wants_a_token() -> None:
    """The default authorizer everywhere, but for a link's holder and for what anybody may read."""
    assert RESOURCES["Api"]["Properties"]["Auth"]["DefaultAuthorizer"] == "SignedIn"
    open_paths = {path for (_, path), (_, event) in routes().items() if "Auth" in event}
    assert open_paths == PUBLIC
    assert all(event.get("Auth", {"Authorizer": "NONE"}) == {"Authorizer": "NONE"} for _, event in routes().values())


@pytest.mark.parametrize("folder", VERBS)
def test_a_function_is_told_what_it_reads_and_no_more(folder: str) -> None:
    """The names in the environment are those of its settings."""
    common = set(template()["Globals"]["Function"]["Environment"]["Variables"])
    own = set(FUNCTIONS[folder].get("Environment", {}).get("Variables", {}))
    models: list[Any] = [settings.TelemetrySettings, *NAMES.get(folder, [settings.TableSettings])]
    assert common | own == {name.upper() for model in models for name in model.__dataclass_fields__}


def test_the_clock_moves_on_a_laptop_only() -> None:
    """Any other offset than 0 is refused outside stage `local`."""
    rule = template()["Rules"]["ClockOffsetIsForLocalStage"]
    assert rule["RuleCondition"] == {"Not": [{"Equals": [{"Ref": "Stage"}, "local"]}]}
    assert {"Equals": [{"Ref": "ClockOffsetSeconds"}, "0"]} in [row["Assert"] for row in rule["Assertions"]]
    assert template()["Parameters"]["ClockOffsetSeconds"]["Default"] == 0


def test_nobody_makes_themselves_an_employee() -> None:
    """The app client writes an address and a name, and a new address counts once it is confirmed."""
    client = RESOURCES["UserPoolClient"]["Properties"]
    assert client["WriteAttributes"] == ["email", "name"]
    assert {"custom:office_id", "custom:employee_id", "email_verified"} <= set(client["ReadAttributes"])
    pool = RESOURCES["UserPool"]["Properties"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}


def test_the_table_is_kept_safe() -> None:
    """Point-in-time recovery, a key of its own, deletion protection, both images on the stream, sweeping of answers."""
    table = RESOURCES["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"]["KMSMasterKeyId"] == {"Ref": "TableKey"}
    assert table["DeletionProtectionEnabled"] == {"If": ["IsLocal", False, True]}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_every_queue_has_an_alarm_and_every_asynchronous_edge_a_queue() -> None:
    """What was given up on wants a person."""
    queues = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::SQS::Queue"}
    watched = {
        resource["Properties"]["Dimensions"][0]["Value"]["GetAtt"].partition(".")[0]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource["Properties"]["Namespace"] == "AWS/SQS"
    }
    assert watched == queues
    for folder in ("mail", "mail_events", "access", "cleanup"):
        assert FUNCTIONS[folder]["DeadLetterQueue"]["Type"] == "SQS"
        for event in FUNCTIONS[folder]["Events"].values():
            assert "DeadLetterConfig" in event["Properties"] or "RetryPolicy" in event["Properties"]
    stream = FUNCTIONS["publish"]["Events"]["TableStream"]["Properties"]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_logs_are_not_kept_for_ever() -> None:
    """A month, a day on a laptop."""
    assert RESOURCES["Log"]["Properties"]["RetentionInDays"] == {"If": ["IsLocal", 1, 30]}


RESPONSES = RESOURCES["Api"]["Properties"]["GatewayResponses"]


def test_the_gateway_answers_for_itself_in_every_case() -> None:
    """401, 403, 404, 413, 429 and everything unforeseen."""
    assert {"UNAUTHORIZED", "ACCESS_DENIED", "RESOURCE_NOT_FOUND", "REQUEST_TOO_LARGE", "THROTTLED"} <= set(RESPONSES)
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "MISSING_AUTHENTICATION_TOKEN", "EXPIRED_TOKEN"} <= set(RESPONSES)


@pytest.mark.parametrize("name", RESPONSES)
def test_the_gateways_own_refusals_are_problem_documents(name: str) -> None:
    """A slug of ours with the status it always has, and the request's id."""
    response = RESPONSES[name]
    problem = json.loads(response["ResponseTemplates"]["application/json"])
    slug = Slug(problem["type"].rpartition("/")[2])
    assert problem["status"] == response["StatusCode"] == STATUS[slug]
    assert problem["instance"] == "urn:request:$context.requestId"
    headers = response["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'application/problem+json'"
    assert ("Retry-After" in headers) == (response["StatusCode"] in {429, 503})


def test_schedules_have_no_name_of_their_own() -> None:
    """A second stack in the same account would collide with it."""
    schedules = [
        event["Properties"]
        for function in FUNCTIONS.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]
    assert len(schedules) == 3
    assert all(schedule["OmitName"] is True for schedule in schedules)
