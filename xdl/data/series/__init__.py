"""Series: sequences of numbers that are generated."""

from xdl.data.series.adding import adding_problem

__all__ = ["adding_problem"]
