"""Deploy template.yaml to the emulator as one would to AWS: upload, change set, execute, wait."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stack.aws import Aws
from stack.narration import Progress
from stack.packaging import package

if TYPE_CHECKING:
    from pathlib import Path

STACK = "collaboration"
BUCKET = "collaboration-artifacts"
STAGE = "v1"
DEADLINE_SECONDS = 180

MAIL_SENDER = "collaboration@spiris.example"


class DeploymentError(Exception):
    """The stack did not come up; says which resource and why."""


@dataclass(frozen=True)
class Deployment:
    """What came up, as far as clients need it."""

    endpoint: str
    api_url: str
    user_pool_id: str
    user_pool_client_id: str
    functions: dict[str, str]
    """A function's folder -> the name it was deployed under."""
    outputs: dict[str, str]


def deploy(project: Path, endpoint: str) -> Deployment:
    """Deploy what stands in `project` to the emulator at `endpoint`."""
    aws = Aws(endpoint)
    packed = package(project, BUCKET)
    aws.storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    for key, content in packed.zips.items():
        aws.storage.put_object(Bucket=BUCKET, Key=key, Body=content)
    # By URL: a template handed over inline may be no larger than 51 200 bytes.
    aws.storage.put_object(Bucket=BUCKET, Key="template.yaml", Body=packed.template.encode())

    with Progress("Deploying template.yaml") as progress:
        execute_change_set(aws, f"{endpoint}/{BUCKET}/template.yaml", parameters(endpoint))
        wait_until_complete(aws, progress)
    return describe(aws, endpoint, packed.folders)


def parameters(endpoint: str) -> dict[str, str]:
    """What differs from AWS, by parameter of the template."""
    return {
        "Stage": "local",
        # The emulator takes an address as verified, not a domain.
        "MailIdentity": "address",
        "MailSender": MAIL_SENDER,
        "LocalEndpoint": endpoint,
        # A line for every answer: whoever tries something wants to see it in `make logs`.
        "LogLevel": "DEBUG",
    }


def execute_change_set(aws: Aws, template_url: str, chosen: dict[str, str]) -> None:
    """Create the stack by a change set, which is what expands the SAM transform."""
    change_set = aws.cloudformation.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateURL=template_url,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        state = aws.cloudformation.describe_change_set(ChangeSetName=change_set["Id"], StackName=STACK)
        if state["Status"] == "CREATE_COMPLETE":
            break
        if state["Status"] == "FAILED" or time.monotonic() > deadline:
            raise DeploymentError(f"no change set from template.yaml: {state.get('StatusReason', state['Status'])}")
        time.sleep(0.1)
    aws.cloudformation.execute_change_set(ChangeSetName=change_set["Id"], StackName=STACK)


def wait_until_complete(aws: Aws, progress: Progress) -> None:
    """Follow the stack's events until it stands, or say which resource failed first."""
    seen: set[str] = set()
    failures: list[str] = []
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        status = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
        pages = aws.cloudformation.get_paginator("describe_stack_events").paginate(StackName=STACK)
        events = [event for page in pages for event in page["StackEvents"] if event["EventId"] not in seen]
        for event in reversed(events):
            seen.add(event["EventId"])
            resource = f"{event.get('LogicalResourceId')} ({event.get('ResourceType')})"
            if event["ResourceStatus"].endswith("_FAILED"):
                failures.append(f"{resource}: {event.get('ResourceStatusReason', 'no reason given')}")
            elif event["ResourceStatus"] == "CREATE_COMPLETE":
                progress.step(resource)
        if status == "CREATE_COMPLETE":
            return
        if failures or "ROLLBACK" in status or status.endswith("FAILED"):
            raise DeploymentError(f"template.yaml did not come up ({status}).\n  " + "\n  ".join(failures))
        time.sleep(0.1)
    raise DeploymentError(f"template.yaml is not up after {DEADLINE_SECONDS} seconds")


def describe(aws: Aws, endpoint: str, folders: dict[str, str]) -> Deployment:
    """What CloudFormation says came up. `folders`: key of a function's zip -> the function's folder."""
    pages = aws.cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    def only(kind: str) -> str:
        found = [resource["PhysicalResourceId"] for resource in resources if resource["ResourceType"] == kind]
        if len(found) != 1:
            raise DeploymentError(f"template.yaml should have one {kind}, and has {len(found)}")
        return found[0]

    # The template after the SAM transform is the one place that ties a function to the zip it was made from.
    processed = aws.cloudformation.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    functions = {
        folders[resource["Properties"]["Code"]["S3Key"]]: physical[name]
        for name, resource in processed["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function" and resource["Properties"]["Code"].get("S3Key") in folders
    }
    stack = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return Deployment(
        endpoint=endpoint,
        # By path: a host name per API, as on AWS, is not resolved on every machine.
        api_url=f"{endpoint}/_aws/execute-api/{only('AWS::ApiGateway::RestApi')}/{STAGE}",
        user_pool_id=only("AWS::Cognito::UserPool"),
        user_pool_client_id=only("AWS::Cognito::UserPoolClient"),
        functions=dict(sorted(functions.items())),
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
    )
