"""Cases of recurrent cells and sequences (T steps, N rows, I inputs, H hidden)."""

from tests.functional.cases.case import case, normal
from xdl.functional.recurrent.cells import CELLS

T, N, I, H = 4, 2, 3, 2  # noqa: E741
NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
LAYERS = {  # module: gates, settings, whether PyTorch has it
    "RNN": (1, {"num_layers": 2}, True),
    "LSTM": (4, {"bidirectional": True}, True),
    "GRU": (3, {"batch_first": True}, True),
    "CoupledLSTM": (3, {}, False),
    "NoOutputLSTM": (3, {}, False),
    "PeepholeLSTM": (4, {}, False),
    "GRUBefore": (3, {}, False),
}


def layer(k=0, way=""):
    """The names of the weights of a layer."""
    return [f"{name}_l{k}{way}" for name in NAMES]


def weights(gates, bias=True, inputs=I):
    """w_ih, w_hh and both biases."""
    rows = gates * H
    return (normal(rows, inputs), normal(rows, H), *((normal(rows), normal(rows)) if bias else ()))


def flat(result):
    """(outputs, (h, c)) as three tensors, (outputs, h) as two."""
    outputs, state = result
    return (outputs, *state) if isinstance(state, tuple) else (outputs, state)


def lstm(F, x, h, c, *w):
    """PyTorch's module in the place of the function, which it does not name so."""
    module = F.nn.LSTM(I, H, bias=len(w) == 4)
    outputs, (h, c) = F.run(module, x, (h[None], c[None]), **dict(zip(layer(), w, strict=False)))
    return outputs, h[0], c[0]


def gru(F, x, h, *w):
    """As `lstm`."""
    outputs, h = F.run(F.nn.GRU(I, H, bias=len(w) == 4), x, h[None], **dict(zip(layer(), w, strict=False)))
    return outputs, h[0]


def functions():
    """lstm_cell, gru_cell, rnn_tanh_cell, rnn_relu_cell, lstm, gru."""
    for bias in (True, False):
        label = "" if bias else " without bias"
        yield case(f"lstm_cell{label}", lambda F, x, h, c, *w: F.lstm_cell(x, (h, c), *w),
                   normal(N, I), normal(N, H), normal(N, H), *weights(4, bias))  # fmt: skip
        for name, gates in (("gru_cell", 3), ("rnn_tanh_cell", 1), ("rnn_relu_cell", 1)):
            yield case(f"{name}{label}", lambda F, x, h, *w, n=name: getattr(F, n)(x, h, *w),
                       normal(N, I), normal(N, H), *weights(gates, bias))  # fmt: skip
        for steps in (T, 1):
            yield case(f"lstm{label} {steps}", lambda F, x, h, c, *w: flat(F.lstm(x, (h, c), *w)), normal(steps, N, I),
                       normal(N, H), normal(N, H), *weights(4, bias), torch=lstm)  # fmt: skip
            yield case(f"gru{label} {steps}", lambda F, x, h, *w: flat(F.gru(x, h, *w)), normal(steps, N, I),
                       normal(N, H), *weights(3, bias), torch=gru)  # fmt: skip


def recurrences():
    """Every cell over sequences of several lengths, in reverse, with all that it can have."""
    for name, cell in CELLS.items():
        outputs = 1 if cell.remembers else H

        def call(F, x, h, *rest, cell=cell):
            state, rest = (rest[0], rest[1:]) if cell.remembers else (None, rest)
            w, extra = rest[:4], list(rest[4:])
            projection = extra.pop(0) if cell.remembers else None
            found = F.recurrence(
                cell.name, x, h, state, *w, projection, extra.pop() if cell.peepholes else None, (3, 2, 1), True
            )
            return tuple(t for t in found if t is not None)

        states = (normal(3, outputs), normal(3, H)) if cell.remembers else (normal(3, H),)
        rows = cell.gates * H
        given = (normal(rows, I), normal(rows, outputs), normal(rows), normal(rows))
        more = [normal(1, H)] if cell.remembers else []
        more += [normal(3, H)] if cell.peepholes else []
        yield case(f"recurrence of {name}", call, normal(3, 3, I), *states, *given, *more, oracle=False)


def modules():
    """The cells and layers."""
    for name, gates in (("RNN", 1), ("LSTM", 4), ("GRU", 3)):
        cell = lambda F, x, *w, n=name: F.run(getattr(F.nn, f"{n}Cell")(I, H), x, **dict(zip(NAMES, w, strict=True)))  # noqa: E731
        yield case(f"{name}Cell", cell, normal(N, I), *weights(gates))
    for name, (gates, settings, known) in LAYERS.items():
        second = {"num_layers": (layer(1), H), "bidirectional": (layer(0, "_reverse"), I)}
        names, w = layer(), weights(gates)
        for setting in second.keys() & settings.keys():
            more, inputs = second[setting]
            names, w = [*names, *more], (*w, *weights(gates, inputs=inputs))
        if name == "PeepholeLSTM":
            names, w = [*names, "weight_ch_l0"], (*w, normal(3, H))
        whole = lambda F, x, *w, n=name, s=settings, k=names: flat(  # noqa: E731
            F.run(getattr(F.nn, n)(I, H, **s), x, **dict(zip(k, w, strict=True)))
        )
        yield case(name, whole, normal(T, N, I), *w, oracle=known)


def cases():
    """All of this file."""
    yield from functions()
    yield from recurrences()
    yield from modules()
