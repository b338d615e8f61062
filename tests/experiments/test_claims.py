"""What experiments say that there is to see: counted over seeds, in the summary, below the figures."""

import io

import pytest

from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.shared.claims import claim, counted, in_words
from xdl.random import initial_seed
from xdl.runs.start import RunRequest, start


@pytest.fixture
def plan(tmp_path):
    return start("losses", RunRequest({}), out=tmp_path, stream=io.StringIO())


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([True] * 4 + [False], "a is more than b (in 4 of 5 seeds)"),
        ([True] * 3 + [False] * 2, 'not seen here: "a is more than b" (only in 3 of 5 seeds)'),
        ([True, True, False], 'not seen here: "a is more than b" (only in 2 of 3 seeds)'),
        ([False] * 3, 'not seen here: "a is more than b" (in none of 3 seeds)'),
        ([True], "a is more than b (with this seed)"),
        ([False], 'not seen here: "a is more than b" (not with this seed)'),
    ],
)
def test_a_claim_holds_in_four_of_five_seeds_or_is_taken_back(plan, held, said):
    assert claim(plan.run, "a is more than b", held) == said
    assert plan.run.stream.getvalue() == f"what to see: {said}\n"


def test_a_claim_names_what_was_repeated_where_it_was_not_the_seed(plan):
    assert claim(plan.run, "it ends", [True, True], "orders") == "it ends (in 2 of 2 orders)"
    assert claim(plan.run, "it ends", [False], "orders") == 'not seen here: "it ends" (not with this order)'


def test_one_seed_has_no_range():
    assert (in_words(1), in_words(3)) == ("one seed", "mean and range of 3 seeds")
    assert (counted(1, "epoch"), counted(3, "epoch")) == ("one epoch", "3 epochs")


def test_a_claim_needs_a_seed(plan):
    with pytest.raises(SettingError, match="at least one seed"):
        claim(plan.run, "a is more than b", [])


def test_what_is_to_see_is_in_the_summary_and_below_the_figure(plan):
    run = plan.run
    sentence = run.part("one").see("the second is larger")
    run.figure("lines", plot.lines_data({"p": {"a": ([1, 2], [1.0, 2.0])}}, "title"), sentence)
    assert plan.perform()["what_to_see"][0] == "the second is larger"
    data = plot.load_data(run.folder.path / "figures/lines.safetensors")
    assert data.options["caption"] == "losses\nthe second is larger"


def test_each_repetition_has_a_seed_of_its_own(plan):
    seeds = []
    for repeat in range(3):
        plan.run.reseed(repeat)
        seeds.append(initial_seed())
    assert seeds == [0, 1, 2]


@pytest.mark.parametrize("here", [True, False])
def test_mnist_is_named_where_it_lies(tmp_path, monkeypatch, here):
    monkeypatch.setattr("xdl.experiments.shared.images.locate", lambda *_: tmp_path if here else None)
    stream = io.StringIO()
    start("look-at-data", RunRequest({}), out=tmp_path, stream=stream).perform()
    assert ("with --data mnist 10000 test images in place of 359" in stream.getvalue()) == here
