"""Greedy decoding and beam search on a model whose best translations can be counted out; cached steps; free steps."""

from __future__ import annotations

from itertools import product

import pytest

import xdl
from xdl import nn
from xdl.data.text.dates import date_pairs
from xdl.errors import SettingError
from xdl.experiments.translation.decoding import Marks, beam_search, greedy
from xdl.experiments.translation.prepared import languages_of
from xdl.experiments.translation.seq2seq import Seq2Seq
from xdl.experiments.translation.teaching import TeacherForcing, held_out
from xdl.experiments.translation.transformer import TransformerTranslator

START, END, NEVER = 0, 1, 4
MARKS = Marks(START, END, (START, NEVER))


class Chances:
    """A translator whose logits hang on the two tokens before and on the sentence."""

    def __init__(self, seed):
        xdl.manual_seed(seed)
        self.table = 2 * xdl.randn(2, 6, 6, 5)

    def start(self, source, _):
        return Last([(int(number), START) for number in source[:, 0].tolist()])

    def step(self, tokens, at):
        last = [token for (token,) in tokens.tolist()]
        logits = xdl.stack([self.table[n, old, new] for (n, old), new in zip(at.before, last, strict=True)])
        state = Last([(n, new) for (n, _), new in zip(at.before, last, strict=True)])
        return logits.unsqueeze(1), state, None


class Last:
    def __init__(self, before):
        self.before = before

    def rows(self, rows):
        return Last([self.before[row] for row in rows])


def best_by_counting(model, number, limit, power):
    """(value, tokens) of the best sequence that ends within the limit."""
    found = []
    for length in range(1, limit + 1):
        for inner in product((2, 3), repeat=length - 1):
            tokens, total, old, new = [*inner, END], 0.0, START, START
            for token in tokens:
                total += model.table[number, old, new].log_softmax(0)[token].item()
                old, new = new, token
            found.append((total / length**power, tokens))
    return max(found)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_a_wide_beam_finds_the_best(power):
    source, lengths = xdl.tensor([[0], [1]]), xdl.tensor([1, 1])
    for seed in range(3):
        model = Chances(seed)
        found = beam_search(model, source, lengths, MARKS, 5, width=40, length_power=power)
        for number, written in enumerate(found):
            value, tokens = best_by_counting(model, number, 5, power)
            assert written.tokens == tokens
            assert written.value(power) == pytest.approx(value, abs=1e-5)
            assert written.words == tokens[:-1]


def test_greedy_takes_the_likeliest_and_never_what_is_barred():
    model = Chances(4)
    (written,) = greedy(model, xdl.tensor([[1]]), xdl.tensor([1]), MARKS, 4)
    old, new = START, START
    for token in written.tokens:
        row = model.table[1, old, new].tolist()
        assert token == max((1, 2, 3), key=row.__getitem__)
        old, new = new, token
    assert written.ended or len(written.tokens) == 4
    with pytest.raises(SettingError, match="width"):
        beam_search(model, xdl.tensor([[1]]), xdl.tensor([1]), MARKS, 4, width=0)


def small(attention=True):
    pairs = date_pairs(40)
    languages = languages_of(pairs, False, 1)
    xdl.manual_seed(0)
    sizes = len(languages.source), len(languages.target)
    model = Seq2Seq(nn.Embedding(sizes[0], 6), nn.Embedding(sizes[1], 6), 5, attention)
    return model.eval(), languages, next(iter(held_out(languages.encoded(pairs.train))))


@pytest.mark.parametrize("attention", [True, False])
def test_padding_changes_nothing(attention):
    model, _, (source, lengths, target, _) = small(attention)
    together = model(source, lengths, target[:, :-1])
    for i in (0, 5):
        alone = model(source[i : i + 1, : lengths[i].item()], lengths[i : i + 1], target[i : i + 1, :-1])
        assert (alone - together[i : i + 1]).abs().amax().item() < 1e-5


def test_the_weights_of_attention_are_shares_of_the_source():
    model, languages, (source, lengths, *_) = small()
    written = beam_search(model, source[:4], lengths[:4], languages.marks, 6, width=3)
    for one, length in zip(written, lengths.tolist(), strict=False):
        assert len(one.weights) == len(one.tokens)
        assert all(sum(row[:length]) == pytest.approx(1, abs=1e-5) for row in one.weights)
        assert not any(any(row[length:]) for row in one.weights)


def test_steps_from_a_cache_are_those_of_a_full_pass():
    xdl.manual_seed(1)
    model = TransformerTranslator(9, 7, 8, 2, 2, 0.0, 12).eval()
    source, lengths = xdl.tensor([[1, 2, 3, 4], [5, 6, 0, 0]]), xdl.tensor([4, 2])
    target = xdl.tensor([[1, 4, 5], [1, 6, 4]])
    full = model(source, lengths, target)
    at = model.start(source, lengths)
    for t in range(3):
        logits, at, _ = model.step(target[:, t : t + 1], at)
        assert (logits[:, 0] - full[:, t]).abs().amax().item() < 1e-5
    again, _, _ = model.step(target[:, :1], at.rows([1, 0]))
    assert again.shape == (2, 1, 7)


def test_teacher_forcing_by_a_ratio():
    model, _, batch = small()
    optimizer = xdl.optim.SGD(model.parameters(), lr=0.0)
    losses = {}
    for ratio in (0.0, 0.5, 1.0):
        task = TeacherForcing(model.train(), optimizer, ratio, 1.0)
        losses[ratio] = {round(task.train_step(batch)["loss"].item(), 4) for _ in range(12)}
    assert len(losses[0.0]) == len(losses[1.0]) == 1
    assert losses[0.5] == losses[0.0] | losses[1.0]
    assert losses[0.0] != losses[1.0]
    measured = TeacherForcing(model.eval(), optimizer, 0.0, None).evaluate_step(batch)
    assert round(measured["loss"].item(), 4) in losses[1.0]
    assert measured.rows[0][0].item() == (batch[3] - 1).sum().item()
    with pytest.raises(SettingError, match="ratio"):
        TeacherForcing(model, optimizer, 1.5, None)
