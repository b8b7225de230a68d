"""Every mail in both languages: text and HTML agree, nothing is hidden, nothing is given away."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING, get_args

import pytest
from collaboration.domain.model.catalogue import SetUp
from collaboration.domain.model.mail import DigestContent, InvitationContent, MailContent
from collaboration.domain.model.values import Email, Locale, Scenario
from collaboration.mailing import rendering
from collaboration.mailing.rendering import sender_name
from collaboration.wording import wording, wordings
from support.mails import ADDRESSES, AGREEMENT, HOSTILE, LONGEST, READER, ROOT, SHORTEST, UNSEEN, mail_of, rendered
from support.template import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = re.compile(rf"{re.escape(ROOT)}/\S+")
LINK = ADDRESSES.accept(mail_of(SHORTEST["invitation"], Locale.SV), READER)
EXTREMES = {"shortest": SHORTEST, "longest": LONGEST}
EVERY = [(name, extreme) for extreme in EXTREMES for name in SHORTEST]
# To the customer's people, from the office; all others are the service's own, to the office.
ON_BEHALF = re.compile("invitation|reminder|login-instructions|information|ended-by-office")
every_mail = pytest.mark.parametrize(("name", "extreme"), EVERY)
every_locale = pytest.mark.parametrize("locale", Locale)


def content_of(name: str, extreme: str) -> MailContent:
    """One of the examples."""
    return EXTREMES[extreme][name]


def invitation(**changes: object) -> InvitationContent:
    """An invitation with some things changed."""
    content = SHORTEST["invitation"]
    assert isinstance(content, InvitationContent)
    return content.replace(**changes)


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return re.findall(r"[\w@]+", text)


def spoken(html: str) -> str:
    """What an HTML mail shows, without the name above it and what mail programs show beside the subject."""
    body = html.partition("<body")[2].partition(">")[2]
    body = re.sub(r'<div style="display:none.*?</div>|<p class="brand.*?</p>|<!--.*?-->', "", body, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]*>", " ", body))


def test_every_kind_of_mail_has_an_example() -> None:
    """Who adds a kind adds what all tests here look at."""
    union, _ = get_args(MailContent)
    assert {type(content) for content in SHORTEST.values()} == set(get_args(union))


@every_locale
@every_mail
def test_text_and_html_say_the_same(name: str, extreme: str, locale: Locale) -> None:
    """Word for word, but for addresses, and the numbers of steps, which HTML does not write out."""
    mail = rendered(content_of(name, extreme), locale)
    text = re.sub(r"^\d\. ", "", mail.text, flags=re.MULTILINE)
    assert words(re.sub(ADDRESS, "", text)) == words(re.sub(ADDRESS, "", spoken(mail.html)))
    assert "\n" not in mail.subject


@every_locale
@every_mail
def test_what_people_wrote_is_never_markup(name: str, extreme: str, locale: Locale) -> None:
    """Names and messages are escaped, whatever they hold; braces in them are braces."""
    mail = rendered(content_of(name, extreme), locale)
    assert not re.search(r"<(b|i|u|script)\b", mail.html)
    assert "{" not in (mail.text + mail.subject).replace("{name}", "")


@every_locale
@every_mail
def test_nothing_unseen_is_in_a_mail(name: str, extreme: str, locale: Locale) -> None:
    """No name breaks a line, begins a header or turns around what stands beside it."""
    mail = rendered(content_of(name, extreme), locale)
    for text in (mail.subject, mail.text, mail.html, mail.sender_name):
        assert not re.search("[\u200b\u202a-\u202e\u2066\u2067\r]", text)
        assert text.count("\u2068") == text.count("\u2069")
    assert not re.search(r"^Bcc", mail.text, re.MULTILINE)
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    assert all(hebrew not in line or "\u2068" in line for line in mail.subject.splitlines())
    assert hebrew not in re.sub("\u2068[^\u2069]*\u2069", "", mail.subject)


@pytest.fixture
def ten_seconds_of_processor_time() -> Iterator[None]:
    """The test fails when it needs more than that; however busy the machine is, it is the test's own."""

    def give_up(*_: object) -> None:
        raise TimeoutError("ten seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 10)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


@pytest.mark.usefixtures("ten_seconds_of_processor_time")
@pytest.mark.parametrize("part", ["x", "/", "v1.", "http://", "/acc", "%2f"])
def test_a_long_message_without_blanks_is_looked_at_once(part: str) -> None:
    """A hundred times the longest: once for each of its letters would be minutes, for each administrator."""
    message = part * 200_000
    assert rendering.defused(message) == message


def test_a_name_in_html_stands_by_itself() -> None:
    """A mail program decides on its direction alone."""
    html = rendered(invitation(company_name=HOSTILE), Locale.SV).html
    assert html.count("<bdi>&lt;b onclick=&#34;x&#34;&gt;&amp;amp; {name} %s&lt;/b&gt; \u05e9") > 3


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", SHORTEST)
def test_every_link_is_the_one_that_is_meant(name: str, extreme: str) -> None:
    """One action, the same in text and HTML; to the customer's people the link of an invitation and no other.

    No picture, no style from elsewhere, and every address below the one of the configuration.
    """
    content = content_of(name, extreme)
    mail = rendered(content, Locale.EN)
    in_html = list(dict.fromkeys(re.findall(r'(?:href|src)="([^"]*)"', mail.html)))
    in_text = list(dict.fromkeys(ADDRESS.findall(mail.text)))
    assert in_html == [address for address in in_text if address != f"{ROOT}/my"]
    assert not re.search(r"\b(?:src|background)=|url\(|@import|<link|<img", mail.html)
    if ON_BEHALF.match(name):
        assert in_html == ([LINK] if name.startswith(("invitation", "reminder")) else [])
    elif isinstance(content, DigestContent):
        assert len(in_html) == len(content.lines) + 1
    else:
        assert len(in_html) == 1
        assert re.fullmatch(rf"{ROOT}/console/(requests/inv|collaborations/col)-{AGREEMENT}", in_html[0])


@every_locale
@pytest.mark.parametrize("name", ["invitation", "reminder", "login-instructions", "information-office-tool"])
def test_the_first_mail_says_where_the_address_is_from(name: str, locale: Locale) -> None:
    """Who supplied it, why, how long it is kept, how to object."""
    content = SHORTEST[name]
    mail = rendered(content, locale).text.replace("\n", " ").partition(" -- ")[2]
    assert "b@b.se" in mail
    assert re.search("invända|object", mail)
    assert re.search("kommer från Spiris register|angett dig|comes from Spiris' register|named you", mail)
    assert re.search("efter 30 dagar|after 30 days|så länge|for as long as", mail)


def test_the_address_of_my_spiris_can_be_read_and_not_clicked() -> None:
    """A new customer knows none; it stands where it is needed."""
    mail = rendered(SHORTEST["login-instructions"], Locale.SV)
    assert f"{ROOT}/my" in mail.text
    assert f"{ROOT}/my" in mail.html
    assert "href" not in mail.html


def test_an_invitation_needs_its_link() -> None:
    """Without one it is no invitation."""
    with pytest.raises(ValueError, match="link"):
        rendered(invitation(), Locale.EN, READER.replace(recipient=None))


def test_the_set_up_is_told_where_it_is_new() -> None:
    """Variant, period and who pays; of what the company has already, who pays."""
    setup = SetUp.model_validate({"variant": "bookkeeping", "periodMonths": 3, "invoiceRecipient": "office"})
    content = invitation(solution="bookkeeping-invoicing", setup=setup, office_name="Ek & Lind")
    fresh = rendered(content, Locale.EN).text
    assert "Variant: Bookkeeping" in fresh
    assert "Period: 3 months" in fresh
    assert "Paid by: Ek & Lind" in fresh
    inherited = rendered(content.replace(scenario=Scenario.HAS_SOLUTION), Locale.EN).text
    assert "Variant" not in inherited
    assert "Paid by: Ek & Lind" in inherited


def test_an_invitation_from_before_its_sending_was_noted_is_still_rendered() -> None:
    """A mail may have waited in the outbox while the code changed."""
    old = invitation(reminder=True).model_dump(exclude={"sent_at"})
    assert "14 days left" in rendered(InvitationContent.model_validate(old), Locale.EN).text


@pytest.mark.parametrize(
    ("name", "left"), [("reminder", "14 days"), ("reminder-customer-owned", "one day"), ("reminder-last-day", "Today")]
)
def test_a_reminder_says_when_it_was_sent_and_how_many_days_are_left(name: str, left: str) -> None:
    """Counted from the day of the mail, whenever it is rendered."""
    text = rendered(SHORTEST[name], Locale.EN).text
    assert "sent on 17 November 2026" in text
    assert left in text


def test_a_mail_is_rendered_the_same_whenever_it_is_asked() -> None:
    """What is sent again after a crash is the same mail."""
    for content in LONGEST.values():
        assert rendered(content, Locale.SV) == rendered(content, Locale.SV)


@pytest.mark.parametrize("name", SHORTEST)
def test_lines_are_short_but_an_address_is_whole(name: str) -> None:
    """A terminal and an old mail program show them as they are."""
    lines = rendered(SHORTEST[name], Locale.EN).text.splitlines()
    assert max(len(line) for line in lines if ROOT not in line) <= 76


@pytest.mark.parametrize("name", SHORTEST)
def test_senders_are_recognised_and_answers_reach_the_office(name: str) -> None:
    """The office by its name where it speaks, the service where it does not; machines are told not to answer."""
    mail = rendered(SHORTEST[name], Locale.SV)
    expected = ("AB via Spiris", Email("b@b.se")) if ON_BEHALF.match(name) else ("Spiris", None)
    assert (mail.sender_name, mail.reply_to) == expected
    assert mail.headers["Auto-Submitted"] == "auto-generated"
    assert mail.headers["Content-Language"] == "sv"


def test_a_long_sender_is_cut_before_the_brand() -> None:
    """Mail programs show some sixty characters."""
    assert sender_name(invitation(office_name=HOSTILE), Locale.EN).endswith("…\u2069 via Spiris")
    assert sender_name(invitation(office_name=UNSEEN), Locale.EN) == "Eva Bcc: x@x.example Lind via Spiris"


def test_a_digest_holds_what_concerns_its_reader() -> None:
    """Each reader gets the lines that name them, grouped by reason; the subject counts theirs alone."""
    content = SHORTEST["digest"]
    assert isinstance(content, DigestContent)
    line = content.lines[0].replace(customer_name="Ceder", recipients=("r1", "r2"))
    others = line.replace(customer_name="Dahl", recipients=("r2",))
    both = content.replace(lines=(line, others))
    mine, theirs = rendered(both, Locale.EN), rendered(both, Locale.EN, READER.replace(key="r2"))
    assert mine.subject == "One request to follow up"
    assert "Ceder" in mine.text
    assert "Dahl" not in mine.text + mine.html
    assert theirs.subject == "2 requests to follow up"
    assert theirs.text.index("Ceder") < theirs.text.index("Dahl")


def test_every_time_has_its_zone() -> None:
    """`kl. 10.00 (svensk tid)`, wherever a time of day stands."""
    for name, content in SHORTEST.items():
        for locale, clock, zone in (
            (Locale.SV, r"kl\.\s\d+\.\d+", "(svensk tid)"),
            (Locale.EN, r"at\s\d+:\d+", "(Swedish time)"),
        ):
            text = " ".join(rendered(content, locale).text.split())
            assert len(re.findall(clock, text)) == text.count(zone), name


def test_every_wording_of_mails_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no mail says is not translated, and not read by whoever reviews the wordings."""
    used: set[str] = set()

    def noted(locale: Locale, key: str) -> str:
        used.add(key)
        return wording(locale, key)

    monkeypatch.setattr(rendering, "wording", noted)
    monkeypatch.setattr(rendering, "text", lambda locale, key, **values: noted(locale, key).format_map(values))
    for content in (*SHORTEST.values(), *LONGEST.values()):
        rendered(content, Locale.SV)
    assert {key for key in wordings(Locale.SV) if key.startswith("mail.")} - used == set()


def test_only_the_function_that_mails_loads_jinja() -> None:
    """A template engine costs every cold start that loads it."""
    program = f"""
import importlib.util, sys
for path in sorted(__import__("pathlib").Path({str(PROJECT / "functions")!r}).glob("*/app.py")):
    spec = importlib.util.spec_from_file_location(f"f_{{path.parent.name}}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    getattr(module.handler, "load", lambda: None)()
from collaboration.composition import app
assert "collaboration.mailing.outbox" in sys.modules
print([name for name in ("jinja2", "markupsafe", "collaboration.mailing.rendering") if name in sys.modules])
"""
    ran = subprocess.run(  # noqa: S603 - this interpreter, with the program above
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PROJECT / "shared")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout.strip(), ran.stderr) == ("[]", "")
