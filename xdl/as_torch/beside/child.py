"""One of the two runs: python -m xdl.as_torch.beside.child LIBRARY FOLDER STEPS SCRIPT [arguments]."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from xdl.as_torch.__main__ import run
from xdl.as_torch.beside.recorder import Recorder
from xdl.as_torch.hook import install


def main(library: str, folder: str, steps: str, *arguments: str) -> int:
    """Runs the script with a library, xdl or torch, and notes its first weights and losses in the folder."""
    import numpy as np

    random.seed(0)
    np.random.seed(0)
    if library == "xdl":
        import xdl
        from xdl import nn, optim

        install()
        classes = (nn.Module, optim.Optimizer, xdl.Tensor)
        Recorder(xdl, Path(folder), library, int(steps), writes=True).watch(*classes)
    else:
        import torch

        from xdl.as_torch.beside.answers import Answers

        Answers(torch).put()
        classes = (torch.nn.Module, torch.optim.Optimizer, torch.Tensor)
        Recorder(torch, Path(folder), library, int(steps), writes=False).watch(*classes)
    return run(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
