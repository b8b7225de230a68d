"""Count instructions: `make bench ARGS="instructions"`, or some of them: `make bench ARGS="instructions preview"`.

Half a minute an operation. Nothing else on the machine changes the figures, so they tell a hundredth from noise.
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
    print(f"Python {platform.python_version()}, {platform.machine()}: instructions of a fresh process until its")
    print("answer, against bare boto3 that makes the same calls.")
    print(f"\n{'operation':20} {'function':15} {'ratio':>5}  {'ours':>14} {'bare':>14}")
    homes = Homes(built_layer(), Path(sysconfig.get_path("purelib")), None)
    for operation, ours, bare in count_instructions(homes, only):
        print(f"{operation.name:20} {operation.function:15} {ours / bare:5.2f}  {ours:14,} {bare:14,}", flush=True)
