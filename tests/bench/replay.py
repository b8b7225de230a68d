"""An endpoint that gives recorded responses to the calls of a fresh process."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from zlib import crc32

from bench.recording import TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.recording import Exchange


class Replay:
    """Answers each call with the next response that was recorded for one of its kind.

    Calls that are made together may come in any order; one recorded with the same arguments gets that response.
    """

    def __init__(self) -> None:
        """Serve on a free port of this machine, until the end of the `with`."""
        replay = self

        class Handler(BaseHTTPRequestHandler):
            """Speaks the JSON protocol of DynamoDB and Secrets Manager."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Answer one call."""
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(replay.response(self.headers["X-Amz-Target"], body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("x-amz-crc32", str(crc32(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Nothing: the terminal is for figures."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._lock = threading.Lock()
        self._waiting: list[Exchange] = []

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def load(self, exchanges: Sequence[Exchange]) -> None:
        """Begin anew with these."""
        self._waiting = list(exchanges)

    def response(self, target: str, body: dict[str, object]) -> dict[str, object]:
        """The response to a call.

        Raises:
            LookupError: no call of this kind was recorded, or all of them were given.
        """
        with self._lock:
            alike = [exchange for exchange in self._waiting if TARGETS[exchange.method] == target]
            if not alike:
                raise LookupError(f"no recorded {target} is left")
            found = next((exchange for exchange in alike if exchange.arguments == body), alike[0])
            self._waiting.remove(found)
        return found.response

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
