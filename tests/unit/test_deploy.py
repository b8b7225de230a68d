"""What `make deploy` makes of template.yaml: a parameter that changes reaches the functions that are called."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from botocore.exceptions import ClientError
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse
from stack import parameters
from stack.packaging import LOCAL_PATH
from support.template import PROJECT, template

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = ["Stage=test", "MailSender=collaboration@spiris.example"]


class Deployed:
    """CloudFormation, with a stack that has these parameters; without any there is no stack."""

    def __init__(self, **present: str) -> None:
        self.present = present

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        """The one stack."""
        if not self.present:
            says = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": says}}, "DescribeStacks")
        rows = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.present.items()]
        return {"Stacks": [{"Parameters": rows}]}


class Policies:
    """ARNs of AWS's policies that SAM gives to functions' roles."""

    def load(self) -> dict[str, str]:
        """By name."""
        names = ("AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSLambdaDynamoDBExecutionRole")
        return {name: f"arn:aws:iam::aws:policy/{name}" for name in names}


def stamped(folder: Path, given: list[str], **present: str) -> dict[str, Any]:
    """The template as `sam build` leaves it, with the digest of the parameters that a deployment would use."""
    built = folder / "template.yaml"
    text = (PROJECT / "template.yaml").read_text(encoding="utf-8")
    uploaded = LOCAL_PATH.sub(lambda found: f"{found['key']}s3://bucket/{found['path']}", text)
    built.write_text(yaml.safe_dump(yaml_parse(uploaded)), encoding="utf-8")
    cloudformation: Any = Deployed(**present)
    parameters.stamp(built, "collaboration-test", cloudformation, given)
    read: dict[str, Any] = yaml.safe_load(built.read_text(encoding="utf-8"))
    return read


def versions(built: dict[str, Any], monkeypatch: pytest.MonkeyPatch, **values: str) -> set[str]:
    """The logical ids of the versions that SAM makes of it: another id is another version."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    defaults = {name: str(row.get("Default", "")) for name, row in built["Parameters"].items()}
    resources = transform(built, defaults | values, Policies())["Resources"]
    return {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Version"}


@pytest.mark.filterwarnings("ignore")
def test_a_parameter_that_changes_makes_a_version_of_every_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SAM alone would leave each alias at the version with the old value; the same values make no new version."""
    first = versions(stamped(tmp_path, GIVEN), monkeypatch)
    louder = versions(stamped(tmp_path, [*GIVEN, "LogLevel=DEBUG"]), monkeypatch, LogLevel="DEBUG")
    again = versions(stamped(tmp_path, GIVEN, Stage="test", MailsPerSecond="14"), monkeypatch)
    assert len(first) == len(louder) == len(list(PROJECT.glob("functions/*/app.py")))
    assert not first & louder
    assert first == again


def used_by_functions() -> set[str]:
    """The parameters that a function's own configuration refers to, through conditions too."""
    read = template()
    properties = [resource["Properties"] for resource in read["Resources"].values() if "Function" in resource["Type"]]
    of_versions = [
        {name: value for name, value in row.items() if name in {"Environment", "SnapStart", "LoggingConfig", "Timeout"}}
        for row in [read["Globals"]["Function"], *properties]
    ]
    text = json.dumps([of_versions, read["Conditions"]])
    return {name for name in read["Parameters"] if re.search(rf'"{name}"|\$\{{{name}\}}', text)}


def digest(given: list[str], **present: str) -> str:
    """Of what a deployment with these parameters would use."""
    cloudformation: Any = Deployed(**present)
    found = parameters.deployed(cloudformation, "collaboration-test")
    return parameters.digest(parameters.effective(template()["Parameters"], found, parameters.parsed(given)))


def test_every_parameter_that_a_function_uses_counts() -> None:
    """Each of them, by itself, makes another digest."""
    used = used_by_functions()
    assert used >= {"Stage", "LogLevel", "LogSampleRate", "SnapStart", "MailSender", "MailsPerSecond", "PublicUrl"}
    for name in used:
        assert digest([*GIVEN, f"{name}=another"]) != digest(GIVEN), name


def test_a_parameter_that_a_stack_keeps_counts() -> None:
    """`sam deploy` leaves what is not given as the stack has it: so does the digest, and what is gone is forgotten."""
    given = digest([*GIVEN, "MailsPerSecond=50"])
    kept = digest(GIVEN, Stage="test", MailsPerSecond="50", Forgotten="x")
    changed = digest([*GIVEN, "MailsPerSecond=14"], Stage="test", MailsPerSecond="50")
    assert given == kept != changed


def test_how_a_version_takes_over_makes_none() -> None:
    """The same functions, all at once this time: nothing is new."""
    assert digest([*GIVEN, "Deployment=Canary10Percent5Minutes"]) == digest([*GIVEN, "Deployment=AllAtOnce"])


@pytest.mark.parametrize(("given", "says"), [("Firewal=true", "no parameter Firewal"), ("Firewall", "Name=value")])
def test_a_parameter_that_there_is_not_is_refused(given: str, says: str) -> None:
    """`sam deploy` would leave it out without a word."""
    with pytest.raises(parameters.ParameterError, match=says):
        digest([*GIVEN, given])


def test_a_deployment_is_stamped_after_the_build_and_before_it_goes_out() -> None:
    """With the very parameters that are deployed; each stage has its stack in samconfig.toml."""
    recipe = (PROJECT / "Makefile").read_text(encoding="utf-8").partition("\ndeploy:")[2].partition("\n\n")[0]
    steps = [line.strip() for line in recipe.splitlines() if "$(CHOSEN)" in line or "sam build" in line]
    assert ["sam build" in steps[0], "stack stamp" in steps[1], "sam deploy" in steps[2]] == [True] * 3
    assert all(line.endswith("$(CHOSEN)") for line in steps[1:])
    assert parameters.stack_name(PROJECT, "prod") == "collaboration"
    assert parameters.stack_name(PROJECT, "test") == "collaboration-test"
