"""Minimization of functions: `xdl.optim.minimize(f, x0, method="bfgs")`.

run.py           the function, its methods and how they end      result.py    what it returns, with the path
objective.py     f with its derivatives, counted                 vectors.py   sums and products of vectors
line_search.py   the strong Wolfe search; history.py: the steps of L-BFGS. `xdl.optim.LBFGS` has the same two
searching.py     what newton.py, quasi_newton.py and conjugate.py share; first_order.py: steps of xdl's optimizers
"""

from xdl.optim.minimize.result import OptimizeResult, Path
from xdl.optim.minimize.run import METHODS, minimize

__all__ = ["METHODS", "OptimizeResult", "Path", "minimize"]
