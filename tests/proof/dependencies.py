"""What the project is made of beside its own code: permissions, packages and their licences, and nothing secret."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from integration.test_permissions import used_permissions
from support.permissions import granted
from support.template import PROJECT

from proof.report import Row
from proof.tally import tallied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.report import Effort

PART = "dependencies"
# What the Lambda layer holds, and what else this machine needs: the lists with hashes.
SHIPPED, TOOLS = "shared/requirements.txt", "requirements-dev.txt"
PINNED = (SHIPPED, TOOLS, "requirements-layer.txt", "requirements-sam.txt", "requirements-checks.txt")


def prove(effort: Effort) -> Iterator[Row]:
    """Each in turn."""
    yield tallied(PART, "permissions, granted and used by recorded calls: the same", permissions())
    yield tallied(PART, "licences of the packages in the layer", licences(SHIPPED), ", ".join(sorted(PERMISSIVE)))
    yield tallied(PART, "licences of the tools", licences(TOOLS), ", ".join(sorted(PERMISSIVE | WEAK_COPYLEFT)))
    tree, history = [*secrets_in_tree()], [*secrets_in_history()]
    patterns = f"{len(SECRETS)} forms of keys, tokens and passwords"
    yield Row(PART, "files of the tree without a secret", *_counted(tree), detail=_named(tree) or patterns)
    yield Row(PART, "commits without a secret in what they add", *_counted(history), detail=_named(history) or patterns)
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

# Families of licences, by what metadata calls them. What ships has to be permissive; a tool may be weakly copyleft.
FAMILIES = {
    "MIT": re.compile(r"\bMIT\b(?!-0)|Permission is hereby granted, free of charge"),
    "MIT-0": re.compile(r"MIT-0"),
    "BSD": re.compile(r"\bBSD\b"),
    "Apache-2.0": re.compile(r"\bApache\b"),
    "PSF-2.0": re.compile(r"\bPSF|Python Software Foundation"),
    "ISC": re.compile(r"\bISC\b"),
    "MPL-2.0": re.compile(r"\bMPL\b|Mozilla Public License"),
    "GPL": re.compile(r"\b[AL]?GPL|General Public License"),
}
PERMISSIVE = frozenset({"MIT", "MIT-0", "BSD", "Apache-2.0", "PSF-2.0", "ISC"})
WEAK_COPYLEFT = frozenset({"MPL-2.0"})
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\]+)([^\\\n]*)", re.MULTILINE)


@dataclass(frozen=True)
class Licence:
    """A package, the families of its licence, and what is wrong with them."""

    package: str
    families: frozenset[str]
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """For whoever reads the failure."""
        return f"{self.package}: {'; '.join(self.faults)}"


def licences(requirements: str) -> Iterator[Licence]:
    """The licence of each package of a list, as its installed metadata has it; of another system's are none here."""
    allowed = PERMISSIVE if requirements == SHIPPED else PERMISSIVE | WEAK_COPYLEFT
    for name, _, marker in _PINNED.findall((PROJECT / requirements).read_text(encoding="utf-8")):
        try:
            found = families_of(name)
        except metadata.PackageNotFoundError:
            if "platform" not in marker:
                yield Licence(name, frozenset(), ("not installed",))
            continue
        faults = () if found and found <= allowed else (f"{', '.join(sorted(found)) or 'no licence that is known'}",)
        yield Licence(name, found, faults)


def families_of(package: str) -> frozenset[str]:
    """The families that a package's metadata names; where it names none, those of the text that it comes with.

    Raises:
        PackageNotFoundError: it is not installed.
    """
    distribution = metadata.distribution(package)
    described = distribution.metadata.json
    classified = [each for each in described.get("classifier", ()) if each.startswith("License ::")]
    stated = str(
        described.get("license_expression")
        or " ".join(classified)
        or str(described.get("license", "")).partition("\n")[0]
    )
    if not stated:
        texts = [path for path in distribution.files or () if re.search("licen[cs]e", path.name, re.IGNORECASE)]
        stated = " ".join(path.read_text(encoding="utf-8") for path in texts)
    return frozenset(family for family, pattern in FAMILIES.items() if pattern.search(stated))


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
    """Every commit that leads here, by the lines that it adds."""
    outside = [f":!{folder}" for folder in _VENDORED]
    log = _git(
        "log", "--no-color", "--unified=0", "--no-textconv", "-p", "--format=%x00%h", "HEAD", "--", ".", *outside
    )
    for commit in log.split("\x00")[1:]:
        name, _, patch = commit.partition("\n")
        added = "\n".join(line[1:] for line in patch.splitlines() if line.startswith("+") and line[:3] != "+++")
        yield Searched(name, secrets_in(added))


def _counted(searched: list[Searched]) -> tuple[int, int]:
    return len(searched), sum(bool(each.found) for each in searched)


def _named(searched: list[Searched]) -> str:
    return " / ".join(f"{each.name}: {', '.join(each.found[:2])}" for each in searched if each.found)[:600]


# Known vulnerabilities

ADVISORIES = "https://api.osv.dev/v1/querybatch"


def known_vulnerabilities() -> Row:
    """What is known against each pinned package, by the open database.

    Where that cannot be reached the row says so, and has tried nothing: `--skip-nothing` counts that as lost.
    """
    texts = [(PROJECT / each).read_text(encoding="utf-8") for each in PINNED]
    pinned = sorted({(name, version) for text in texts for name, version, _ in _PINNED.findall(text)})
    what = "pinned packages without a known vulnerability"
    queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in pinned]
    request = urllib.request.Request(
        ADVISORIES, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the one address above
            results = json.load(response)["results"]
    except (OSError, ValueError) as reason:
        return Row(PART, what, 0, 0, f"not tried: {ADVISORIES} cannot be reached ({reason})", skipped=True)
    known = [
        f"{name} {version}: {', '.join(each['id'] for each in result['vulns'])}"
        for (name, version), result in zip(pinned, results, strict=True)
        if result.get("vulns")
    ]
    return Row(PART, what, len(pinned), len(known), " / ".join(known) or "by the database of osv.dev")
