"""Every call in the README, as it stands, against a stack on which the walk has been walked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from stack import demonstration, stack_file
from stack.walk import walk

from e2e.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stack.client import Client

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))


# What the calls show on purpose.
REFUSED = {"The life of an invitation": ("429", "reminder-too-soon", "End the collaboration")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, stack: dict[str, Any], client: Client) -> Iterator[Path]:
    """What `make run` leaves for programs: the stack of all end-to-end tests, on which the walk has been walked."""
    local: Path = tmp_path_factory.mktemp("stack")
    demonstration.feed(client.sign_in(demonstration.PLATFORM.username))
    walk(client)
    with stack_file.published(local, stack):
        yield local


@pytest.mark.parametrize("section", ["The life of an invitation", "The office's day"])
def test_the_calls_of_the_readme_work(folder: Path, section: str) -> None:
    """Run by a shell that stops at the first call that fails; they may be run again."""
    [script] = re.findall(r"```sh\n(.*?)```", SECTIONS[section], re.DOTALL)
    bash = shutil.which("bash")
    assert bash is not None
    outputs: list[str] = []
    environment = {**os.environ, "STACK_FOLDER": str(folder), "MAKEFLAGS": ""}
    for _ in ("the first time", "and again"):
        done = subprocess.run(  # noqa: S603 - our own README
            [bash, "-euo", "pipefail", "-c", script],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
        assert done.stdout.endswith("\n")
        outputs.append(done.stdout)
    assert all(word in outputs[0] for word in REFUSED.get(section, ()))


def test_every_command_of_the_readme_is_one_of_make() -> None:
    """No command is named that the Makefile does not have."""
    named = set(re.findall(r"(?:^    |`|\$\()make(?: -s)? ([a-z][a-z-]+)\b", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) >= 5
    assert named <= targets
