"""Unicode's worst strings in every text of every body, and through to mails, pages, lists, search and timelines.

A text is taken, in its one spelling, and shown as text wherever it is shown; or it is refused, naming the field.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast
from unicodedata import normalize
from urllib.parse import quote

from collaboration.http.problems import STATUS
from support.app import App
from support.people import ANNA, BJORK, BO, CEDER, Office, fresh_key

from proof.tally import tallied
from proof.valid_requests import BIRGITTA, Story, ValidRequest, valid_requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from support.app import Response

    from proof.report import Effort, Row

# By what they try. None holds a digit or a word that the service itself would write.
WORST = {
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "right-to-left override": "Bokf\u202egnir\u00f6",
    "isolates": "\u2067abc\u2069 \u2066def\u2069",
    "left-to-right mark": "a\u200eb",
    "Arabic letter mark": "a\u061cb",
    "joiners in an emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "a joiner beside ASCII": "pay\u200dpal",
    "zero-width space": "a\u200bb",
    "soft hyphen": "bok\u00adf\u00f6ring",
    "byte order mark": "\ufeffabc",
    "combining, decomposed": "A\u030angstro\u0308m",
    "combining without a letter": "\u0301\u0302\u0303",
    "combining, many": "Z\u0351\u036b\u0343\u036a\u0302\u036b" + "a\u0300" * 40 + "lgo",
    "enclosing": "a\u20dd b\u20e3",
    "variation selectors": "\u2764\ufe0f \u2764\ufe0e",
    "tags": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "flags": "\U0001f1f8\U0001f1ea\U0001f1f8",
    "skin tone": "\U0001f44d\U0001f3fe",
    "astral letters": "\U0001d54a\U0001d561\U0001d55a\U0001d563\U0001d55a\U0001d564",
    "astral, last": "\U0010fffd",
    "private use": "\ue000\uf8ff",
    "not characters": "\ufffe\uffff\ufdd0",
    "replacement": "\ufffd",
    "unassigned": "\u0378\u05ff",
    "NUL": "a\x00b",
    "escape": "\x1b[31mred\x1b[0m",
    "bell, backspace, delete": "a\x07\x08\x7fb",
    "C1 control": "a\x85\x9bb",
    "lone high surrogate": "a\ud800b",
    "lone low surrogate": "\udfff",
    "surrogates the wrong way": "\udc00\ud800",
    "CRLF and a header": "Hej\r\nBcc: nosy@elsewhere.example",
    "line feed": "a\nb",
    "vertical tab and form feed": "a\x0b\x0cb",
    "line separator": "a\u2028b\u2029c",
    "spaces only": " \u00a0\u2003\u3000 ",
    "spaces around": "\u2003 Kvitto \u00a0",
    "no-break": "a\u00a0b\u202fc\u2011d",
    "Ogham space": "a\u1680b",
    "Hangul filler": "\u3164\u115f\u1160",
    "Braille blank": "\u2800",
    "empty": "",
    "long": "\u00e5" * 5000,
    "long astral": "\U0001f600" * 1200,
    "long word": "Bokf\u00f6ringsbyr\u00e5" * 12,
    "grows in upper case": "\ufb03\u00df\u0149\u01f0",
    "grows when normalised": "\ufdfa\u0344\u1fee",
    "Turkish": "I\u0131\u0130i",
    "final sigma": "\u03a3\u03c3\u03c2",
    "look-alike": "\u0410nna \u0415k",
    "look-alike address": "\u0430nna@ek-lind.example",
    "internationalised address": "anna@b\u00e5t.example",
    "punycode": "xn--bt-zia.example",
    "full width": "\uff21\uff2e\uff2e\uff21 \uff1cb\uff1e",
    "other digits": "\u0665\u0665\u0666\u0668 \uff15\uff15 \u00b2",
    "script": "<script>alert(document.domain)</script>",
    "attribute": '" onmouseover="alert(document.domain)" x="',
    "single quotes": "' onfocus='alert(document.domain)' autofocus='",
    "image": "<img src=x onerror=alert(document.domain)>",
    "closing tags": "</title></style></textarea></p></td></table><h1>x</h1>",
    "comment": "<!-- --><![CDATA[x]]><?php ?>",
    "entities": "&lt;b&gt; &amp; &#60; &copy &NotEqualTilde;",
    "link": '<a href="https://elsewhere.example">click</a>',
    "address of a page": "https://elsewhere.example/login",
    "javascript": "javascript:alert(document.domain)",
    "Markdown": "[click](https://elsewhere.example) **b** `c`",
    "Jinja": "{{ config }}{% for x in y %}{# c #}{{ ''.__class__.__mro__ }}",
    "format": "{0.__class__} {office} %s %(name)s %n ${jndi:ldap://elsewhere.example} $company",
    "SQL": "Robert'); DROP TABLE customers;-- OR ''='",
    "expressions": "attribute_not_exists(#pk) OR :x = :x #n",
    "separators": "CUSTOMER#ek-lind#bjork\u0001GUARD",
    "JSON": '"}, {"a": ["\\u0000\\\\',
    "path": "../../etc/passwd%2f..%00",
    "formula": '=HYPERLINK("https://elsewhere.example";"x")',
    "quoted-printable": "=?utf-8?B?PGI+?= =3D =\r\n",
    "literal words": "null true NaN undefined -Infinity",
}
# What people are called and write: each has to be taken, and to come back as it was written, in its one spelling.
WELCOME = {
    "Swedish": "\u00c5sa \u00d6berg-Str\u00f6m & S\u00f6ner",
    "Swedish, decomposed": "A\u030asa O\u0308berg Ho\u0308glund",
    "French, decomposed": "Rene\u0301e E\u0301tie\u0301nne",
    "Vietnamese": "Nguy\u1ec5n Th\u1ecb Ng\u1ecdc",
    "Polish": "\u0141ukasz \u017b\u00f3\u0142\u0107",
    "Arabic": "\u0645\u0631\u064a\u0645 \u0627\u0644\u062d\u0633\u0646",
    "Hebrew": "\u05e9\u05e8\u05d4 \u05dc\u05d5\u05d9",
    "Hebrew and Latin": "\u05e9\u05e8\u05d4 Levy AB",
    "Cyrillic": "\u0410\u043d\u043d\u0430 \u0415\u043a\u043e\u0432\u0430",
    "Japanese": "\u682a\u5f0f\u4f1a\u793e\u30b9\u30d4\u30ea\u30b9",
    "Japanese, beyond the first plane": "\U00020bb7\u91ce\u5bb6",
    "Thai": "\u0e2a\u0e21\u0e0a\u0e32\u0e22 \u0e43\u0e08\u0e14\u0e35",
    "Hindi": "\u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f \u0936\u094d\u0930\u0940",
    "apostrophes": "Pat O\u2019Brien, D'Angelo",
    "quotes": 'Bolaget "Sn\u00f6" \u00bbTak\u00ab',
    "elements as text": "<b>Fet</b> & Co",
    "an entity as text": "A &amp; B",
    "emoji": "Tack \U0001f44d\U0001f3fe \U0001f1f8\U0001f1ea \u2764\ufe0f",
}
# Of these a message may be made, and no name: in a name nothing is invisible.
WELCOME_IN_MESSAGES = {
    "joiners in an emoji": "Vi ses \U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "Persian, with a joiner": "\u0646\u0645\u06cc\u200c\u062f\u0627\u0646\u0645",
    "Hindi, with a joiner": "\u0915\u094d\u200d\u0937",
    "several lines": "Hej!\n\nV\u00e4lkommen till oss.\nAnna",
}
# Fields that hold what somebody writes freely; of others a body may be refused for more reasons than their spelling.
FREE = frozenset({"name", "street", "city", "phone", "postalCode", "message", "reference"})


@dataclass(frozen=True)
class TextCase:
    """A text in a place, and what is wrong with what came of it: nothing, it is to be hoped."""

    where: str
    text: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.where}, {self.text}: {'; '.join(self.faults)}"


def in_every_body(effort: Effort) -> Iterator[TextCase]:
    """Each string of each body of each operation, replaced by each of the worst."""
    story = Story()
    trials = [
        (request, path, name) for request in valid_requests(story) for path in _strings(request.body) for name in WORST
    ]
    for request, path, name in effort.spread(trials):
        story.rewind()
        text = WORST[name]
        answer = request.with_body(_replaced(request.body, path, text)).call(story.app, request.claims)
        where = f"{request.name} #/{'/'.join(map(str, path))}"
        yield TextCase(where, name, _refused_or_taken(request, path, text, answer))


def _strings(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(body, str):
        yield path
    elif isinstance(body, dict):
        for name, value in body.items():
            yield from _strings(value, (*path, name))
    elif isinstance(body, list):
        for number, value in enumerate(body[:1]):
            yield from _strings(value, (*path, number))


def _replaced(body: Any, path: tuple[str | int, ...], text: str) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return changed


def _refused_or_taken(
    request: ValidRequest, path: tuple[str | int, ...], text: str, answer: Response
) -> tuple[str, ...]:
    operation = request.operation
    described = {*operation.answers, *(STATUS[slug] for slug in operation.all_refusals)}
    if answer.status not in described or answer.status >= 500:
        return (f"answered {answer.status}: {answer.text[:200]}",)
    if not _is_text(answer.text):
        return ("the answer is no text",)
    # A row is judged by itself, and any other field has reasons of its own.
    by_itself = answer.status == 200 and operation.row
    return () if path[-1] not in FREE or by_itself else _of_free_text(path, text, answer)


def _of_free_text(path: tuple[str | int, ...], text: str, answer: Response) -> tuple[str, ...]:
    """What is wrong with the answer to a field that holds what somebody writes."""
    if answer.status == 422:
        pointers = [error["pointer"] for error in answer.json.get("errors", ())]
        return () if f"#/{'/'.join(map(str, path))}" in pointers else (f"refused, and {pointers} named",)
    if answer.status == 400:
        return ("not read, and it is JSON",) if _is_text(text) else ()
    if answer.status < 300:
        return () if _is_text(text) else ("taken, and it is no text",)
    return () if answer.slug == "contact-incomplete" else (f"refused for {answer.slug}",)


def _is_text(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def taken_in_every_body() -> Iterator[TextCase]:
    """Each free string of each body of each operation, replaced by each that has to be taken; a PUT answers it."""
    story = Story()
    for request in valid_requests(story):
        for path in _strings(request.body):
            if path[-1] not in FREE:
                continue
            welcome = WELCOME | (WELCOME_IN_MESSAGES if path[-1] == "message" else {})
            for name, text in welcome.items():
                story.rewind()
                answer = request.with_body(_replaced(request.body, path, text)).call(story.app, request.claims)
                where = f"{request.name} #/{'/'.join(map(str, path))}"
                yield TextCase(where, name, tuple(_not_taken(request, text, answer)))


def _not_taken(request: ValidRequest, text: str, answer: Response) -> Iterator[str]:
    if answer.status >= 300 or (request.operation.row and '"refused"' in answer.text):
        yield f"answered {answer.status}: {answer.text[:200]}"
    elif request.operation.method == "PUT" and normalize("NFC", text) not in _said(answer).split("\n"):
        yield f"answered otherwise: {answer.text[:200]}"


# Through to the end


def all_the_way(name: str) -> Iterator[TextCase]:
    """One of the worst in all that is written, as far as it is taken; then everywhere where that is shown."""
    text = WORST[name]
    shown = _story_with(text)
    plain = _story_with(PLAIN, as_names=shown.as_names, as_messages=shown.as_messages)
    if not shown.documents:
        yield TextCase("everywhere", name, ())
    for where, document in shown.documents.items():
        yield TextCase(where, name, tuple(_wrongly_shown(where, text, document, plain.documents[where])))


PLAIN = "Kvitto Vit"


def welcomed(name: str) -> Iterator[TextCase]:
    """One that has to be taken in all that is written; then everywhere where that is shown, as it was written."""
    as_names = name in WELCOME
    text = WELCOME[name] if as_names else WELCOME_IN_MESSAGES[name]
    shown, plain = _story_with(text, as_names=as_names), _plain_story(as_names=as_names)
    taken = {"as a name": shown.as_names or not as_names, "as a message": shown.as_messages}
    yield from (TextCase(where, name, () if is_ else ("refused",)) for where, is_ in taken.items())
    for where, document in plain.documents.items():
        if where in shown.documents:
            faults = (
                *_wrongly_shown(where, text, shown.documents[where], document),
                *_not_identical(where, text, shown.documents[where], document),
            )
            yield TextCase(where, name, faults)
        else:
            yield TextCase(where, name, ("not shown",))


@cache
def _plain_story(*, as_names: bool) -> TextPlaces:
    return _story_with(PLAIN, as_names=as_names)


def _not_identical(where: str, text: str, document: str, plain: str) -> Iterator[str]:
    """What a place that shows a plain text has changed of this one. JSON holds it alone, if it does the plain one."""
    spelled = normalize("NFC", text)
    if PLAIN in plain.split("\n") and f"\n{spelled}\n" not in f"\n{document}\n":
        yield f"not by itself, as it was written: {document[:200]!r}"
    if where.startswith("subject") and PLAIN in plain and spelled not in document:
        yield f"not in the subject: {document!r}"


def _wrongly_shown(where: str, text: str, document: str, plain: str) -> Iterator[str]:
    spelled = normalize("NFC", text.strip())
    if where.endswith("as HTML"):
        if _skeleton(document) != _skeleton(plain):
            yield f"the page has other elements than with a plain text: {_difference(document, plain)}"
        seen = _visible(document)
    else:
        seen = re.sub("^> ?", "", document, flags=re.MULTILINE)
    if where.startswith("subject"):
        if any(sign in document for sign in "\r\n\x00"):
            yield "a line break"
    elif " ".join(spelled.split()) not in " ".join(seen.split()):
        yield f"not shown as it was written: {seen[:200]!r}"


class _Reader(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.elements.append(f"{tag} {' '.join(name for name, _ in attrs)}")
        self.text += [value for name, value in attrs if value and name in {"value", "aria-label", "title"}]

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        """A comment is nothing that anybody wrote into a template here."""
        self.elements.append("a comment")


def _read(document: str) -> _Reader:
    reader = _Reader()
    reader.feed(document)
    reader.close()
    return reader


def _skeleton(document: str) -> list[str]:
    """The elements, whatever the number of lines of a message: each is one of its own."""
    elements = [element for element in _read(document).elements if element.split()[0] != "br"]
    lines = ("div dir", "p dir")
    return [one for one, before in pairwise(["", *elements][::-1]) if not (one == before and one in lines)]


def _visible(document: str) -> str:
    return " ".join(_read(document).text)


def _difference(document: str, plain: str) -> str:
    pairs = zip(_skeleton(document), _skeleton(plain), strict=False)
    return next((f"{one} for {other}" for one, other in pairs if one != other), "more of them")


@dataclass(frozen=True)
class TextPlaces:
    """What is shown of a text, by place; whether it was taken as a name and as a message."""

    documents: dict[str, str]
    as_names: bool
    as_messages: bool


def _story_with(text: str, *, as_names: bool = True, as_messages: bool = True) -> TextPlaces:
    """A whole story with the text as every name and every message that takes it."""
    app = App()
    office = Office(app)
    office.feed()
    fed = [office.platform.put(*named).status for named in _named(office, text)] if as_names else []
    names = bool(fed) and set(fed) <= {200, 201}
    app.drain_events()
    proposal = office.confirmed(office.proposal(BJORK, "smart-office", invoiceRecipient="office"))
    message = {"message": text} if as_messages else {}
    keyed = {"Idempotency-Key": fresh_key()}
    messages = as_messages and office.anna.post("/invitations", {**proposal, **message}, headers=keyed).status == 201
    if not messages:
        message = {}
        office.invite(BJORK, "smart-office", invoiceRecipient="office")
    app.drain_events()
    link = office.link_of(BIRGITTA)
    page = office.nobody.get(link, headers={"Accept": "text/html"})
    seen = office.nobody.get(link, headers={"Accept": "application/json"})
    decided = office.decide(BIRGITTA, **cast("Any", message))
    assert (page.status, decided.status) == (200, 200), (page.text, decided.text)
    app.drain_events()
    invitation = office.anna.get("/invitations")
    documents: dict[str, str] = {}
    if names or messages:
        documents |= {"the page of a link as HTML": page.text, "the JSON of a link": _said(seen)}
        documents["sent requests"] = _said(invitation)
    kinds = {"invitation", "decided"} if messages else set()
    if names:
        documents |= _places_of_names(office, text, decided.json["collaborationId"])
        documents["the page after a decision as HTML"] = office.nobody.get(link, headers={"Accept": "text/html"}).text
        kinds |= {mail.tags["kind"] for mail in app.mailbox}
    for number, mail in enumerate(app.mailbox):
        if mail.to in {BIRGITTA, CEDER.contact.email, ANNA.email, BO.email} and mail.tags["kind"] in kinds:
            kind = f"{mail.tags['kind']} {number}"
            documents |= {
                f"subject of {kind}": mail.subject,
                f"mail {kind}": mail.text,
                f"mail {kind} as HTML": mail.html,
            }
    return TextPlaces(documents, names, messages)


def _named(office: Office, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the platform feeds, by path, with the text for every name."""
    base = f"/platform/offices/{office.id}"
    fed = office.platform.get(base).json
    fed.pop("id")
    yield base, {**fed, "name": text}
    for employee in (ANNA, BO):
        yield f"{base}/employees/{employee.id}", {**employee.body(), "name": text}
    for customer in (BJORK, CEDER):
        contact = {**customer.contact.body(), "name": text}
        yield f"{base}/customers/{customer.id}", {**customer.body(), "name": text, "contact": contact}
    yield f"{base}/customers/{BJORK.id}/tasks/{BJORK.task_id}", {**BJORK.task(), "name": text}
    if BJORK.account:
        account = BJORK.account.body(BJORK)
        users = [{**user, "name": text} for user in account["users"]]
        yield f"/platform/accounts/{BJORK.account.id}", {**account, "name": text, "users": users}


def _places_of_names(office: Office, text: str, collaboration: str) -> dict[str, str]:
    """Lists, search and timelines of both sides, once a new company was activated and one imported as well."""
    office.activate(CEDER, "scanner")
    imported = office.imported(reference=text)
    office.app.drain_events()
    anna, birgitta, found = office.anna, office.user(BIRGITTA), quote(normalize("NFC", text.strip()))
    paths = {
        "collaborations": "/collaborations",
        "customers that are searched for": f"/customers?query={found}",
        "employees that are searched for": f"/employees?query={found}",
        "customers that are searched for as it was typed": f"/customers?query={quote(text.strip())}",
        "who has access": f"/collaborations/{collaboration}/access",
        "the timeline of the office": f"/collaborations/{collaboration}/history",
        "an imported reference": f"/collaborations/{imported['id']}",
    }
    mine = {
        "the timeline of the company": f"/my/collaborations/{collaboration}/history",
        "the collaborations of the company": "/my/collaborations",
    }
    return {place: _said(anna.get(path)) for place, path in paths.items()} | {
        place: _said(birgitta.get(path)) for place, path in mine.items()
    }


def _said(answer: Response) -> str:
    """All texts of an answer, as whoever reads the JSON has them."""
    assert answer.status == 200, answer.text

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from texts(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)

    return "\n".join(texts(answer.json))


PART = "texts"


def prove(effort: Effort) -> Iterator[Row]:
    """Each of the worst in every text of every body, and all the way."""
    yield tallied(
        PART,
        f"each string of each body by each of {len(WORST)} worst: taken, or refused naming the field",
        in_every_body(effort),
    )
    cases = [case for name in effort.spread(WORST) for case in all_the_way(name)]
    what = "the same in mails, pages, lists, search, timelines: as text"
    yield tallied(PART, f"{what}, in {_places(cases)} places", cases)
    every = {**WELCOME, **WELCOME_IN_MESSAGES}
    what = f"each free string of each body by each of {len(every)} that people write: taken"
    yield tallied(
        PART, what, taken_in_every_body(), "each in its one spelling; with invisible joiners in messages only"
    )
    cases = [case for name in every for case in welcomed(name)]
    what = "the same in mails, pages, lists, search, timelines: as it was written"
    yield tallied(PART, f"{what}, in {_places(cases)} places", cases)


def _places(cases: Sequence[TextCase]) -> int:
    return len({case.where.rstrip("0123456789 ") for case in cases})
