"""Count instructions: `make bench ARGS="instructions"`, or some of them: `make bench ARGS="instructions preview"`.

A minute an operation. Nothing else on the machine changes the figures, so they tell a hundredth from noise.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cold import Homes, count_instructions
from bench.layer import built_layer

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of operations; all when none is given")
    only = parser.parse_args(arguments).only
    if shutil.which("valgrind") is None:
        parser.exit(1, "Valgrind counts them, and is not installed: on Debian, apt-get install valgrind.\n")
    print(f"Python {platform.python_version()}, {platform.machine()}: instructions of a fresh process until its answer")
    print("(cold), and of each later answer (warm), against bare boto3 that makes the same calls.")
    of_ours_and_bare = "{:>5} {:>14} {:>14}"
    heads = (of_ours_and_bare.format(kind, "ours", "bare") for kind in ("cold", "warm"))
    print(f"\n{'operation':20} {'function':15} {'  '.join(heads)}")
    homes = Homes(built_layer(), Path(sysconfig.get_path("purelib")), None)
    for operation, ours, bare in count_instructions(homes, only):
        counts = (
            of_ours_and_bare.format(f"{mine / theirs:.2f}", f"{mine:,}", f"{theirs:,}")
            for mine, theirs in ((ours.cold, bare.cold), (ours.warm, bare.warm))
        )
        print(f"{operation.name:20} {operation.function:15} {'  '.join(counts)}", flush=True)
