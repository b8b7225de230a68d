"""Run by a fresh interpreter: FastAPI behind Mangum, making the same calls; prints what the others do.

As Mangum's own introduction has it; boto3's clients are made at import, and nothing is decided, read or worded.
"""

import json
import resource
import sys
import time
from pathlib import Path

import boto3
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

app = FastAPI()
calls = [tuple(call) for call in json.loads(Path(sys.argv[1]).read_bytes())]
clients = {service: boto3.client(service) for service, _, _ in calls}


class Context:
    """What Lambda's context says that Mangum asks for."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-north-1:000000000000:function:bench"
    aws_request_id = "bench"


class Answer(BaseModel):
    """What it answers."""

    made: int
    operation: str


@app.get("/calls/{operation}")  # type: ignore[untyped-decorator] # FastAPI is no dependency of ours
def make(operation: str) -> Answer:
    """Make the calls."""
    for service, method, arguments in calls:
        getattr(clients[service], method)(**arguments)
    return Answer(made=len(calls), operation=operation)


handler = Mangum(app, lifespan="off")


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
