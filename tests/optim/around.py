"""Runs of what acts on gradients and weights beside an optimizer: clipping and averaging, against xdl or PyTorch."""

import math

import numpy as np

SHAPES = [(3, 4), (5,), (), (2, 1, 3)]

CLIPS = {f"norm {p} to {limit}": (p, limit) for p in (1.0, 2.0, 3.0, 0.5, math.inf) for limit in (0.1, 4.0, 1e6)}
AVERAGES = {
    "mean": {},
    "swa": {"avg_fn": lambda swa: swa.get_swa_avg_fn()},
    "ema": {"avg_fn": lambda swa: swa.get_ema_avg_fn(0.9)},
    "ema of buffers": {"avg_fn": lambda swa: swa.get_ema_avg_fn(0.7), "use_buffers": True},
    "swa of lists": {"multi_avg_fn": lambda swa: swa.get_swa_multi_avg_fn()},
    "ema of lists": {"multi_avg_fn": lambda swa: swa.get_ema_multi_avg_fn(0.6)},
    "own": {"avg_fn": lambda _: lambda averaged, current, n: (averaged + n * current) / (n + 1)},
}


def with_gradients(F, dtype="float64", scale=1.0):
    """Parameters with gradients, and one without."""
    random = np.random.RandomState(4)
    parameters = [F.tensor(np.zeros(shape, dtype), True) for shape in [*SHAPES, (2,)]]
    for p in parameters[:-1]:
        p.grad = F.tensor(np.asarray(scale * random.standard_normal(tuple(p.shape)), dtype), False)
    return parameters


def gradients(F, parameters):
    """All gradients as one vector."""
    return np.concatenate([F.host(p.grad).reshape(-1) for p in parameters if p.grad is not None])


def clip_norm(F, norm_type, limit, dtype="float64", scale=1.0):
    """The total norm and the clipped gradients."""
    parameters = with_gradients(F, dtype, scale)
    total = F.nn.utils.clip_grad_norm_(parameters, limit, norm_type)
    return np.concatenate([F.host(total).reshape(-1), gradients(F, parameters)])


def clip_value(F, limit):
    """The clipped gradients."""
    parameters = with_gradients(F)
    F.nn.utils.clip_grad_value_(parameters, limit)
    return gradients(F, parameters)


def model(F):
    """A small model with batch norm, its parameters drawn from a frozen generator."""
    made = F.nn.Sequential(F.nn.Linear(3, 4), F.nn.BatchNorm1d(4), F.nn.Linear(4, 2))
    move(F, made, 0)
    return made


def move(F, made, seed):
    """Other values for all parameters and floating buffers, as training gives them."""
    random = np.random.RandomState(seed)
    state = {}
    for name, t in made.state_dict().items():
        old = F.host(t)
        state[name] = F.tensor(
            random.uniform(0.5, 2.0, old.shape).astype(old.dtype) if old.dtype.kind == "f" else old + 1, False
        )
    made.load_state_dict(state)


def average(F, settings):
    """All values of an averaged model after each of four updates."""
    made = model(F)
    swa = F.optim.swa_utils
    given = {name: value(swa) if callable(value) else value for name, value in AVERAGES[settings].items()}
    averaged = swa.AveragedModel(made, **given)
    found = []
    for seed in range(1, 5):
        move(F, made, seed)
        averaged.update_parameters(made)
        state = averaged.state_dict()
        # PyTorch averages whole numbers too, and rounds
        names = sorted(name for name in state if settings != "ema of buffers" or "tracked" not in name)
        found.append(np.concatenate([F.host(state[name]).reshape(-1).astype("float64") for name in names]))
    return np.stack(found)


def statistics(F):
    """The statistics that update_bn finds, and the output in evaluation after it."""
    made = model(F)
    random = np.random.RandomState(9)
    batches = [F.tensor(random.standard_normal((6, 3)).astype("float32"), False) for _ in range(3)]
    F.optim.swa_utils.update_bn([(x, None) for x in batches], made)
    made.eval()
    state = made.state_dict()
    found = [state["1.running_mean"], state["1.running_var"], state["1.num_batches_tracked"], made(batches[0])]
    return np.concatenate([F.host(t).reshape(-1) for t in found])
