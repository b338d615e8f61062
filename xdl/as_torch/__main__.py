"""`python -m xdl.as_torch script.py [arguments]`: the script, with `import torch` answered by xdl."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from xdl.as_torch.hook import install
from xdl.errors import BackendError

USAGE = "python -m xdl.as_torch [--coverage | --beside] [-m MODULE | SCRIPT] [arguments of the script]"


def main(arguments: list[str]) -> int:
    """Runs the script; its arguments are its own. Returns the exit code: 2 where there is nothing to run."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(f"usage: {USAGE}\n")
        return 0 if arguments else 2
    if arguments[0] == "--coverage":
        from xdl.as_torch.coverage import report

        sys.stdout.write(report())
        return 0
    if arguments[0] == "--beside":
        from xdl.as_torch.beside import beside

        try:
            return beside(arguments[1:])
        except BackendError as error:
            sys.stderr.write(f"{error}\n")
            return 2
    install()
    return run(arguments)


def run(arguments: list[str]) -> int:
    """Runs a script, or `-m module`, as Python itself would. Returns the exit code: 2 where there is no such file."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path.insert(0, "")
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    script = Path(arguments[0])
    if not script.is_file():
        sys.stderr.write(f"as_torch: expected a script, found no file {script}\n")
        return 2
    sys.argv = arguments
    sys.path.insert(0, str(script.resolve().parent))
    runpy.run_path(str(script), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
