"""The laptop stack's own refusals: each says what is wrong at once, and leaves everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from stack import demonstration, later, mailbox, stack_file
from stack.client import Client, Mail, NoMailError

STACK: dict[str, Any] = {
    "endpointUrl": "http://127.0.0.1:1",
    "apiUrl": "http://127.0.0.1:1",
    "functions": {"cleanup": "cleanup"},
    "people": [{"username": "anna@ek-lind.example", "email": "anna@ek-lind.example"}],
}


@pytest.mark.parametrize("days", [0, -3, 1e9, float("nan"), float("inf")])
def test_a_clock_that_cannot_be_moved_is_not_touched(days: float) -> None:
    """Backwards, nowhere, or beyond ten years: refused before any function hears of it; there is no socket here."""
    with pytest.raises(later.InvalidDaysError, match="DAYS"):
        later.move(STACK, days)


def test_mail_to_an_unknown_address_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names who has mail, and waits for nobody."""
    client = Client(STACK)
    monkeypatch.setattr(client, "mails", lambda *_: [])
    with pytest.raises(NoMailError, match=r"anna@ek-lind\.example"):
        client.latest_mail("nobody@nowhere.example")


def test_a_mail_is_shown_as_it_is_read_and_runs_nothing() -> None:
    """The list names it; its page holds it in a frame without rights, links opening beside it; nothing is unescaped."""
    body = '<a href="http://x">"go"</a><script>'
    mail = Mail("a<b>@x.example", "Spiris <s@x.example>", "Hej & <i>", "text", body, "message-1")
    assert "Hej &amp; &lt;i&gt;" in mailbox.list_page([mail])
    assert '<link rel="icon" href="data:,">' in mailbox.list_page([mail]), "nothing is asked for that is not there"
    status, page = mailbox.answer("/1", [mail])
    assert status == HTTPStatus.OK
    assert "to a&lt;b&gt;@x.example" in page
    assert "&lt;base target=&quot;_blank&quot;&gt;&lt;a href=&quot;http://x&quot;&gt;&quot;go&quot;" in page
    assert "<script>" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert [mailbox.answer(path, [mail])[0] for path in ("/", "/2", "/0", "/x")] == [200, 404, 404, 404]


def test_everybody_who_can_sign_in_is_named() -> None:
    """What `make run` prints has each address that the pool knows."""
    assert {email for _, email, _ in demonstration.who_can_sign_in()} == {p.username for p in demonstration.people()}


INTERRUPTED = """
import signal, sys
sys.path.insert(0, sys.argv[1])
from stack import environment
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    environment.run([sys.executable, "-c", "print('started', flush=True); import time; time.sleep(60)"])
except KeyboardInterrupt:
    print("ended")
"""


def test_ctrl_c_while_the_environment_is_made_leaves_no_traceback() -> None:
    """The terminal sends it to everything it runs: only we hear it, and we end what we started."""
    command = [sys.executable, "-c", INTERRUPTED, str(Path(__file__).parents[1])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:  # noqa: S603 - ours
        assert process.stderr is not None
        assert process.stderr.readline() == "started\n"
        os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=30)
    assert (process.returncode, said, complained) == (0, "ended\n", "")


def test_only_one_stack_serves_from_a_checkout(tmp_path: Path) -> None:
    """The second one is told so, and the lock is free again afterwards."""
    with stack_file.only_one(tmp_path), pytest.raises(stack_file.NoStackError), stack_file.only_one(tmp_path):
        pass
    with stack_file.only_one(tmp_path):
        pass
