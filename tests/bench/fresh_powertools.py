"""Run by a fresh interpreter: a usual Powertools function that makes the same calls; prints what the others do.

Logger, Metrics, the resolver and its validation, as Powertools' own introduction has them; boto3's clients are made at
import, and nothing is decided, read or worded.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel

os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "bench"
logger = Logger()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)
calls = [tuple(call) for call in json.loads(Path(sys.argv[1]).read_bytes())]
clients = {service: boto3.client(service) for service, _, _ in calls}


class Context:
    """What Lambda's context says that Powertools asks for."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-north-1:000000000000:function:bench"
    aws_request_id = "bench"


class Answer(BaseModel):
    """What the sample answers."""

    made: int
    operation: str


@app.get("/calls/<operation>")
def make(operation: str) -> Answer:
    """Make the calls."""
    for service, method, arguments in calls:
        getattr(clients[service], method)(**arguments)
    metrics.add_metric(name="Made", unit=MetricUnit.Count, value=len(calls))
    return Answer(made=len(calls), operation=operation)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of the gateway."""
    logger.info("called")
    return app.resolve(event, context)


def main(times: int) -> None:
    """Answer so many times."""
    imported = time.process_time()
    event = {
        "httpMethod": "GET",
        "path": "/calls/sample",
        "resource": "/calls/{operation}",
        "headers": {"Accept": "application/json"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "pathParameters": {"operation": "sample"},
        "requestContext": {"requestId": "bench", "path": "/calls/sample", "stage": "v1"},
        "body": None,
        "isBase64Encoded": False,
    }
    answer = handler(event, Context())
    first = time.process_time()
    for _ in range(times - 1):
        answer = handler(event, Context())
    last = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps({"imported": imported, "first": first, "last": last, "peak": peak, "status": answer["statusCode"]})
    )


main(int(sys.argv[2]))
