"""Run by a fresh interpreter: the same calls with boto3 and nothing else; print processor time and memory."""

import json
import resource
import sys
import time
from pathlib import Path

import boto3


def main(calls_file: str, times: int) -> None:
    """Make the calls so many times."""
    clients = {}
    imported = time.process_time()
    calls = json.loads(Path(calls_file).read_bytes())

    def once() -> None:
        for service, method, arguments in calls:
            if service not in clients:
                clients[service] = boto3.client(service)
            getattr(clients[service], method)(**arguments)

    once()
    first = time.process_time()
    for _ in range(times - 1):
        once()
    last = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"imported": imported, "first": first, "last": last, "peak": peak, "status": 200}))


main(sys.argv[1], int(sys.argv[2]))
