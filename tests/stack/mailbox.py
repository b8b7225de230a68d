"""The mailbox of the laptop stack as pages: who got which mail, and each as its reader sees it."""

from __future__ import annotations

import contextlib
import threading
from email.header import decode_header, make_header
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stack.client import Mail

STYLE = """
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1.5rem 1rem}
ol{list-style:none;padding:0}
li{padding:.6rem 0;border-top:1px solid}
small{display:block;opacity:.75}
iframe{width:100%;height:75vh;border:1px solid;background:#fff}
"""


def list_page(mails: Sequence[Mail]) -> str:
    """The page of all mails, the latest first."""
    entries = "".join(
        f'<li><a href="{number}">{escape(mail.subject)}</a><small>to {escape(mail.to)}</small></li>'
        for number, mail in reversed(list(enumerate(mails, start=1)))
    )
    return _page("Every mail sent", f"<ol>{entries}</ol>" if mails else "<p>No mail has been sent yet.</p>")


def mail_page(mail: Mail) -> str:
    """The page of one mail. What it holds runs nothing, and its links open beside it."""
    content = mail.html or f"<pre>{escape(mail.text)}</pre>"
    shown = escape(f'<base target="_blank">{content}', quote=True)
    sender = escape(str(make_header(decode_header(mail.source))))
    return _page(
        escape(mail.subject),
        f'<p><a href="./">All mails</a></p><p><small>from {sender}</small><small>to {escape(mail.to)}</small></p>'
        f'<iframe title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{shown}"></iframe>',
    )


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        # Without an icon of its own a browser asks for one, and complains that there is none.
        '<link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{content}"
    )


def answer(path: str, mails: Sequence[Mail]) -> tuple[HTTPStatus, str]:
    """What a request for `path` is answered: `/` is the list, `/3` the third mail."""
    if path == "/":
        return HTTPStatus.OK, list_page(mails)
    number = path.removeprefix("/")
    if number.isdecimal() and 1 <= int(number) <= len(mails):
        return HTTPStatus.OK, mail_page(mails[int(number) - 1])
    return HTTPStatus.NOT_FOUND, _page("No such mail", '<p><a href="./">All mails</a></p>')


@contextlib.contextmanager
def served(mails: Callable[[], Sequence[Mail]]) -> Iterator[str]:
    """Serve the mailbox on a free port of this machine while the block runs; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with a page."""
            status, page = answer(self.path.partition("?")[0], mails())
            body = page.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing in the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
