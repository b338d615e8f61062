"""The list of PyTorch's public names is PyTorch's, and what answers for a module is there."""

import json

import pytest

from tests.as_torch.make_names import NAMES, found
from xdl.as_torch.coverage import covered
from xdl.as_torch.table import MODULES, answer, answered


@pytest.mark.torch
def test_the_names_are_those_of_pytorch():
    assert json.loads(NAMES.read_text()) == found()


EMPTY = ("torch.backends", "torch.utils", "torch.utils.data._utils")  # which hold modules only


@pytest.mark.parametrize("module", [module for module in MODULES if module not in EMPTY])
def test_every_name_that_is_answered_is_there(module):
    names = {name for name in answered(module) if f"{module}.{name}" not in MODULES}
    assert names
    assert all(answer(module, name) is not NotImplemented for name in names)


def test_layers_losses_optimizers_and_initializers_are_nearly_all_there():
    for module, share in (("torch.nn", 0.8), ("torch.optim", 0.85), ("torch.nn.init", 1), ("torch.nn.functional", 0.7)):
        have, refused, missing = covered(module)
        assert len(have) >= share * len(have + refused + missing)
