"""What RUNBOOK.md lists is what there is: metrics, lines of the log, alarms."""

from __future__ import annotations

import json
import re
from typing import Any

from collaboration.telemetry import MORE_DIMENSIONS, NAMESPACE, SECONDS, Metric
from support.alarms import WITHOUT_NEW_VERSION_ALARM, alarms
from support.template import PROJECT, template

RUNBOOK = (PROJECT / "RUNBOOK.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table whose first column has this title, without its head."""
    table = re.search(rf"^\| {title} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", RUNBOOK, re.MULTILINE)
    assert table, title
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in table.group(1).splitlines()]


def test_every_metric_is_listed_with_unit_and_dimensions() -> None:
    """No more, no less; each says what it means."""
    listed = {name.strip("`"): (unit, more.strip("`"), meaning) for name, unit, more, meaning in rows("metric")}
    assert set(listed) == set(Metric)
    for metric in Metric:
        unit, more, meaning = listed[metric]
        assert unit == ("Seconds" if metric in SECONDS else "Count"), metric
        assert more == MORE_DIMENSIONS.get(metric, ""), metric
        assert meaning, metric


def test_every_metric_is_recorded_somewhere() -> None:
    """None is a promise only."""
    paths = [*PROJECT.glob("shared/collaboration/**/*.py"), *PROJECT.glob("functions/*/app.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert [metric for metric in Metric if f"Metric.{metric.name}" not in code] == []


def test_every_line_of_the_log_is_listed() -> None:
    """Each message that the code writes is explained, at a level that it has."""
    code = "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("shared/collaboration/**/*.py"))
    code += "".join(path.read_text(encoding="utf-8") for path in PROJECT.glob("functions/*/app.py"))
    messages = re.findall(r"log\.write\(\s*Level\.[A-Z]+(?: if counts else Level\.DEBUG)?, \"([a-z ]+)\"", code)
    assert len(re.findall(r"log\.write\(", code)) == len(messages)
    assert {name.strip("`") for name, *_ in rows("line")} == set(messages)


FUNCTIONS = {
    name.removesuffix("Function")
    for name, resource in template()["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
NO_ALARMS = {f"{folder.title().replace('_', '')}NewVersionAlarm" for folder in WITHOUT_NEW_VERSION_ALARM}
INDEXES = [index["IndexName"] for index in template()["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]]


def test_every_alarm_is_listed_with_what_to_do() -> None:
    """What it means, what to look at, what to do; `<Function>` stands for each function, `<Index>` for each index."""
    listed: set[str] = set()
    for name, *cells in rows("alarm"):
        assert len(cells) == 3, name
        assert all(cells), name
        alarm = name.strip("`")
        names = {alarm.replace("<Function>", function) for function in FUNCTIONS} - NO_ALARMS
        names = {name.replace("<Index>", index.capitalize()) for name in names for index in INDEXES}
        assert not names & listed, alarm
        listed |= names
    assert listed == set(alarms())


def test_every_function_is_watched() -> None:
    """Errors, throttles and duration of each; a duration below its time-out."""
    for function in FUNCTIONS:
        properties = template()["Resources"][f"{function}Function"]["Properties"]
        timeout = 1000 * properties.get("Timeout", template()["Globals"]["Function"]["Timeout"])
        for kind in ("Errors", "Throttles", "Duration"):
            alarm = alarms()[f"{function}{kind}Alarm"]
            assert alarm.properties["MetricName"] == kind
            assert alarm.dimensions == {"FunctionName": f"{function}Function"}
        assert alarms()[f"{function}DurationAlarm"].properties["Threshold"] < timeout


def test_throttles_of_each_index_are_watched() -> None:
    """CloudWatch counts what an index refuses under the index, not under its table."""
    for index in INDEXES:
        for kind in ("Read", "Write"):
            alarm = alarms()[f"{index.capitalize()}{kind}ThrottlesAlarm"]
            assert alarm.properties["MetricName"] == f"{kind}ThrottleEvents"
            assert alarm.dimensions == {"TableName": "Table", "GlobalSecondaryIndexName": index}


def test_alarms_reach_somebody() -> None:
    """Each is sent to the topic, which mails it; production names an address. Those of new versions mail nobody."""
    for name, alarm in alarms().items():
        if not name.endswith("NewVersionAlarm"):
            assert alarm.properties["AlarmActions"] == [{"Ref": "AlarmTopic"}]
        assert alarm.properties["AlarmDescription"]
    subscription = template()["Resources"]["AlarmSubscription"]["Properties"]
    assert subscription == {"TopicArn": {"Ref": "AlarmTopic"}, "Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}
    rule = template()["Rules"]["ProductionTellsSomebody"]
    assert rule["RuleCondition"] == {"Equals": [{"Ref": "Stage"}, "prod"]}
    assert rule["Assertions"][0]["Assert"] == {"Not": [{"Equals": [{"Ref": "AlarmEmail"}, ""]}]}


# Beside queues, rates of SES and missing runs: ages, and whether callers and functions get answers.
STATES = {"OldMailAlarm", "PublishIteratorAgeAlarm", "ApiErrorsAlarm", "TableUnavailableAlarm"}


def test_the_end_of_a_state_is_mailed_and_that_of_events_is_not() -> None:
    """Whoever got up for a queue may go back to bed; that no more mails failed says nothing of those that did."""
    for name, alarm in alarms().items():
        of_state = (
            name in STATES
            or alarm.properties["Namespace"] in {"AWS/SQS", "AWS/SES"}
            or alarm.properties["TreatMissingData"] == "breaching"
        )
        assert alarm.properties.get("OKActions", []) == ([{"Ref": "AlarmTopic"}] if of_state else []), name


def test_the_runbook_says_which_alarms_a_first_deployment_sets_off() -> None:
    """Where no data is bad news, there is none yet."""
    said = " ".join(RUNBOOK.partition("After a **first deployment**")[2].partition(":")[0].split())
    missing = {name for name, alarm in alarms().items() if alarm.properties["TreatMissingData"] == "breaching"}
    assert missing == set(re.findall(r"`(\w+)`", said))


def test_commands_of_the_runbook_find_what_they_act_upon() -> None:
    """Each output that is asked for is there; every queue has one."""
    outputs = template()["Outputs"]
    asked = set(re.findall(r"\$\(out (\w+)\)", RUNBOOK))
    assert asked
    assert asked <= set(outputs)
    queues = {name for name, resource in template()["Resources"].items() if resource["Type"] == "AWS::SQS::Queue"}
    assert {name: outputs[f"{name}Url"]["Value"] for name in queues} == {name: {"Ref": name} for name in queues}


def test_graphs_that_the_runbook_names_are_on_the_dashboard() -> None:
    """By their titles."""
    named = set(re.findall(r"(?:graphs?|and) \*([^*\n]+)\*", "\n".join(" ".join(row) for row in rows("alarm"))))
    assert named >= {"Table", "Latency of the table", "Event bus", "Firewall", "Mails"}
    assert named <= {widget["properties"]["title"] for widget in widgets()}
    for row in rows("alarm"):
        assert not re.search(r"graphs? (?!\*)|'s graph", " ".join(row)), row[0]


def test_alarms_look_at_metrics_that_there_are() -> None:
    """Of the code's own, under the stack and the stage."""
    own = [alarm for alarm in alarms().values() if alarm.properties["Namespace"] == NAMESPACE]
    assert own
    for alarm in own:
        assert alarm.properties["MetricName"] in set(Metric), alarm.name
        assert alarm.dimensions == {"service": "collaboration", "stage": "test"}, alarm.name


def widgets() -> list[dict[str, Any]]:
    """The graphs of the dashboard, its references as names."""
    body = template()["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Sub"]
    references = set(re.findall(r"\$\{([^}]+)\}", body))
    known = {*template()["Resources"], *template()["Parameters"], "AWS::StackName", "AWS::Region"}
    assert {name.partition(".")[0] for name in references} <= known
    read: list[dict[str, Any]] = json.loads(body)["widgets"]
    return read


def test_the_dashboard_shows_every_metric() -> None:
    """All of the code's own, every function, every queue; none overlaps another."""
    shown = json.dumps([widget["properties"]["metrics"] for widget in widgets()])
    for metric in Metric:
        assert f'"{metric}"' in shown or f'MetricName=\\"{metric}\\"' in shown, metric
    for function in FUNCTIONS:
        assert shown.count(f"${{{function}Function}}") >= 3, function
    for name, resource in template()["Resources"].items():
        if resource["Type"] == "AWS::SQS::Queue":
            assert f"${{{name}.QueueName}}" in shown
    places = [(widget["x"] + column, widget["y"]) for widget in widgets() for column in range(widget["width"])]
    assert len(set(places)) == len(places)
    assert max(column for column, _ in places) < 24


def test_the_log_of_the_api_holds_no_path() -> None:
    """A link is a secret: the resource's path is logged, never the one that was asked for, nor who asked."""
    setting = template()["Resources"]["Api"]["Properties"]["AccessLogSetting"]
    line = json.loads(setting["Format"])
    assert line["correlation_id"] == "$context.requestId"
    # The one that a caller cannot choose.
    assert line["extended_request_id"] == "$context.extendedRequestId"
    assert line["route"] == "$context.resourcePath"
    for secret in ("$context.path", "authorizer", "identity", "customDomain", "requestOverride"):
        assert secret not in setting["Format"]
