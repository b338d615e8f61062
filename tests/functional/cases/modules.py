"""Cases of modules: F.run(module, *inputs, **state) runs a module with the given parameters and buffers."""

from tests.functional.cases.case import apart, case, integers, normal, positive


def with_parameters():
    """Layers that learn."""
    yield case(
        "Linear",
        lambda F, x, w, b: F.run(F.nn.Linear(3, 2), x, weight=w, bias=b),
        normal(4, 3),
        normal(2, 3),
        normal(2),
    )
    yield case(
        "Linear without bias",
        lambda F, x, w: F.run(F.nn.Linear(3, 2, bias=False), x, weight=w),
        normal(1, 3),
        normal(2, 3),
    )
    yield case(
        "Conv2d",
        lambda F, x, w, b: F.run(F.nn.Conv2d(4, 2, (3, 2), 2, 1, 1, 2), x, weight=w, bias=b),
        *(normal(2, 4, 5, 4), normal(2, 2, 3, 2), normal(2)),
    )
    yield case(
        "Conv2d without bias",
        lambda F, x, w: F.run(F.nn.Conv2d(2, 3, 3, padding=1, dilation=2, bias=False), x, weight=w),
        *(normal(1, 2, 5, 5), normal(3, 2, 3, 3)),
    )
    yield case(
        "Embedding", lambda F, ids, w: F.run(F.nn.Embedding(5, 2), ids, weight=w), integers(5, 2, 4), normal(5, 2)
    )
    for name, shape in (("BatchNorm1d", (5, 3)), ("BatchNorm1d", (4, 3, 2)), ("BatchNorm2d", (3, 2, 2, 3))):
        c = shape[1]
        state = (positive(c), normal(c), normal(c), positive(c))
        yield case(
            f"{name} {len(shape)}-d",
            lambda F, x, w, b, m, v, n=name, c=c: (
                F.run(getattr(F.nn, n)(c), x, weight=w, bias=b, running_mean=m, running_var=v),
                m,
                v,
            ),
            *(normal(*shape), *state),
            fixed=(3, 4),
        )
        yield case(
            f"{name} {len(shape)}-d evaluation",
            lambda F, x, w, b, m, v, n=name, c=c: F.run(
                getattr(F.nn, n)(c).eval(), x, weight=w, bias=b, running_mean=m, running_var=v
            ),
            *(normal(*shape), *state),
            fixed=(3, 4),
        )
        yield case(
            f"{name} {len(shape)}-d untracked",
            lambda F, x, n=name, c=c: F.run(
                getattr(F.nn, n)(c, eps=0.01, affine=False, track_running_stats=False).eval(), x
            ),
            normal(*shape),
        )
    yield case(
        "BatchNorm1d of all batches equally",
        lambda F, x, m, v: (
            F.run(F.nn.BatchNorm1d(2, momentum=None, affine=False), x, running_mean=m, running_var=v),
            m,
            v,
        ),
        *(normal(4, 2), normal(2), positive(2)),
        fixed=(1, 2),
        oracle=True,
    )
    yield case(
        "Sequential",
        lambda F, x, w, b, u: F.run(
            F.nn.Sequential(F.nn.Linear(3, 4), F.nn.Tanh(), F.nn.Linear(4, 2, bias=False)),
            x,
            **{"0.weight": w, "0.bias": b, "2.weight": u},
        ),
        *(normal(5, 3), normal(4, 3), normal(4), normal(2, 4)),
    )


def without_parameters():
    """Layers that do not learn."""
    for name, make, inputs in (
        ("ReLU", lambda F: F.nn.ReLU(), [apart(3, 4)]),
        ("Sigmoid", lambda F: F.nn.Sigmoid(), [normal(3, 4)]),
        ("Tanh", lambda F: F.nn.Tanh(), [normal(3, 4)]),
        ("Softmax", lambda F: F.nn.Softmax(dim=1), [normal(3, 4)]),
        ("LogSoftmax", lambda F: F.nn.LogSoftmax(dim=-1), [normal(3, 4)]),
        ("Flatten", lambda F: F.nn.Flatten(), [normal(2, 3, 2)]),
        ("Flatten all", lambda F: F.nn.Flatten(0), [normal(2, 3, 2)]),
        ("Dropout evaluation", lambda F: F.nn.Dropout(0.3).eval(), [normal(3, 4)]),
    ):
        yield case(name, lambda F, *inputs, make=make: F.run(make(F), *inputs) * 1.5, *inputs)
    yield case("Dropout", lambda F, x: F.run(F.seeded().nn.Dropout(0.4), x), normal(3, 5), oracle=False)


def cases():
    """All of this file."""
    yield from with_parameters()
    yield from without_parameters()
