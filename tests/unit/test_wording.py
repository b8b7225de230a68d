"""Both languages say the same things, and everything that can be said is worded."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from collaboration.domain.model.catalogue import SetUpField
from collaboration.domain.model.faults import Code, Slug
from collaboration.domain.model.preview import Effect, WarningKind
from collaboration.domain.model.terms import TERMS_VERSION
from collaboration.domain.model.values import Locale, Outcome, Scenario
from collaboration.wording import has, lines, text, wordings

# The wording that each version of the terms stands for. Who changes a word makes a new version: people agreed to this.
AGREED_TO = {
    "2026-11-01": "b5a706bb2976ff86bd119bb440cc5133285c28b3217b409330259959007af6b4",
    "2026-11-28": "9a0f934add743234517a0d3d3fc257765fcae0348143409b7a4b0387e70b7ca7",
    "2026-11-29": "f767e5a3744f7d249eabab37c339f3bb8d6a51d5e5478d4c7454ba289be212c9",
}


def parameters(words: str | list[str]) -> set[str]:
    """What a wording needs."""
    return set(re.findall(r"{(\w+)}", " ".join(words) if isinstance(words, list) else words))


def test_both_languages_have_the_same_keys() -> None:
    """Nothing is said in one language only."""
    assert set(wordings(Locale.SV)) == set(wordings(Locale.EN))


@pytest.mark.parametrize("key", sorted(wordings(Locale.EN)))
def test_both_languages_need_the_same(key: str) -> None:
    """The same values are put in, and lists have as many lines."""
    english, swedish = wordings(Locale.EN)[key], wordings(Locale.SV)[key]
    assert parameters(english) == parameters(swedish)
    assert isinstance(english, str) == isinstance(swedish, str)
    assert isinstance(english, str) or len(english) == len(swedish)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("slug", Slug)
def test_every_reason_is_explained(slug: Slug, locale: Locale) -> None:
    """Title, detail, what it means, what to do."""
    for part in ("title", "detail", "meaning", "what-to-do"):
        assert has(locale, f"problem.{slug}.{part}")


@pytest.mark.parametrize("locale", Locale)
def test_whatever_the_domain_names_is_worded(locale: Locale) -> None:
    """Fields' faults, effects, warnings, set-up, outcomes."""
    wanted = [
        *(f"field.{code}" for code in Code),
        *(f"effect.{effect}" for effect in Effect),
        *(f"warning.{warned}" for warned in WarningKind),
        *(f"setup.{field}" for field in SetUpField),
        *(f"mail.ended.{outcome}" for outcome in Outcome),
        *(f"terms.invite-{scenario}" for scenario in (Scenario.HAS_SOLUTION, Scenario.WITHOUT_SOLUTION)),
    ]
    assert [key for key in wanted if not has(locale, key)] == []


def test_terms_and_their_version_change_together() -> None:
    """A word changed without a new version is found here."""
    every = [wordings(locale)[key] for locale in Locale for key in sorted(wordings(locale)) if key.startswith("terms.")]
    assert AGREED_TO[TERMS_VERSION] == sha256(repr(every).encode()).hexdigest()


def test_a_text_is_no_list_and_a_list_no_text() -> None:
    """Asked for as the other it says so."""
    with pytest.raises(TypeError):
        text(Locale.EN, "months")
    with pytest.raises(TypeError):
        lines(Locale.EN, "mail.greeting", name="Anna")


def test_values_are_put_in_as_they_are() -> None:
    """Braces in a name are not read as anything."""
    assert text(Locale.EN, "mail.greeting", name="{name} {0}") == "Hello {name} {0},"
