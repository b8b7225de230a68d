"""What bursts look at, without a stack: the day of an office in memory, and mails that were sent too often."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from collaboration.link_tokens import LinkKeys
from support.app import App, Response
from support.people import BJORK, Office

from proof import bursts, guards
from proof.bursts import Persistent, a_day, mail_faults
from proof.interleavings import begin
from proof.invariants import Stored
from proof.simulation import SECRET, simulated
from proof.worlds import situation

if TYPE_CHECKING:
    from collections.abc import Iterator


def day(office: Office, caller: Persistent) -> list[str]:
    """The day of an office, with the keys of links where a stack has them."""
    secrets = SimpleNamespace(
        list_secrets=lambda: {"SecretList": [{"ARN": "keys"}]},
        get_secret_value=lambda **_: {"SecretString": SECRET},
    )
    client: Any = SimpleNamespace(aws=SimpleNamespace(secrets=secrets))
    office.app.signer = LinkKeys.parse(SECRET).signer(office.app.clock())
    return [*a_day(client, office, caller, bursts.ROUNDS)]


def test_a_day_without_faults_is_answered_as_it_should() -> None:
    """Nothing is repeated, and nothing is wrong."""
    office, caller = Office(App()), Persistent()
    office.feed()
    assert day(office, caller) == []
    assert (caller.wrong, caller.repeated) == ([], 0)


def test_puts_that_are_refused_are_counted() -> None:
    """Every other round puts a task without participants, the first too: of nine, five."""
    office, caller = Office(App()), Persistent()
    office.feed()
    real = App.call

    def refusing(self: App, method: str, url: str, body: Any = None, **how: Any) -> Response:
        if method == "PUT" and body.get("participants") == []:
            return Response(404, {}, "{}", url)
        return real(self, method, url, body, **how)

    with patch.object(App, "call", refusing):
        assert day(office, caller) == []
    assert len(caller.wrong) == len(range(0, bursts.ROUNDS, 2)) == 5
    assert all(f"/tasks/{BJORK.task_id} is answered 404" in what for what in caller.wrong)


def sent_by_two(*, attempts: int) -> Iterator[str]:
    """What is wrong with mails after two have sent them side by side, each counting so many attempts."""
    place = situation("mail-waiting")
    mail = next(command for command in place.commands if command.name == "mail")
    simulation, shared = begin(place.world, [mail, mail])
    for _ in simulation.run(lambda choices: choices[len(shared.client.records) % len(choices)]):
        pass
    mails = [
        SimpleNamespace(message_id=f"message-{number}", to=sent.to) for number, sent in enumerate(shared.ses.sent, 1)
    ]
    client: Any = SimpleNamespace(mails=lambda: mails)
    found = shared.client.items
    for (_, sk), item in found.items():
        if sk.startswith("MAIL#"):
            item["attempts"] = {"N": str(attempts)}
    yield from mail_faults(client, found.values(), Stored.of(found, shared.now))


def test_a_mail_more_than_attempts_is_missed() -> None:
    """Two claim the same mail; a copy for which there was an attempt is not one too many."""
    guard = next(guard for guard in guards.GUARDS if guard.what == "a mail is claimed by one")
    with simulated():
        assert [*sent_by_two(attempts=1)] == []
        with guard.broken():
            assert [*sent_by_two(attempts=1)] == ["1 mails more than attempts to send them"] * 2
            assert [*sent_by_two(attempts=2)] == []
