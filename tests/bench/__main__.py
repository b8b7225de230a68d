"""Print every figure, part after part: `make bench`. One part alone: `make bench ARGS="growth --rounds 15"`.

    processes     cold starts and warm requests against bare boto3, in processor time, and the layer's parts
    instructions  cold starts and warm requests in instructions, which nothing else changes; needs Valgrind
    costs         round trips and units of each operation, and what an office costs in a month
    partitions    the busiest seconds of the hottest keys
    growth        the same operations with 1 000, 10 000 and 100 000 collaborations stored; needs Java and npm

Each part is a process of its own: what one does to its environment is not measured in the next.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import subprocess
import sys
import time

# What has to be installed for each part.
PARTS: dict[str, tuple[str, ...]] = {
    "processes": (),
    "instructions": ("valgrind",),
    "costs": (),
    "partitions": (),
    "growth": ("java", "npm"),
}


def main(arguments: list[str]) -> int:
    """Print all parts; 1 when one of them failed, or could not be measured here."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", help="fresh processes for each figure of the part processes")
    parser.add_argument("--rounds", help="how often each size is measured by the part growth")
    parser.add_argument("--sizes", nargs="+", help="how many collaborations are stored for the part growth")
    read = parser.parse_args(arguments)
    options = {
        "processes": ["--runs", read.runs] if read.runs else [],
        "growth": [
            *(["--rounds", read.rounds] if read.rounds else []),
            *(["--sizes", *read.sizes] if read.sizes else []),
        ],
    }
    failed = []
    for name, programs in PARTS.items():
        print(f"\n---- {name}\n", flush=True)
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            print(f"Not measured: {' and '.join(missing)} must be installed.")
            failed.append(name)
            continue
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", "bench", name, *options.get(name, [])], check=False)
        print(f"\n{name}: {time.monotonic() - began:.0f} seconds", flush=True)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"\nWithout figures: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in PARTS:
        importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:])
    else:
        sys.exit(main(sys.argv[1:]))
