"""Zip the functions and the layer and point the template at the zips: what `sam package` does, without its half minute.

The template itself is not altered but for the two kinds of path that only packaging can know.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import py_compile
import re
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

# `CodeUri: functions/invite/` or `ContentUri: shared/`, as they stand in template.yaml.
LOCAL_PATH = re.compile(r"^(?P<key>\s+(?:CodeUri|ContentUri): )(?P<path>\S+?)/?\s*$", re.MULTILINE)
PINNED = re.compile(r"^(?P<name>[\w-]+)==(?P<version>\S+)", re.MULTILINE)

LAYER = "shared"

# Of these the emulator wants versions of its own; the layer's are tested by themselves (`make test-layer`).
EMULATORS_OWN = {"boto3", "botocore"}


class PackagingError(Exception):
    """Something that the template names is not there, or not as the template's layer will have it."""


@dataclass(frozen=True)
class Package:
    """A template ready for CloudFormation, and the zips it refers to by key in `bucket`."""

    template: str
    bucket: str
    zips: dict[str, bytes]
    folders: dict[str, str]
    """Key of a function's zip -> the function's folder, such as `invite`."""


def package(project: Path, bucket: str) -> Package:
    """Zip whatever `template.yaml` of `project` names by a local path."""
    zips: dict[str, bytes] = {}
    folders: dict[str, str] = {}

    def upload_instead(found: re.Match[str]) -> str:
        path = found["path"].removeprefix("./")
        folder = project / path
        if not folder.is_dir():
            raise PackagingError(f"template.yaml names {path}/, which does not exist")
        content = zip_of_layer(folder) if path == LAYER else zip_of(folder)
        key = f"{path}-{hashlib.sha256(content).hexdigest()[:16]}.zip"
        zips[key] = content
        if path != LAYER:
            folders[key] = folder.name
        return f"{found['key']}s3://{bucket}/{key}"

    template = LOCAL_PATH.sub(upload_instead, (project / "template.yaml").read_text(encoding="utf-8"))
    if not folders:
        raise PackagingError("template.yaml names no function's folder: nothing to deploy")
    return Package(template, bucket, zips, folders)


def zip_of(folder: Path) -> bytes:
    """A zip of a folder as it stands, less what tools leave in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in source_files(folder):
            archive.write(path, path.relative_to(folder).as_posix())
    return buffer.getvalue()


def zip_of_layer(shared: Path) -> bytes:
    """The layer for this machine: our package, with bytecode; its dependencies are in the environment already.

    The emulator unpacks the layer for every worker that it starts and runs it under this very interpreter, which has
    the layer's dependencies beside it, in the versions of its list but for the SDK's. Packing them again would fit, and
    would cost each cold start a second of unpacking.
    """
    require_pinned_versions(shared / "requirements.txt")
    sources = source_files(shared / "collaboration")
    if not sources:
        raise PackagingError(f"{shared.name}/collaboration/ is empty: the layer would hold nothing")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, tempfile.TemporaryDirectory() as scratch:
        for path in sources:
            name = Path("python", path.relative_to(shared))
            archive.write(path, name.as_posix())
            if path.suffix == ".py":
                # Unpacking gives each file a new date, so bytecode has to be of the kind that does not look at dates.
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                target = str(Path(scratch, "code.pyc"))
                compiled = py_compile.compile(
                    str(path), cfile=target, dfile=name.as_posix(), doraise=True, invalidation_mode=mode
                )
                archive.write(str(compiled), Path(cache_from_source(name.as_posix())).as_posix())
    return buffer.getvalue()


def source_files(folder: Path) -> list[Path]:
    """The folder's files in a fixed order, without caches."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    )


def require_pinned_versions(requirements: Path) -> None:
    """Raise unless this environment holds what the layer for AWS holds, but for what the emulator has of its own."""
    for pinned in PINNED.finditer(requirements.read_text(encoding="utf-8")):
        if pinned["name"] in EMULATORS_OWN:
            continue
        try:
            installed = importlib.metadata.version(pinned["name"])
        except importlib.metadata.PackageNotFoundError:
            installed = "nothing"
        if installed != pinned["version"]:
            raise PackagingError(
                f"the layer asks for {pinned['name']} {pinned['version']} and this environment has {installed}: "
                "bring the two lists together with `make lock`"
            )
