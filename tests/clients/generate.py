"""Generate clients, and run the npm programs that check the OpenAPI document and the TypeScript one."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from collaboration.http.openapi import document_text

HERE = Path(__file__).parent
# Beside the laptop stack's state: `make clean` removes it.
INSTALLED = HERE.parents[1] / ".local" / "npm"
PINNED = ("package.json", "package-lock.json", ".npmrc")
NPM = shutil.which("npm")
NPM_MISSING = "there is no `npm`: install Node.js with npm (Debian: apt-get install npm)"
INSTALL_SECONDS = 600
RUN_SECONDS = 300


class ClientError(Exception):
    """A client could not be generated, or a program of npm not be run; says why, in words for a terminal."""


def run(*command: str | Path, folder: Path, seconds: float = RUN_SECONDS, **settings: str) -> str:
    """Run a program in `folder` and return what it prints.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        seconds: how long it may take.
        settings: environment variables beside those of this process.

    Raises:
        ClientError: it fails, or takes too long.
    """
    try:
        done = subprocess.run(  # noqa: S603 - programs that this package names itself
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ClientError(f"`{command[0]}` is not done after {seconds:.0f} seconds") from error
    if done.returncode:
        raise ClientError(f"`{' '.join(map(str, command))}` failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def install_programs() -> Path:
    """Have npm install what `package-lock.json` pins, once; the folder that has `node_modules`.

    Raises:
        ClientError: there is no npm, or it cannot install them.
    """
    if NPM is None:
        raise ClientError(NPM_MISSING)
    wanted = sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = INSTALLED / "node_modules" / ".installed"
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / "lock").open("w") as lock:
        # The system releases it, however this process ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
            for name in PINNED:
                shutil.copy(HERE / name, INSTALLED / name)
            run(NPM, "ci", "--prefer-offline", "--loglevel=error", folder=INSTALLED, seconds=INSTALL_SECONDS)
            stamp.write_text(wanted, encoding="utf-8")
    return INSTALLED


def program(name: str) -> Path:
    """A program that npm has installed.

    Raises:
        ClientError: as `install_programs`.
    """
    return install_programs() / "node_modules" / ".bin" / name


def write_document(folder: Path) -> Path:
    """Write the OpenAPI document into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    document = folder / "openapi.json"
    document.write_text(document_text(), encoding="utf-8")
    return document


def generate_python(folder: Path) -> Path:
    """Generate the package `collaborations_client` into `folder`, the folder to put on the path.

    Raises:
        ClientError: the generator fails, or warns that a part is missing.
    """
    document = write_document(folder)
    printed = run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--overwrite"),
        *("--path", document, "--config", HERE / "python.yaml"),
        *("--output-path", folder / "collaborations_client", "--fail-on-warning"),
        folder=folder,
    )
    if "WARNING" in printed.upper():
        raise ClientError(printed)
    return folder


def generate_typescript(folder: Path) -> Path:
    """Generate the types of the API into `folder`, for openapi-fetch to call it with.

    Raises:
        ClientError: npm's programs are missing, or the generator fails.
    """
    document = write_document(folder)
    types = folder / "api.d.ts"
    # A field with a default may be left out of what is sent.
    choices = ("--default-non-nullable=false",)
    run(program("openapi-typescript"), document, "--output", types, *choices, folder=folder)
    return types
