"""Outlives a supervisor that was killed, ends what it left behind, and goes.

Its standard input is a pipe that only the supervisor holds: a line on it means an orderly end, the bare end of the pipe
means that the supervisor was killed. `python -m lastmile.local.sentinel RUN` looks for processes with LASTMILE_RUN=RUN.
"""

import signal
import sys
import time

from . import processes


def main(run: str) -> None:
    """Wait for the supervisor's end; after a killed one give its children two seconds, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.readline():
        return
    time.sleep(2)
    processes.end_all(processes.marked(f"LASTMILE_RUN={run}"), patience_s=6)


if __name__ == "__main__":
    main(sys.argv[1])
