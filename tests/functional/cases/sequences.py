"""Cases of recurrent cells and sequences (T steps, N rows, I inputs, H hidden)."""

from tests.functional.cases.case import case, normal

T, N, I, H = 4, 2, 3, 2  # noqa: E741
LAYER = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
CELL = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def weights(gates, bias=True):
    """w_ih, w_hh and both biases."""
    rows = gates * H
    return (normal(rows, I), normal(rows, H), *((normal(rows), normal(rows)) if bias else ()))


def flat(result):
    """(outputs, (h, c)) as three tensors, (outputs, h) as two."""
    outputs, state = result
    return (outputs, *state) if isinstance(state, tuple) else (outputs, state)


def lstm(F, x, h, c, *w):
    """PyTorch's module in the place of the function, which it does not name so."""
    module = F.nn.LSTM(I, H, bias=len(w) == 4)
    outputs, (h, c) = F.run(module, x, (h[None], c[None]), **dict(zip(LAYER, w, strict=False)))
    return outputs, h[0], c[0]


def gru(F, x, h, *w):
    """As `lstm`."""
    outputs, h = F.run(F.nn.GRU(I, H, bias=len(w) == 4), x, h[None], **dict(zip(LAYER, w, strict=False)))
    return outputs, h[0]


def functions():
    """lstm_cell, gru_cell, lstm, gru."""
    for bias in (True, False):
        label = "" if bias else " without bias"
        yield case(f"lstm_cell{label}", lambda F, x, h, c, *w: F.lstm_cell(x, (h, c), *w),
                   normal(N, I), normal(N, H), normal(N, H), *weights(4, bias))  # fmt: skip
        yield case(f"gru_cell{label}", lambda F, x, h, *w: F.gru_cell(x, h, *w),
                   normal(N, I), normal(N, H), *weights(3, bias))  # fmt: skip
        for steps in (T, 1):
            yield case(f"lstm{label} {steps}", lambda F, x, h, c, *w: flat(F.lstm(x, (h, c), *w)), normal(steps, N, I),
                       normal(N, H), normal(N, H), *weights(4, bias), torch=lstm, )  # fmt: skip
            yield case(f"gru{label} {steps}", lambda F, x, h, *w: flat(F.gru(x, h, *w)), normal(steps, N, I),
                       normal(N, H), *weights(3, bias), torch=gru, )  # fmt: skip


def modules():
    """The cells and layers, with and without a first state."""
    for name, gates in (("LSTM", 4), ("GRU", 3)):
        cell = lambda F, x, *w, n=name: F.run(getattr(F.nn, f"{n}Cell")(I, H), x, **dict(zip(CELL, w, strict=True)))  # noqa: E731
        yield case(f"{name}Cell", cell, normal(N, I), *weights(gates))
        for first in (False, True):
            layer = lambda F, x, *w, n=name, b=first: flat(  # noqa: E731
                F.run(getattr(F.nn, n)(I, H, batch_first=b), x, **dict(zip(LAYER, w, strict=True)))
            )
            yield case(
                f"{name}{' batch first' if first else ''}",
                layer,
                normal(T, N, I),
                *weights(gates),
            )


def cases():
    """All of this file."""
    yield from functions()
    yield from modules()
