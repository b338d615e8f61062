"""`python -m xdl.as_torch --beside script.py`: a script on PyTorch and on xdl, from the same weights and noise.

Each runs in a process of its own, and ends at the third scalar whose `backward()` is called: a loss. xdl comes first,
as a plain `python -m xdl.as_torch script.py`. PyTorch then gets

    weights    those that xdl had when a module was first called, or when an optimizer was made (`recorder.py`)
    noise      xdl's numbers, where the script, a data loader, a distribution or a dropout layer draws (`answers.py`)

and Python's and NumPy's own random numbers begin with seed 0 in both. Not answered: dropout inside PyTorch's recurrent
layers and fused attention, and noise from several threads.
"""

from xdl.as_torch.beside.command import beside

__all__ = ["beside"]
