"""What is measured beside the service and is no dependency of it: FastAPI with Mangum, and Lambda's runtime client."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from support.template import PROJECT

_WANTED = Path(__file__).with_name("requirements.txt")


def neighbours() -> Path | None:
    """The folder of these packages, fetched when the list has changed; None where they cannot be had."""
    folder = PROJECT / ".local" / "bench" / f"neighbours-{hashlib.sha256(_WANTED.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    # The same pydantic as the service's: what is compared is what stands around it.
    command = ["-m", "uv", "pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable]
    fetched = subprocess.run(
        [sys.executable, *command, "-r", str(_WANTED), f"pydantic=={version('pydantic')}"],
        check=False,
        capture_output=True,
    )
    if fetched.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return folder
