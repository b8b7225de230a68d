"""What the project is made of beside its own code: permissions, packages and their licences, and nothing secret."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from integration.test_permissions import used_permissions
from support.permissions import granted
from support.template import PROJECT

from proof.report import Row
from proof.tally import tallied

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from proof.report import Effort

PART = "dependencies"
# What the Lambda layer holds, and what else this machine needs: the lists with hashes.
SHIPPED, TOOLS = "shared/requirements.txt", "requirements-dev.txt"
# Lists that are installed apart from the others, each in an environment of its own, which need not be there.
APART = {
    "requirements-sam.txt": ".venv-sam",
    "requirements-checks.txt": ".venv-checks",
    "requirements-layer.txt": ".venv-layer",
}
PINNED = (SHIPPED, TOOLS, *APART)


def prove(effort: Effort) -> Iterator[Row]:
    """Each in turn."""
    yield tallied(PART, "permissions, granted and used by recorded calls: the same", permissions())
    yield licences_row("licences of the packages in the layer", licences(SHIPPED))
    yield licences_row("licences of the tools", licences(TOOLS))
    for requirements in APART:
        yield licences_apart(requirements)
    yield licences_row("licences of the JavaScript that is vendored, listed by hand", vendored_licences())
    tree, history = [*secrets_in_tree()], [*secrets_in_history()]
    patterns = f"{len(SECRETS)} forms of keys, tokens and passwords"
    yield Row(PART, "files of the tree without a secret", *_counted(tree), detail=_named(tree) or patterns)
    what = "commits without a secret in their message and in what they add, merges by what they add themselves"
    yield Row(PART, what, *_counted(history), detail=_named(history) or patterns)
    yield known_vulnerabilities()


# Permissions


@dataclass(frozen=True)
class PermissionCase:
    """A permission of a function: granted, used, or both, as it should be."""

    function: str
    permission: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.function} {self.permission}: {'; '.join(self.faults)}"


def permissions() -> Iterator[PermissionCase]:
    """Every permission that a policy grants or that a call needed, function by function."""
    used = used_permissions()
    for function in sorted(path.parent.name for path in PROJECT.glob("functions/*/app.py")):
        allowed, needed = granted(function), used.get(function, set())
        for permission in sorted(allowed | needed):
            unused = ("granted and never used",) if permission not in needed else ()
            missing = ("used and not granted",) if permission not in allowed else ()
            yield PermissionCase(function, " on ".join(permission), unused + missing)


# Licences

# Families of licences, by what metadata calls them in words. What ships has to be permissive; a tool may be weakly
# copyleft.
FAMILIES = {
    "MIT": re.compile(r"\bMIT\b(?!-0| No Attribution)|Permission is hereby granted, free of charge"),
    "MIT-0": re.compile(r"MIT-0|MIT No Attribution"),
    "BSD": re.compile(r"\bBSD\b|Redistribution and use in source and binary forms"),
    "Apache-2.0": re.compile(r"\bApache\b"),
    "PSF-2.0": re.compile(r"\bPSF|Python Software Foundation"),
    "ISC": re.compile(r"\bISC\b"),
    "MPL-2.0": re.compile(r"\bMPL\b|Mozilla Public License"),
    "Artistic": re.compile(r"\bArtistic License"),
    "GPL": re.compile(r"\b[AL]?GPL|General Public License"),
}
# The words of an SPDX expression, and their families. One that is not here is a family of its own, which nobody allows.
SPDX = {
    "MIT": "MIT",
    "MIT-0": "MIT-0",
    "BSD-2-Clause": "BSD",
    "BSD-3-Clause": "BSD",
    "Apache-2.0": "Apache-2.0",
    "PSF-2.0": "PSF-2.0",
    "ISC": "ISC",
    "MPL-2.0": "MPL-2.0",
    "0BSD": "0BSD",
    "Zlib": "Zlib",
    "CC0-1.0": "CC0-1.0",
    "CNRI-Python": "CNRI-Python",
}
PERMISSIVE = frozenset({"MIT", "MIT-0", "BSD", "Apache-2.0", "PSF-2.0", "ISC"})
WEAK_COPYLEFT = frozenset({"MPL-2.0"})
# What nobody ships: these are permissive as well, each in a way of its own.
OF_TOOLS = PERMISSIVE | WEAK_COPYLEFT | {"0BSD", "Zlib", "CC0-1.0", "CNRI-Python", "Artistic"}
# What may be had under either of several licences, and under which it is taken.
TAKEN_UNDER = {"text-unidecode": "Artistic"}
# Classifiers that name no licence.
NO_LICENCE = frozenset({"License :: OSI Approved", "License :: Freely Distributable"})
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\\n]+)([^\\\n]*)", re.MULTILINE)


@dataclass(frozen=True)
class Licence:
    """A package, the families of its licence, and what is wrong with them."""

    package: str
    families: frozenset[str]
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.package}: {'; '.join(self.faults)}"


def licences(requirements: str, environment: Path | None = None) -> Iterator[Licence]:
    """The licence of each package of a list, as its installed metadata has it.

    One of another system has none here. One that is not installed with its list, or in another version, is read where
    that version is: with another list. It has none where that is nowhere.

    Args:
        requirements: the list.
        environment: where it is installed, perhaps not there; None: where this runs.
    """
    allowed = PERMISSIVE if requirements == SHIPPED else OF_TOOLS
    path = sys.path if environment is None else _packages(environment)
    may_lack = environment is not None and not environment.is_dir()
    pinned: dict[str, dict[str, str]] = defaultdict(dict)
    for name, version, marker in _PINNED.findall((PROJECT / requirements).read_text(encoding="utf-8")):
        pinned[name][version] = marker
    for name, versions in pinned.items():
        installed = next(iter(metadata.distributions(name=name, path=path)), None)
        if installed is None and not may_lack:
            missing = () if all("platform" in marker for marker in versions.values()) else ("not installed",)
            yield Licence(name, frozenset(), missing)
            continue
        if environment is not None and (installed is None or installed.version not in versions):
            installed = _installed_elsewhere(name, versions)
        if installed is None:
            yield Licence(name, frozenset(), ())
            continue
        found = families_of(installed)
        if (taken := TAKEN_UNDER.get(name)) in found:
            found = frozenset({taken})
        faults = () if found and found <= allowed else (f"{', '.join(sorted(found)) or 'no licence that is known'}",)
        yield Licence(name, found, faults)


def _installed_elsewhere(name: str, versions: Container[str]) -> metadata.Distribution | None:
    """A package in one of some versions, as another list has it."""
    environments = sorted(PROJECT.glob(".venv*"))
    path = [*sys.path, *(folder for environment in environments for folder in _packages(environment))]
    return next((each for each in metadata.distributions(name=name, path=path) if each.version in versions), None)


def _packages(environment: Path) -> list[str]:
    return [str(each) for each in environment.glob("lib/python3*/site-packages")]


def licences_row(what: str, found: Iterable[Licence]) -> Row:
    """The row of some licences; of those that could not be read it says how many they are."""
    every = [*found]
    read = [each for each in every if each.families or each.faults]
    return tallied(PART, what, read, families_in(every))


def licences_apart(requirements: str) -> Row:
    """The row of a list that is installed apart.

    Where its environment is not there, it says so, and that only those were read that another list has as well.
    """
    environment = PROJECT / APART[requirements]
    row = licences_row(f"licences of what {requirements} lists", licences(requirements, environment))
    if environment.is_dir() or row.lost:
        return row
    detail = f"not all tried, there is no {environment.name} here: with other lists {row.detail}"
    return replace(row, detail=detail, skipped=True)


def families_of(distribution: metadata.Distribution) -> frozenset[str]:
    """The families that a package's metadata names; where it names none, those of the text that it comes with."""
    described = distribution.metadata.json
    if expression := described.get("license_expression"):
        return families_in_expression(str(expression))
    classifiers = [each for each in described.get("classifier", ()) if each.startswith("License ::")]
    if classified := [each for each in classifiers if each not in NO_LICENCE]:
        return frozenset().union(*map(families_in_words, classified))
    if stated := str(described.get("license", "")).partition("\n")[0]:
        return families_in_expression(stated) if _EXPRESSION.fullmatch(stated) else families_in_words(stated)
    paths = [path for path in distribution.files or () if re.search("licen[cs]e", path.name, re.IGNORECASE)]
    return families_in_text(" ".join(path.read_text(encoding="utf-8") for path in paths))


_EXPRESSION = re.compile(r"[\w.+()-]+(?: (?:AND|OR|WITH) [\w.+()-]+)*")


def families_in_expression(expression: str) -> frozenset[str]:
    """The families of every word of an SPDX expression, of an alternative too; an unknown word stands for itself."""
    words = re.findall(r"[\w.+-]+", expression)
    return frozenset(SPDX.get(word, word) for word in words if word not in {"AND", "OR"})


def families_in_words(stated: str) -> frozenset[str]:
    """The families that somebody's own words name; words that name none stand for themselves."""
    return families_in_text(stated) or frozenset({stated})


def families_in_text(text: str) -> frozenset[str]:
    """The families that a text names."""
    return frozenset(family for family, pattern in FAMILIES.items() if pattern.search(text))


def families_in(found: Sequence[Licence]) -> str:
    """How many packages are of each family, in words; how many licences were read, and how many were not."""
    counted = Counter(family for each in found for family in each.families)
    named = ", ".join(
        f"{number} {family}" for family, number in sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    )
    unread = sum(not each.families and not each.faults for each in found)
    why = f", {unread} not: of other systems, or here in another version" if unread else ""
    return f"{named}; {len(found) - unread} read{why}"


# What is vendored


@dataclass(frozen=True)
class Vendored:
    """A file of somebody else's: the packages of npm that it holds with their versions, and its licences.

    `texts`: the file of each licence, in the same folder, and the families that are named there.
    """

    packages: Mapping[str, str]
    texts: Mapping[str, frozenset[str]]


# DOMPurify may be had under either of two licences: it is taken under Apache's.
_SWAGGER_UI = Vendored(
    {"swagger-ui-dist": "5.35.0"},
    {
        "swagger-ui-LICENSE.txt": frozenset({"Apache-2.0"}),
        "swagger-ui-bundle.js.LICENSE.txt": frozenset({"MIT", "BSD", "Apache-2.0", "MPL-2.0"}),
    },
)
VENDORED = {
    "functions/console/vendor/preact.js": Vendored(
        {"htm": "3.1.1"},
        {"htm-LICENSE.txt": frozenset({"Apache-2.0"}), "preact-LICENSE.txt": frozenset({"MIT"})},
    ),
    "functions/console/vendor/qr.js": Vendored({"uqr": "0.1.3"}, {"uqr-LICENSE.txt": frozenset({"MIT"})}),
    "functions/docs/vendor/swagger-ui-bundle.js": _SWAGGER_UI,
    "functions/docs/vendor/swagger-ui.css": _SWAGGER_UI,
}


def vendored_licences() -> Iterator[Licence]:
    """The licences of every vendored file: it is listed, and so is every family that the texts beside it name."""
    there = {
        path.relative_to(PROJECT).as_posix()
        for path in PROJECT.glob("functions/*/vendor/**/*")
        if path.suffix not in {".md", ".txt"} and path.is_file()
    }
    for name in sorted(there | VENDORED.keys()):
        if name not in there or name not in VENDORED:
            yield Licence(name, frozenset(), ("not listed" if name in there else "not there",))
            continue
        faults, found = [], frozenset[str]()
        for file, families in VENDORED[name].texts.items():
            path = (PROJECT / name).with_name(file)
            named = families_in_text(path.read_text(encoding="utf-8")) if path.is_file() else frozenset()
            found |= families
            if named != families:
                faults.append(f"{file} names {', '.join(sorted(named)) or 'none'}")
        readme = (PROJECT / name).with_name("README.md").read_text(encoding="utf-8")
        faults += [
            f"README.md has no {package} {version}"
            for package, version in VENDORED[name].packages.items()
            if f"`{package}` {version}" not in readme
        ]
        faults += sorted(found - PERMISSIVE - WEAK_COPYLEFT)
        yield Licence(name, found, tuple(faults))


# Secrets

SECRETS = {
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b"),
    "a secret key of AWS": re.compile(r"(?i)aws.{0,20}secret.{0,20}['\"][0-9a-z/+]{40}['\"]"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY"),
    "a signed token": re.compile(r"eyJ[\w-]{20,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "a token of a code host": re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{36}|glpat-[\w-]{20}|github_pat_\w{40,})"),
    "a token of a chat": re.compile(r"\bxox[abprs]-[\w-]{10,}"),
    "a key of a cloud": re.compile(r"\bAIza[\w-]{35}\b|\bya29\.[\w-]{20,}"),
    "a key of a payment service": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}"),
    "a token of a registry": re.compile(r"\b(?:npm_[0-9A-Za-z]{36}|pypi-[\w-]{50,})"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"{}<>$]+:[^\s/:@'\"{}<>$]{4,}@"),
    "a password": re.compile(
        r"(?i)\b(?:password|passwd|secret|token|api_?key)['\"]?\s*[:=]\s*['\"][^'\"\s{}$<>]{12,}['\"]"
    ),
}
# What looks like one and is none, with the reason.
ALLOWED_SECRETS = {
    "v1.inv-64xdjm33jjgc4xkeca266f7q": "the link of a sample event, signed with a key that there never was",
    "test-invoke-api-key": "what the console of API Gateway sends in place of a key when it tests",
    "sign-in.password": "the name of a text",
    "current-password": "a name of HTML's autocomplete",
    "LINK_SECRET_ARN": "the name of a setting",
    "Collaborate-2026!": "the password of the invented people, on the emulator of one's own machine",
}
_VENDORED = ("functions/console/vendor/", "functions/docs/vendor/")


@dataclass(frozen=True)
class Searched:
    """A file or a commit, and the secrets in it."""

    name: str
    found: tuple[str, ...]


def secrets_in(text: str) -> tuple[str, ...]:
    """What looks like a secret in a text, by its form, with its first characters."""
    matches = ((form, match[0]) for form, pattern in SECRETS.items() for match in pattern.finditer(text))
    found = (
        f"{form} {match[:40]!r}" for form, match in matches if not any(allowed in match for allowed in ALLOWED_SECRETS)
    )
    return tuple(dict.fromkeys(found))


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(PROJECT), *arguments]
    run = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - this file names what it runs
    return run.stdout.decode(errors="replace")


def secrets_in_tree() -> Iterator[Searched]:
    """Every file that git knows, or would add."""
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        path = PROJECT / name
        if path.is_file() and not name.startswith(_VENDORED):
            yield Searched(name, secrets_in(path.read_bytes().decode(errors="replace")))


def secrets_in_history() -> Iterator[Searched]:
    """Every commit that leads here, by its message and the lines that it adds; a merge by those of no parent."""
    outside = [f":!{folder}" for folder in _VENDORED]
    texts = dict(_commits("--no-patch", "--format=%x00%h%n%B"))
    patch = ("--full-history", "--no-color", "--unified=0", "--no-textconv", "-p", "--cc", "--format=%x00%h")
    for name, changes in _commits(*patch, "HEAD", "--", ".", *outside):
        lines = (line for line in changes.splitlines() if line[:3] not in {"+++", "---"})
        # Of a merge each line has a mark for each parent.
        added = [line.lstrip("+ ") for line in lines if "+" in line[:2]]
        texts[name] = "\n".join([texts.get(name, ""), *added])
    yield from (Searched(name, secrets_in(text)) for name, text in texts.items())


def _commits(*how: str) -> Iterator[tuple[str, str]]:
    """The short name of every commit, and what git shows of it."""
    for shown in _git("log", *how).split("\x00")[1:]:
        name, _, text = shown.partition("\n")
        yield name, text


def _counted(searched: list[Searched]) -> tuple[int, int]:
    return len(searched), sum(bool(each.found) for each in searched)


def _named(searched: list[Searched]) -> str:
    return " / ".join(f"{each.name}: {', '.join(each.found[:2])}" for each in searched if each.found)[:600]


# Known vulnerabilities

ADVISORIES = "https://api.osv.dev/v1/querybatch"


def known_vulnerabilities() -> Row:
    """What is known against each pinned package and each that is vendored, by the open database.

    Where that cannot be reached the row says so, and has tried nothing: `--skip-nothing` counts that as lost.
    """
    texts = [(PROJECT / each).read_text(encoding="utf-8") for each in PINNED]
    pinned = sorted({(name, version) for text in texts for name, version, _ in _PINNED.findall(text)})
    what = "pinned and vendored packages without a known vulnerability"
    queries: list[dict[str, Any]] = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in pinned
    ]
    scripts = {package for each in VENDORED.values() for package in each.packages.items()}
    queries += [
        {"package": {"name": name, "ecosystem": "npm"}, "version": version} for name, version in sorted(scripts)
    ]
    request = urllib.request.Request(
        ADVISORIES, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the one address above
            results = json.load(response)["results"]
    except (OSError, ValueError) as reason:
        return Row(PART, what, 0, 0, f"not tried: {ADVISORIES} cannot be reached ({reason})", skipped=True)
    known = [
        f"{query['package']['name']} {query['version']}: {', '.join(each['id'] for each in result['vulns'])}"
        for query, result in zip(queries, results, strict=True)
        if result.get("vulns")
    ]
    return Row(PART, what, len(queries), len(known), " / ".join(known) or "by the database of osv.dev")
