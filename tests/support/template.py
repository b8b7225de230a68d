"""Read template.yaml: resources, the table's keys and indexes, and which events wake which function."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]


class _Loader(yaml.SafeLoader):
    """Reads a template; an intrinsic function stays as it stands, as `{"Ref": "Table"}`."""


def _tag(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tag)


@lru_cache(maxsize=1)
def template() -> dict[str, Any]:
    """template.yaml, with intrinsic functions unresolved."""
    read: dict[str, Any] = yaml.load((PROJECT / "template.yaml").read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    return read


def table_properties() -> dict[str, Any]:
    """The properties of the one table."""
    properties: dict[str, Any] = template()["Resources"]["Table"]["Properties"]
    return properties


def indexes() -> dict[str, tuple[str, str]]:
    """The table's global secondary indexes: name -> names of its partition key and sort key."""
    return {
        index["IndexName"]: (index["KeySchema"][0]["AttributeName"], index["KeySchema"][1]["AttributeName"])
        for index in table_properties()["GlobalSecondaryIndexes"]
    }


def projections() -> dict[str, tuple[str, str, bool]]:
    """The same, and whether the index holds whole items, or their keys only."""
    whole = {
        index["IndexName"]: index["Projection"]["ProjectionType"] == "ALL"
        for index in table_properties()["GlobalSecondaryIndexes"]
    }
    return {name: (*key, whole[name]) for name, key in indexes().items()}


def listeners(detail_type: str) -> list[str]:
    """The functions, by their folders' names, that the template's rules wake for an event of the bus."""
    functions = [resource for resource in template()["Resources"].values() if "Function" in resource["Type"]]
    return [
        function["Properties"]["CodeUri"].rstrip("/").rpartition("/")[2]
        for function in functions
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "EventBridgeRule" and detail_type in event["Properties"]["Pattern"].get("detail-type", ())
    ]
