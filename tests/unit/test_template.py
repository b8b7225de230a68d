"""template.yaml is what the code needs, and grants nothing more."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from bench import partitions
from checks.answers import ANSWERS, read_answers
from collaboration import settings
from collaboration.domain.model.faults import Slug
from collaboration.http.contract.operations import OPERATIONS
from collaboration.http.problems import STATUS
from collaboration.storage import keys
from stack import versions
from support.alarms import WITHOUT_NEW_VERSION_ALARM, alarms
from support.pages import page_files
from support.permissions import own_statements
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
    "activate": READ | {PUT, UPDATE, CHECK},
    "cleanup": READ | {PUT, UPDATE, DELETE, CHECK, TELL},
    "collaborations": READ | {PUT, UPDATE, DELETE, CHECK},
    "console": set(),
    "directory": READ | {PUT, UPDATE, DELETE, CHECK},
    "docs": set(),
    "invite": READ | {PUT, UPDATE, DELETE, CHECK},
    "link": READ | {PUT, UPDATE, DELETE, CHECK},
    "my": READ | {PUT, UPDATE, DELETE, CHECK},
    "mail": READ | {PUT, UPDATE, DELETE, SECRET, SEND},
    "mail_events": {"dynamodb:BatchGetItem", PUT, UPDATE, DELETE},
    "publish": {TELL},
    "purge_logins": {f"cognito-idp:{verb}" for verb in ("ListUsers", "AdminDeleteUser")},
    "sign_in": {"cognito-idp:AdminGetUser"},
    "sign_up": {"dynamodb:Query"},
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
    "purge_logins": [settings.UserPoolSettings],
    "sign_in": [settings.SecondFactorSettings],
    "access": [settings.TableSettings, settings.BusSettings],
    "cleanup": [settings.TableSettings, settings.BusSettings],
    "accept": [settings.LinkSettings],
    "mail": [settings.MailSettings],
}


def statements(folder: str, effect: str = "Allow") -> list[dict[str, Any]]:
    """The statements of a function's own policy that allow something, or deny it."""
    return [statement for statement in own_statements(FUNCTIONS[folder]) if statement["Effect"] == effect]


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
            # Mails go to anybody; who sends them is named.
            assert "*" not in json.dumps(resource) or SEND in as_list(statement["Action"])


def test_a_function_reads_the_stream_of_its_own_table_only() -> None:
    """AWS's policy, which SAM adds for the event source, is for every stream of the account: all others are denied."""
    assert {folder for folder in FUNCTIONS if statements(folder, "Deny")} == {"publish"}
    [denied] = statements("publish", "Deny")
    assert set(denied["Action"]) == {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
    assert denied["NotResource"] == {"GetAtt": "Table.StreamArn"}
    assert FUNCTIONS["publish"]["Events"]["TableStream"]["Properties"]["Stream"] == denied["NotResource"]


def test_the_gateways_role_for_logs_is_the_accounts() -> None:
    """A second stack leaves it as it is where it is told so."""
    for name in ("ApiLogAccount", "ApiLogRole"):
        assert RESOURCES[name]["Condition"] == "MakesGatewayLogRole"
    assert template()["Conditions"]["MakesGatewayLogRole"] == {"Equals": [{"Ref": "GatewayLogRole"}, "stack"]}
    assert template()["Parameters"]["GatewayLogRole"]["AllowedValues"] == ["stack", "existing"]


def test_mails_go_to_anybody_by_one_sender() -> None:
    """SES asks for the recipient's identity too where the account is in its sandbox: any is granted to this sender."""
    [send] = [statement for statement in statements("mail") if statement["Action"] == SEND]
    everybody, configuration = (resource["Sub"].rpartition(":")[2] for resource in send["Resource"])
    assert (everybody, configuration) == ("identity/*", "configuration-set/${MailConfigurationSet}")
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailSender"}}}
    assert FUNCTIONS["mail"]["Environment"]["Variables"]["MAIL_SENDER"] == {"Ref": "MailSender"}


def test_nothing_deletes_logins_but_what_purges_them() -> None:
    """And that reads no table and publishes nothing: what is done to logins depends on nothing else."""
    verbs = {folder: {verb for verb in verbs if verb.startswith("cognito-idp:")} for folder, verbs in VERBS.items()}
    assert [folder for folder, found in verbs.items() if found - {"cognito-idp:AdminGetUser"}] == ["purge_logins"]
    for folder in ("purge_logins", "sign_in"):
        [statement] = statements(folder)
        assert statement["Resource"] == {"GetAtt": "UserPool.Arn"}


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


def test_the_pool_asks_before_there_is_a_login_and_before_there_are_tokens() -> None:
    """Each time a function of its own, and no other is asked by it."""
    triggers = {
        folder: event["Properties"]
        for folder, function in FUNCTIONS.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == "Cognito"
    }
    assert triggers == {
        "sign_up": {"UserPool": {"Ref": "UserPool"}, "Trigger": "PreSignUp"},
        "sign_in": {"UserPool": {"Ref": "UserPool"}, "Trigger": "PreTokenGeneration"},
    }


def test_employees_need_a_second_factor_in_production() -> None:
    """Unless it is said otherwise; nowhere where they could pair none."""
    parameter = template()["Parameters"]["EmployeeMfa"]
    assert (parameter["Default"], parameter["AllowedValues"]) == ("production", ["production", "required", "optional"])
    is_required, by_stage = template()["Conditions"]["DemandsEmployeeMfa"]["Or"]
    assert is_required == {"Equals": [{"Ref": "EmployeeMfa"}, "required"]}
    assert by_stage == {
        "And": [{"Equals": [{"Ref": "EmployeeMfa"}, "production"]}, {"Equals": [{"Ref": "Stage"}, "prod"]}]
    }
    variables = FUNCTIONS["sign_in"]["Environment"]["Variables"]
    assert variables == {"SECOND_FACTOR": {"If": ["DemandsEmployeeMfa", "required", "optional"]}}
    rule = template()["Rules"]["EmployeesCanPairASecondFactor"]
    assert rule["RuleCondition"] == {"Equals": [{"Ref": "Mfa"}, "OFF"]}
    [refused] = [row["Assert"] for row in rule["Assertions"]]
    not_in_production = {"And": [by_stage["And"][0], {"Not": [by_stage["And"][1]]}]}
    assert refused == {"Or": [{"Equals": [{"Ref": "EmployeeMfa"}, "optional"]}, not_in_production]}


def test_a_second_factor_is_asked_as_the_parameter_says() -> None:
    """An authenticator app; of whoever has one paired, unless it is said otherwise."""
    pool = RESOURCES["UserPool"]["Properties"]
    assert pool["MfaConfiguration"] == {"Ref": "Mfa"}
    assert pool["EnabledMfas"] == {"If": ["HasMfa", ["SOFTWARE_TOKEN_MFA"], {"Ref": "AWS::NoValue"}]}
    assert template()["Conditions"]["HasMfa"] == {"Not": [{"Equals": [{"Ref": "Mfa"}, "OFF"]}]}
    assert template()["Parameters"]["Mfa"]["Default"] == "OPTIONAL"


DOMAIN_OF_SENDER = {"Select": [1, {"Split": ["@", {"Ref": "MailSender"}]}]}


def test_the_pools_mails_are_sent_by_the_identity_that_is_verified() -> None:
    """The domain, made here or outside; the address only where that is what is verified: Cognito refuses any other."""
    configuration = RESOURCES["UserPool"]["Properties"]["EmailConfiguration"]["Fn::If"]
    condition, by_ses, otherwise = configuration
    assert (condition, otherwise) == ("SendsPoolMails", {"Ref": "AWS::NoValue"})
    assert template()["Conditions"]["SendsPoolMails"] == {"Equals": [{"Ref": "PoolMails"}, "SES"]}
    assert (by_ses["EmailSendingAccount"], by_ses["From"]) == ("DEVELOPER", {"Ref": "MailSender"})
    arn, names = by_ses["SourceArn"]["Sub"]
    assert arn.endswith(":identity/${Identity}")
    assert names["Identity"] == {"If": ["SendsFromAddress", {"Ref": "MailSender"}, DOMAIN_OF_SENDER]}
    assert template()["Conditions"]["SendsFromAddress"] == {"Equals": [{"Ref": "MailIdentity"}, "address"]}
    assert RESOURCES["SenderIdentity"]["Properties"]["EmailIdentity"] == names["Identity"]


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
        alarm.dimensions["QueueName"] for alarm in alarms().values() if alarm.properties["Namespace"] == "AWS/SQS"
    }
    assert watched == queues
    for folder in ("mail", "mail_events", "access", "cleanup", "purge_logins"):
        assert FUNCTIONS[folder]["DeadLetterQueue"]["Type"] == "SQS"
        for event in FUNCTIONS[folder]["Events"].values():
            assert "DeadLetterConfig" in event["Properties"] or "RetryPolicy" in event["Properties"]
    stream = FUNCTIONS["publish"]["Events"]["TableStream"]["Properties"]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_no_trace_holds_a_path() -> None:
    """A traced stage records the path that was asked for, links included, and by whom; a function records neither."""
    assert RESOURCES["Api"]["Properties"]["TracingEnabled"] is False
    imports = "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("shared/collaboration/**/*.py"))
    assert "aws_xray_sdk" not in imports
    assert "Tracer" not in imports


def test_a_queue_that_holds_addresses_is_kept_for_a_week() -> None:
    """SES's events name the recipient: the answer to checkov and the runbook say so, of that queue and of no other."""
    of_ses = {
        FUNCTIONS[folder]["DeadLetterQueue"]["TargetArn"]["GetAtt"].partition(".")[0]
        for folder in ("mail", "mail_events", "access", "cleanup")
        for event in FUNCTIONS[folder]["Events"].values()
        if event["Properties"].get("Pattern", {}).get("source") == ["aws.ses"]
    }
    assert of_ses == {"MailEventsDeadLetters"}
    for name in of_ses:
        assert RESOURCES[name]["Properties"]["MessageRetentionPeriod"] <= 7 * 86400
        reasons = {
            answer.reason for answer in read_answers(ANSWERS.read_text(encoding="utf-8")) if name in answer.resources
        }
        assert any("address" in reason and "no addresses" not in reason for reason in reasons)
        erasure = (PROJECT / "RUNBOOK.md").read_text(encoding="utf-8").partition("## Clean-up and erasure")[2]
        assert name in erasure.partition("\n## ")[0]
    for answer in read_answers(ANSWERS.read_text(encoding="utf-8")):
        if "no addresses" in answer.reason:
            assert not any(fnmatchcase(name, pattern) for name in of_ses for pattern in answer.resources)


def test_logs_are_not_kept_for_ever() -> None:
    """A month, a day on a laptop; that of the API too."""
    groups = {name for name, resource in RESOURCES.items() if resource["Type"] == "AWS::Logs::LogGroup"}
    assert groups == {"Log", "ApiLog"}
    assert all(RESOURCES[name]["Properties"]["RetentionInDays"] == {"If": ["IsLocal", 1, 30]} for name in groups)


def test_links_have_calls_of_their_own_where_it_is_asked() -> None:
    """As many as the parameter says; no other function takes any from everybody else."""
    reserved = {
        folder: function["ReservedConcurrentExecutions"]
        for folder, function in FUNCTIONS.items()
        if "ReservedConcurrentExecutions" in function
    }
    assert reserved == {
        "accept": {"If": ["HasAcceptConcurrency", {"Ref": "AcceptConcurrency"}, {"Ref": "AWS::NoValue"}]}
    }
    assert template()["Conditions"]["HasAcceptConcurrency"] == {
        "Not": [{"Equals": [{"Ref": "AcceptConcurrency"}, "0"]}]
    }


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


def _schedules() -> list[dict[str, Any]]:
    return [
        event["Properties"]
        for function in FUNCTIONS.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "ScheduleV2"
    ]


def test_schedules_have_no_name_of_their_own() -> None:
    """A second stack in the same account would collide with it."""
    schedules = _schedules()
    assert len(schedules) == 4
    assert all(schedule["OmitName"] is True for schedule in schedules)


def test_no_night_lacks_its_schedules() -> None:
    """In UTC, which has every hour of every night; the audit at 02:15 or 03:15 in Sweden."""
    assert not any("ScheduleExpressionTimezone" in schedule for schedule in _schedules())
    audit = FUNCTIONS["access"]["Events"]["EveryNight"]["Properties"]
    assert audit["ScheduleExpression"] == "cron(15 1 * * ? *)"


# What names a thing of AWS: two stacks with the same value of one of these could not stand in one account and region.
NAMING = {
    "AlarmName",
    "AliasName",
    "DashboardName",
    "EmailIdentity",
    "FunctionName",
    "LayerName",
    "LogGroupName",
    "ManagedPolicyName",
    "Name",
    "QueueName",
    "RoleName",
    "ScheduleName",
    "SecretName",
    "TableName",
    "TopicName",
    "UserPoolName",
}
# Named within another resource of the stack, which is its own.
WITHIN = {
    "AWS::Cognito::UserPoolGroup",
    "AWS::Logs::MetricFilter",
    "AWS::WAFv2::WebACL",
}


def names(properties: dict[str, Any]) -> dict[str, Any]:
    """The names that a resource's own properties give it."""
    return {name: value for name, value in properties.items() if name in NAMING}


def test_two_stacks_share_no_name() -> None:
    """A stage beside another, in one account and region: each name holds the stack's, or follows from a parameter."""
    found = {
        (logical, name): json.dumps(value)
        for logical, resource in RESOURCES.items()
        if resource["Type"] not in WITHIN
        for name, value in names(resource.get("Properties", {})).items()
    }
    assert {logical for logical, _ in found} >= {"Api", "EventBus", "Log", "SenderIdentity", "SharedLayer"}
    for (logical, name), value in found.items():
        assert "AWS::StackName" in value or logical == "SenderIdentity", f"{logical}.{name} is {value} in every stack"
    # What it sends from is a stage's own, or verified outside of it: MailIdentity says which.
    assert found["SenderIdentity", "EmailIdentity"].count("MailSender") == 2
    assert RESOURCES["SenderIdentity"]["Condition"] == "MakesMailIdentity"


def test_no_export_and_no_schedule_is_shared() -> None:
    """An export's name is one per region."""
    assert not [output for output in template()["Outputs"].values() if "Export" in output]


def test_every_function_is_called_by_its_alias_and_has_a_version_of_all_that_it_is() -> None:
    """A change of the layer alone is a new version too: it is where most of the code is."""
    shared = template()["Globals"]["Function"]
    assert shared["AutoPublishAlias"] == versions.ALIAS
    assert shared["VersionDeletionPolicy"] == "Delete"
    assert all(function["AutoPublishAliasAllProperties"] is True for function in FUNCTIONS.values())
    assert RESOURCES["SharedLayer"]["Properties"]["PublishLambdaVersion"] is True


def test_a_deployment_is_watched_by_alarms_and_gradual_where_it_is_asked() -> None:
    """Every way of deploying is in the map that the transform reads; all at once is the only one without alarms."""
    preference = template()["Globals"]["Function"]["DeploymentPreference"]
    parameter = template()["Parameters"]["Deployment"]
    gradual = template()["Mappings"]["Gradual"]
    assert preference["Type"] == {"Ref": "Deployment"}
    assert preference["Enabled"] == {"FindInMap": ["Gradual", {"Ref": "Deployment"}, "Enabled"]}
    assert {way: row["Enabled"] for way, row in gradual.items()} == {
        way: "false" if way == "AllAtOnce" else "true" for way in parameter["AllowedValues"]
    }
    watched = {row["Ref"] for row in preference["Alarms"]}
    # Any alarm that is on stops a deployment: one on a queue is on until somebody has emptied it.
    assert watched == {"ApiErrorsAlarm", "UnexpectedErrorsAlarm"}
    for folder, function in FUNCTIONS.items():
        if folder in WITHOUT_NEW_VERSION_ALARM:
            continue
        assert "Enabled" not in function["DeploymentPreference"]
        [own] = [row["Ref"] for row in function["DeploymentPreference"]["Alarms"]]
        alarm = alarms()[own]
        name = alarm.dimensions["FunctionName"]
        assert RESOURCES[name]["Properties"] is function
        assert alarm.dimensions["Resource"] == f"{name}:{versions.ALIAS}"
        [version] = [row for row in alarm.properties["Dimensions"] if row["Name"] == "ExecutedVersion"]
        assert version["Value"] == {"GetAtt": f"{name}.Version.Version"}
        # One error of the new version is enough, within the minute: it has a tenth of the calls for five.
        assert (alarm.properties["Threshold"], alarm.properties["Period"]) == (0, 60)


def test_a_page_and_what_it_loads_are_of_one_version() -> None:
    """Each of a page's files is a call of its own: of two versions at once a page would get some files of each."""
    at_once = {
        folder
        for folder, function in FUNCTIONS.items()
        if function.get("DeploymentPreference", {}).get("Enabled") is False
    }
    assert at_once == {folder for (_, path), (folder, _) in routes().items() if path.endswith("/{file}")}
    assert all(FUNCTIONS[folder]["DeploymentPreference"] == {"Enabled": False} for folder in at_once)
    # A refused sign-up is an error for Lambda too: of that function, one says nothing of a version.
    assert at_once | {"sign_up"} == WITHOUT_NEW_VERSION_ALARM


def test_a_snapshot_is_taken_where_it_is_asked() -> None:
    """Not by default: it costs by the hour."""
    assert template()["Globals"]["Function"]["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
    assert template()["Parameters"]["SnapStart"]["Default"] == "None"


def test_what_must_not_be_lost_survives_the_stack() -> None:
    """Table, keys, secret and pool stay when the stack goes or would replace them; table and pool refuse deletion."""
    kept = {name for name, resource in RESOURCES.items() if resource.get("UpdateReplacePolicy") == "Retain"}
    assert kept >= {"Table", "TableKey", "LinkSecret", "UserPool"}
    # A first deployment that fails could not delete these on its way back.
    protected = {
        name
        for name, resource in RESOURCES.items()
        if {"DeletionProtection", "DeletionProtectionEnabled"} & set(resource.get("Properties", {}))
    }
    assert protected == {"Table", "UserPool"}
    # Nobody could delete a table whose key is gone. Whose logs the account's role writes by then, nobody knows.
    left = protected | {"TableKey", "ApiLogAccount", "ApiLogRole"}
    for name in kept:
        assert RESOURCES[name]["DeletionPolicy"] == ("Retain" if name in left else "RetainExceptOnCreate"), name
    assert RESOURCES["UserPool"]["Properties"]["DeletionProtection"] == {"If": ["IsLocal", "INACTIVE", "ACTIVE"]}


def test_a_password_is_proved_and_not_sent() -> None:
    """SRP alone wherever the stack is on AWS; tokens end after an hour, sessions after a working day."""
    client = RESOURCES["UserPoolClient"]["Properties"]
    assert client["ExplicitAuthFlows"] == {
        "If": [
            "IsLocal",
            ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ]
    }
    assert (client["IdTokenValidity"], client["AccessTokenValidity"], client["RefreshTokenValidity"]) == (60, 60, 12)
    assert client["TokenValidityUnits"] == {"IdToken": "minutes", "AccessToken": "minutes", "RefreshToken": "hours"}
    assert client["EnableTokenRevocation"] is True


def test_public_routes_have_limits_of_their_own() -> None:
    """Each route that wants no token, far below what any other may have: but for the pages' files, many to a load."""
    everything, *limited = RESOURCES["Api"]["Properties"]["MethodSettings"]
    assert (everything["HttpMethod"], everything["ResourcePath"]) == ("*", "/*")
    assert everything["ThrottlingRateLimit"] == partitions.API_LIMIT
    limits = {
        # The root's path is its slash alone.
        (row["HttpMethod"], row["ResourcePath"].removeprefix("/").replace("~1", "/") or "/"): row
        for row in limited
    }
    assert len(limits) == len(limited)
    assert set(limits) == {(method, path) for method, path in routes() if path in PUBLIC}
    files = limits.pop(("GET", "/console/{file}"))
    assert files["ThrottlingRateLimit"] == partitions.FILES_LIMIT
    # Thirty loads a second, of all offices and companies together.
    assert files["ThrottlingRateLimit"] >= 30 * len(page_files("console.html"))
    rate = everything["ThrottlingRateLimit"]
    assert all(row["ThrottlingRateLimit"] <= rate / 4 for row in limits.values())
    for row in (everything, files, *limits.values()):
        assert row["ThrottlingBurstLimit"] == 2 * row["ThrottlingRateLimit"]


def test_no_metric_is_paid_for_that_nobody_looks_at() -> None:
    """Of each method by itself the gateway would keep five; alarms and graphs look at the API's own, which are free."""
    assert not any(row.get("MetricsEnabled") for row in RESOURCES["Api"]["Properties"]["MethodSettings"])
    for alarm in alarms().values():
        if alarm.properties["Namespace"] == "AWS/ApiGateway":
            assert set(alarm.dimensions) == {"ApiName", "Stage"}


def test_the_firewall_stands_before_the_api_and_the_pool_when_it_is_asked_for() -> None:
    """With a limit on links, by address; nothing of it is there otherwise."""
    associated = {
        name: json.dumps(resource["Properties"]["ResourceArn"])
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::WAFv2::WebACLAssociation"
    }
    assert "${Api.Stage}" in associated["WebAclForApi"]
    assert "UserPool.Arn" in associated["WebAclForPool"]
    assert all(RESOURCES[name]["Condition"] == "HasFirewall" for name in [*associated, "WebAcl"])
    [links] = [
        rule["Statement"]["RateBasedStatement"]
        for rule in RESOURCES["WebAcl"]["Properties"]["Rules"]
        if rule["Name"] == "Links"
    ]
    # Whatever stands before it: the stage, or the path of PublicUrl.
    match = links["ScopeDownStatement"]["ByteMatchStatement"]
    assert (match["PositionalConstraint"], match["SearchString"]) == ("CONTAINS", "/accept/")
    [signing_up] = [
        rule["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["OrStatement"]["Statements"]
        for rule in RESOURCES["WebAcl"]["Properties"]["Rules"]
        if rule["Name"] == "SigningUp"
    ]
    headers = {}
    for statement in signing_up:
        matched = statement["RegexMatchStatement"]
        headers[matched["FieldToMatch"]["SingleHeader"]["Name"]] = re.compile(matched["RegexString"])
    assert set(headers) == {"x-amzn-cognito-operation-name", "x-amz-target"}
    for header in headers.values():
        for operation in ("SignUp", "ResendConfirmationCode", "ForgotPassword"):
            assert header.search(operation)
            assert header.search(f"AWSCognitoIdentityProviderService.{operation}")
        assert not header.search("AWSCognitoIdentityProviderService.ConfirmSignUp")
        assert not header.search("ConfirmSignUp")
    assert template()["Parameters"]["Firewall"]["Default"] == "false"


def test_the_firewall_lets_offices_work_and_stops_what_is_too_much() -> None:
    """Limits by address, in five minutes, as README.md says; a batch is larger than the common rules allow."""
    rules = {rule["Name"]: rule["Statement"] for rule in RESOURCES["WebAcl"]["Properties"]["Rules"]}
    rated = {
        name: (rate["AggregateKeyType"], rate["Limit"], rate["EvaluationWindowSec"])
        for name, statement in rules.items()
        if (rate := statement.get("RateBasedStatement"))
    }
    assert rated == {"Links": ("IP", 100, 300), "SigningUp": ("IP", 20, 300)}
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    assert "100 requests to links and 20 sign-ups or codes per address in five minutes" in readme
    assert f"1 USD for each of {len(rules)} rules" in readme
    counted = {
        row["Name"]
        for row in rules["CommonRules"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
        if row["ActionToUse"] == {"Count": {}}
    }
    assert counted == {"SizeRestrictions_BODY", "NoUserAgent_HEADER"}


def test_queues_and_the_topic_are_reached_by_tls_only() -> None:
    """Each of them is named in a refusal of everything else."""
    queues = {f"{name}.Arn" for name, resource in RESOURCES.items() if resource["Type"] == "AWS::SQS::Queue"}
    refusals = {
        json.dumps(resource)
        for policy in ("DeadLettersPolicy", "AlarmTopicPolicy")
        for statement in RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for resource in as_list(statement["Resource"])
    }
    assert refusals == {json.dumps({"GetAtt": queue}) for queue in queues} | {json.dumps({"Ref": "AlarmTopic"})}
