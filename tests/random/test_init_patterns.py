"""Initial weights of a pattern, and the names that PyTorch gave up."""

import numpy as np
import pytest

from xdl import random
from xdl.errors import SettingError, ShapeError
from xdl.nn import init
from xdl.tensor import Tensor


def empty(*shape):
    return Tensor(np.full(shape, np.nan, "float32"))


def test_patterns():
    assert init.eye_(empty(2, 3)).tolist() == [[1, 0, 0], [0, 1, 0]]
    w = init.dirac_(empty(4, 2, 3, 3), groups=2).numpy()
    assert w.sum() == 4
    for o in range(4):
        assert w[o, o % 2, 1, 1] == 1
    w = init.sparse_(empty(10, 50), 0.31, std=2.0).numpy()
    assert ((w == 0).sum(0) == 4).all()
    assert (w != 0).any(1).all()
    assert w[w != 0].std() == pytest.approx(2, rel=0.2)
    for function, tensor in (
        (init.eye_, empty(2)),
        (init.dirac_, empty(2, 2)),
        (lambda t: init.sparse_(t, 0.5), empty(2)),
    ):
        with pytest.raises(ShapeError):
            function(tensor)
    for act in (lambda: init.dirac_(empty(3, 2, 1), 2), lambda: init.sparse_(empty(2, 2), 1.5)):
        with pytest.raises(SettingError):
            act()


OLDER = (
    "uniform normal constant eye dirac sparse orthogonal xavier_uniform xavier_normal kaiming_uniform kaiming_normal"
)


@pytest.mark.parametrize("name", [*OLDER.split(), "kaiming_normal"])
def test_older_names_say_what_to_write(name):
    shape = (2, 2, 3) if name == "dirac" else (3, 4)
    more = {"constant": (0.5,), "sparse": (0.5,)}.get(name, ())
    random.manual_seed(3)
    with pytest.warns(DeprecationWarning, match=f"nn.init.{name} is now nn.init.{name}_"):
        old = getattr(init, name)(empty(*shape), *more)
    random.manual_seed(3)
    assert old.tolist() == getattr(init, f"{name}_")(empty(*shape), *more).tolist()


@pytest.mark.torch
def test_names_and_patterns_are_those_of_pytorch():
    import torch

    theirs = {name for name in vars(torch.nn.init) if callable(getattr(torch.nn.init, name)) and name.islower()}
    assert {name for name in theirs if name[0] != "_"} <= set(init.__all__)
    for name, shape, *more in (("eye_", (3, 5)), ("dirac_", (6, 3, 4, 5), 3), ("dirac_", (2, 3, 3), 1)):
        expected = getattr(torch.nn.init, name)(torch.empty(shape), *more)
        assert getattr(init, name)(empty(*shape), *more).tolist() == expected.tolist()
