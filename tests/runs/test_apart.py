"""Names of runs that are compared say what differs between them."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from xdl.runs.apart import in_words, names


def saved(experiment="mlp", data="digits", seed=0, folder="a", **settings):
    about = {"data": data, "seed": seed, "settings": {"lr": 0.1, "optimizer": "adam", "hidden": [20, 10]} | settings}
    return SimpleNamespace(experiment=SimpleNamespace(name=experiment), about=about, path=Path("/runs") / folder)


@pytest.mark.parametrize(
    ("runs", "called", "said"),
    [
        (
            [saved(), saved(optimizer="sgd")],
            ["adam", "sgd"],
            "the runs differ in optimizer alone",
        ),
        (
            [saved(), saved(lr=0.2), saved(lr=0.3)],
            ["lr=0.1", "lr=0.2", "lr=0.3"],
            "the runs differ in lr alone",
        ),
        (
            [saved(), saved(optimizer="sgd", seed=1)],
            ["adam, seed=0", "sgd, seed=1"],
            "the runs differ in 2 settings, so none of them alone explains the results: optimizer, seed",
        ),
        ([saved(), saved(data="mnist")], ["digits", "mnist"], "the runs differ in data alone"),
        ([saved(), saved(data="fashion-mnist")], ["digits", "fashion-mnist"], "the runs differ in data alone"),
        (
            [saved(nesterov=True), saved(nesterov=False)],
            ["nesterov=true", "nesterov=false"],
            "differ in nesterov alone",
        ),
        ([saved(), saved("lenet", lr=3)], ["mlp", "lenet"], "the runs are of 2 experiments: mlp, lenet"),
        (
            [saved(), saved(lr=0.2), saved("lenet")],
            ["mlp, lr=0.1", "mlp, lr=0.2", "lenet"],
            "the runs are of 2 experiments",
        ),
        ([saved(), saved(folder="b")], ["a", "b"], "the runs were asked for the same"),
        ([saved(), saved()], ["1. a", "2. a"], "the runs were asked for the same"),
        ([saved(), saved(hidden=[5])], ["hidden=20,10", "hidden=5"], "the runs differ in hidden alone"),
        (
            [saved(b=1, c=1, d=1), saved(b=2, c=1, d=1), saved(b=1, c=2, d=2, lr=2), saved(b=1, c=2, d=3, lr=2)],
            ["lr=0.1, b=1, c=1", "lr=0.1, b=2, c=1", "lr=2, b=1, c=2", "lr=2, b=1, c=2"],
            "in 4 settings",
        ),
    ],
)
def test_names_say_what_differs(runs, called, said):
    found = names(runs)
    if len(set(called)) < len(called):  # three settings do not tell them apart
        called = [f"{i}. {name}, a" for i, name in enumerate(called, 1)]
    assert found == called
    assert said in in_words(runs)
