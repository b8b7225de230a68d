"""Run checkov and cdk-nag over the template, and read what they found.

checkov reads template.yaml; cdk-nag knows CDK alone, so it is given what the SAM transform makes of the template, which
is also what CloudFormation deploys: roles, stages and permissions that template.yaml does not spell out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from checks.answers import Finding

CHECKOV, NAG = "checkov", "cdk-nag"
REGION = "eu-north-1"
PACKS = ("AwsSolutions", "Serverless")


class CheckError(Exception):
    """A program did not do its work; says what it said."""


def checkov(template: Path) -> list[Finding]:
    """What checkov finds in the template.

    Raises:
        CheckError: it did not read the template, or not all of it.
    """
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("checkov")),
            *("--file", str(template), "--framework", "cloudformation", "--quiet", "--compact", "--output", "json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
    except ValueError as error:
        raise CheckError(done.stderr or done.stdout) from error
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        raise CheckError(f"checkov could not read {template.name}: {report['summary']}")
    return [
        Finding(CHECKOV, row["check_id"], row["resource"].rpartition(".")[2], row["check_name"])
        for row in report["results"]["failed_checks"]
    ]


def expanded(template: Path) -> dict[str, Any]:
    """What the SAM transform makes of the template, with gradual deployment and a firewall."""
    os.environ["AWS_DEFAULT_REGION"] = REGION
    from samtranslator.translator.transform import transform  # noqa: PLC0415 - reads the region
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - as above

    read = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in read["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & set(resource.get("Properties", {})):
            resource["Properties"][key] = f"s3://bucket/{resource['Properties'][key]}"
    made: dict[str, Any] = transform(read, {"Deployment": "Canary10Percent5Minutes"}, _NoPolicies())
    return made


class _NoPolicies:
    """The template names no policy of SAM's."""

    def load(self) -> dict[str, str]:
        """AWS's managed policies by name: none is used."""
        return {}


def nag(template: Path) -> list[Finding]:
    """What the rules of `PACKS` find in the expanded template.

    Raises:
        CheckError: there is no report, or one without a pack.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "expanded.json"), Path(folder, "out")
        source.write_text(json.dumps(expanded(template)), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("nag.py")), str(source), str(out)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1"},
        )
        report = out / "validation-report.json"
        if not report.is_file():
            raise CheckError(done.stderr or done.stdout)
        plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
    if missing := set(PACKS) - {plugin["pluginName"] for plugin in plugins}:
        raise CheckError(f"cdk-nag reported nothing of {', '.join(sorted(missing))}")
    return [
        Finding(NAG, violation["ruleName"], place["constructPath"].rpartition("/")[2], violation["description"])
        for plugin in plugins
        if plugin["pluginName"] in PACKS
        for violation in plugin["violations"]
        for place in violation["violatingConstructs"]
    ]
