"""Clients generated from the OpenAPI document do the main job on the deployed stack, and their types hold."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest
from clients.generate import (
    HERE,
    NPM,
    NPM_MISSING,
    generate_python,
    generate_typescript,
    install_programs,
    program,
    run,
)

from e2e.offices import Office

if TYPE_CHECKING:
    from pathlib import Path

    from stack.client import Client


def check_ended(office: Office, collaboration_id: str) -> None:
    """The collaboration has ended, as anybody else sees it."""
    shown = office.decides.get(f"/collaborations/{collaboration_id}").json
    assert (shown["state"], shown["solution"]) == ("ended", "smart-office")


def test_the_python_client_does_the_main_job(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an Any where the document has a type, and with each answer as the model that it should be."""
    folder = generate_python(tmp_path / "python")
    mypy = ("-m", "mypy", "--strict", "--no-incremental", "--config-file=", "main_job.py")
    shutil.copy(HERE / "main_job.py", folder)
    run(sys.executable, *mypy, folder=folder)

    monkeypatch.syspath_prepend(str(folder))
    spec: Any = importlib.util.spec_from_file_location("generated_client_main_job", folder / "main_job.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    office = Office(client)
    company = office.customer()
    api_url, token = client.stack["apiUrl"], office.decides.token
    check_ended(office, module.do_main_job(api_url, token, company.id, company.number[-4:], company.link))


@pytest.mark.npm
@pytest.mark.skipif(NPM is None, reason=NPM_MISSING)
def test_the_typescript_client_does_the_main_job(client: Client, tmp_path: Path) -> None:
    """Compiled with everything strict, and run by Node."""
    folder = generate_typescript(tmp_path / "typescript").parent
    for name in ("main_job.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, folder)
    (folder / "node_modules").symlink_to(install_programs() / "node_modules")
    run(program("tsc"), "--project", folder, folder=folder)

    office = Office(client)
    company = office.customer()
    asked = (client.stack["apiUrl"], str(office.decides.token), company.id, company.number[-4:])
    mails = (client.stack["mailboxUrl"], company.administrator)
    printed = run("node", folder / "main_job.js", *asked, *mails, folder=folder)
    check_ended(office, printed.strip())
