"""Ctrl-C while the command `xdl` is still being loaded: it ends at once, with the code that shells expect.

Python's own answer would be a traceback from the middle of an import. The command's entry point takes over from here;
in a program that imports xdl nothing changes.
"""

import os
import sys
from contextlib import suppress
from signal import SIG_IGN, SIGINT, getsignal, signal


def is_command() -> bool:
    """Whether this process is the command: started as `xdl`, or as `python -m xdl` and not yet further."""
    started = sys.argv[0] if sys.argv else ""
    return os.path.splitext(os.path.basename(started))[0] == "xdl" or (started == "-m" and "xdl" in sys.orig_argv)


if is_command() and getsignal(SIGINT) is not SIG_IGN:  # which it is under nohup
    with suppress(ValueError):  # no thread but the first one is asked
        signal(SIGINT, lambda number, _: os._exit(128 + number))
