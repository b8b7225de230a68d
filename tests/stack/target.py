"""The stack that an operator's command acts on: the one that runs on this machine, or one on AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from stack.aws import Aws
from stack.deployment import STACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True)
class Target:
    """A stack by its name, and clients that reach it."""

    name: str
    cloudformation: CloudFormationClient
    functions: LambdaClient
    secrets: SecretsManagerClient
    tables: DynamoDBClient

    def resources(self) -> list[StackResourceSummaryTypeDef]:
        """What the stack consists of."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return [resource for page in pages for resource in page["StackResourceSummaries"]]

    def resource(self, logical_id: str) -> str:
        """The physical id of one resource of the template."""
        [found] = [it["PhysicalResourceId"] for it in self.resources() if it["LogicalResourceId"] == logical_id]
        return found


def running(stack: Mapping[str, Any]) -> Target:
    """The stack that runs on this machine."""
    aws = Aws(stack["endpointUrl"])
    return Target(STACK, aws.cloudformation, aws.functions, aws.secrets, aws.tables)


def deployed(name: str, region: str) -> Target:
    """A stack in the AWS account that the credentials name."""
    session = boto3.Session(region_name=region)
    return Target(
        name,
        session.client("cloudformation"),
        session.client("lambda"),
        session.client("secretsmanager"),
        session.client("dynamodb"),
    )
