"""Clients for the emulator's AWS services, deaf to whatever AWS settings the machine has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client

REGION = "eu-north-1"


class Aws:
    """One client per service that the commands for the stack use."""

    cloudformation: CloudFormationClient
    cognito: CognitoIdentityProviderClient
    functions: LambdaClient
    logs: CloudWatchLogsClient
    mail: SESV2Client
    secrets: SecretsManagerClient
    storage: S3Client
    tables: DynamoDBClient

    def __init__(self, endpoint: str) -> None:
        """Connect to the emulator at `endpoint`, such as `http://127.0.0.1:4566`."""
        forget_settings()
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
        # Proxies are for the way out, and this never leaves the machine. Deployment steps are not retried: a failure
        # here is a fault to be seen.
        config = Config(proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        self.cloudformation = session.client("cloudformation", endpoint_url=endpoint, config=config)
        self.cognito = session.client("cognito-idp", endpoint_url=endpoint, config=config)
        self.functions = session.client("lambda", endpoint_url=endpoint, config=config)
        # Reading the logs is: the emulator fails when a function opens a log at that very moment.
        repeatable = config.merge(Config(retries={"mode": "standard", "total_max_attempts": 5}))
        self.logs = session.client("logs", endpoint_url=endpoint, config=repeatable)
        self.mail = session.client("sesv2", endpoint_url=endpoint, config=config)
        self.secrets = session.client("secretsmanager", endpoint_url=endpoint, config=config)
        self.tables = session.client("dynamodb", endpoint_url=endpoint, config=config)
        self.storage = session.client("s3", endpoint_url=endpoint, config=config)
        self.tables = session.client("dynamodb", endpoint_url=endpoint, config=config)


def forget_settings() -> None:
    """Drop the AWS settings of whoever runs this: a real account's profile must not reach a test, nor break one."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
