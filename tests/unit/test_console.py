"""The pages' files: what is served, as what, with which policy, and nothing else."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from collaboration.domain.decisions.ending import BANK_INTEGRATION
from collaboration.domain.model.access import Role
from collaboration.domain.model.catalogue import SetUpField, catalogue
from collaboration.domain.model.collaboration import CollaborationState
from collaboration.domain.model.history import EntryKind
from collaboration.domain.model.invitation import InvitationState
from collaboration.domain.model.values import Delivery, Locale, Outcome, Scenario, Side
from collaboration.wording import wordings

if TYPE_CHECKING:
    from types import ModuleType

PROJECT = Path(__file__).resolve().parents[2]
PAGES = PROJECT / "functions" / "console" / "pages"
POOL = "https://cognito-idp.eu-north-1.amazonaws.com"


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The function, freshly loaded, with settings as the template gives them."""
    monkeypatch.setenv("CLOCK_OFFSET_SECONDS", "0")
    monkeypatch.setenv("SIGN_IN_ENDPOINT", POOL)
    monkeypatch.setenv("USER_POOL_ID", "eu-north-1_pool")
    monkeypatch.setenv("USER_POOL_CLIENT_ID", "client")
    spec = importlib.util.spec_from_file_location("function_console_alone", PAGES.parent / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(console: ModuleType, route: str, file: str | None = None, **headers: str) -> dict[str, Any]:
    """What the gateway would be answered."""
    event = json.loads((PROJECT / "events" / "console-file.json").read_text(encoding="utf-8"))
    event |= {"resource": route, "pathParameters": {"file": file} if file else None}
    event["headers"] = {"Accept": "*/*", **headers}
    event["requestContext"]["path"] = f"/v1{route.replace('{file}', file or '')}"
    answer: dict[str, Any] = console.handler(event, None)
    return answer


@pytest.mark.parametrize(
    ("route", "file", "content_type"),
    [
        ("/", None, "text/html; charset=utf-8"),
        ("/console", None, "text/html; charset=utf-8"),
        ("/my", None, "text/html; charset=utf-8"),
        ("/console/{file}", "console.js", "text/javascript; charset=utf-8"),
        ("/console/{file}", "preact.js", "text/javascript; charset=utf-8"),
        ("/console/{file}", "app.css", "text/css; charset=utf-8"),
        ("/console/{file}", "tokens.css", "text/css; charset=utf-8"),
        ("/console/{file}", "icon.svg", "image/svg+xml"),
        ("/console/{file}", "config.json", "application/json"),
    ],
)
def test_a_file_is_what_it_says(console: ModuleType, route: str, file: str | None, content_type: str) -> None:
    """Its media type; a file is kept by the browser and asked for anew each time, a page with what it shows is not."""
    answer = ask(console, route, file)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == content_type
    assert answer["headers"]["Cache-Control"] == ("no-cache" if file else "no-store")
    assert answer["headers"]["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_nothing_in_but_our_files_and_the_pool(console: ModuleType) -> None:
    """No inline script or style, no third party, no frame."""
    assert ask(console, "/console")["headers"]["Content-Security-Policy"] == (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {POOL}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def test_the_same_version_is_not_sent_again(console: ModuleType) -> None:
    """304 to the ETag that was given, also among others and as a weak one; anything else gets the file."""
    tag = ask(console, "/console")["headers"]["ETag"]
    for known in (tag, f'"other", W/{tag}'):
        again = ask(console, "/console", **{"If-None-Match": known})
        assert (again["statusCode"], again["body"]) == (304, "")
        assert again["headers"]["ETag"] == tag
    assert ask(console, "/console", **{"If-None-Match": '"other"'})["statusCode"] == 200


@pytest.mark.parametrize(
    "name", ["nothing.js", "../app.py", "app.py", "..%2Fapp.py", "/etc/passwd", "README.md", "__pycache__", "."]
)
def test_what_is_no_file_of_the_pages_is_not_found(console: ModuleType, name: str) -> None:
    """Names are looked up, never opened."""
    assert ask(console, "/console/{file}", name)["statusCode"] == 404


def test_the_front_page_gets_its_slash(console: ModuleType) -> None:
    """Relative links need it, whatever stands before the stage."""
    event = json.loads((PROJECT / "events" / "console-file.json").read_text(encoding="utf-8"))
    event |= {"resource": "/", "pathParameters": None}
    event["requestContext"]["path"] = "/v1"
    answer = console.handler(event, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (302, "v1/")


@pytest.mark.parametrize("route", ["/console", "/my"])
def test_a_page_loses_its_slash(console: ModuleType, route: str) -> None:
    """The gateway takes it for the same address, and relative links would lead below it."""
    event = json.loads((PROJECT / "events" / "console-file.json").read_text(encoding="utf-8"))
    event |= {"resource": route, "pathParameters": None}
    event["requestContext"]["path"] = f"/v1{route}/"
    answer = console.handler(event, None)
    asked = f"https://api.example/v1{route}/"
    assert answer["statusCode"] == 302
    assert urljoin(asked, answer["headers"]["Location"]) == f"https://api.example/v1{route}"


@pytest.mark.parametrize(
    ("route", "parameter", "value", "fragment"),
    [
        ("/console/customers/{customerId}", "customerId", "bjork", "customers/bjork"),
        ("/console/collaborations/{collaborationId}", "collaborationId", "col-1", "collaborations?open=col-1"),
        ("/console/requests/{invitationId}", "invitationId", "inv-1", "requests?open=inv-1"),
    ],
)
def test_an_address_that_mails_link_to_leads_to_its_place(
    console: ModuleType, route: str, parameter: str, value: str, fragment: str
) -> None:
    """One page with a router of its own; what is no id is not found, and never becomes part of an address."""
    event = json.loads((PROJECT / "events" / "console-file.json").read_text(encoding="utf-8"))
    for asked, status in ((value, 302), ("../my", 404), ("x y", 404)):
        event |= {"resource": route, "pathParameters": {parameter: asked}}
        answer = console.handler(event, None)
        assert answer["statusCode"] == status
        assert answer["headers"].get("Location") == (f"../../console#/{fragment}" if status == 302 else None)


def test_the_settings_say_where_to_sign_in_and_no_more(console: ModuleType) -> None:
    """The pool's address and the app client, which is no secret."""
    config = json.loads(ask(console, "/console/{file}", "config.json")["body"])
    assert config == {"signInEndpoint": POOL, "userPoolId": "eu-north-1_pool", "clientId": "client"}


def test_every_file_that_is_named_is_there(console: ModuleType) -> None:
    """What pages and modules load exists; no page holds a script or style of its own, no module another's address."""
    served = set(console.files())
    for path in [*PAGES.glob("*.html"), *PAGES.glob("*.js")]:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'(?:src|href)="console/([^"]+)"', text) + re.findall(
            r'(?:from |import\()"\./([^"]+)"', text
        )
        assert set(named) <= served, path.name
        assert not re.search(r"<style|style=|onclick=|<script>|https?://(?!www\.w3\.org)", text), path.name


@pytest.mark.parametrize("page", ["index.html", "console.html", "my.html"])
def test_a_page_loads_its_modules_at_once(page: str) -> None:
    """All that the first module imports, and what those import, is named: no module waits until another is read."""
    text = (PAGES / page).read_text(encoding="utf-8")
    [first] = re.findall(r'<script type="module" src="console/([^"]+)"', text)
    needed: set[str] = set()
    left = [first]
    while left:
        name = left.pop()
        if name not in needed and (PAGES / name).exists():
            left += re.findall(r'from "\./([^"]+)"', (PAGES / name).read_text(encoding="utf-8"))
        needed.add(name)
    named = re.findall(r'<link rel="modulepreload" href="console/([^"]+)">', text)
    assert named == sorted(needed - {first})


def test_no_text_of_the_pages_is_left_over_or_missing() -> None:
    """Each key that a module names is there; a key that is put together is found by its beginning."""
    lines = (PAGES / "en.js").read_text(encoding="utf-8").splitlines()
    known = {pair[1] for line in lines if (pair := re.fullmatch(r'\s*"([\w.-]+)": ".*",', line))}
    code = "".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.js") if path.stem not in {"sv", "en"})
    named = set(re.findall(r'\bt\("([\w.-]+)"', code)) | {
        f"{key}.{form}" for key in re.findall(r'\btn\("([\w.-]+)"', code) for form in ("one", "other")
    }
    assert named <= known
    quoted = set(re.findall(r'"([\w.-]+)"', code))
    begun = tuple(re.findall(r"\btn?\(`([\w.-]+)\$\{", code))
    assert {key for key in known - named - quoted if not key.startswith(begun)} <= {
        f"{key}.label" for key in ("tile.start", "tile.activate")
    }


def test_whatever_the_api_says_by_a_key_has_its_words() -> None:
    """Kinds of history, deliveries, states, outcomes, and what the catalogue has to do, to check and to lose."""
    lines = (PAGES / "en.js").read_text(encoding="utf-8").splitlines()
    known = {pair[1] for line in lines if (pair := re.fullmatch(r'\s*"([\w.-]+)": ".*",', line))}
    solutions = catalogue().solutions
    said = {
        "history": {*EntryKind},
        "delivery": {*Delivery},
        "status": {*InvitationState},
        "state": {*CollaborationState},
        "outcome": {*Outcome},
        "scenario": {*Scenario},
        "setup": {*SetUpField},
        "reason": {*Role},
        "side": {*Side},
        "checklist": {BANK_INTEGRATION.key} | {named.key for solution in solutions for named in solution.checklist},
        "to-do": {named.key for solution in solutions for named in solution.to_do},
        "lost": {named.key for solution in solutions for variant in solution.variants for named in variant.adds},
    }
    assert {f"{group}.{key}" for group, keys in said.items() for key in keys} - known == set()


def test_both_languages_say_the_same_things() -> None:
    """Each text in Swedish has its English one, with the same places to fill."""

    def texts(name: str) -> dict[str, set[str]]:
        lines = (PAGES / name).read_text(encoding="utf-8").splitlines()
        pairs = [re.fullmatch(r'\s*"?([\w.-]+)"?: (".*"),', line) for line in lines]
        return {pair[1]: set(re.findall(r"{\w+}", json.loads(pair[2]))) for pair in pairs if pair}

    swedish, english = texts("sv.js"), texts("en.js")
    assert len(swedish) > 100
    assert swedish == english


@pytest.mark.parametrize("locale", Locale)
def test_the_page_of_an_invitation_calls_the_company_page_by_its_title(locale: Locale) -> None:
    """Whoever is sent there finds the heading that was promised."""
    script = (PAGES / f"{locale}.js").read_text(encoding="utf-8")
    title = re.search(r'"my.title": "([^"]+)"', script)
    assert title
    for key in ("page.request.sign-in.link", "page.next.my", "page.accepted.wrong"):
        assert title[1] in str(wordings(locale)[key]), key
