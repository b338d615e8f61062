"""What the tests of training share: small data, and the comparison of states."""

import numpy as np

from xdl import nn, optim
from xdl.data import TensorDataset
from xdl.tensor import Tensor
from xdl.train import Callback, Trainer, accuracy


class StopAt(Callback):
    """Interrupts after a step, as a signal does, when the others have done their part."""

    order = 1000

    def __init__(self, step):
        self.step = step

    def on_step_end(self, trainer):
        """Interrupts."""
        if trainer.step == self.step:
            raise KeyboardInterrupt


def blobs(n=60, seed=0):
    """Three clouds of points in the plane."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centres = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 3.0]])
    return TensorDataset((centres[labels] + rng.normal(size=(n, 2)) / 2).astype(np.float32), labels, num_classes=3)


def trainer_for(model, lr=0.1, **options):
    """A trainer with SGD."""
    return Trainer(
        model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=lr), {"accuracy": accuracy}, **options
    )


def differences(a, b, path="state"):
    """The paths at which two states differ, but for times; Tensors and arrays are compared to the last bit."""
    if isinstance(a, dict) and isinstance(b, dict):
        names = sorted({*a, *b}, key=str)
        if any(name not in a or name not in b for name in names):
            return [f"{path}: {sorted(map(str, a))} and {sorted(map(str, b))}"]
        return [d for n in names if "second" not in str(n) for d in differences(a[n], b[n], f"{path}.{n}")]
    if isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b, strict=True)) for d in differences(x, y, f"{path}[{i}]")]
    values = [x.numpy() if isinstance(x, Tensor) else x for x in (a, b)]
    if all(isinstance(x, np.ndarray) for x in values):
        same = values[0].dtype == values[1].dtype and np.array_equal(*values, equal_nan=True)
    else:
        alike = not any(isinstance(x, np.ndarray) for x in values)
        same = alike and (values[0] == values[1] or (values[0] != values[0] and values[1] != values[1]))
    return [] if same else [path]
