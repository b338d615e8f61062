"""Functions of several arguments and results, and derivatives of them, over torch.func or xdl.func."""

import numpy as np


def inputs(F, dtype="float64"):
    """x (3,), y (2, 2), z ()."""
    random = np.random.RandomState(4)
    return [F.tensor(np.asarray(random.uniform(0.5, 2, shape), dtype), False) for shape in ((3,), (2, 2), ())]


def scalar(x, y, z):
    """One number of all three, without a symmetry."""
    return (x**3 * z).sum() + (y.exp() @ y).sum() * x[0] + (x[1:] @ y).sum() * z**2


def vector(x, y, z):
    """Two Tensors in a dict, one of which does not depend on z."""
    return {"product": y @ x[:2] * x[2], "single": (x * z).sin().sum()}


def first(x, y, z):
    """A result (2,) of the first argument."""
    return (x[:2] * x[1:]).exp() * y[0] / z


def derivatives(F, T):
    """{name: tree of Tensors} for T = F's func."""
    x, y, z = inputs(F)
    v = [t.cos() for t in (x, y, z)]
    u = {"product": v[1][0], "single": v[2]}
    out, pull = T.vjp(vector, x, y, z)
    return {
        "grad": T.grad(scalar)(x, y, z),
        "grad of two": T.grad(scalar, argnums=(1, 2))(x, y, z),
        "grad of a negative number": T.grad(scalar, -1)(x, y, z),
        "grad and value": T.grad_and_value(scalar, argnums=1)(x, y, z),
        "grad with aux": T.grad(lambda x: ((x**2).sum(), {"more": x * 2}), has_aux=True)(x),
        "grad of a dict": T.grad(lambda p: (p["a"] * p["b"][0]).sum())({"a": x, "b": (z, y)}),
        "second": T.grad(lambda x: T.grad(scalar)(x, y, z).cos().sum())(x),
        "third": T.grad(T.grad(T.grad(lambda t: t**5)))(z),
        "vjp": (out, pull(u), pull(u)),
        "vjp with aux": T.vjp(lambda x: (x.sin(), y), x, has_aux=True)[2],
        "jvp": T.jvp(vector, (x, y, z), tuple(v)),
        "jvp of nothing": T.jvp(lambda x: x * 0 + 1, (x,), (v[0],)),
        "jacrev": T.jacrev(first)(x, y, z),
        "jacrev of several": T.jacrev(vector, argnums=(0, 1, 2))(x, y, z),
        "jacrev with aux": T.jacrev(lambda x: (x.exp(), x[0]), has_aux=True)(x),
        "hessian": T.hessian(scalar)(x, y, z),
        "hessian of several": T.hessian(scalar, argnums=(0, 1, 2))(x, y, z),
        "hessian of vectors": T.hessian(first)(x, y, z),
        "gradient of a product": T.grad(lambda x: T.jvp(first, (x, y, z), (x, y * 0, z * 0))[1].sum())(x),
    }


def flat(tree, host):
    """All numbers of a tree in order, dicts by key."""
    if isinstance(tree, dict):
        tree = [tree[key] for key in sorted(tree)]
    if isinstance(tree, tuple | list):
        return np.concatenate([flat(part, host) for part in tree])
    return host(tree).reshape(-1)


def numbers(F, T):
    """{name: vector} of `derivatives`."""
    return {name: flat(tree, F.host) for name, tree in derivatives(F, T).items()}
