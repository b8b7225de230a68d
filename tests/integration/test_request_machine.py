"""Any sequence of asking, answering, taking back and waiting: one live request at the most, one outcome each."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.app import App
from support.people import Office

ADMINISTRATORS = ("birgitta@bjork-brown.example", "benjamin@bjork-brown.example")
DECISIONS = {"accept": "accepted", "decline": "declined"}


class OneLiveRequest(RuleBasedStateMachine):
    """What the office, two administrators, the clock and the clean-up do to one customer and one solution."""

    def __init__(self) -> None:
        """Nothing is there before `initialize`, and already then the invariant is asked for."""
        super().__init__()
        self.expected: dict[str, str] = {}
        self.lives: Counter[str] = Counter()
        self.died: dict[str, datetime] = {}
        self.erased: set[str] = set()

    @initialize()
    def open_the_house(self) -> None:
        """The demonstration office."""
        os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "collaboration")
        self.app = App()
        self.office = Office(self.app)
        self.office.feed()

    def live(self) -> list[str]:
        """What is pending or has led to an active collaboration, by what this machine knows."""
        return [name for name, state in self.expected.items() if state in {"pending", "accepted"}]

    @rule()
    def invite(self) -> None:
        """Only when nothing is live; else the answer points to it."""
        live = self.live()
        answer = self.office.invite()
        if live:
            assert answer.status == 409
            assert answer.location.rpartition("-")[2] == live[0].rpartition("-")[2]
        else:
            assert answer.status == 201, answer.text
            self.expected[answer.json["id"]] = "pending"
            self.lives[answer.json["id"]] += 1

    @rule(which=st.integers(0, 9), who=st.sampled_from(ADMINISTRATORS), decision=st.sampled_from(sorted(DECISIONS)))
    def decide(self, which: int, who: str, decision: str) -> None:
        """Goes through while it is pending, and never after."""
        if name := self.pick(which):
            path = f"/my/requests/{name}/decision"
            answer = self.office.user(who).post(path, {"decision": decision})
            if self.expected[name] == "pending":
                assert answer.status == 200, answer.text
                self.expected[name] = DECISIONS[decision]
                self.died[name] = self.app.clock.now
            elif answer.status == 200:
                assert answer.json["status"] == self.status(name) == DECISIONS[decision]

    @rule(which=st.integers(0, 9), verb=st.sampled_from(["remind", "resend", "revoke"]))
    def act(self, which: int, verb: str) -> None:
        """A resend revives what has expired, unless another is live or it is erased; a revoke ends what is pending."""
        if not (name := self.pick(which)):
            return
        before = self.expected[name]
        answer = self.office.anna.post(f"/invitations/{name}/{verb}")
        if verb == "revoke" and before == "pending":
            assert answer.status == 200
            self.expected[name] = "revoked"
            self.died[name] = self.app.clock.now
        elif verb == "resend" and before == "expired":
            assert (answer.status == 202) == (not self.live() and name not in self.erased)
            if answer.status == 202:
                self.expected[name] = "pending"
                self.lives[name] += 1
        elif before != "pending":
            assert answer.status in {200, 409, 410}

    @rule(days=st.sampled_from([0.5, 1, 5, 11, 14]))
    def wait(self, days: float) -> None:
        """What is pending and past its expiry has expired, at once and without anybody's doing."""
        self.app.clock.pass_(days=days)
        for name, state in self.expected.items():
            if state == "pending":
                expires = self.office.anna.get(f"/invitations/{name}").json["expiresAt"]
                if datetime.fromisoformat(expires) <= self.app.clock.now:
                    self.expected[name] = "expired"
                    self.died[name] = datetime.fromisoformat(expires)

    @rule()
    def clean_up(self) -> None:
        """Erases what has been dead for thirty days, and changes nothing else that anybody can see but the timeline."""
        self.app.clean_up()
        for name, state in self.expected.items():
            dead = state in {"declined", "revoked", "expired"}
            if dead and self.app.clock.now >= self.died[name] + timedelta(days=30):
                self.erased.add(name)

    @rule()
    def end(self) -> None:
        """An ended collaboration makes room."""
        for name, state in self.expected.items():
            if state == "accepted":
                path = f"/collaborations/{name.replace('inv-', 'col-')}"
                etag = self.office.anna.get(path).headers["ETag"]
                answer = self.office.anna.post(f"{path}/end", {"outcome": "continue"}, headers={"If-Match": etag})
                assert answer.status == 200, answer.text
                self.expected[name] = "ended"

    def status(self, name: str) -> str:
        """What a request says of itself: an ended collaboration was accepted once."""
        return {"ended": "accepted"}.get(self.expected[name], self.expected[name])

    def pick(self, which: int) -> str | None:
        """One of the requests so far."""
        names = sorted(self.expected)
        return names[which % len(names)] if names else None

    @invariant()
    def every_request_is_what_it_should_be(self) -> None:
        """State and timeline agree, at most one is live, and each life has at most one outcome."""
        assert len(self.live()) <= 1
        for name, state in self.expected.items():
            shown = self.office.anna.get(f"/invitations/{name}").json
            assert shown["status"] == self.status(name)
            assert (shown["recipients"] == []) == (name in self.erased)
            kinds = self.kinds(name)
            decided = [kind for kind in kinds if kind in {"invitation-accepted", "invitation-declined"}]
            assert len(decided) == (state in {"accepted", "declined", "ended"})
            assert kinds["invitation-expired"] <= self.lives[name]
            assert kinds["persons-erased"] == (name in self.erased)
            assert kinds["invitation-reminded"] + kinds["invitation-resent"] <= 4 * self.lives[name]

    def kinds(self, name: str) -> Counter[str]:
        """How often what happened to a request."""
        rows: list[Any] = self.office.anna.get(f"/invitations/{name}/history?limit=100").json["items"]
        return Counter(row["kind"] for row in rows)


TestOneLiveRequest = OneLiveRequest.TestCase
