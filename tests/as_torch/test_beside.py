"""`--beside`: a script on PyTorch and on xdl, from the same weights and noise."""

import subprocess
import sys
from pathlib import Path

import pytest

from xdl.as_torch.__main__ import main
from xdl.as_torch.beside import command
from xdl.as_torch.beside.command import difference, table, worst

SCRIPT = """
import random
import numpy as np
import torch
from torch import nn
from torch.distributions import Bernoulli, Categorical, Normal, Uniform
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(3)
x, y = torch.randn(40, 6), torch.randint(0, 3, (40,))
train, _ = random_split(TensorDataset(x, y), [30, 10])
net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.3), nn.BatchNorm1d(8), nn.Linear(8, 3))
for layer in net:
    if isinstance(layer, nn.Linear):
        nn.init.xavier_normal_(layer.weight)
        layer.bias.data.uniform_(-0.1, 0.1)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for a, b in DataLoader(train, batch_size=8, shuffle=True):
    noise = Normal(torch.zeros(2), torch.ones(2)).rsample().sum() + Uniform(0.0, 1.0).sample() + torch.rand(1).sum()
    noise = noise + Bernoulli(torch.tensor(0.4)).sample() + Categorical(logits=torch.zeros(5)).sample()
    noise = noise + torch.randperm(5)[0] + torch.rand_like(noise) + random.random() + float(np.random.rand())
    loss = nn.functional.cross_entropy(net(a + 0.1 * torch.empty(8, 6).normal_()), b) + 0.1 * noise
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
"""


def beside(folder, text):
    script = folder / "script.py"
    script.write_text(text)
    command = [sys.executable, "-m", "xdl.as_torch", "--beside", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.torch
def test_weights_and_noise_are_the_same(tmp_path):
    status, out = beside(tmp_path, SCRIPT)
    assert status == 0, out
    lines = out.splitlines()
    assert lines[0].split() == ["loss", "PyTorch", "xdl", "relative", "difference"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "2", "3"]


@pytest.mark.torch
def test_losses_that_differ_and_runs_that_fail_are_told(tmp_path):
    status, out = beside(
        tmp_path,
        "import torch\nx = torch.ones(2, requires_grad=True)\n"
        "(x.sum() * (1.0 if 'xdl' in torch.__version__ else 1.1)).backward()\n",
    )
    assert (status, out.splitlines()[1].split()[-1]) == (1, "9e-02")
    status, out = beside(tmp_path, "import torch\ntorch.ones(2)\n")
    assert (status, out) == (2, "the run on xdl failed:\nxdl: no call of backward()\n")
    status, out = beside(tmp_path, "import torch\ntorch.sparse\n")
    assert status == 2
    assert "found torch.sparse" in out


def test_without_pytorch_one_line_says_so(monkeypatch, capsys):
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    assert main(["--beside", "script.py"]) == 2
    assert capsys.readouterr().err == "--beside: expected an installed PyTorch, found none\n"


def test_what_is_printed():
    assert table([1.0, 2.0], [1.0, 4.0]) == (
        "loss           PyTorch               xdl  relative difference\n"
        "   1                 1                 1  0e+00\n"
        "   2                 4                 2  5e-01\n"
    )
    assert table([1.0], [1.0, 2.0]).endswith("PyTorch's script has 2 losses, xdl's 1\n")
    assert worst([1.0], [1.0, 2.0]) == float("inf")
    nan, inf = float("nan"), float("inf")
    assert (difference(nan, nan), difference(inf, inf), difference(nan, 1.0)) == (0.0, 0.0, inf)


@pytest.mark.torch
@pytest.mark.parametrize("script", sorted((Path(__file__).parent / "scripts").glob("*.py")), ids=lambda path: path.stem)
def test_scripts_of_each_family_agree(script, tmp_path):
    status, out = beside(tmp_path, script.read_text())
    assert status == 0, out
