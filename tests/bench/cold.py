"""Cold and warm: a fresh interpreter that answers a request, beside one that makes the same calls with bare boto3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from support.engines import REGION
from support.tables import TABLE_NAME
from support.template import PROJECT

from bench.recording import SECRET, Recorded, recorded_operations
from bench.replay import Replay
from bench.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HERE = Path(__file__).parent
_INTERPRETER = str(Path(sys.executable).resolve())
_REFUSED = 300
# Later answers whose instructions are counted; what the second does once for all that follow is spread over them.
_LATER = 40


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
    """An operation, measured as it is and as bare calls, turn by turn; and other ways that could be measured.

    `others`: as a usual Powertools function, as FastAPI behind Mangum, and as it is under Lambda's own runtime client.
    """

    operation: Recorded
    ours: tuple[Sample, ...]
    bare: tuple[Sample, ...]
    others: Mapping[str, tuple[Sample, ...]]

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
    """Where a process finds its packages: the layer as it is deployed, boto3 as it is installed, and neighbours."""

    layer: Path
    stock: Path
    neighbours: Path | None


@dataclass(frozen=True)
class Way:
    """One way to answer an operation: where its process finds packages, and what is run how often."""

    packages: tuple[Path, ...]
    command: tuple[str, ...]
    times: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def answering(self, times: int) -> Way:
        """The same, so many times: the last of what its command is told."""
        return replace(self, command=(*self.command[:-1], str(times)), times=times)


@dataclass(frozen=True)
class Counts:
    """Instructions that one way takes: a fresh process until its first answer, and each later answer."""

    cold: int
    warm: int


def measure(homes: Homes, runs: int, warm: int, names: Sequence[str] = ()) -> Iterator[Pair]:
    """Each operation in `runs` fresh processes, alternating with bare ones, and `warm` requests more in each."""
    for operation, replay, ways in _prepared(homes, 1 + warm, names):
        taken: dict[str, list[Sample]] = {name: [] for name in ways}
        for turn in range(runs + 1):
            for name, way in ways.items():
                sample = _run(replay, operation, way)
                # The first of each finds cold files and no bytecode.
                if turn:
                    taken[name].append(sample)
        ours, bare = tuple(taken.pop("ours")), tuple(taken.pop("bare"))
        yield Pair(operation, ours, bare, {name: tuple(samples) for name, samples in taken.items()})


def count_instructions(homes: Homes, names: Sequence[str] = ()) -> Iterator[tuple[Recorded, Counts, Counts]]:
    """Each operation with the instructions that it takes: ours, and the bare calls'.

    Valgrind's callgrind counts them, so another process on the machine changes nothing.
    """
    for operation, replay, ways in _prepared(homes, 1, names):
        ours, bare = (_counts(replay, operation, ways[name]) for name in ("ours", "bare"))
        yield operation, ours, bare


def _counts(replay: Replay, operation: Recorded, way: Way) -> Counts:
    # The first finds no bytecode.
    _run(replay, operation, way)
    with TemporaryDirectory() as folder:
        profile = Path(folder, "profile")
        callgrind = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}")
        counted = []
        for times in (1, 1 + _LATER):
            _run(replay, operation, way.answering(times), callgrind)
            counted.append(_total(profile.read_text(encoding="utf-8")))
    return Counts(counted[0], (counted[1] - counted[0]) // _LATER)


def _total(profile: str) -> int:
    """All instructions of a profile of callgrind ("Callgrind Format Specification": `totals`, `summary`)."""
    return next(int(line.split()[1]) for line in profile.splitlines() if line.startswith(("totals:", "summary:")))


def _prepared(homes: Homes, times: int, names: Sequence[str]) -> Iterator[tuple[Recorded, Replay, dict[str, Way]]]:
    """Each operation with what answers its calls, and the ways to answer it so many times."""
    with Replay() as replay, RuntimeApi() as runtime, TemporaryDirectory() as folder:
        for operation in recorded_operations():
            if names and operation.name not in names:
                continue
            event, calls = Path(folder, "event.json"), Path(folder, "calls.json")
            event.write_text(json.dumps(operation.event))
            runtime.event = event.read_bytes()
            calls.write_text(
                json.dumps(
                    [
                        ("secretsmanager" if e.method == "get_secret_value" else "dynamodb", e.method, e.arguments)
                        for e in operation.exchanges
                    ]
                )
            )
            yield operation, replay, _ways(homes, operation, (event, calls), runtime, times)


def _ways(
    homes: Homes, operation: Recorded, files: tuple[Path, Path], runtime: RuntimeApi, times: int
) -> dict[str, Way]:
    event, calls = map(str, files)
    function = str(PROJECT / "functions" / operation.function)
    ways = {
        "ours": Way((homes.layer,), (str(_HERE / "fresh_function.py"), function, event, str(times)), times),
        "bare": Way((homes.stock,), (str(_HERE / "fresh_client.py"), calls, str(times)), times),
        "powertools": Way((homes.stock,), (str(_HERE / "fresh_powertools.py"), calls, str(times)), times),
    }
    if homes.neighbours:
        client = ("-m", "awslambdaric", "fresh_runtime.handler")
        runtime_environment = {"AWS_LAMBDA_RUNTIME_API": runtime.address, "BENCH_FUNCTION": function}
        ways["runtime"] = Way((homes.layer, homes.neighbours, _HERE), client, 1, runtime_environment)
        packages = (homes.neighbours, homes.stock)
        ways["fastapi"] = Way(packages, (str(_HERE / "fresh_fastapi.py"), calls, str(times)), times)
    return ways


def _run(replay: Replay, operation: Recorded, way: Way, under: Sequence[str] = ()) -> Sample:
    once = [exchange for exchange in operation.exchanges if exchange.method == "get_secret_value"]
    every_time = [exchange for exchange in operation.exchanges if exchange.method != "get_secret_value"]
    # The functions read a key once in a process's life; bare calls are made as often as they are asked for.
    replay.load([*every_time * way.times, *once * way.times])
    # The interpreter itself, without what an environment runs at its start, and without the packages of this machine:
    # urllib3 imports pyOpenSSL and cryptography where it finds them, and Lambda has neither.
    done = subprocess.run(
        [*under, _INTERPRETER, "-S", *way.command],
        env={**_environment(replay.url, way.packages), **way.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{operation.name}: {done.stderr}")
    said = json.loads(done.stdout.splitlines()[-1])
    if said["status"] >= _REFUSED:
        raise BenchError(f"{operation.name} was refused: {said['status']}\n{done.stdout}{done.stderr}")
    warm = (said["last"] - said["first"]) / max(1, way.times - 1)
    return Sample(said["imported"], said["first"], warm, said["peak"])


def _environment(endpoint: str, packages: Sequence[Path]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, packages)),
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "TABLE_NAME": TABLE_NAME,
        "LINK_SECRET_ARN": SECRET,
        "CLOCK_OFFSET_SECONDS": "0",
        "POWERTOOLS_SERVICE_NAME": "collaboration",
    }
