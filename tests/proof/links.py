"""Links that were not mailed, and digits that are guessed: what a holder of the wrong thing gets, over every operation.

A link that was not made here is refused before the table is asked; all that are refused are refused alike.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Any

from collaboration.http.request import CallerClass
from collaboration.link_tokens import LinkKeys, TokenClaims, TokenSigner
from support.app import App
from support.people import BJORK, Office

from proof.tally import tallied
from proof.valid_requests import BENJAMIN, BIRGITTA, Story, ValidRequest, valid_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.app import Response

    from proof.report import Effort, Row

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class LinkCase:
    """A link that should lead nowhere, and what is wrong with what it was answered: nothing, it is to be hoped."""

    request: str
    link: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.request}, {self.link}: {'; '.join(self.faults)}"


def forgeries(token: str, another: str) -> Iterator[tuple[str, str]]:
    """Tokens made of a good one without its key, each with what was done; `another` is of another recipient."""
    for length in range(1, len(token)):
        yield f"cut after {length}", token[:length]
        yield f"cut before {length}", token[length:]
    for place, sign in enumerate(token):
        other = ALPHABET[(ALPHABET.find(sign) + 1) % len(ALPHABET)]
        yield f"another sign at {place}", token[:place] + other + token[place + 1 :]
    for last in ALPHABET:
        # The last of 43 signs holds two bits that mean nothing: another spelling of the same signature.
        if last != token[-1]:
            yield f"ending in {last}", token[:-1] + last
    for more in (
        "A",
        "=",
        "==",
        ".",
        " ",
        "\n",
        "\x00",
        "\u200b",
        "/..",
        "%2e",
        "å",
        "\ud800",
        "\U0001f600",
        "x" * 8000,
    ):
        yield f"followed by {more[:8]!r}", token + more
        yield f"preceded by {more[:8]!r}", more + token
    for changed in (token.upper(), token.lower(), token.swapcase(), token[::-1], token * 2):
        yield "written otherwise", changed
    claim, _, mac = token.rpartition(".")
    prefix, invitation, recipient, version = claim.split(".")
    _, _, other_recipient, _, other_mac = another.split(".")
    yield "another's place, one's own signature", f"{prefix}.{invitation}.{other_recipient}.{version}.{mac}"
    yield "one's own place, another's signature", f"{claim}.{other_mac}"
    for other_version in (
        "0",
        str(int(version) + 1),
        f"0{version}",
        f"+{version}",
        f" {version}",
        f"{version}_0",
        "-1",
    ):
        yield f"version {other_version!r}", f"{prefix}.{invitation}.{recipient}.{other_version}.{mac}"
    for other_prefix in ("", "v0", "v2", "V1"):
        yield f"format {other_prefix!r}", f"{other_prefix}.{invitation}.{recipient}.{version}.{mac}"
    yield "another invitation", f"{prefix}.inv-zz99999zzzzzz.{recipient}.{version}.{mac}"
    for key in (b"", b"\x00", b"a key of the test", b"current"):
        yield f"signed with {key!r}", f"{claim}.{_signature(key, claim, sha256)}"
    yield "signed by another method", f"{claim}.{_signature(b'a key of the tests', claim, sha1)}"
    yield "signed by its hash alone", f"{claim}.{_text(sha256(claim.encode()).digest())}"
    yield "not signed", f"{claim}."
    yield "none at all", "none"


def _signature(key: bytes, claim: str, method: Any) -> str:
    return _text(hmac.digest(key, claim.encode(), method))


def _text(mac: bytes) -> str:
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def forged_links(story: Story | None = None) -> Iterator[LinkCase]:
    """Every forgery on every operation of a link's holder."""
    story = story or Story()
    requests = [each for each in valid_requests(story) if each.operation.caller is CallerClass.HOLDER]
    for request in requests:
        story.rewind()
        refused = request.call(story.app, None, token="none")
        for name, token in forgeries(story.links[BIRGITTA], story.links[BENJAMIN]):
            story.rewind()
            answer = _with_token(story, request, token)
            yield LinkCase(request.name, name, tuple(_not_refused_alike(story, answer, refused)))


def _with_token(story: Story, request: ValidRequest, token: str) -> Response:
    """As the gateway hands it over, which has decoded the path; a slash in it is none of the path's."""
    folder, event = request.event(story.app, None)
    event["pathParameters"] = {**event["pathParameters"], "token": token}
    return story.app.invoke(folder, event)


def _not_refused_alike(story: Story, answer: Response, refused: Response) -> Iterator[str]:
    if (answer.status, answer.text, answer.headers) != (refused.status, refused.text, refused.headers):
        yield f"answered otherwise than any other that is forged: {answer.status} {answer.text[:200]}"
    if answer.status != 404:
        yield f"answered {answer.status}"
    if story.calls:
        yield "the table was asked"
    if story.changed:
        yield "something is stored"


def killed_links() -> Iterator[LinkCase]:
    """Links that were good once, of an older version or of keys that are gone, and of what was never there."""
    story = Story()
    for request in valid_requests(story):
        if request.operation.caller is not CallerClass.HOLDER:
            continue
        story.rewind()
        refused = request.call(story.app, None, token="none")
        for name, token in _once_good(story):
            answer = request.call(story.app, None, token=token)
            same = (answer.status, answer.text, answer.headers) == (404, refused.text, refused.headers)
            # Back to the page of the request leads there without looking whether there still is one.
            leads_back = request.operation.method == "GET" and set(request.operation.answers) == {302}
            expected = same or (leads_back and answer.status == 302)
            yield LinkCase(request.name, name, () if expected else (f"{answer.status} {answer.text[:200]}",))


def _once_good(story: Story) -> Iterator[tuple[str, str]]:
    signer = story.app._signer
    agreement = story.pending["id"].removeprefix("inv-")
    _, _, recipient, version, _ = story.links[BIRGITTA].split(".")
    wrong = {"decision": "accept", "organisationNumberEnding": "0000"}
    story.rewind()
    story.office.nobody.post(f"/accept/{story.links[BIRGITTA]}", wrong)
    assert story.office.anna.post(f"/invitations/{story.pending['id']}/resend").status == 202
    yield "an older version", story.links[BIRGITTA]
    claims: list[tuple[str, Any]] = [
        ("a version that is not yet", TokenClaims(agreement, recipient, int(version) + 5)),
        ("a recipient that is not there", TokenClaims(agreement, "r-nobody", 1)),
        ("an invitation that is not there", TokenClaims(type(agreement)("zz99999zzzzzz"), recipient, 1)),
    ]
    for name, claim in claims:
        story.rewind()
        yield name, signer.token(claim)
    now = story.app.clock.now
    first = LinkKeys("the first key")
    second = first.rotated("the second key", now)
    old = first.signer(now).token(TokenClaims(agreement, recipient, int(version)))
    try:
        story.app.signer = second.rotated("the third key", now.replace(year=now.year + 1)).signer(now)
        story.rewind()
        yield "of keys that were rotated twice", old
        story.app.signer = LinkKeys.replaced("the second key", now).signer(now)
        story.rewind()
        yield "of a key that has leaked and was replaced", old
    finally:
        story.app.signer = signer


def replayed_links() -> Iterator[LinkCase]:
    """A decision is one, however often it is sent, by whom, and in which order."""
    for decision, other in (("accept", "decline"), ("decline", "accept")):
        office = Office(App())
        office.feed()
        invitation = office.invited()
        links = {email: office.link_of(email) for email in (BIRGITTA, BENJAMIN)}
        first = office.decide(BIRGITTA, decision)
        office.app.drain_events()
        before = dict(office.app.client.items)
        faults = [f"refused: {first.text}"] if first.status != 200 else []
        digits = BJORK.organisation_number[-4:]
        for email, choice in ((BIRGITTA, decision), (BIRGITTA, other), (BENJAMIN, decision), (BENJAMIN, other)):
            body = {"decision": choice, "organisationNumberEnding": digits}
            for _ in range(3):
                answer = office.nobody.post(links[email], body)
                again = email == BIRGITTA and choice == decision
                if again and (answer.status, answer.text) != (200, first.text):
                    faults.append(f"the same decision again is answered {answer.status}")
                if not again and answer.status != 409:
                    faults.append(f"{choice} after {decision} is answered {answer.status}")
        if before != office.app.client.items:
            faults.append("a decision that was made already changed something")
        kinds = [row["kind"] for row in office.anna.get(f"/invitations/{invitation['id']}/history").json["items"]]
        if kinds.count(f"invitation-{decision}ed".replace("eed", "ed")) != 1:
            faults.append(f"history has {kinds}")
        yield LinkCase("decideInvitationByLink", f"{decision}, sent again", tuple(faults))


def rotated_links() -> Iterator[LinkCase]:
    """A link opens with the key it was signed with, while that is the present one and while it is the one before."""
    story = Story()
    signer, now = story.app._signer, story.app.clock.now
    agreement = story.pending["id"].removeprefix("inv-")
    _, _, recipient, version, _ = story.links[BIRGITTA].split(".")
    claims = TokenClaims(agreement, recipient, int(version))
    first = LinkKeys("the first key")
    token = TokenSigner(b"the first key").token(claims)
    rotated = first.rotated("the second key", now)
    known = (
        ("signed now", first, timedelta()),
        ("signed before a rotation just now", rotated, timedelta()),
        ("signed before a rotation that everybody knows of", rotated, timedelta(hours=1)),
        ("signed before a rotation, just within an invitation's life", rotated, timedelta(days=60, seconds=-1)),
    )
    for name, keys, later in known:
        story.rewind()
        story.app.signer = keys.signer(now + later)
        answer = story.office.nobody.get(f"/accept/{token}", headers={"Accept": "application/json"})
        yield LinkCase("showInvitationByLink", name, () if answer.status == 200 else (f"{answer.status}",))
    story.app.signer = signer


# Four digits; of those that follow six known ones the last is a check digit, so that a thousand are possible.
ENDINGS, ENDINGS_AFTER_SIX = 10_000, 1_000


@dataclass(frozen=True)
class Patience:
    """How far somebody comes who guesses digits for as long as an invitation lives.

    `guesses`: how many were judged, by a holder of every link of it; `resends`: how often the office has sent it again
    meanwhile, each time with new links, which the same person holds too; `allowed`: how many there should be at most.
    """

    company: str
    days: int
    resends: int
    guesses: int
    allowed: int

    @property
    def faults(self) -> tuple[str, ...]:
        """Whether there were more guesses than tries, or fewer: then it was not tried hard enough."""
        return () if self.guesses == self.allowed else (f"{self.guesses} guesses, and {self.allowed} tries",)

    def __str__(self) -> str:
        """The chance, in words."""
        blind, informed = self.guesses / ENDINGS, self.guesses / ENDINGS_AFTER_SIX
        return (
            f"{self.guesses} guesses in {self.days} days with {self.resends} resends, a chance of {blind:.2%}; "
            f"{informed:.1%} for whoever knows the first six digits"
        )


TRIES = {"limited-company": 10, "sole-trader": 3}
MOST_RESENDS = 3
LONGEST = 60


def patience(company: str) -> Iterator[Patience]:
    """Guess for the whole life of an invitation of a kind of company, by itself and sent again."""
    for days in (14, LONGEST):
        for resends in (0, MOST_RESENDS):
            yield _guess(company, days, resends)


def _guess(company: str, days: int, resends: int) -> Patience:
    app = App()
    office = Office(app)
    office.feed()
    path = f"/platform/offices/{office.id}"
    fed = office.platform.get(path).json
    fed.pop("id")
    office.put(path, {**fed, "invitationDays": days})
    office.put(f"{path}/customers/{BJORK.id}", {**BJORK.body(), "companyType": company})
    invitation = office.invited()
    wrong = (f"{number:04d}" for number in range(ENDINGS) if f"{number:04d}" != BJORK.organisation_number[-4:])
    guesses, sent = 0, 0
    digits = next(wrong)
    while office.anna.get(f"/invitations/{invitation['id']}").json["status"] == "pending":
        answers = []
        for email in (BIRGITTA, BENJAMIN):
            body = {"decision": "accept", "organisationNumberEnding": digits}
            answer = office.nobody.post(office.link_of(email), body)
            answers.append(answer)
            if answer.status == 403 and answer.slug == "organisation-number-mismatch":
                guesses += 1
                digits = next(wrong)
        if any(answer.status == 403 and answer.slug == "organisation-number-mismatch" for answer in answers):
            continue
        exhausted = {answer.slug for answer in answers} == {"digits-exhausted"}
        if exhausted and sent < resends and office.anna.post(f"/invitations/{invitation['id']}/resend").status == 202:
            sent += 1
            app.drain_events()
            continue
        app.clock.pass_(hours=25 if exhausted else 1)
    return Patience(company, days, sent, guesses, TRIES[company] * (1 + sent))


PART = "links"


def prove(effort: Effort) -> Iterator[Row]:
    """Links that were not mailed, that are dead, that are used again; digits that are guessed."""
    yield tallied(PART, "links forged, cut at every length, changed at every place: 404 unread", forged_links())
    yield tallied(
        PART, "links of an older version, of keys that are gone, of nothing: 404 as forged ones", killed_links()
    )
    yield tallied(PART, "one decision is one, whoever sends it again", replayed_links(), "twelve times, two answers")
    yield tallied(PART, "a link opens with the present key and the one before", rotated_links())
    for company, words in (("limited-company", "a company"), ("sole-trader", "a sole trader")):
        found = [*patience(company)]
        details = (str(each) for each in found if each.days == LONGEST)
        row = tallied(PART, f"digits of {words} guessed all its invitation's life", found, "; ".join(details))
        yield replace(row, tried=sum(each.guesses for each in found))
