"""Have a changed parameter reach the running functions: what is called is a published version.

SAM publishes a version when the text of a function's properties changes; the value of a parameter that the text refers
to is no part of that. So the built template gets a digest of all values as one more environment variable.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

from stack.narration import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mypy_boto3_cloudformation import CloudFormationClient

# The environment variable; no function reads it.
DIGEST = "PARAMETERS_DIGEST"

# How a version takes over is nothing that the version is.
NOT_OF_A_VERSION = {"Deployment"}


class ParameterError(Exception):
    """A parameter that was given cannot be used; says which."""


def stamp(built: Path, stack: str, cloudformation: CloudFormationClient, given: Sequence[str]) -> None:
    """Put the digest of the parameters that a deployment will use into the template that `sam build` left at `built`.

    `given`: as `sam deploy --parameter-overrides` has them, `Name=value` each.

    Raises:
        ParameterError: one is not of that form, or the template has none of that name.
    """
    template = yaml.safe_load(built.read_text(encoding="utf-8"))
    values = effective(template["Parameters"], deployed(cloudformation, stack), parsed(given))
    template["Globals"]["Function"]["Environment"]["Variables"][DIGEST] = digest(values)
    built.write_text(yaml.safe_dump(template, sort_keys=False, allow_unicode=True), encoding="utf-8")
    say("Functions get a new version where their code, or any parameter, is another than what is deployed.")


def stack_name(project: Path, stage: str) -> str:
    """The name of a stage's stack, from `samconfig.toml` of `project`."""
    stages = tomllib.loads((project / "samconfig.toml").read_text(encoding="utf-8"))
    name: str = stages[stage]["deploy"]["parameters"]["stack_name"]
    return name


def parsed(given: Sequence[str]) -> dict[str, str]:
    """Parameters from the words that a shell made of `Name=value Other=value`; the last of a name counts.

    Raises:
        ParameterError: a word is something else.
    """
    pairs = [word.partition("=") for word in given]
    for name, equals, _ in pairs:
        if not equals:
            raise ParameterError(f"'{name}' is no parameter: write Name=value")
    return {name: value for name, _, value in pairs}


def deployed(cloudformation: CloudFormationClient, stack: str) -> dict[str, str]:
    """The parameters that a stack has; none where there is no such stack yet."""
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return {}
        raise
    return {row["ParameterKey"]: row["ParameterValue"] for row in found.get("Parameters", [])}


def effective(
    parameters: Mapping[str, Mapping[str, Any]], present: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, str]:
    """The value of each parameter of a template: as given, else as the stack has it, else by default.

    Raises:
        ParameterError: one is given that the template has not; `sam deploy` would say nothing.
    """
    if unknown := sorted(given.keys() - parameters.keys()):
        raise ParameterError(f"template.yaml has no parameter {unknown[0]}; it has {', '.join(parameters)}")
    defaults = {name: str(row["Default"]) for name, row in parameters.items() if "Default" in row}
    kept = {name: value for name, value in present.items() if name in parameters}
    return {**defaults, **kept, **given}


def digest(values: Mapping[str, str]) -> str:
    """A short text that changes when one of these does."""
    counted = {name: value for name, value in values.items() if name not in NOT_OF_A_VERSION}
    return hashlib.sha256(json.dumps(counted, sort_keys=True).encode()).hexdigest()[:16]
