"""Cold and warm: a fresh interpreter that answers a request, beside one that makes the same calls with bare boto3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from support.engines import REGION
from support.tables import TABLE_NAME
from support.template import PROJECT

from bench.recording import SECRET, Recorded, recorded_operations
from bench.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HERE = Path(__file__).parent
_INTERPRETER = str(Path(sys.executable).resolve())
_REFUSED = 300


class BenchError(Exception):
    """Something did not run as it was recorded: there is no figure."""


@dataclass(frozen=True)
class Sample:
    """Processor seconds of one process since it began, and its memory's peak in kilobytes."""

    imported: float
    first: float
    warm: float
    peak: int


@dataclass(frozen=True)
class Pair:
    """An operation, measured as it is, as bare calls and as a usual Powertools function, turn by turn."""

    operation: Recorded
    ours: tuple[Sample, ...]
    bare: tuple[Sample, ...]
    powertools: tuple[Sample, ...]

    @property
    def cold_ratio(self) -> float:
        """A fresh process's first answer, against the same calls: the median of both."""
        return median(s.first for s in self.ours) / median(s.first for s in self.bare)

    @property
    def warm_ratio(self) -> float:
        """A later answer, against the same calls: the median of both."""
        return median(s.warm for s in self.ours) / median(s.warm for s in self.bare)


@dataclass(frozen=True)
class Homes:
    """Where a process finds its packages: the layer as it is deployed, and boto3 as it is installed."""

    layer: Path
    stock: Path


def measure(homes: Homes, runs: int, warm: int, names: Sequence[str] = ()) -> Iterator[Pair]:
    """Each operation in `runs` fresh processes, alternating with bare ones, and `warm` requests more in each."""
    with Replay() as replay, TemporaryDirectory() as folder:
        for operation in recorded_operations():
            if names and operation.name not in names:
                continue
            event, calls = Path(folder, "event.json"), Path(folder, "calls.json")
            event.write_text(json.dumps(operation.event))
            calls.write_text(
                json.dumps(
                    [
                        ("secretsmanager" if e.method == "get_secret_value" else "dynamodb", e.method, e.arguments)
                        for e in operation.exchanges
                    ]
                )
            )
            function = [str(_HERE / "fresh_function.py"), str(PROJECT / "functions" / operation.function), str(event)]
            client = [str(_HERE / "fresh_client.py"), str(calls)]
            neighbour = [str(_HERE / "fresh_powertools.py"), str(calls)]
            ours, bare, powertools = [], [], []
            for turn in range(runs + 1):
                one = _run(replay, operation, homes.layer, [*function, str(1 + warm)], 1 + warm)
                other = _run(replay, operation, homes.stock, [*client, str(1 + warm)], 1 + warm)
                third = _run(replay, operation, homes.stock, [*neighbour, str(1 + warm)], 1 + warm)
                # The first of each finds cold files and no bytecode.
                if turn:
                    ours.append(one)
                    bare.append(other)
                    powertools.append(third)
            yield Pair(operation, tuple(ours), tuple(bare), tuple(powertools))


def _run(replay: Replay, operation: Recorded, packages: Path, command: Sequence[str], times: int) -> Sample:
    once = [exchange for exchange in operation.exchanges if exchange.method == "get_secret_value"]
    every_time = [exchange for exchange in operation.exchanges if exchange.method != "get_secret_value"]
    # The functions read a key once in a process's life; bare calls are made as often as they are asked for.
    replay.load([*every_time * times, *once * times])
    # The interpreter itself, without what an environment runs at its start, and without the packages of this machine:
    # urllib3 imports pyOpenSSL and cryptography where it finds them, and Lambda has neither.
    done = subprocess.run(
        [_INTERPRETER, "-S", *command],
        env=_environment(replay.url, packages),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{operation.name}: {done.stderr}")
    said = json.loads(done.stdout.splitlines()[-1])
    if said["status"] >= _REFUSED:
        raise BenchError(f"{operation.name} was refused: {said['status']}\n{done.stdout}{done.stderr}")
    warm = (said["last"] - said["first"]) / max(1, times - 1)
    return Sample(said["imported"], said["first"], warm, said["peak"])


def _environment(endpoint: str, packages: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(packages),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "TABLE_NAME": TABLE_NAME,
        "LINK_SECRET_ARN": SECRET,
        "CLOCK_OFFSET_SECONDS": "0",
        "POWERTOOLS_SERVICE_NAME": "collaboration",
    }
