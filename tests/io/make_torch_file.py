"""Writes pytorch.safetensors: a small network as PyTorch saves it, with an input and PyTorch's output for it.

python -m tests.io.make_torch_file
"""

import json
from pathlib import Path

FILE = Path(__file__).with_name("pytorch.safetensors")


def network(nn):
    """The network, of xdl's or PyTorch's nn: one layer of each kind that has parameters or buffers of its own form."""
    features = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten())
    return nn.ModuleDict({"features": features, "classifier": nn.Linear(8, 3)})


def output(model, x):
    """The network's output for images (N, 1, 4, 4), in evaluation."""
    model.eval()
    return model["classifier"](model["features"](x))


def main():
    """Trains nothing: random weights, and statistics of one batch."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = network(torch.nn)
    model["features"](torch.randn(4, 1, 4, 4))
    x = torch.randn(2, 1, 4, 4)
    proof = {"input": json.dumps(x.tolist()), "output": json.dumps(output(model, x).tolist())}
    save_file(model.state_dict(), FILE, metadata={"format": "pt", **proof})


if __name__ == "__main__":
    main()
    print(f"{FILE.name}: {FILE.stat().st_size} bytes")
