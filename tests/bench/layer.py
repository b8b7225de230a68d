"""The layer as it is deployed, built for this interpreter and this machine."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from support.template import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


def built_layer() -> Path:
    """The folder that a function of the layer finds its packages in; its dependencies are fetched when they changed."""
    wanted = hashlib.sha256()
    for name in ("requirements.txt", "Makefile", "trim_layer.py"):
        wanted.update((PROJECT / "shared" / name).read_bytes())
    folder = PROJECT / ".local" / "bench" / f"layer-{wanted.hexdigest()[:12]}"
    packages = folder / "python"
    if not packages.is_dir():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        subprocess.run(
            [
                "make",
                "--silent",
                "build-SharedLayer",
                f"ARTIFACTS_DIR={folder}",
                f"PYTHON={sys.executable}",
                f"RUNTIME={version}",
                f"ARCHITECTURE={platform.machine()}",
            ],
            cwd=PROJECT / "shared",
            check=True,
            stderr=subprocess.DEVNULL,
        )
    ours = packages / "collaboration"
    shutil.rmtree(ours)
    shutil.copytree(PROJECT / "shared" / "collaboration", ours, ignore=shutil.ignore_patterns("__pycache__"))
    return packages


def sizes(packages: Path) -> dict[str, int]:
    """Bytes of each part of the layer, without bytecode, largest first."""
    found = {
        part.name: sum(
            file.stat().st_size
            for file in ([part] if part.is_file() else part.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        )
        for part in packages.iterdir()
        if part.name != "__pycache__"
    }
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))
