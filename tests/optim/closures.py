"""Runs of LBFGS on a small network, whose closure computes the loss and its gradients, against xdl or PyTorch."""

import numpy as np

STEPS = 4
SHAPES = {"weight": (3, 4), "bias": (3,), "late": (2, 3), "scale": ()}
SEARCH = {"line_search_fn": "strong_wolfe"}
LBFGS = {
    "with defaults": {},
    "lr": {"lr": 0.3, "max_iter": 6},
    "one iteration": {"max_iter": 1},
    "short history": {"lr": 0.5, "max_iter": 5, "history_size": 2},
    "wolfe": {**SEARCH, "max_iter": 5},
    "wolfe lr": {**SEARCH, "lr": 20.0, "max_iter": 4, "history_size": 3},
    "wolfe few evaluations": {**SEARCH, "lr": 8.0, "max_iter": 6, "max_eval": 4},
    "wolfe to the end": {**SEARCH, "max_iter": 60, "tolerance_grad": 1e-3},
    "wolfe until it stands": {**SEARCH, "max_iter": 60, "tolerance_change": 1e-3},
}


def start(F, dtype="float64"):
    """The parameters, from a frozen generator."""
    random = np.random.RandomState(5)
    return {name: F.tensor(np.asarray(random.standard_normal(shape), dtype), True) for name, shape in SHAPES.items()}


def closure(F, optimizer, p, dtype="float64"):
    """The loss of a small network, which does not depend on "late" while its bias is large: no gradient then."""
    random = np.random.RandomState(6)
    x, y = (F.tensor(random.standard_normal(shape).astype(dtype), False) for shape in ((8, 4), (8, 3)))
    calls = []

    def evaluate():
        optimizer.zero_grad()
        loss = (((x @ p["weight"].T + p["bias"]).tanh() * p["scale"] - y) ** 2).sum() + (p["weight"] ** 4).sum() / 10
        if len(calls) > 2:
            loss = loss + (p["late"] ** 2).sum()
        calls.append(loss)
        loss.backward()
        return loss

    return evaluate, calls


def steps(F, optimizer, p, count, dtype="float64"):
    """(count, n + 2): after each step all values, the loss that it returned, and how often the closure was called."""
    evaluate, calls = closure(F, optimizer, p, dtype)
    found = []
    for _ in range(count):
        loss = optimizer.step(evaluate)
        values = [F.host(t).reshape(-1) for t in p.values()]
        found.append(np.concatenate([*values, [float(loss), len(calls)]]))
    return np.stack(found)


def run(F, name, dtype="float64"):
    """The steps of one of the runs."""
    p = start(F, dtype)
    return steps(F, F.optim.LBFGS(list(p.values()), **LBFGS[name]), p, STEPS, dtype)
