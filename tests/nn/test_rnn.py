"""Recurrent layers: every setting against PyTorch, sequences of several lengths against each alone, refusals."""

import resource
import warnings
from itertools import product

import numpy as np
import pytest

import xdl
from xdl import nn
from xdl.errors import DtypeError, KindError, SettingError, ShapeError
from xdl.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

I, H, T, N = 3, 4, 5, 3  # noqa: E741
LENGTHS = [2, 5, 3]
SETTINGS = [
    {"num_layers": layers, "bidirectional": both, "batch_first": first, "bias": bias}
    for layers, both, first, bias in product((1, 2), (False, True), (False, True), (True, False))
]
KINDS = ("RNN", "LSTM", "GRU")
VARIANTS = ("CoupledLSTM", "NoOutputLSTM", "PeepholeLSTM", "GRUBefore")


def flat(outputs, state):
    return [outputs, *(state if isinstance(state, tuple) else (state,))]


def ran(library, module, form, settings, hidden):
    """Outputs, last states and all gradients of a module of xdl or PyTorch, from the same numbers."""
    random = np.random.default_rng(0)
    rows, k = (module.num_layers * (2 if module.bidirectional else 1)), module.proj_size or H
    shape = (T, I) if form == "alone" else (N, T, I) if module.batch_first else (T, N, I)

    def leaf(*shape):
        x = random.normal(size=shape)
        return library.tensor(x, dtype=library.float64, requires_grad=True)

    x, states = leaf(*shape), [leaf(*((rows, size) if form == "alone" else (rows, N, size))) for size in (k, H)]
    states = states[: 2 if hidden else 1]
    hx = tuple(states) if hidden else states[0]
    if form in ("packed", "lengths") and (form == "packed" or library is not xdl):
        utils = library.nn.utils.rnn
        given = utils.pack_padded_sequence(x, LENGTHS, module.batch_first, enforce_sorted=False)
        outputs, last = module(given, hx)
        results = flat(utils.pad_packed_sequence(outputs, module.batch_first)[0], last)
    else:
        results = flat(*(module(x, hx, lengths=LENGTHS) if form == "lengths" else module(x, hx)))
    sum((r * r * (i + 1)).sum() for i, r in enumerate(results)).backward()
    gradients = [t.grad for t in (x, *states, *module.parameters())]
    return [t.detach().numpy() for t in (*results, *gradients)]


@pytest.mark.torch
@pytest.mark.parametrize("form", ["plain", "packed", "lengths", "alone"])
@pytest.mark.parametrize("kind", [*KINDS, "projection", "relu"])
def test_every_setting_is_pytorchs(kind, form):
    import torch

    name, more = {"projection": ("LSTM", {"proj_size": 2}), "relu": ("RNN", {"nonlinearity": "relu"})}.get(
        kind, (kind, {})
    )
    for settings in SETTINGS:
        theirs = getattr(torch.nn, name)(I, H, **settings, **more).double()
        ours = getattr(nn, name)(I, H, **settings, **more, dtype="float64")
        ours.load_state_dict({key: xdl.tensor(value.numpy()) for key, value in theirs.state_dict().items()})
        assert list(ours.state_dict()) == list(theirs.state_dict())
        found, expected = (
            ran(library, m, form, settings, name == "LSTM") for library, m in ((xdl, ours), (torch, theirs))
        )
        for i, (one, other) in enumerate(zip(found, expected, strict=True)):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-9, err_msg=f"{settings} {i}")


def test_steps_behind_the_longest_sequence_change_nothing():
    layer, lengths = nn.GRU(I, H, bidirectional=True, dtype="float64"), [2, 3, 1]
    x = xdl.randn(T, N, I, dtype="float64")
    outputs, state = layer(x, lengths=lengths)
    short, same = layer(x[:3], lengths=lengths)
    assert outputs.shape == (T, N, 2 * H)
    assert (outputs[:3] == short).all().item()
    assert (state == same).all().item()
    assert not outputs[3:].any().item()


@pytest.mark.parametrize("kind", [*KINDS, *VARIANTS])
@pytest.mark.parametrize("both", [False, True])
def test_sequences_of_several_lengths_are_those_of_each_alone(kind, both):
    layer = getattr(nn, kind)(I, H, num_layers=2, bidirectional=both, dtype="float64")
    x = xdl.randn(T, N, I, dtype="float64")
    outputs, state = layer(x, lengths=LENGTHS)
    packed, packed_state = layer(pack_padded_sequence(x, LENGTHS, enforce_sorted=False))
    for found, same in zip(flat(outputs, state), flat(pad_packed_sequence(packed)[0], packed_state), strict=True):
        np.testing.assert_array_equal(found.numpy(), same.numpy())
    for i, length in enumerate(LENGTHS):
        alone, last = layer(x[:length, i])
        np.testing.assert_allclose(outputs[:length, i].numpy(), alone.numpy(), atol=1e-12)
        assert not outputs[length:, i].numpy().any()
        for found, expected in zip(flat(None, state)[1:], flat(None, last)[1:], strict=True):
            np.testing.assert_allclose(found[:, i].numpy(), expected.numpy(), atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_step_by_step_are_the_layer(kind):
    layer, cell = getattr(nn, kind)(I, H), getattr(nn, f"{kind}Cell")(I, H)
    cell.load_state_dict({key: layer.state_dict()[f"{key}_l0"] for key in cell.state_dict()})
    x = xdl.randn(T, N, I)
    _, last = layer(x)
    state = one = None
    for t in range(T):
        state, one = cell(x[t], state), cell(x[t, 0], one)
    for found, alone, expected in zip(*(flat(None, s)[1:] for s in (state, one, last)), strict=True):
        np.testing.assert_allclose(found.numpy(), expected[0].numpy(), atol=1e-6)
        np.testing.assert_allclose(alone.numpy(), expected[0, 0].numpy(), atol=1e-6)


def test_the_state_carries_a_sequence_on():
    layer, x = nn.LSTM(I, H, num_layers=2), xdl.randn(T, N, I)
    whole, last = layer(x)
    first, state = layer(x[:2])
    rest, state = layer(x[2:], state)
    np.testing.assert_allclose(xdl.cat([first, rest]).numpy(), whole.numpy(), atol=1e-6)
    np.testing.assert_allclose(state[1].numpy(), last[1].numpy(), atol=1e-6)


def test_dropout_acts_between_layers_in_training_only():
    layer, x = nn.GRU(I, H, num_layers=2, dropout=0.5), xdl.randn(T, N, I)
    trained, evaluated = layer(x)[0], layer.eval()(x)[0]
    assert not np.allclose(trained.numpy(), evaluated.numpy())


@pytest.mark.parametrize("kind", [*KINDS, *VARIANTS])
def test_dropout_of_one_layer_does_nothing_and_says_it_once(kind):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("default")
        made = [getattr(nn, kind)(I, H, num_layers=layers, dropout=0.5) for layers in (1, 1, 2)]
    assert [str(one.message) for one in heard] == [
        f"{kind}: dropout=0.5 does nothing with num_layers=1, it acts between layers"
    ]
    alone, x = made[0], xdl.randn(T, N, I)
    np.testing.assert_array_equal(flat(*alone(x))[0].numpy(), flat(*alone.eval()(x))[0].numpy())


@pytest.mark.parametrize("kind", [*KINDS, *VARIANTS])
@pytest.mark.parametrize("first", [False, True])
def test_no_sequences_give_no_outputs_and_no_gradients(kind, first):
    layer = getattr(nn, kind)(I, H, batch_first=first, bidirectional=True)
    outputs, state = layer(xdl.ones(*((0, T, I) if first else (T, 0, I))))
    assert outputs.shape == ((0, T, 2 * H) if first else (T, 0, 2 * H))
    assert all(part.shape == (2, 0, H) for part in flat(outputs, state)[1:])
    outputs.sum().backward()
    assert not any(p.grad.any().item() for p in layer.parameters())


@pytest.mark.parametrize("create_graph", [False, True])
def test_relu_lets_nan_and_infinity_through_as_relu_itself(create_graph):
    """A nan in the outputs with a gradient of 0 would hide where it came from. With create_graph the rule computes."""
    layer = nn.RNN(1, 1, nonlinearity="relu", bias=False, dtype="float64")
    with xdl.no_grad():
        layer.weight_ih_l0.fill_(1.0)
        layer.weight_hh_l0.fill_(1.0)
    x = xdl.tensor([[[float("nan")], [1.0], [-1.0]]], dtype="float64", requires_grad=True)
    g = xdl.tensor([[[2.0], [3.0], [float("inf")]]], dtype="float64")
    layer(x)[0].backward(g, create_graph=create_graph)
    assert x.grad.reshape(3).tolist() == [2.0, 3.0, 0.0]


def test_what_is_shown():
    assert (
        repr(nn.LSTM(I, H, 2, batch_first=True, proj_size=2))
        == "LSTM(3, 4, proj_size=2, num_layers=2, batch_first=True)"
    )
    assert repr(nn.RNNCell(I, H, nonlinearity="relu")) == "RNNCell(3, 4, nonlinearity=relu)"
    layer = nn.GRU(I, H, bidirectional=True)
    assert [len(weights) for weights in layer.all_weights] == [4, 4]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nn.LSTM(I, H)(xdl.ones(T, N, 2)), ShapeError, r"LSTM: expected input \(T, 3\), or \(T, N, 3\)"),
        (lambda: nn.GRU(I, H, batch_first=True)(xdl.ones(2)), ShapeError, r"\(N, T, 3\)"),
        (
            lambda: nn.LSTM(I, H)(xdl.ones(0, N, I)),
            ShapeError,
            r"T, N, 3\), .* length T >= 1, found T = 0 in \(0, 3, 3\)",
        ),
        (lambda: nn.GRU(I, H, batch_first=True)(xdl.ones(N, 0, I)), ShapeError, r"found T = 0 in \(3, 0, 3\)"),
        (lambda: nn.RNN(I, H)(xdl.ones(0, I)), ShapeError, r"found T = 0 in \(0, 3\)"),
        (lambda: nn.RNN(I, H)(xdl.ones(T, 0, I), lengths=[]), ShapeError, "lengths of at least one sequence"),
        (lambda: nn.LSTM(I, H)([[1.0, 2.0, 3.0]]), DtypeError, "LSTM: expected a Tensor as input, found list"),
        (lambda: nn.GRU(I, H)(xdl.ones(T, N, I), xdl.ones(1, 2, H)), ShapeError, r"h \(1, 3, 4\) for this input"),
        (lambda: nn.LSTM(I, H)(xdl.ones(T, N, I), xdl.ones(1, N, H)), SettingError, r"hx = \(h, c\)"),
        (lambda: nn.GRU(I, H)(xdl.ones(T, N, I), lengths=[1, 2]), ShapeError, "3 lengths between 1 and 5"),
        (lambda: nn.GRU(I, H)(xdl.ones(T, N, I), lengths=[1, 2, 6]), ShapeError, "3 lengths between 1 and 5"),
        (lambda: nn.GRU(I, H)(xdl.ones(T, N, I), lengths=[1, 0, 3]), ShapeError, "3 lengths between 1 and 5"),
        (lambda: nn.GRU(I, H)(xdl.ones(T, I), lengths=[3]), ShapeError, "lengths with several sequences only"),
        (lambda: nn.GRU(I, H, proj_size=2), SettingError, "for cells with c"),
        (lambda: nn.LSTM(I, H, proj_size=4), SettingError, "below hidden_size"),
        (lambda: nn.LSTM(I, H, dropout=1.5), SettingError, "0 <= dropout <= 1"),
        (lambda: nn.LSTM(I, H, dropout="half"), SettingError, "0 <= dropout <= 1, found 'half'"),
        (lambda: nn.LSTM(I, H, 2, dropout=True), SettingError, "dropout: a number from 0 to 1, found True"),
        (lambda: nn.GRU(I, H, 1, "relu"), KindError, "GRU: expected bias: True or False, found 'relu'"),
        (lambda: nn.RNN(I, H, batch_first=1), KindError, "batch_first: True or False"),
        (lambda: nn.LSTM(I, H, bidirectional=2), KindError, "bidirectional: True or False"),
        (lambda: nn.LSTM(I, H)(xdl.ones(T, N, I), 1), SettingError, r"hx = \(h, c\), found int"),
        (
            lambda: nn.LSTM(I, H)(xdl.ones(T, I), (None, xdl.ones(1, H))),
            SettingError,
            "found tuple of NoneType, Tensor",
        ),
        (lambda: nn.RNN(I, H, nonlinearity="sin"), SettingError, "nonlinearity tanh or relu"),
        (lambda: nn.LSTM(I, 0), SettingError, "hidden_size"),
        (lambda: nn.RNNCell(I, H)(xdl.ones(N, 2)), ShapeError, r"input \(N, 3\) or \(3,\)"),
        (lambda: nn.GRUCell(I, H)(xdl.ones(N, I), xdl.ones(2, H)), ShapeError, r"states \(3, 4\)"),
        (lambda: nn.LSTMCell(I, H)(xdl.ones(N, I), xdl.ones(N, H)), SettingError, r"hx = \(h, c\)"),
        (lambda: nn.LSTMCell(I, H)(xdl.ones(N, I), (xdl.ones(N, H), None)), SettingError, "of Tensor, NoneType"),
        (lambda: nn.RNNCell(I, H)(None), DtypeError, "RNNCell: expected a Tensor as input, found NoneType"),
        (lambda: nn.GRUCell(I, H)(xdl.ones(I), (xdl.ones(H),)), DtypeError, "GRUCell: expected a Tensor as h"),
        (lambda: xdl.functional.recurrence("lstn", *[xdl.ones(1)] * 5), SettingError, "a cell among .* Did you mean"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_sizes_beyond_memory_are_refused_before_any_weight_is_filled():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MemoryError):
        nn.RNN(2, 1 << 27)  # weight_ih alone would be 1 GiB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 18  # KiB
