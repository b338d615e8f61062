"""What language models are made of: strands, texts, surprise, a transformer's windows, units and their meanings."""

from math import exp, isnan, log

import numpy as np
import pytest

import xdl
from xdl import functional
from xdl.creation import tensor
from xdl.errors import DataError, SettingError, ShapeError
from xdl.experiments.language import units
from xdl.experiments.language.char_model import CELLS, CharModel, hidden_for, parameters
from xdl.experiments.language.generation import drawn, generate, surprise
from xdl.experiments.language.generator import held_out_nats
from xdl.experiments.language.gpt_model import TinyGPT
from xdl.experiments.language.letters import strands
from xdl.experiments.language.training import TrainingSettings, after_seconds, equal_seconds, interpolated, optimizers
from xdl.random import Stream
from xdl.tensor import no_grad


@pytest.fixture(autouse=True)
def _seeded():
    xdl.manual_seed(0)


def test_strands_go_on_where_the_last_batch_ended():
    batches = strands(np.arange(23), steps=3, number=2)
    x, y = (np.concatenate([batch[i].numpy() for batch in batches], 1) for i in (0, 1))
    assert x.tolist() == [list(range(11)), list(range(11, 22))]
    assert np.array_equal(y, x + 1)
    assert [batch[0].shape for batch in batches] == [(2, 3)] * 3 + [(2, 2)]
    with pytest.raises(ShapeError, match="at least two characters"):
        strands(np.arange(1))


def test_held_out_nats_are_the_surprise_of_a_state_that_is_carried():
    model = CharModel("LSTM", 5, 4, 6)
    text = np.random.default_rng(0).integers(0, 5, 700)
    rows = [text[i * 21 : (i + 1) * 21 + 1] for i in range(32)]
    expected = np.mean([surprise(model, row)[1:] for row in rows])
    assert held_out_nats(model, text[:673]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_budget_of_parameters_gives_the_nearest_size(cell):
    h = hidden_for(cell, 60, 16, 20_000)
    counts = [parameters(CharModel(cell, 60, 16, h + more)) for more in (-1, 0, 1)]
    assert min(counts, key=lambda count: abs(count - 20_000)) == counts[1]


def test_a_token_is_drawn_by_its_probability():
    logits = [log(0.5), log(0.2), log(0.3)]
    us = [i / 1000 + 0.0005 for i in range(1000)]
    shares = [sum(drawn(logits, u) == token for u in us) / 1000 for token in range(3)]
    assert shares == pytest.approx([0.5, 0.2, 0.3], abs=2e-3)
    assert {drawn(logits, u, top_k=2) for u in us} == {0, 2}
    assert {drawn(logits, u, temperature=0) for u in us} == {0}
    colder = sum(drawn(logits, u, temperature=0.5) == 0 for u in us) / 1000
    assert colder == pytest.approx(0.25 / (0.25 + 0.04 + 0.09), abs=2e-3)
    assert drawn(logits, 0.9999999999999999) == 1


def test_writing_carries_the_state():
    model = CharModel("GRU", 5, 4, 6).eval()
    text = [0, 1]
    for _ in range(5):
        with no_grad():
            text.append(int(model(tensor([text]))[0][0, -1].argmax().item()))
    assert generate(model, [0, 1], 5, Stream(0, "a"), temperature=0) == text[2:]
    with pytest.raises(DataError, match="an empty text"):
        generate(model, [], 5, Stream(0, "a"))


def test_surprise_begins_after_the_first_character():
    model = CharModel("RNN", 3, 2, 4).eval()
    found = surprise(model, [0, 1, 2])
    with no_grad():
        p = functional.softmax(model(tensor([[0, 1]]))[0][0], 1).tolist()
    assert isnan(found[0])
    assert [exp(-nats) for nats in found[1:]] == pytest.approx([p[0][1], p[1][2]], rel=1e-5)
    assert len(surprise(model, [0])) == 1
    with pytest.raises(DataError, match="an empty text"):
        surprise(model, [])


def test_a_transformer_reads_step_by_step_as_at_once():
    model = TinyGPT(7, 8, 2, 2, context=6).eval()
    x = xdl.randint(0, 7, (2, 17))
    with no_grad():
        at_once, _ = model(x)
        state, steps = None, []
        for i in range(17):
            logits, state = model(x[:, i : i + 1], state)
            steps.append(logits)
        model.train()
        trained, none = model(x[:, :6])
    np.testing.assert_allclose(functional.cat(steps, 1).numpy(), at_once.numpy(), atol=1e-5)
    np.testing.assert_allclose(trained.numpy(), at_once[:, :6].numpy(), atol=1e-5)
    assert none is None
    with no_grad():
        again, _ = model.eval()(x[:, 3:9])  # a full window is left for its second half: characters 3, 4, 5
    np.testing.assert_allclose(again[:, 3:].numpy(), at_once[:, 6:9].numpy(), atol=1e-5)


def test_a_transformer_that_sees_one_character_is_refused():
    with pytest.raises(SettingError, match="context >= 2, found 1"):
        TinyGPT(7, 8, 2, 2, context=1)


def test_layers_of_a_transformer_begin_with_weights_of_their_own():
    first, second = (layer.linear1.weight.numpy() for layer in TinyGPT(7, 8, 2, 2, 6).encoder.layers)
    assert not np.array_equal(first, second)


def test_a_transformer_begins_with_branches_that_add_little():
    model = TinyGPT(65, 80, 2, 4, 64)
    stds = {name: float(p.std()) for name, p in model.named_parameters() if p.ndim == 2}
    assert stds["encoder.layers.1.linear1.weight"] == pytest.approx(0.02, rel=0.1)
    assert stds["encoder.layers.1.linear2.weight"] == pytest.approx(0.01, rel=0.1)
    assert stds["encoder.layers.0.self_attn.out_proj.weight"] == pytest.approx(0.01, rel=0.1)
    assert all(float(p.abs().max()) == 0 for name, p in model.named_parameters() if name.endswith("bias"))


@pytest.mark.parametrize(
    ("model", "matrices"),
    [
        (lambda: TinyGPT(65, 16, 2, 2, 8), [(16, 16), (16, 64), (48, 16), (64, 16)] * 2),
        (lambda: CharModel("LSTM", 65, 16, 8, 2), [(32, 8), (32, 8), (32, 8), (32, 16)]),
    ],
    ids=["transformer", "LSTM"],
)
def test_muon_takes_the_matrices_of_the_layers_and_adam_the_rest(model, matrices):
    model = model()
    adam, muon = optimizers(model, TrainingSettings(muon_lr=0.02)).values()
    given = [[p for group in one.param_groups for p in group["params"]] for one in (adam, muon)]
    assert sorted(tuple(p.shape) for p in given[1]) == sorted(matrices)
    assert sum(p.numel() for p in [*given[0], *given[1]]) == parameters(model)
    (alone,) = optimizers(model, TrainingSettings()).values()
    assert len(alone.param_groups[0]["params"]) == len(list(model.parameters()))


def test_trainings_are_compared_when_all_have_been_measured():
    assert equal_seconds([[1.0, 2.0, 3.0], [2.5, 5.0]]) == 3.0  # the first one ends
    assert equal_seconds([[1.0, 2.0], [4.0, 8.0]]) == 4.0  # the slow one is measured for the first time
    assert after_seconds([[1.0, 2.0, 3.0], [2.5, 5.0]], 3.0) == "after 3.0 seconds"
    assert after_seconds([[1.0, 2.0], [4.0, 8.0]], 4.0) == "after at most 4.0 seconds"


def test_what_a_reader_knows_of_each_character():
    text = "\nKING:\nGo on. I\n"
    assert units.since_line_began(text) == [0, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert units.since_word_began(text)[7:14] == [0, 1, 2, 0, 1, 2, 0]
    assert units.in_a_name(text) == [0] + [1] * 6 + [0] * 9
    assert units.in_capitals(text)[:6] == [0, 1, 1, 1, 1, 0]
    assert units.since_sentence_began(text)[-4:] == [12, 0, 1, 2]


def test_a_unit_that_counts_is_found_and_measured_elsewhere():
    text = "to be or not\nto be\n" * 20
    values = tensor(units.since_line_began(text), dtype="float32")
    noise = xdl.randn(len(text), 5)
    planted = functional.cat([noise, (-2 * values + 1).unsqueeze(1), noise[:, :1] * 0], 1)
    found = {unit.meaning: unit for unit in units.best_units(planted, text)}
    best = found["characters since the line began"]
    assert (best.number, best.correlation) == (5, pytest.approx(-1, abs=1e-5))


def test_between_two_measurements_a_curve_is_a_line():
    assert [interpolated([1, 2, 4], [3.0, 2.0, 1.0], x) for x in (0, 1, 1.5, 3, 9)] == [3, 3, 2.5, 1.5, 1]
