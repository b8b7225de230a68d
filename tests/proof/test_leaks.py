"""What the search for private texts finds, what it takes for an id, and what a page of a link may hold."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from collaboration.http import recipient_pages
from collaboration.http.recipient_pages import RecipientPage
from collaboration.http.response import Response
from stack import demonstration
from stack.people import PASSWORD
from support.people import BJORK

from proof.deployed_leaks import file_row
from proof.leaks import app_of, found_in, private_texts
from proof.link_pages import FOR_HOLDER, OF_ANOTHERS, OF_LAPSED, WITHOUT_REQUEST, bad_links, visit_links
from proof.observed import ObservedApp
from proof.valid_requests import BENJAMIN, BIRGITTA, ENVIRONMENT, Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """The story of an application that is observed."""
    with patch.dict(os.environ, ENVIRONMENT):
        yield Story(ObservedApp)


def found_on_pages(
    story: Story, change: Callable[[Story], object], *more: tuple[str, str], most: int | None = None
) -> dict[str, list[str]]:
    """What is found on the pages of links after a change, by kind of page.

    `more`: links beside those of the story; `most`: how many visits of each link, the simplest first.
    """
    story.rewind()
    change(story)
    observed = app_of(story).observed
    observed.texts.clear()
    visit_links(story, [*story.links.items(), *more], most)
    private = private_texts(*(token.rpartition(".")[2] for token in story.links.values()))
    return {kind: found_in(((kind, text) for text in texts), private) for kind, texts in observed.texts.items()}


def revoke(story: Story) -> None:
    """The office takes the invitation back."""
    assert story.office.anna.post(f"/invitations/{story.pending['id']}/revoke").status == 200


def expire(story: Story) -> None:
    """Nobody has answered in time."""
    story.app.clock.pass_(days=15)


def accept(story: Story) -> None:
    """One of the two administrators accepts."""
    body = {"decision": "accept", "organisationNumberEnding": BJORK.organisation_number[-4:]}
    assert story.office.nobody.post(f"/accept/{story.links[BIRGITTA]}", body).status == 200


def says_more(text: Callable[[RecipientPage], str], name: str) -> Any:
    """A product in whose pages a part says more than it should."""
    real = getattr(RecipientPage, name)
    return patch.object(RecipientPage, name, lambda self, *rest: [*real(self, *rest), text(self)])


@pytest.mark.parametrize("change", [revoke, expire])
def test_the_page_of_what_has_lapsed_names_neither_company_nor_person(
    story: Story, change: Callable[[Story], object]
) -> None:
    """It names the office, and holds its link once: the company's or a person's name would be found."""
    assert found_on_pages(story, change)[OF_LAPSED] == []
    for more in (
        lambda page: page.context.company_name,
        lambda page: page.context.invitation.sent_by.name,
        lambda page: page.context.invitation.recipients["r1"].email,
        lambda page: page.request.path["token"],
        lambda page: f"ends with {page.context.invitation.organisation_number[-4:]}",
    ):
        with says_more(more, "_dead_end"):
            assert found_on_pages(story, change, most=1)[OF_LAPSED] != []


def test_the_page_of_what_another_has_decided_names_the_company_alone(story: Story) -> None:
    """Not who decided."""
    assert found_on_pages(story, accept)[OF_ANOTHERS] == []
    with says_more(lambda page: page.context.invitation.decision.by, "_dead_end"):  # type: ignore[union-attr]
        assert found_on_pages(story, accept, most=1)[OF_ANOTHERS] != []


def test_the_page_for_its_holder_has_no_number_and_nobody_elses_link(story: Story) -> None:
    """The names that they are asked about stand there."""
    assert found_on_pages(story, lambda _: None)[FOR_HOLDER] == []
    for more in (
        lambda page: str(page.context.invitation.organisation_number),
        lambda _: story.links[BENJAMIN],
        lambda _: BENJAMIN,
    ):
        with says_more(more, "_who"):
            assert found_on_pages(story, lambda _: None, most=1)[FOR_HOLDER] != []


def test_a_link_that_opens_nothing_is_told_nothing(story: Story) -> None:
    """Forged, of another version, of nobody."""
    bad = [(BIRGITTA, link) for link in bad_links(story.app, story.links[BIRGITTA])]
    assert found_on_pages(story, lambda _: None, *bad)[WITHOUT_REQUEST] == []
    real = recipient_pages.link_fault_page

    def saying_more(*given: Any) -> Response:
        answer = real(*given)
        return Response(answer.status, f"{answer.body}{BJORK.contact.email}", answer.headers, answer.content_type)

    with patch("collaboration.http.handlers.recipients.link_fault_page", saying_more):
        assert found_on_pages(story, lambda _: None, *bad, most=1)[WITHOUT_REQUEST] != []


def test_a_name_is_found_as_html_has_it() -> None:
    """With its ampersand escaped."""
    assert found_in([("page for anybody", "<p>Björk &amp; Brown Flowers AB</p>")], private_texts()) != []


@pytest.mark.parametrize("text", ["ending 4172", "556823-4172", "19556823-4172", "a-4172-b", '{"ending":"4172"}'])
def test_an_ending_is_found(text: str) -> None:
    """Alone, or after the rest of a number."""
    assert found_in([("log", text)], ()) == [f"log: an ending in {text}"]


def test_four_digits_of_a_random_id_are_no_ending() -> None:
    """One of some thousand request ids has those of a company; what stands beside it is found."""
    start = "START RequestId: 57641576-8c4c-4172-be0c-cfb6bce5afac Version: 1"
    assert found_in([("log", start)], ()) == []
    assert found_in([("log", f"{start} 4172")], ()) == [f"log: an ending in {start} 4172"]


def test_the_time_that_a_call_took_is_no_ending() -> None:
    """Nor are the decimals of a figure."""
    assert found_in([("log", "REPORT Duration: 4172.07 ms\tBilled Duration: 4172 ms")], ()) == []
    assert found_in([("log", '{"Seconds": 0.4172}')], ()) == []


def test_the_file_of_the_stack_says_how_to_sign_in_and_no_more() -> None:
    """The key that signs links is found there, and so is the number of a company."""
    stack = {"apiUrl": "http://127.0.0.1:4566/dev", "people": [person.described() for person in demonstration.people()]}
    private = private_texts(PASSWORD, "the key of the links")

    def lost(**more: str) -> int:
        client: Any = SimpleNamespace(stack={**stack, **more})
        return file_row("deployed", client, private).lost

    assert lost() == 0
    assert lost(signingKey="the key of the links") == lost(number=BJORK.organisation_number) == 1
