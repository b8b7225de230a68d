"""Alarms as template.yaml defines them, and what CloudWatch makes of data for them.

The evaluation is CloudWatch's, of the alarms that the template has: one metric each, no arithmetic. A period that holds
no data counts as `TreatMissingData` says; CloudWatch looks for older data first, which only ever delays what is seen
here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from collaboration.telemetry import NAMESPACE

from support.template import template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

STACK, STAGE = "collaboration", "test"
# Folders of the functions that take over all at once, and one whose errors say nothing of a version.
WITHOUT_NEW_VERSION_ALARM = {"console", "docs", "sign_up"}


@dataclass(frozen=True)
class Datapoint:
    """A value of a metric at a time."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    at: datetime
    value: float


@dataclass(frozen=True)
class Alarm:
    """An alarm: its logical id and its properties, references resolved to logical ids."""

    name: str
    properties: Mapping[str, Any]
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def fires(self, data: Iterable[Datapoint], now: datetime) -> bool:
        """Whether the alarm has gone off by `now`, after all data until then."""
        own = [point for point in data if self.covers(point)]
        length, count = self.properties["Period"], self.properties["EvaluationPeriods"]
        breaching = 0
        for back in range(count):
            ages = [(now - point.at).total_seconds() for point in own]
            values = [
                point.value for point, age in zip(own, ages, strict=True) if back * length <= age < (back + 1) * length
            ]
            if self._breaches(values):
                breaching += 1
        return bool(breaching >= self.properties.get("DatapointsToAlarm", count))

    def covers(self, point: Datapoint) -> bool:
        """Whether a datapoint is of the metric that the alarm looks at, dimensions included."""
        named = (point.namespace, point.metric, dict(point.dimensions))
        return named == (self.properties["Namespace"], self.properties["MetricName"], dict(self.dimensions))

    def _breaches(self, values: list[float]) -> bool:
        # No sample is no data for CloudWatch, not a count of nought.
        if not values:
            return bool(self.properties["TreatMissingData"] == "breaching")
        found, threshold = self._value(values), self.properties["Threshold"]
        match self.properties["ComparisonOperator"]:
            case "GreaterThanThreshold":
                return bool(found > threshold)
            case "LessThanThreshold":
                return bool(found < threshold)
        raise AssertionError(self.properties["ComparisonOperator"])

    @property
    def _statistic(self) -> str:
        return str(self.properties.get("Statistic") or self.properties["ExtendedStatistic"])

    def _value(self, values: list[float]) -> float:
        match self._statistic:
            case "Sum":
                return sum(values)
            case "Maximum":
                return max(values)
            case "SampleCount":
                return len(values)
            case "p95":
                return sorted(values)[ceil(0.95 * len(values)) - 1]
        raise AssertionError(self._statistic)


def alarms() -> dict[str, Alarm]:
    """The alarms of the template, by logical id."""
    return {
        name: Alarm(
            name,
            {**resource["Properties"], "Namespace": resolved(resource["Properties"]["Namespace"])},
            {row["Name"]: resolved(row["Value"]) for row in resource["Properties"].get("Dimensions", ())},
        )
        for name, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def resolved(value: Any) -> str:
    """A dimension's value: the names of stack and stage, else the logical id of what it refers to."""
    match value:
        case {"Ref": str(name)}:
            return {"AWS::StackName": STACK, "Stage": STAGE}.get(name, name)
        case {"Sub": str(text)}:
            return text.replace("${", "").replace("}", "")
        case {"GetAtt": str(attribute)}:
            return attribute.partition(".")[0]
        case {"Sub": str(text)}:
            return text.replace("${AWS::StackName}", STACK)
        case str():
            return value
    raise AssertionError(value)


def embedded(output: str, at: datetime) -> list[Datapoint]:
    """The data in lines of the log in the embedded metric format, written at a time; other lines hold none.

    Each value is recorded once for each set of dimensions.
    """
    found = []
    for text in output.splitlines():
        line = json.loads(text)
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert directive["Namespace"] == NAMESPACE
            for names in directive["Dimensions"]:
                dimensions = {name: line[name] for name in names}
                for metric in directive["Metrics"]:
                    values = line[metric["Name"]]
                    found += [Datapoint(NAMESPACE, metric["Name"], dimensions, at, value) for value in values]
    return found
