"""`sending-rate`: at most so many mails a second leave, however many functions send at the same time."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from collaboration.mailing.pace import SENDING, Pace
from collaboration.services import Services
from collaboration.settings import MailSettings, MissingSettingsError
from collaboration.storage.patience import Backoff, Deadline
from collaboration.storage.send_rate import take_turn
from collaboration.storage.table import Table
from support.people import BJORK, Office

if TYPE_CHECKING:
    from support.app import App
    from support.engines import Engine

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_many_senders_share_a_second(engine: Engine) -> None:
    """Sixteen at once, each with its own connection to the table: exactly as many turns as there are."""
    table = Table(engine.client, engine.table_name)
    with ThreadPoolExecutor(16) as senders:
        turns = list(senders.map(lambda _: take_turn(table, 7, START), range(64)))
    # Whoever was refused by another's write did not take a turn: never more, and none is lost while it is quiet.
    taken = sum(turns) + sum(take_turn(table, 7, START) for _ in range(7))
    assert taken == 7
    assert take_turn(table, 7, START + timedelta(seconds=1))


def test_a_clock_that_is_behind_finds_no_room(engine: Engine) -> None:
    """A second that is over is not counted again."""
    table = Table(engine.client, engine.table_name)
    assert take_turn(table, 1, START)
    assert not take_turn(table, 1, START - timedelta(seconds=1))
    assert not take_turn(table, 1, START)


class Sleeping:
    """A process with a clock of its own that sleeping moves, and so many seconds to live."""

    def __init__(self, app: App, seconds: float) -> None:
        self.now = START
        self._lock = Lock()
        backoff = Backoff(Deadline(self.passed), self.sleep)
        backoff.deadline.start(seconds)
        self.services = Services(
            lambda: Table(app.client, app.table_name, backoff), lambda: self.now, lambda: "x", backoff
        )

    def passed(self) -> float:
        """Seconds since it began."""
        return (self.now - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.now += timedelta(seconds=seconds)


def test_waits_for_its_turn_and_never_beyond_the_deadline(app: App) -> None:
    """Three a second: ten turns take four seconds; then there is no time for another mail."""
    process = Sleeping(app, SENDING + 3.5)
    pace = Pace(process.services, 3)
    seconds: Counter[int] = Counter()
    while pace.wait():
        seconds[int((process.now - START).total_seconds())] += 1
    assert seconds == {0: 3, 1: 3, 2: 3, 3: 3}
    assert (process.now - START).total_seconds() <= 3.5


def test_what_gets_no_turn_is_due_later(app: App, office: Office) -> None:
    """It has not been tried: no attempt is counted, no failure; the next run of the schedule sends it."""
    account = BJORK.account
    assert account is not None
    users = [{"email": f"p{nth}@bjork-brown.example", "name": f"P {nth}", "role": "administrator"} for nth in range(30)]
    office.put(
        f"/platform/accounts/{account.id}", {**account.body(BJORK), "users": users, "mainContact": users[0]["email"]}
    )
    office.invite()
    sound = app.mailer

    class Slow(Pace):
        """Has time for twelve mails."""

        left = 12

        def wait(self) -> bool:
            """Whether there is time."""
            self.left -= 1
            return self.left >= 0

    for sent in (12, 24, 30):
        app.mailer = replace(sound, pace=Slow(app.services, 1))
        if sent == 12:
            app.drain_events()
        else:
            app.clock.pass_(minutes=1)
            app.send_due_mail()
        assert len(app.mailbox) == sent
    assert app.metrics.counted("MailsLeft") == [1, 1]
    attempts = {item["attempts"]["N"] for place, item in app.client.items.items() if place[1].startswith("MAIL#")}
    assert attempts == {"1"}


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_rate_is_a_number_of_mails(value: str) -> None:
    """Anything else is found when the function starts to send."""
    names = (
        "clock_offset_seconds",
        "table_name",
        "link_secret_arn",
        "public_url",
        "mail_sender",
        "mail_configuration_set",
    )
    own = MailSettings(**dict.fromkeys(names, "0"), mails_per_second=value)
    with pytest.raises(MissingSettingsError, match="MAILS_PER_SECOND"):
        _ = own.send_rate
