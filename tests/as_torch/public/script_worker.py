"""A script in one process: python script_worker.py LIBRARY FOLDERS NOTES STEPS SCRIPT [arguments].

As `python -m xdl.as_torch.beside.child`, with the packages in FOLDERS, of which torchvision's Python part is used.
"""

import json
import sys


def main(library, folders, notes, steps, *arguments):
    """Runs the script with a library, torch or xdl, and notes its first weights and losses."""
    sys.path[:0] = json.loads(folders)
    if library == "torch":  # torchvision's compiled operators need another build of PyTorch; no script here uses them
        import torch

        torch.library.register_fake = lambda *_, **__: lambda function: function
    from xdl.as_torch.beside import child

    return child.main(library, notes, steps, *arguments)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
