"""What the books report, measured again: `xdl books`."""

from xdl.experiments.reported.rows import ROWS, Reported, measured

__all__ = ["ROWS", "Reported", "measured"]
