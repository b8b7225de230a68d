"""Hold a CloudFormation template against cdk-nag's rules; run as a program, since what it finds ends the process.

nag.py TEMPLATE FOLDER: the report is FOLDER/validation-report.json.
"""

from __future__ import annotations

import sys

import aws_cdk
import cdk_nag
from aws_cdk import cloudformation_include


def main(template: str, folder: str) -> None:
    """Write the report."""
    app = aws_cdk.App(outdir=folder)
    stack = aws_cdk.Stack(app, "Collaboration")
    cloudformation_include.CfnInclude(stack, "Template", template_file=template)
    aws_cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app))
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
