"""Keys of the links are rotated while links are alive, and replaced when one has leaked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from collaboration.composition import RotatingSigner
from collaboration.link_tokens import LinkKeys, RotationTooSoonError
from support.people import ALMBERG, BJORK, DAHL

if TYPE_CHECKING:
    from support.app import App
    from support.people import Office


class Vault:
    """Secrets Manager."""

    def __init__(self) -> None:
        self.keys = LinkKeys("the first key")

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        """The keys as they are now."""
        return {"SecretString": self.keys.secret()}


@pytest.fixture
def vault(app: App) -> Vault:
    """The secret that the application reads its keys from, a process each time somebody asks."""
    vault = Vault()
    client: Any = vault
    app.signer = process(app, client)
    return vault


def process(app: App, vault: Any) -> RotatingSigner:
    """A process of a function: it reads the keys now, and again after a minute."""
    return RotatingSigner(vault, "arn", lambda: app.clock().timestamp(), app.clock, lambda work: work())


def shown(office: Office, link: str) -> tuple[int, str]:
    """What a link answers: its status, and the state of the request."""
    answer = office.nobody.get(link, headers={"Accept": "application/json"})
    return answer.status, answer.json.get("status")


def test_links_live_through_a_rotation(app: App, office: Office, vault: Vault) -> None:
    """Before, during and after it, for as long as an invitation may live; each is signed with one key only."""
    office.put(f"/platform/offices/{office.id}", {**OFFICE, "invitationDays": 60})
    office.invited(BJORK)
    first = office.link_of(BJORK.contact.email)
    app.clock.pass_(days=1)
    vault.keys = vault.keys.rotated("the second key", app.clock.now)
    # Nobody has read the new key yet; then everybody has, and links are still signed with the one before.
    for minutes in (0, 6):
        app.clock.pass_(minutes=minutes)
        customer = DAHL if minutes else ALMBERG
        office.invited(customer)
        assert shown(office, office.link_of(customer.contact.email)) == (200, "pending")
    announced = office.link_of(DAHL.contact.email)
    assert LinkKeys("the first key").signer(app.clock.now).read(announced.rpartition("/")[2])
    app.clock.pass_(minutes=5)
    office.invited(BJORK, "smart-office", invoiceRecipient="office")
    second = office.link_of(BJORK.contact.email)
    assert LinkKeys("the second key").signer(app.clock.now).read(second.rpartition("/")[2])
    for link in (first, announced, second):
        assert shown(office, link) == (200, "pending")
    app.clock.pass_(days=58)
    assert shown(office, first) == (200, "pending")
    assert office.nobody.post(first, {"decision": "accept", "organisationNumberEnding": "4172"}).status == 200
    app.clock.pass_(days=2)
    assert shown(office, first)[0] == 404
    assert shown(office, second) == (200, "expired")


def test_a_link_of_the_last_minutes_of_a_key_lives_as_long_as_any(app: App, office: Office, vault: Vault) -> None:
    """It is signed with the key before for ten minutes after the rotation, and good until its invitation expires."""
    office.put(f"/platform/offices/{office.id}", {**OFFICE, "invitationDays": 60})
    vault.keys = vault.keys.rotated("the second key", app.clock.now)
    app.clock.pass_(minutes=9)
    office.invited()
    link = office.link_of(BJORK.contact.email)
    app.clock.pass_(days=59, hours=23, minutes=59)
    assert shown(office, link) == (200, "pending")


def test_a_process_that_has_not_read_the_new_key_reads_every_link(app: App, office: Office, vault: Vault) -> None:
    """It keeps what it has read for a minute; nobody signs with the new key for ten."""
    client: Any = vault
    slow = process(app, client)
    office.invited(BJORK)
    assert slow.read(office.link_of(BJORK.contact.email).rpartition("/")[2])
    vault.keys = vault.keys.rotated("the second key", app.clock.now)
    app.signer = process(app, client)
    app.clock.pass_(seconds=50)
    office.invited(DAHL)
    assert slow.read(office.link_of(DAHL.contact.email).rpartition("/")[2])


def test_the_key_before_is_not_dropped_while_its_links_may_be_good(app: App) -> None:
    """A second rotation within sixty days of the last link that it signs is refused, and says until when."""
    now = app.clock.now
    once = LinkKeys("one").rotated("two", now)
    app.clock.pass_(days=60, minutes=10, seconds=-1)
    with pytest.raises(RotationTooSoonError, match="2027-01-23"):
        once.rotated("three", app.clock.now)
    app.clock.pass_(seconds=1)
    assert once.rotated("three", app.clock.now).previous == "two"


def test_keys_of_the_first_version_stay_valid(app: App) -> None:
    """A secret without a time holds keys that somebody rotated by hand, or never."""
    held = LinkKeys.parse('{"previous": "one", "current": "two"}')
    claims = LinkKeys("one").signer(app.clock.now)
    assert (claims.current, held.signer(app.clock.now).current, held.signer(app.clock.now).other) == (
        *(b"one", b"two"),
        b"one",
    )
    assert LinkKeys.parse(held.secret()) == held
    rotated = LinkKeys("a").rotated("b", app.clock.now)
    assert LinkKeys.parse(rotated.secret()) == rotated


def test_all_links_of_a_leaked_key_die_at_once(app: App, office: Office, vault: Vault) -> None:
    """404 for each, also during a rotation; signing in goes on, and a resend mails a link that works."""
    client: Any = vault
    invitation = office.invited(BJORK)
    first = office.link_of(BJORK.contact.email)
    vault.keys = vault.keys.rotated("the second key", app.clock.now)
    app.clock.pass_(minutes=11)
    office.invited(DAHL)
    links = (first, office.link_of(DAHL.contact.email))
    assert [shown(office, link)[0] for link in links] == [200, 200]
    vault.keys = LinkKeys.replaced("the third key", app.clock.now)
    app.signer = process(app, client)
    assert [shown(office, link)[0] for link in links] == [404, 404]
    assert office.nobody.post(first, {"decision": "accept", "organisationNumberEnding": "4172"}).status == 404
    waiting = office.user(BJORK.contact.email).get("/my/requests").json["items"]
    assert [row["status"] for row in waiting] == ["pending"]
    assert office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202
    app.drain_events()
    assert shown(office, office.link_of(BJORK.contact.email)) == (200, "pending")
    assert office.decide(BJORK.contact.email).status == 200


def test_a_process_that_has_read_a_leaked_key_drops_it_within_a_minute(app: App, office: Office, vault: Vault) -> None:
    """Nobody starts it anew: that would move an alias."""
    office.invited(BJORK)
    link = office.link_of(BJORK.contact.email)
    assert shown(office, link)[0] == 200
    app.clock.pass_(seconds=61)
    assert shown(office, link)[0] == 200
    vault.keys = LinkKeys.replaced("another key", app.clock.now)
    app.clock.pass_(seconds=55)
    assert shown(office, link)[0] == 200
    app.clock.pass_(seconds=10)
    assert shown(office, link)[0] == 404


OFFICE = {"name": "Ek & Lind", "email": "info@ek-lind.example", "locale": "sv"}
