"""Settings from text: types, ranges, names."""

from dataclasses import dataclass, fields

import pytest

from xdl.errors import SettingError
from xdl.experiments import EXPERIMENTS
from xdl.runs.settings import describe, from_text, setting, split, written
from xdl.runs.settings import make as make_from


def make(settings, given):
    return make_from(settings, from_text(settings, given))


@dataclass(frozen=True)
class Settings:
    epochs: int = setting(20, "passes", low=1)
    lr: float = setting(0.1, "rate", above=0, high=10)
    hidden: tuple[int, ...] = setting((200, 100), "units", low=1, empty=True)
    rates: tuple[float, ...] = setting((0.1,), "rates")
    activation: str = setting("relu", "kind", choices=("relu", "tanh"))
    shuffle: bool = setting(True, "order")


def test_defaults():
    assert make(Settings, {}) == Settings(20, 0.1, (200, 100), (0.1,), "relu", True)


def test_values_of_every_type():
    given = {"epochs": "3", "lr": "1e-2", "hidden": "7,8, 9", "activation": "tanh", "shuffle": "False"}
    assert make(Settings, given) == Settings(3, 0.01, (7, 8, 9), (0.1,), "tanh", False)
    assert make(Settings, {"hidden": ""}).hidden == ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("epochs", "three", "--set epochs: expected a whole number, found 'three'"),
        ("epochs", "1.5", "a whole number, found '1.5'"),
        ("epochs", "0", "--set epochs: expected a whole number, at least 1, found 0"),
        ("lr", "fast", "a number, found 'fast'"),
        ("lr", "nan", "a number, found 'nan'"),
        ("lr", "inf", "a number, found 'inf'"),
        ("lr", "0", "a number, above 0 and at most 10, found 0"),
        ("lr", "11", "at most 10, found 11"),
        ("rates", "", "--set rates: expected a number or several with commas between, at least one, found none"),
        ("epochs", "1000000000001", "--set epochs: expected a whole number of at most 1000000000000, found"),
        ("hidden", "5,x", "a whole number, found 'x'"),
        ("hidden", "5,0", "at least 1, found 5,0"),
        ("activation", "relus", "one of relu, tanh, found relus"),
        ("activation", "", "one of relu, tanh, found nothing"),
        ("shuffle", "maybe", "true or false, found 'maybe'"),
        ("epoch", "3", "a setting of this experiment, found 'epoch'. Did you mean 'epochs'"),
    ],
)
def test_what_does_not_fit_is_named(name, text, message):
    with pytest.raises(SettingError) as caught:
        make(Settings, {name: text})
    assert message in str(caught.value)


def test_assignments_are_split():
    assert split(["lr=0.1", "activation = tanh", "lr=0.2", "name=a=b"]) == {
        "lr": "0.2",
        "activation": "tanh",
        "name": "a=b",
    }


@pytest.mark.parametrize("text", ["lr", "=3", ""])
def test_an_assignment_needs_a_name_and_a_value(text):
    with pytest.raises(SettingError, match="key=value"):
        split([text])


def test_settings_are_described_as_they_are_written():
    rows = describe(Settings)
    assert rows[0] == ("epochs=20", "a whole number, at least 1", "passes")
    assert rows[2][0] == "hidden=200,100"
    assert rows[5] == ("shuffle=true", "true or false", "order")


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_every_default_is_a_value_that_set_takes(experiment):
    settings = experiment.load().Settings
    defaults = settings()
    given = {name: written(getattr(defaults, name)) for name in settings.__dataclass_fields__}
    assert make(settings, given) == defaults


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_no_number_of_layers_is_built_until_memory_ends(experiment):
    rules = {f.name: f.metadata["rule"] for f in fields(experiment.load().Settings)}
    assert all(rule.high <= 2000 for name, rule in rules.items() if name in {"layers", "depth", "depths"})
