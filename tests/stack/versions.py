"""Change the settings of a deployed function: what is called is a published version, which nothing changes any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_lambda import LambdaClient

# The name that every call goes to, as `AutoPublishAlias` in template.yaml has it.
ALIAS = "live"


def environment(functions: LambdaClient, name: str) -> dict[str, str]:
    """The environment variables of a function."""
    configuration = functions.get_function_configuration(FunctionName=name)
    return configuration.get("Environment", {}).get("Variables", {})


def set_environment(functions: LambdaClient, name: str, variables: Mapping[str, str]) -> None:
    """Give a function these variables, publish that as a version, and have its alias call this one from now on."""
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": dict(variables)})
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    version = functions.publish_version(FunctionName=name)["Version"]
    # With SnapStart a version has to be snapshotted before it can be called, which takes minutes.
    functions.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version)
    functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
