"""Lambda's runtime API, as far as a runtime client asks it: the next event, and what the function answered.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

_DEADLINE_MS = 15_000


class RuntimeApi:
    """Hands out one event as often as it is asked for, from a free port of this machine until the end of the `with`."""

    def __init__(self) -> None:
        """Serve."""
        api = self
        self.event = b"{}"

        class Handler(BaseHTTPRequestHandler):
            """Speaks the runtime API."""

            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                """The next event."""
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "bench")
                self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + _DEADLINE_MS))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-north-1:000000000000:bench")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(api.event)))
                self.end_headers()
                self.wfile.write(api.event)

            def do_POST(self) -> None:
                """What the function answered."""
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing: the terminal is for figures."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        """Host and port, as a runtime client is told them."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
