"""Run by a fresh interpreter: import a function, answer requests, print the processor time and the memory it took."""

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path


class Context:
    """What Lambda's context says that the functions ask for."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the time-out: a quarter of an hour, since Valgrind takes fifty times as long."""
        return 900_000


def main(function: str, event_file: str, times: int) -> None:
    """Answer the event so many times."""
    sys.path.insert(0, function)
    handler = import_module("app").handler
    imported = time.process_time()
    event = json.loads(Path(event_file).read_bytes())
    answer = handler(event, Context())
    first = time.process_time()
    for _ in range(times - 1):
        answer = handler(event, Context())
    last = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps({"imported": imported, "first": first, "last": last, "peak": peak, "status": answer["statusCode"]})
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
