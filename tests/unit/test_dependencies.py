"""What is shipped may be, and nothing secret is stored with the code."""

from __future__ import annotations

import pytest
from proof.dependencies import SHIPPED, TOOLS, licences, secrets_in, secrets_in_tree
from support.template import PROJECT


@pytest.mark.parametrize("requirements", [SHIPPED, TOOLS])
def test_every_licence_is_known_and_compatible(requirements: str) -> None:
    """Of what the layer holds a permissive one; of a tool perhaps a weak copyleft."""
    found = [*licences(requirements)]
    assert [str(each) for each in found if each.faults] == []
    assert len(found) > 10


@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="no checkout of git: which files are the project's?")
def test_no_file_holds_a_secret() -> None:
    """By the forms of keys, tokens and passwords; what only looks like one is listed with its reason."""
    files = [*secrets_in_tree()]
    assert [(each.name, each.found) for each in files if each.found] == []
    assert len(files) > 100


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "password" + ' = "correct-horse-battery"',
        "https://anna:" + "hunter22@example.org",
        "ghp_" + "a1B2" * 9,
    ],
)
def test_a_secret_is_found(text: str) -> None:
    """Each form, made up."""
    assert secrets_in(f"some text {text} and more") != ()


@pytest.mark.parametrize("family", ["GPL", "MPL-2.0", None])
def test_an_incompatible_licence_is_refused(monkeypatch: pytest.MonkeyPatch, family: str | None) -> None:
    """In the layer, a weak copyleft too; and one that nobody knows."""
    monkeypatch.setattr("proof.dependencies.families_of", lambda _: frozenset({family} - {None}))
    assert all(each.faults for each in licences(SHIPPED))
