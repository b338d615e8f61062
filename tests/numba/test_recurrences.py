"""Compiled recurrent cells beyond the shared cases: every tail of a vector and of a tile, threads, nan and infinity."""

from functools import partial

import numpy as np
import pytest

from tests.functional.kernels.kernel_checks import ALL, Results, compare
from tests.functional.kernels.recurrence_cases import arguments
from xdl import backend, kernel, threads
from xdl.creation import tensor
from xdl.functional.recurrent.cells import CELLS
from xdl.functional.recurrent.recurrence import recurrence
from xdl.gradcheck import gradcheck, gradgradcheck

backend.load("numpy")
SLOT = kernel.slots["recurrence"]
VERSIONS = {
    **dict.fromkeys(("lstm", "lstm_peephole", "lstm_coupled", "lstm_no_output"), "lstm_compiled"),
    "gru": "gru_compiled",
    "gru_before": "gru_before_compiled",
    "rnn_tanh": "rnn_compiled",
    "rnn_relu": "rnn_compiled",
}
TAILS = [*range(1, 18), 31, 32, 33, 65]  # panels have 32 columns or 16
LENGTHS = (13, 13, 12, 5, 1)  # tiles have 12 rows, 4 and 1
EXACT = {"float32": 3e-5, "float64": 1e-12}


def drawing(dtype, seed=0):
    random = np.random.default_rng(seed)
    return lambda *shape: random.standard_normal(shape).astype(dtype)


def compiled(args):
    """The version that runs for these arguments: it has to be the compiled one."""
    version = next(v for v in SLOT.versions["numpy"] if v.when is None or v.when(*args))
    assert version.name == VERSIONS[args[9]]
    return version


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", VERSIONS)
def test_every_tail_of_units_inputs_and_sequences(cell, dtype):
    draw = drawing(dtype)
    for k, hidden in enumerate(TAILS):
        inputs, sequences = TAILS[-k], TAILS[(7 * k) % len(TAILS)]
        args = arguments(draw, CELLS[cell], 3, sequences, inputs, hidden, reverse=k % 2 == 1)
        expected = Results(SLOT.reference, args, [], ALL)
        compare(Results(compiled(args), args, [], ALL, expected), expected, dtype, f"{cell} {k}: {hidden} units")


@pytest.mark.parametrize("used", [(0,), (1,), ALL], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("cell", VERSIONS)
def test_sequences_of_several_lengths_cut_anywhere(cell, reverse, used, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    args = arguments(drawing("float64"), CELLS[cell], 5, 13, 6, 19, sizes=LENGTHS, reverse=reverse)
    expected = Results(SLOT.reference, args, [], used)
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        found = Results(compiled(args), args, [], used, expected, arrange=lambda g: g[::-1].copy()[::-1])
        compare(found, expected, "float64", f"{cell}, {count} threads")


@pytest.mark.parametrize("cell", VERSIONS)
def test_no_bit_depends_on_the_number_of_threads(cell, monkeypatch):
    monkeypatch.setattr("xdl.kernels.numba.sharing.WORTH", 0)
    monkeypatch.setattr("xdl.kernels.numba.sharing.FORK", 0)
    monkeypatch.setattr("xdl.kernels.numba.products.PIECE", 1 << 10)
    monkeypatch.setattr("xdl.kernels.numba.products.ROWS", 16)
    monkeypatch.setattr("xdl.kernels.numba.recurrent.sequences.ROWS", 1)  # so that a sequence changes its tile, too
    args = arguments(drawing("float32"), CELLS[cell], 9, 29, 33, 45)
    bits = set()
    for count in (1, 2, 3, 7):
        threads.set_num_threads(count)
        bits.add(tuple(Results(compiled(args), args, [], ALL).bits()))
    assert len(bits) == 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e4, 1e-45])
@pytest.mark.parametrize("cell", VERSIONS)
def test_nan_and_infinity_come_out_where_the_reference_has_them(cell, value, dtype):
    for place in (0, 1, 2, 4, 5, 8):  # x, h, c, w_hh, b_ih, p
        args = list(arguments(drawing(dtype), CELLS[cell], 3, 6, 5, 18))
        if args[place] is None:
            continue
        args[place].reshape(-1)[args[place].size // 2] = value
        with np.errstate(all="ignore"):
            expected = Results(SLOT.reference, args, [], ALL)
            found = Results(compiled(args), args, [], ALL, expected)
        pairs = zip((*found.y, *found.gradients), (*expected.y, *expected.gradients), strict=True)
        for k, (x, y) in enumerate(pair for pair in pairs if pair[1] is not None):
            bound, what = EXACT[dtype], f"{cell}, {value} in {place}: result {k}"
            np.testing.assert_allclose(x, y, rtol=10 * bound, atol=bound * 30, equal_nan=True, err_msg=what)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("cell", VERSIONS)
def test_gradients_of_both_orders(cell, reverse):
    x, h, c, *weights, _, p, _, _, _ = arguments(drawing("float64", 3), CELLS[cell], 3, 2, 2, 3)
    shapes = [a for a in (x, h, c, *weights, p) if a is not None]
    inputs = [tensor(0.5 * a, requires_grad=True) for a in shapes]

    def run(x, h, *rest):
        c, *weights = rest if CELLS[cell].remembers else (None, *rest)
        *weights, p = weights if CELLS[cell].peepholes else (*weights, None)
        y, *last = recurrence(cell, x, h, c, *weights, p=p, sizes=(2, 2, 1), reverse=reverse)
        return [y, *(state for state in last if state is not None)]

    for k in range(2):
        one = partial(lambda k, *inputs: run(*inputs)[k], k)
        gradcheck(one, inputs)
        gradgradcheck(one, inputs)


def test_what_does_not_fit_says_why():
    draw = drawing("float32")
    projected = arguments(draw, CELLS["lstm"], 3, 5, 2, 4, outputs=2)
    text = SLOT.explain(*projected)
    assert (
        "lstm_compiled does not fit (takes an LSTM of any kind, float32 or float64, without projection, nothing empty)"
        in text
    )
    step = SLOT.explain(*arguments(draw, CELLS["rnn_tanh"], 1, 5, 2, 4))
    assert "rnn_compiled does not fit" in step
    assert "of two steps or more" in step
    assert "rnn_numpy runs" in step
    assert "lstm_compiled runs" in SLOT.explain(*arguments(draw, CELLS["lstm"], 1, 5, 2, 4))
