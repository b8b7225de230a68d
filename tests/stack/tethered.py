"""The emulator's process: ends, with its workers, when whoever started it is gone, however that came about.

A Ctrl-C or a failing test stops the emulator in good order. This is for what leaves no time for that: a killed
terminal, a killed test run. Its standard input is a pipe that nobody writes to; the other end closes with the parent.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 3


def end_with_parent() -> None:
    """Wait for the parent's end of the pipe to close, then end this process group: the emulator and its workers."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")
