"""Training through the CUDA path on the CPU follows the NumPy backend step by step, and works from the command line."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.house.source import PACKAGES, ROOT
from xdl import backend, kernel, models, nn, optim
from xdl import functional as F
from xdl.data import load_digits
from xdl.errors import BackendError

STEPS = 20
BOUND = 1e-4
TEXT = "".join(f"{n} and {n + 1} are {2 * n + 1}; " for n in range(40))


class CharLSTM(nn.Module):
    """Predicts the next character of each sequence."""

    def __init__(self, characters, hidden=32):
        self.embedding = nn.Embedding(characters, 12)
        self.lstm = nn.LSTM(12, hidden)
        self.linear = nn.Linear(hidden, characters)

    def forward(self, tokens):
        return self.linear(self.lstm(self.embedding(tokens))[0])


def lenet_losses(name):
    """Adam on 16 digits a step."""
    backend.use(name)
    xdl.manual_seed(0)
    images, labels = load_digits(size=28).train.arrays
    model = models.LeNet5()
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for step in range(STEPS):
        batch = slice(16 * step, 16 * step + 16)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xdl.tensor(images[batch])), xdl.tensor(labels[batch]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def char_lstm_losses(name):
    """SGD with momentum on 8 sequences of 15 characters; the states start at zero each step."""
    backend.use(name)
    xdl.manual_seed(0)
    alphabet = sorted(set(TEXT))
    tokens = np.array([alphabet.index(character) for character in TEXT])
    model = CharLSTM(len(alphabet))
    optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    losses = []
    for step in range(STEPS):
        windows = tokens[step + 40 * np.arange(8) + np.arange(16)[:, None]]
        optimizer.zero_grad()
        logits = model(xdl.tensor(windows[:-1]))
        loss = F.cross_entropy(logits.reshape(-1, len(alphabet)), xdl.tensor(windows[1:].reshape(-1)))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


@pytest.mark.parametrize("losses", [lenet_losses, char_lstm_losses])
@pytest.mark.parametrize(
    "name", [pytest.param("cuda-on-host", marks=needs_compiler), pytest.param("cupy", marks=pytest.mark.gpu)]
)
def test_losses_follow_the_numpy_backend(losses, name):
    expected = losses("numpy")
    assert expected[-3:].mean() < 0.8 * expected[:3].mean()  # something is learned, so that errors could grow
    kernel.set_mode("required")
    found = losses(name)
    assert not np.array_equal(found, expected)  # two computations, not one
    assert np.abs(found - expected).max() < BOUND


@needs_compiler
def test_an_experiment_runs_by_the_option_alone(tmp_path):
    command = [sys.executable, "-m", "xdl", "run", "lenet", "--backend", "cuda-on-host", "--epochs", "1"]
    command += ["--set", "batch_size=64", "--out", str(tmp_path), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "XDL_KERNELS": "required"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["backend"] == "cuda-on-host"
    assert summary["test_accuracy"] > 0.6  # guessing gives 0.1
    assert "model.safetensors" in summary["files"]


@pytest.fixture
def installed(tmp_path):
    """xdl as a package installation lays it out: no checkout around it."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder, package in PACKAGES.items():
        shutil.copytree(ROOT / folder, tmp_path / "site" / package.replace(".", "/"), ignore=ignore)
    return tmp_path / "site"


@needs_compiler
def test_an_installed_package_runs_it_in_any_folder(installed, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()  # somebody else's
    code = "import xdl; xdl.use('cuda-on-host'); print(xdl.__file__, xdl.tensor([3.0, -1.0]).softmax(0).sum().item())"
    environment = {**os.environ, "PYTHONPATH": str(installed), "XDL_KERNELS": "required"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == f"{installed / 'xdl' / '__init__.py'} 1.0\n", done.stderr


def test_no_compiler_is_reported(monkeypatch):
    monkeypatch.delitem(backend._loaded, "cuda-on-host", raising=False)
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(BackendError, match=r"a C\+\+ compiler, found none\. Install g\+\+ or set CXX"):
        backend.load("cuda-on-host")
