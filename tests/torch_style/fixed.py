"""What the scripts share so that both libraries begin alike: numbers from NumPy, as data, noise and first weights."""

import numpy as np


class Fixed:
    """Random numbers of one seed as tensors of `torch`, which is PyTorch, or xdl under its name."""

    def __init__(self, torch, seed):
        self.torch, self.random = torch, np.random.RandomState(seed)

    def normal(self, *shape):
        """Normal numbers, float32."""
        return self.torch.from_numpy(self.random.standard_normal(shape).astype(np.float32))

    def uniform(self, *shape):
        """Uniform numbers in [0, 1), float32."""
        return self.torch.from_numpy(self.random.uniform(size=shape).astype(np.float32))

    def labels(self, classes, *shape):
        """Whole numbers below classes, int64."""
        return self.torch.from_numpy(self.random.randint(0, classes, shape).astype(np.int64))

    def weights(self, model):
        """Writes first weights into a model: normal with variance 1 / fan-in, and small biases. Returns it."""
        with self.torch.no_grad():
            for p in model.parameters():
                fan = max(1, p.numel() // p.shape[0])
                p.copy_(self.normal(*p.shape) * (fan**-0.5 if p.dim() > 1 else 0.1))
        return model
