"""What experiments on sequences say is computed from their results: made-up ones, of which each outcome is said."""

from types import SimpleNamespace

import pytest

from xdl.experiments.recurrent.adder import Course
from xdl.experiments.recurrent.clipping import LAST
from xdl.experiments.recurrent.clipping import said as of_clipping
from xdl.experiments.recurrent.sequence_sampling import what_is_read
from xdl.experiments.series.prices.mistakes import _say as of_mistakes
from xdl.experiments.series.prices.skill import say_skill
from xdl.experiments.series.rnn_figures import floor_name
from xdl.experiments.words.effects import in_digits
from xdl.runs.bootstrap import Skill


class Listener:
    """Stands for a run, of which only what it says is looked at."""

    def __init__(self):
        self.seen = []

    def see(self, sentence):
        self.seen.append(sentence)
        return sentence


@pytest.fixture
def run():
    return Listener()


def course(loss, norms, error=0.1):
    return Course(None, [loss] * LAST, norms, error)


@pytest.mark.parametrize(
    ("losses", "half", "further"),
    [((0.1, 0.01, 0.02), True, True), ((0.1, 0.08, 0.02), False, False), ((0.1, 0.04, 0.02), True, False)],
)
def test_norms_are_those_without_clipping_and_what_it_was_worth_is_counted(run, losses, half, further):
    without, norm, value = losses
    courses = {
        "as it is": [course(without, [1.0, 3.0, 50.0])],
        "norm": [course(norm, [900.0])],
        "value": [course(value, [700.0])],
    }
    of_clipping(run, courses, SimpleNamespace(steps_clipped=300))
    size, first, second = run.seen
    assert size == "not clipped, gradients of the ReLU RNN reach a norm of 50; their median is 3."
    assert first.startswith("not seen here") is not half
    assert "less than half the loss after 300 steps" in first
    assert second.startswith("not seen here") is not further


def test_clipping_is_worth_something_where_the_rest_diverged(run):
    gone = course(0.1, [float("inf")], error=None)
    of_clipping(
        run, {"as it is": [gone], "norm": [course(0.1, [1.0])], "value": [gone]}, SimpleNamespace(steps_clipped=9)
    )
    assert run.seen[0] == "not clipped, no gradient of the ReLU RNN is finite and above 0."
    assert not any(sentence.startswith("not seen here") for sentence in run.seen)


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        ([[0, 9], [3, 12], [6, 15]], "read 18 of 20 values once, the last 2 never"),
        ([[0, 10], [3, 13]], "read 12 of 20 values once, 8 never"),
        ([[0, 1], [4, 12]], "read 10 of 20 values up to 2 times, 10 never"),
        ([[0, 3], [6, 9], [12, 15], [17, 17]], "read 20 of 20 values up to 3 times, none never"),
    ],
)
def test_how_often_values_are_read_is_counted(batches, said):
    assert what_is_read("some", batches) == f"some batches of 2 {said}"


@pytest.mark.parametrize(("r2", "naive"), [(0.97, 0.99), (0.97, -0.5)])
def test_the_books_way_and_the_honest_one_stand_beside_tomorrow_equals_today(run, r2, naive):
    honest, best, last = (
        ("honest", 0.9, 0.01, 0.0, "+0.001 (-0.002 to +0.003)"),
        ("best", 0.02, r2, naive, "-4.460 (-6.516 to -2.612)"),
        ("all", 3e-06, -0.0002, 0.98, "-5.3"),
    )
    of_mistakes(run, [honest, best, last], best)
    variance, books = run.seen
    assert variance == "dividing by the variance makes a loss look small: 3e-06, with R^2 0.000"
    assert books == (
        "the books' way reports R^2 up to 0.970, the honest one 0.010; "
        f'there "tomorrow equals today" has {naive:.3f}, '
        "and on days held out the skill against it is -4.460 (-6.516 to -2.612) for the books' way, "
        "+0.001 (-0.002 to +0.003) for the honest one"
    )


def test_the_skill_on_real_prices_is_counted_and_on_a_random_walk_claimed_to_be_none(run):
    better, none, worse = Skill(0.1, 0.05, 0.2), Skill(0.0, -0.1, 0.1), Skill(-0.2, -0.3, -0.1)
    assert say_skill(run, "RNN", "one day ahead", generated=False, skills=[better, none, worse]) == (
        'the RNN one day ahead against "tomorrow equals today": skill +0.100, +0.000, -0.200: '
        "better than it in 1, worse in 1, and not to be told from it in 1 of 3 seeds"
    )
    for skill, found in ((better, "better than it"), (worse, "worse than it"), (none, "not to be told from it")):
        said = say_skill(run, "RNN", "one day ahead", generated=False, skills=[skill])
        assert said.endswith(f"skill {skill.value:+.3f}: {found} with this seed")
    walk = "nothing can be forecast here, and the interval of the skill of the RNN one day ahead holds 0"
    assert say_skill(run, "RNN", "one day ahead", generated=True, skills=[none, none]) == (
        f"{walk} (2 seeds: +0.000, +0.000) (in 2 of 2 seeds)"
    )
    assert say_skill(run, "RNN", "one day ahead", generated=True, skills=[worse]) == (
        f'not seen here: "{walk} (one seed: -0.200)" (not with this seed)'
    )


def test_the_noise_is_a_floor_of_the_curves_that_have_it():
    assert floor_name({"a": 0.1, "b": 0.1}) == "the noise, a floor"
    assert floor_name({"a": 0.1, "clean": 0.0}) == "the noise, a floor of the curves with noise"


@pytest.mark.parametrize(
    ("effect", "shown"),
    [(3.42, "+3.4"), (-13.8, "-13.8"), (-0.271, "-0.27"), (0.0123, "+0.012"), (-0.0004, "0"), (-0.0, "0")],
)
def test_effects_have_digits_and_no_negative_zero(effect, shown):
    assert in_digits(effect) == shown
