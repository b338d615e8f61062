"""Networks that two libraries build and train by the same lines: `nn` is xdl.nn or torch.nn.

Each network takes images (N, 1, 28, 28) and gives logits (N, 10). `library` is xdl or torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xdl.creation import tensor
from xdl.tensor import Tensor


def mlp(nn: Any) -> Any:
    """784-200-100-10 with ReLU (hwdong 4.3.6)."""
    layers = nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 100), nn.ReLU(), nn.Linear(100, 10)
    return nn.Sequential(nn.Flatten(), *layers)


def lenet(nn: Any) -> Any:
    """LeNet-5 as `models.LeNet5` has it (hwdong 6.5.1)."""
    first = nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)
    second = nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    linear = nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
    return nn.Sequential(*first, *second, *linear)


def residual(nn: Any) -> Any:
    """Two residual blocks with batch norm, the second of which halves the image (hwdong 6.5.5)."""

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, channels: int, out_channels: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(channels, out_channels, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(out_channels)
            self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(out_channels)
            same = nn.Identity(), nn.Conv2d(channels, out_channels, 1, stride=stride, bias=False)
            self.shortcut, self.relu = same[channels != out_channels], nn.ReLU()

        def forward(self, x: Any) -> Any:
            hidden = self.relu(self.bn1(self.conv1(x)))
            return self.relu(self.bn2(self.conv2(hidden)) + self.shortcut(x))

    before = nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
    after = nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(16, 10)
    return nn.Sequential(*before, Block(8, 8, 1), Block(8, 16, 2), *after)


def lstm(nn: Any) -> Any:
    """An LSTM that reads an image row by row, and a linear layer on its last output (hwdong 7.7)."""

    class Reader(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.rows = nn.LSTM(28, 32, batch_first=True)
            self.out = nn.Linear(32, 10)

        def forward(self, x: Any) -> Any:
            outputs, _ = self.rows(x[:, 0])
            return self.out(outputs[:, -1])

    return Reader()


NETWORKS: dict[str, Callable[[Any], Any]] = {
    "MLP": mlp,
    "LeNet": lenet,
    "residual, batch norm": residual,
    "LSTM": lstm,
}


def built(library: Any, network: str, state: Mapping[str, Any], dtype: str) -> Any:
    """The network of a library, xdl or torch, with weights from host arrays, in float32 or float64."""
    made = NETWORKS[network](library.nn)
    made.load_state_dict({name: library.tensor(values) for name, values in state.items()})
    return made.float() if dtype == "float32" else made.double()


def gradients(library: Any, model: Any, images: Any, labels: Any, dtype: str) -> dict[str, Tensor]:
    """{"output": logits, "loss": their cross entropy, each parameter: its gradient}, in training mode."""
    output = model.train()(library.tensor(images, dtype=getattr(library, dtype)))
    loss = library.nn.CrossEntropyLoss()(output, library.tensor(labels))
    loss.backward()
    found = {"output": output.detach(), "loss": loss.detach()}
    found |= {name: p.grad.detach() for name, p in model.named_parameters()}
    return {name: tensor(values.numpy()) for name, values in found.items()}


def training(library: Any, model: Any, images: Any, labels: Any, steps: int, lr: float) -> list[float]:
    """The loss before each of so many steps of Adam on one batch in float32."""
    x, y = library.tensor(images), library.tensor(labels)
    loss, optimizer = library.nn.CrossEntropyLoss(), library.optim.Adam(model.train().parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def apart(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, float]:
    """The largest difference within each tensor, over the largest absolute value of the other one."""
    return {name: _apart(values.to("float64"), other[name].to("float64")) for name, values in one.items()}


def _apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max().item()) / (float(other.abs().max().item()) or 1.0)
