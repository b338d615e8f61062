"""Scripts in PyTorch's style run here with only their imports changed, and their losses are PyTorch's."""

import json

import numpy as np
import pytest

from tests.torch_style.run import LOSSES, SCRIPTS, losses, source


@pytest.mark.parametrize("name", SCRIPTS)
def test_losses_are_those_of_pytorch(name):
    np.testing.assert_allclose(losses(name, "xdl"), json.loads(LOSSES.read_text())[name], rtol=1e-6, atol=1e-6)


@pytest.mark.torch
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_file_holds_what_pytorch_gives(name):
    np.testing.assert_allclose(losses(name, "torch"), json.loads(LOSSES.read_text())[name], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", SCRIPTS)
def test_only_imports_are_changed(name):
    pairs = zip(source(name, "torch").splitlines(), source(name, "xdl").splitlines(), strict=True)
    changed = [(a, b) for a, b in pairs if a != b]
    assert changed
    assert all(a.startswith(("import torch", "from torch")) for a, _ in changed)
    assert all("xdl" in b for _, b in changed)
