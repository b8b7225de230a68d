"""Make a virtual environment hold exactly what a requirements file lists, and nothing when it already does.

Called by the Makefile with whatever Python the machine has, before anything is installed, so: standard library only.

    python3 tests/stack/environment.py .venv requirements-dev.txt
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

STAMP = "made-from.sha256"


def main(folder: str, requirements_file: str) -> int:
    """Make the environment unless its stamp says that it is made from this very list by this very Python."""
    environment, requirements = Path(folder), Path(requirements_file)
    stamp = environment / STAMP
    wanted = fingerprint(requirements)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    if importlib.util.find_spec("ensurepip") is None:
        print(f"{sys.executable} cannot make virtual environments: install its venv package", file=sys.stderr)
        print("(on Debian and Ubuntu: apt-get install python3-venv).", file=sys.stderr)
        return 1

    with lock_of(environment):
        # Somebody else may have made it while this process waited.
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return 0
        return make(environment, requirements, stamp, wanted)


@contextlib.contextmanager
def lock_of(environment: Path) -> Iterator[None]:
    """Hold the lock beside `environment`: two commands at once make it once."""
    with environment.with_name(f"{environment.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(environment: Path, requirements: Path, stamp: Path, wanted: str) -> int:
    """Make the environment, stamp it with `wanted`, and answer with the exit code."""
    started = time.monotonic()
    print(
        f"Making {environment} from {requirements} with Python {sys.version.split()[0]} ...",
        file=sys.stderr,
        flush=True,
    )
    shutil.rmtree(environment, ignore_errors=True)
    if code := run([base_python(), "-m", "venv", str(environment)]):
        return code
    if install_with_uv(environment, requirements) or install_with_pip(environment, requirements):
        stamp.write_text(wanted, encoding="utf-8")
        print(f"{environment} is ready ({time.monotonic() - started:.0f} s).", file=sys.stderr, flush=True)
        return 0
    print(f"{environment} could not be made: see the lines above. Is the package index reachable?", file=sys.stderr)
    return 1


def run(command: list[str]) -> int:
    """The exit code of a command, which tells of its progress on stderr: `$(make -s api)` is an address and no more.

    Ctrl-C reaches this process alone, which ends the command and whatever it started.
    """
    with subprocess.Popen(command, start_new_session=True, stdout=sys.stderr) as process:
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise


def fingerprint(requirements: Path) -> str:
    """What the environment is made from: this interpreter and these versions."""
    made_from = f"{sys.version}\n{sys.base_prefix}\n".encode() + requirements.read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def base_python() -> str:
    """The interpreter outside any environment: whoever has activated this one is about to see it replaced."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def install_with_uv(environment: Path, requirements: Path) -> bool:
    """Install through uv, several times faster than pip; False where the list has no uv or it does not get there.

    It may not: uv does not read pip's settings, so a machine behind an index of its own needs pip.
    """
    pinned_uv = re.search(r"^uv==.*(?:\n +--hash=.*)+", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    if pinned_uv is None:
        return False
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as only_uv:
        only_uv.write(pinned_uv.group() + "\n")
        only_uv.flush()
        if not install_with_pip(environment, Path(only_uv.name)):
            return False
    python = str(environment / "bin" / "python")
    uv = [str(environment / "bin" / "uv"), "pip", "install", "--python", python, "--require-hashes"]
    if run([*uv, "--requirement", str(requirements)]) == 0:
        return True
    print("uv did not get there; pip is slower and asks the index that it is set up for.", file=sys.stderr, flush=True)
    return False


def install_with_pip(environment: Path, requirements: Path) -> bool:
    """Install through pip, which names each package as it goes."""
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    command = [*pip, "--require-hashes", "--requirement", str(requirements)]
    return run(command) == 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped; the environment is made anew by the next command.", file=sys.stderr)
        sys.exit(130)
