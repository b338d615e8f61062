"""minimize: one function of any number of variables, by any of the methods, with the path that it took."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from math import isfinite
from typing import Any

from xdl.backend import namespaces
from xdl.errors import DtypeError, KindError, SettingError, nearest
from xdl.optim.minimize.conjugate import ConjugateGradient, LinearConjugateGradient
from xdl.optim.minimize.first_order import RULES, FirstOrder
from xdl.optim.minimize.newton import Newton
from xdl.optim.minimize.objective import Jac, Objective, Point, check_start
from xdl.optim.minimize.quasi_newton import BFGS, LBFGS
from xdl.optim.minimize.result import OptimizeResult, Trace
from xdl.optim.minimize.searching import Method
from xdl.optim.minimize.vectors import largest, numbers
from xdl.tensor import Tensor

LINES: dict[str, Callable[..., Method]] = {
    "newton": Newton,
    "bfgs": BFGS,
    "l-bfgs": LBFGS,
    "cg": ConjugateGradient,
    "linear-cg": LinearConjugateGradient,
}
METHODS = (*RULES, *LINES)
MESSAGES = {
    0: "Optimization terminated successfully.",
    1: "Maximum number of iterations has been exceeded.",
    2: "No lower point was found along the direction: the precision does not allow a smaller gradient.",
    3: "The value or the gradient became nan or infinite.",
    99: "`callback` raised `StopIteration`.",
}


def minimize(
    f: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str = "bfgs",
    jac: Jac = None,
    hess: Callable[..., Any] | None = None,
    *,
    tol: float = 1e-5,
    maxiter: int | None = None,
    callback: Callable[[Tensor], Any] | None = None,
    **options: Any,
) -> OptimizeResult:
    """The minimum of f(x, *args) that a method finds from x0.

    f:       takes a Tensor of x0's shape, returns one number; a Tensor on the tape unless jac is given
    x0:      a Tensor, whose dtype counts, or numbers and arrays, which become float64; any shape
    method:  "gd" "momentum" "nesterov" "adagrad" "adadelta" "rmsprop" "adam" "newton" "bfgs" "l-bfgs" "cg" "linear-cg"
    jac:     the gradient jac(x, *args); True if f returns (value, gradient); None for the tape
    hess:    the Hessian hess(x, *args) (n, n), of newton alone; None for the tape
    tol:     ends where no |gradient_i| is larger: SciPy's gtol
    maxiter: the most steps; 200 n, for gd to adam 1000
    callback: called with each point; StopIteration ends the search
    options: those of the optimizer behind gd to adam (lr, betas, ...), with its defaults, and momentum 0.9; c1 and c2
             of the line search; maxcor of l-bfgs; beta of newton

    linear-cg is for quadratic functions. Each pair of value and gradient is one evaluation, `nfev`.

    Raises SettingError for an unknown method, for options and a hess that it does not use, and for those out of range,
    KindError for what is no function,
    ShapeError for results of other shapes, DtypeError for an integer Tensor, GraphError for an f without a gradient,
    DataError for x0 or a Hessian that is not finite and for an f that is no parabola in linear-cg.
    """
    if method not in METHODS:
        raise SettingError("minimize", "method: one of " + " ".join(METHODS), repr(method))
    if not (isinstance(tol, int | float) and tol >= 0):
        raise SettingError("minimize", "tol: a number of at least 0", repr(tol))
    if callback is not None and not callable(callback):
        raise KindError("minimize", "a function as callback", type(callback).__name__)
    start = _start(x0)
    objective = Objective(f, args if isinstance(args, tuple) else (args,), jac, hess, start.shape)
    most = (1000 if method in RULES else 200 * start.numel()) if maxiter is None else maxiter
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise SettingError("minimize", "maxiter: a whole number of at least 0", repr(maxiter))
    _check_options(method, options, hess)
    xp = namespaces[type(start.array)]
    at = objective.at(xp.reshape(start.array, (-1,)))
    made = _made(method, objective, at, options)
    trace = Trace(start.shape)
    trace.add(at, objective.nfev)
    status = _ended(at, tol)
    while status is None:
        if len(trace.fun) > most:
            status = 1
        elif (found := made.step(at)) is None:
            status = 2
        else:
            at = found
            trace.add(at, objective.nfev)
            status = _told(callback, at, start.shape) or _ended(at, tol)
    return _result(objective, made, at, status, trace)


def _start(x0: Any) -> Tensor:
    if isinstance(x0, Tensor) and not x0.dtype.startswith("float"):
        raise DtypeError("minimize", "x0 of a floating dtype", x0.dtype)
    hint = "Several arrays go into one: x0 = cat([a.reshape(-1), b.reshape(-1)]), which f takes apart"
    start = numbers("minimize", "x0", x0, "float64", hint)
    check_start(start)
    return start


def _check_options(method: str, options: dict[str, Any], hess: Any) -> None:
    """Raises SettingError for an option that the method does not know, and for a Hessian that it does not use."""
    if hess is not None and method != "newton":
        raise SettingError("minimize", f"no hess, which {method} does not use", "one", 'It is for method="newton"')
    known = RULES[method].options if method in RULES else [*signature(LINES[method]).parameters][1:]
    for name in options:
        if name not in known:
            raise SettingError("minimize", f"options of {method}", name, nearest(name, known))


def _made(method: str, objective: Objective, at: Point, options: dict[str, Any]) -> Method:
    if method in RULES:
        return FirstOrder(objective, at, RULES[method], options)
    return LINES[method](objective, **options)


def _ended(at: Point, tol: float) -> int | None:
    """The status with which a point ends the search, None where it goes on."""
    size = largest(at.gradient)
    if not (isfinite(at.fun) and isfinite(size)):
        return 3
    return 0 if size <= tol else None


def _told(callback: Callable[[Tensor], Any] | None, at: Point, shape: tuple[int, ...]) -> int | None:
    if callback is not None:
        try:
            callback(Tensor(at.x).reshape(shape).clone())
        except StopIteration:
            return 99
    return None


def _result(objective: Objective, made: Method, at: Point, status: int, trace: Trace) -> OptimizeResult:
    shape = objective.shape
    return OptimizeResult(
        x=Tensor(at.x).reshape(shape),
        fun=at.fun,
        jac=Tensor(at.gradient).reshape(shape),
        nit=len(trace.fun) - 1,
        nfev=objective.nfev,
        njev=objective.nfev,
        nhev=objective.nhev,
        success=status == 0,
        status=status,
        message=MESSAGES[status],
        hess_inv=made.inverse_hessian(),
        path=trace.path(),
    )
