"""Logins that strangers asked for and nobody confirmed are deleted after a week, and no other ever is."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from collaboration import logins
from support.cognito import PoolUser
from support.samples import sample

if TYPE_CHECKING:
    from support.app import App


def store(app: App, name: str, *, days: float, status: str = "UNCONFIRMED") -> None:
    """A login that somebody asked for so many days ago."""
    app.cognito.users[name] = PoolUser(status, app.clock.now - timedelta(days=days))


def run(app: App, context: object = None) -> Any:
    """A night's run; what it counted, without the zeros."""
    counts = app.functions["purge_logins"].handler(sample("purge_logins-every-night"), context)
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("filters", [True, False], ids=["filtered", "unfiltered"])
def test_what_nobody_confirmed_goes_after_a_week(app: App, *, filters: bool) -> None:
    """Confirmed ones stay, employees who have not signed in yet, and who may still be looking for the code.

    A pool that listed everybody would have nobody else's login deleted.
    """
    app.cognito.filters = filters
    store(app, "stranger", days=7.1)
    store(app, "just-asked", days=6.9)
    store(app, "administrator", days=400, status="CONFIRMED")
    store(app, "employee", days=400, status="FORCE_CHANGE_PASSWORD")
    assert run(app) == {"deleted": 1}
    assert set(app.cognito.users) == {"just-asked", "administrator", "employee"}
    assert app.cognito.looked_up == ["stranger"]
    assert app.metrics.counted("LoginsPurged") == [1]
    app.clock.pass_(days=1)
    assert run(app) == {"deleted": 1}
    assert run(app) == {}
    assert app.metrics.counted("LoginsPurged") == [1, 1, 0]


@pytest.mark.parametrize("filters", [True, False], ids=["filtered", "unfiltered"])
def test_who_confirms_at_the_last_moment_keeps_the_login(app: App, *, filters: bool) -> None:
    """It is looked up once more before it is deleted; one that is gone by then is no failure."""
    app.cognito.filters = filters
    for name in ("late", "removed", "removed-after"):
        store(app, name, days=8)
    delete = app.cognito.admin_delete_user

    def meanwhile(name: str) -> None:
        if name == "late":
            app.cognito.confirm(name)
        if name == "removed":
            del app.cognito.users[name]

    def too_late(**asked: str) -> Any:
        del app.cognito.users[asked["Username"]]
        return delete(**asked)

    app.cognito.before_look = meanwhile
    app.cognito.admin_delete_user = too_late  # type: ignore[method-assign]
    assert run(app) == {}
    assert app.cognito.looked_up == ["late", "removed", "removed-after"]
    assert set(app.cognito.users) == {"late"}


def test_a_run_is_bounded_and_the_next_goes_on(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many strangers there were, over as many pages as it takes."""
    monkeypatch.setattr(logins, "AT_ONCE", 100)
    for nth in range(250):
        store(app, f"s{nth:03}", days=8)
    assert [run(app) for _ in range(4)] == [
        {"deleted": 100, "cutShort": 1},
        {"deleted": 100, "cutShort": 1},
        {"deleted": 50},
        {},
    ]


def test_a_run_ends_before_its_time_is_up(app: App) -> None:
    """With one deleted at least, so that runs get on."""
    store(app, "one", days=8)
    store(app, "two", days=8)
    assert run(app, SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)) == {"deleted": 1, "cutShort": 1}
    store(app, "three", days=8)
    # Time runs out once all are listed.
    app.cognito.before_look = lambda _: app.services.deadline.start(5)
    assert run(app) == {"deleted": 1, "cutShort": 1}
    app.cognito.before_look = None
    assert run(app) == {"deleted": 1}


def test_one_that_cannot_be_deleted_stops_no_other(app: App) -> None:
    """It is counted, logged without a name, and tried again by the next run."""
    for name in ("a", 'quoted "a\\b"@example.com', "stuck@example.com", "z"):
        store(app, name, days=8)
    app.cognito.failing = {"stuck@example.com"}
    assert run(app) == {"deleted": 3, "failed": 1}
    assert app.metrics.counted("DueWorkFailed") == [1]
    [line] = app.log.said("background work failed")
    assert line.facts["kind"] == "ClientError"
    assert "stuck" not in str(app.log.lines)
    app.cognito.failing = set()
    assert run(app) == {"deleted": 1}


def test_a_pool_that_lists_nothing_fails_the_run(app: App) -> None:
    """Lambda makes the call again, and the alarm of its errors goes off."""
    store(app, "stranger@example.com", days=8)
    app.cognito.fault = ClientError({"Error": {"Code": "AccessDenied", "Message": "stranger@example.com"}}, "ListUsers")
    with pytest.raises(Exception, match=r"^ClientError at [a-z_]+\.py:\d+$"):
        run(app)
    assert set(app.cognito.users) == {"stranger@example.com"}
