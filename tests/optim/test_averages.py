"""Averages of weights: a copy of its own, no look at values, the rate of SWALR, and what is refused."""

import numpy as np
import pytest

import xdl
from tests.functional.namespaces import Xdl
from tests.optim import around
from xdl import backend, nn, optim
from xdl.errors import SettingError
from xdl.optim import swa_utils
from xdl.optim.swa_utils import SWALR, AveragedModel, get_ema_avg_fn, update_bn

F = Xdl()


def test_the_average_is_a_copy_of_its_own():
    model = around.model(F)
    model(xdl.randn(6, 3)).sum().backward()
    averaged = AveragedModel(model)
    assert all(p.grad is None and p.requires_grad for p in averaged.parameters())
    before = {name: t.tolist() for name, t in averaged.state_dict().items()}
    around.move(F, model, 3)
    optim.SGD(model.parameters(), lr=1.0).step()
    assert {name: t.tolist() for name, t in averaged.state_dict().items()} == before
    assert sorted(before) == sorted(["n_averaged", *(f"module.{name}" for name in model.state_dict())])


def test_shared_parameters_stay_shared():
    layer = nn.Linear(2, 2)
    averaged = AveragedModel(nn.Sequential(layer, nn.ReLU(), layer))
    assert averaged.module[0] is averaged.module[2]
    assert len(list(averaged.parameters())) == 2


def test_frozen_parameters_stay_frozen():
    averaged = AveragedModel(nn.Linear(2, 2).requires_grad_(False))
    assert not any(p.requires_grad for p in averaged.parameters())


@pytest.mark.parametrize("name", around.AVERAGES)
def test_strict_arrays_without_looking_at_values(name, strict, no_synchronization):
    expected = around.average(F, name)[0]
    backend.use(strict.name)
    swa = optim.swa_utils
    given = {key: value(swa) if callable(value) else value for key, value in around.AVERAGES[name].items()}
    model = around.model(F)
    averaged = AveragedModel(model, **given)
    around.move(F, model, 1)
    with no_synchronization():
        averaged.update_parameters(model)
    state = averaged.state_dict()
    names = sorted(key for key in state if name != "ema of buffers" or "tracked" not in key)
    found = np.concatenate([F.host(state[key]).reshape(-1).astype("float64") for key in names])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_resumed_average_is_equal_bit_for_bit():
    model = around.model(F)
    whole, first = (AveragedModel(model, avg_fn=get_ema_avg_fn(0.8)) for _ in range(2))
    for seed in (1, 2, 3):
        around.move(F, model, seed)
        whole.update_parameters(model)
        if seed < 3:
            first.update_parameters(model)
    resumed = AveragedModel(model, avg_fn=get_ema_avg_fn(0.8))
    resumed.load_state_dict(first.state_dict())
    resumed.update_parameters(model)
    assert [t.tolist() for t in resumed.state_dict().values()] == [t.tolist() for t in whole.state_dict().values()]


def test_update_bn_leaves_modes_and_momentum_as_they_were():
    model = around.model(F).eval()
    update_bn([xdl.randn(8, 3)], model)
    assert (model.training, model[1].training, model[1].momentum) == (False, False, 0.1)
    plain = nn.Linear(2, 2)
    update_bn(iter(()), plain)  # nothing to do, and the loader is not touched
    assert plain.training


def test_update_bn_restores_after_an_error():
    model = around.model(F)
    with pytest.raises(xdl.errors.ShapeError):
        update_bn([xdl.randn(8, 5)], model)
    assert model[1].momentum == 0.1


def test_what_is_refused():
    with pytest.raises(SettingError, match="decay"):
        get_ema_avg_fn(1.5)
    with pytest.raises(SettingError, match="at most one"):
        AveragedModel(nn.Linear(2, 2), get_ema_avg_fn(), swa_utils.get_ema_multi_avg_fn())
    optimizer = optim.SGD([xdl.zeros(1, requires_grad=True)])
    with pytest.raises(SettingError, match="Did you mean 'linear'"):
        SWALR(optimizer, 0.1, anneal_strategy="liner")
    with pytest.raises(SettingError, match="anneal_epochs"):
        SWALR(optimizer, 0.1, anneal_epochs=-1)
