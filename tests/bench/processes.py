"""Cold starts and warm requests, in processor time, and the layer's parts: `make bench ARGS=processes`.

`make bench ARGS="processes --runs 5 invite preview"` for some of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sysconfig
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles

from bench.cold import Homes, Pair, measure
from bench.layer import built_layer, sizes
from bench.neighbours import neighbours

_KILOBYTE = 1024


def main(given: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=processes", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="fresh processes for each figure")
    parser.add_argument("--warm", type=int, default=50, help="requests after the first, in each process")
    parser.add_argument("only", nargs="*", help="names of operations; all when none is given")
    arguments = parser.parse_args(given)
    packages = built_layer()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("boto3", "pydantic", "aws-lambda-powertools"))
    print(f"Python {platform.python_version()}, {_processor()}, {os.cpu_count()} cores, {libraries}")
    print("Of this interpreter on this machine: AWS runs the functions on its own, and another Python (template.yaml).")
    print(f"Processor time, the median of {arguments.runs} fresh processes (quarter to three quarters), against bare")
    print("boto3 that makes the same calls in a process of its own, turn by turn. 1.00 is as fast as that.")
    print("runtime: the same under Lambda's own runtime client, which bare calls are without. Neighbours that make the")
    print(
        "same calls: powertools, a usual function with Logger, Metrics, resolver and validation; fastapi, with Mangum."
    )
    fetched = neighbours()
    if fetched is None:
        print("FastAPI, Mangum and the runtime client cannot be fetched here: they are not measured.")
    print(
        f"\n{'operation':20} {'function':15} {'calls':>5}  {'cold':>18}"
        f"  {'runtime':>7} {'powertools':>10} {'fastapi':>7}"
        f"  {'import':>7} {'first':>7} {'bare':>7}"
        f"  {'warm':>18}  {'peak':>6}"
    )
    homes = Homes(packages, Path(sysconfig.get_path("purelib")), fetched)
    for pair in measure(homes, arguments.runs, arguments.warm, arguments.only):
        print(_row(pair), flush=True)
    print("\nLayer, unzipped, without bytecode:")
    for name, size in sizes(packages).items():
        print(f"  {name:24} {size / _KILOBYTE**2:5.1f} MB")
    print(f"  {'together':24} {sum(sizes(packages).values()) / _KILOBYTE**2:5.1f} MB")


def _row(pair: Pair) -> str:
    cold = [ours.first / bare.first for ours, bare in zip(pair.ours, pair.bare, strict=True)]
    others = {
        name: f"{_median([their.first / bare.first for their, bare in zip(samples, pair.bare, strict=True)]):.2f}"
        for name, samples in pair.others.items()
    }
    warm = [ours.warm / bare.warm for ours, bare in zip(pair.ours, pair.bare, strict=True)]
    milliseconds = [
        _median([1000 * getattr(sample, name) for sample in samples])
        for name, samples in (("imported", pair.ours), ("first", pair.ours), ("first", pair.bare))
    ]
    peak = max(sample.peak for sample in pair.ours) // _KILOBYTE
    return (
        f"{pair.operation.name:20} {pair.operation.function:15} {len(pair.operation.exchanges):5}  "
        f"{_spread(cold):>18}  {others.get('runtime', '-'):>7} {others['powertools']:>10} "
        f"{others.get('fastapi', '-'):>7}  "
        + " ".join(f"{value:4.0f} ms" for value in milliseconds)
        + f"  {_spread(warm):>18}  {peak:3} MB"
    )


def _processor() -> str:
    """What the machine's processor is called, else its architecture."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _median(values: list[float]) -> float:
    return quantiles(values, n=4)[1] if len(values) > 1 else values[0]


def _spread(values: list[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.2f}"
    low, middle, high = quantiles(values, n=4)
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"
