"""What is shipped may be, and nothing secret is stored with the code."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from proof import dependencies
from proof.dependencies import (
    PERMISSIVE,
    SHIPPED,
    TOOLS,
    WEAK_COPYLEFT,
    Licence,
    families_in,
    families_in_expression,
    families_in_words,
    licences,
    licences_apart,
    licences_row,
    secrets_in,
    secrets_in_history,
    secrets_in_tree,
    vendored_licences,
)
from support.template import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("requirements", [SHIPPED, TOOLS])
def test_every_licence_is_known_and_compatible(requirements: str) -> None:
    """Of what the layer holds a permissive one; of a tool perhaps a weak copyleft."""
    found = [*licences(requirements)]
    assert [str(each) for each in found if each.faults] == []
    assert len(found) > 10


@pytest.mark.parametrize("requirements", dependencies.APART)
def test_what_is_installed_apart_is_read_where_it_is(requirements: str) -> None:
    """Every licence that is there is known, and each package is counted: as read, or as not."""
    row = licences_apart(requirements)
    assert row.holds, row.detail
    assert f"{row.tried} read" in row.detail
    assert row.skipped == row.detail.startswith("not all tried")


def made_environment(folder: Path, **packages: tuple[str, str]) -> Path:
    """An environment with packages, each with its version and a line of its metadata."""
    for name, (version, line) in packages.items():
        metadata = folder / "lib" / "python3.13" / "site-packages" / f"{name}-{version}.dist-info" / "METADATA"
        metadata.parent.mkdir(parents=True)
        metadata.write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n{line}\n", encoding="utf-8")
    return folder


def test_licences_of_an_environment_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of its own, whose packages are here, there in another version, of another system, or missing."""
    monkeypatch.setattr(dependencies, "PROJECT", tmp_path)
    requirements = ["good==1", "bad==1", "old==2", "windows==1 ; sys_platform == 'win32'", "gone==1"]
    (tmp_path / "list.txt").write_text("\n".join(requirements), encoding="utf-8")
    environment = made_environment(
        tmp_path / "environment",
        good=("1", "License-Expression: Zlib"),
        bad=("1", "License-Expression: SSPL-1.0"),
        old=("1", "License-Expression: MIT"),
    )
    found = {each.package: each for each in licences("list.txt", environment)}
    assert {name: each.faults for name, each in found.items()} == {
        "good": (),
        "bad": ("SSPL-1.0",),
        "old": (),
        "windows": (),
        "gone": ("not installed",),
    }
    row = licences_row("licences", found.values())
    assert (row.tried, row.lost) == (3, 2)
    row = licences_row("licences", [found["good"], found["old"], found["windows"]])
    assert (row.tried, row.lost) == (1, 0)
    assert row.detail == "1 Zlib; 1 read, 2 not: of other systems, or here in another version"


def test_a_list_whose_environment_is_not_there_is_read_where_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the version that it pins; what is nowhere in that version is not read, and the row says so."""
    monkeypatch.setattr(dependencies, "PROJECT", tmp_path)
    monkeypatch.setattr(dependencies, "APART", {"list.txt": ".venv-list"})
    (tmp_path / "list.txt").write_text("good==1\nold==2\ngone==1", encoding="utf-8")
    mit = "License-Expression: MIT"
    made_environment(tmp_path / ".venv", good=("1", mit), old=("1", "License-Expression: SSPL-1.0"))
    row = licences_apart("list.txt")
    assert (row.tried, row.lost, row.skipped) == (1, 0, True)
    assert row.detail.startswith("not all tried, there is no .venv-list here: with other lists 1 MIT; 1 read, 2 not")
    made_environment(tmp_path / ".venv-other", old=("2", "License-Expression: SSPL-1.0"))
    assert licences_apart("list.txt").lost == 1


def test_families_are_named_in_one_order() -> None:
    """The most frequent first, and of equals by their names."""
    found = [Licence(name, frozenset({name}), ()) for name in ("Zlib", "Artistic", "MIT", "BSD")]
    assert families_in([*found, found[2]]) == "2 MIT, 1 Artistic, 1 BSD, 1 Zlib; 5 read"


def test_a_classifier_that_names_no_licence_hides_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the metadata says beside it holds."""
    monkeypatch.setattr(dependencies, "PROJECT", tmp_path)
    (tmp_path / "list.txt").write_text("good==1\nbad==1", encoding="utf-8")
    line = "Classifier: License :: OSI Approved\nLicense: "
    environment = made_environment(tmp_path / "here", good=("1", f"{line}MIT"), bad=("1", f"{line}SSPL-1.0"))
    assert [(each.package, each.faults) for each in licences("list.txt", environment)] == [
        ("good", ()),
        ("bad", ("SSPL-1.0",)),
    ]


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


@pytest.mark.parametrize(
    "expression",
    ["MIT AND LicenseRef-Proprietary", "BSD-3-Clause AND EPL-2.0", "Apache-2.0 AND SSPL-1.0", "MIT OR GPL-3.0-only"],
)
def test_an_unknown_word_of_an_expression_is_refused(expression: str) -> None:
    """Whatever known ones stand beside it."""
    assert not families_in_expression(expression) <= PERMISSIVE | WEAK_COPYLEFT


def test_known_words_of_an_expression_are_families() -> None:
    """Brackets and what joins them apart."""
    assert families_in_expression("(MIT OR Apache-2.0) AND BSD-3-Clause") == {"MIT", "Apache-2.0", "BSD"}


def test_words_that_name_no_family_stand_for_themselves() -> None:
    """One classifier that nobody knows is not hidden by another."""
    assert families_in_words("License :: Other/Proprietary License") == {"License :: Other/Proprietary License"}


def test_what_is_vendored_is_listed_with_its_licences() -> None:
    """Each file, and each family that the texts beside it name."""
    found = [*vendored_licences()]
    assert [str(each) for each in found if each.faults] == []
    assert len(found) == len(dependencies.VENDORED)


def test_a_vendored_file_that_is_not_listed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name."""
    name = "functions/console/vendor/qr.js"
    listed = {path: each for path, each in dependencies.VENDORED.items() if path != name}
    monkeypatch.setattr(dependencies, "VENDORED", listed)
    assert [str(each) for each in vendored_licences() if each.faults] == [f"{name}: not listed"]


def test_a_secret_in_a_message_or_only_in_a_merge_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a merge adds is in neither of its parents; a message is in no patch."""
    secret = "AKIA" + "IOSFODNN7EXAMPLE"

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Anna", "-c", "user.email=anna@ek-lind.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True)  # noqa: S603, S607

    def commit(message: str) -> None:
        git("add", ".")
        git("commit", "--allow-empty", "-m", message)

    git("init", "-b", "main")
    (tmp_path / "one.txt").write_text("one", encoding="utf-8")
    commit("first")
    git("checkout", "-b", "side")
    (tmp_path / "two.txt").write_text("two", encoding="utf-8")
    commit(f"a message with {secret}")
    git("checkout", "main")
    commit("on main as well")
    git("merge", "--no-ff", "--no-commit", "side")
    (tmp_path / "one.txt").write_text(secret, encoding="utf-8")
    commit("merged")
    monkeypatch.setattr(dependencies, "PROJECT", tmp_path)
    searched = [*secrets_in_history()]
    assert len(searched) == 4
    assert sum(bool(each.found) for each in searched) == 2
