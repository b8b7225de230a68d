"""Start, watch and stop the AWS emulator."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Self

from botocore.exceptions import BotoCoreError, ClientError

from stack import journal
from stack.aws import REGION, Aws

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 5
TAIL_LINES = 30


class EmulatorError(Exception):
    """The emulator does not start, or ended by itself; says why in words for a terminal."""


class Emulator:
    """A running emulator: everything of it lives in one folder and one process group.

    A context manager: leaving it stops the emulator, its Lambda workers, and removes the folder. Left by a fault, it
    keeps its log and the functions' beside the folder, for whoever looks for the reason; and where the emulator's own
    end was the reason, it says so.
    """

    def __init__(self, local: Path, port: int | None = None) -> None:
        """Start it on `port`, or on a free one, and wait until it answers. `local` is the project's `.local`."""
        run_due_work(local)
        self.port = claim_port(port)
        self.endpoint = f"http://{HOST}:{self.port}"
        self.folder = local / f"emulator-{self.port}"
        self.log = self.folder / "emulator.log"
        self.kept_log = local / "emulator.log"
        for part in ("tmp", "state"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                # -P: the modules beside tethered.py must not stand in for the emulator's own.
                [sys.executable, "-P", str(Path(__file__).with_name("tethered.py"))],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=settings(self.folder, self.port),
                start_new_session=True,
            )
        (self.folder / "pid").write_text(str(self._process.pid), encoding="ascii")
        try:
            self._wait_until_healthy()
        except BaseException:
            shutil.copy(self.log, self.kept_log)
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None and issubclass(kind, Exception):
                self.keep_evidence()
                self.check()
        finally:
            self.stop()

    def keep_evidence(self) -> None:
        """Put the emulator's log and what the functions wrote where stopping does not remove them."""
        shutil.copy(self.log, self.kept_log)
        # After the emulator's own end there is nothing to ask, and its log says why.
        with contextlib.suppress(BotoCoreError, ClientError):
            self.kept_log.with_name("functions.log").write_text(journal.read(Aws(self.endpoint)), encoding="utf-8")

    def check(self) -> None:
        """Raise `EmulatorError`, with the end of its log, if the emulator is no longer there."""
        if self._process.poll() is None:
            return
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        tail = "\n".join(f"    {line}" for line in lines)
        raise EmulatorError(
            f"the emulator ended by itself (exit code {self._process.returncode}).\n"
            f"The end of its log, {self.kept_log}:\n{tail}"
        )

    def stop(self) -> None:
        """End the emulator and all its workers, and remove what they left. May be called twice."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        # A worker in the middle of a call may outlive the emulator: nothing of the group is left after this.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check()
            if is_healthy(self.endpoint):
                return
            time.sleep(0.05)
        raise EmulatorError(f"the emulator does not answer after {START_SECONDS} seconds: see {self.kept_log}")


def is_healthy(endpoint: str) -> bool:
    """Whether an emulator answers at `endpoint`."""
    # No proxy, whatever the machine's settings say: this is the loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_ministack/health", timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, ValueError):
        return False


def claim_port(port: int | None) -> int:
    """The port asked for if it is free, else `EmulatorError`; or any free one."""
    with socket.socket() as probe:
        # The emulator binds so too: a port that a stopped one has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port or 0))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise EmulatorError(f"port {port} cannot be used ({reason}): leave PORT out to get a free one") from error
        return int(probe.getsockname()[1])


def settings(folder: Path, port: int) -> dict[str, str]:
    """The emulator's environment, which its Lambda workers inherit: what the machine has, less what would leak in."""
    # AWS_*: a real account's settings. PYTHON*: our source folders, which would hide a layer that lacks something.
    # *_PROXY: nothing here goes out.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PYTHON", "MINISTACK_", "LAMBDA_")) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Doors that nothing here uses.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Workers are processes of this machine, also where a Docker engine runs. One per function stays; what a burst
        # started beside it ends after a minute, and a burst starts at most this many: all fits into 8 GB.
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": "60",
        "LAMBDA_ACCOUNT_CONCURRENCY": "64",
        "LOG_LEVEL": "INFO",
        # Everything it writes, so that one folder removed is everything removed.
        "TMPDIR": str(folder / "tmp"),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "state" / "s3"),
        "PYTHONUNBUFFERED": "1",
    }


def run_due_work(local: Path) -> None:
    """Remove the folders of emulators that are gone: what a crash or a kill left."""
    for folder in local.glob("emulator-*"):
        try:
            os.kill(int((folder / "pid").read_text(encoding="ascii")), 0)
        except (OSError, ValueError):
            shutil.rmtree(folder, ignore_errors=True)
