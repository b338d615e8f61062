"""Pictures and small files of published sets, made for the tests."""

import numpy as np
from PIL import Image


def picture(height=20, width=30, channels=3, seed=0):
    """A picture of noise."""
    shape = (height, width, channels) if channels > 1 else (height, width)
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8))


def pixels(image):
    """A picture's numbers, channels first."""
    return np.atleast_3d(np.array(image)).transpose(2, 0, 1)


def idx(array):
    """The bytes of an IDX file."""
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def mnist(root, name="MNIST", train=7, test=5, side=28):
    """Writes the four files below root as torchvision keeps them; gives {part: (images, labels)}."""
    folder, numbers, parts = root / name / "raw", np.random.default_rng(1), {}
    folder.mkdir(parents=True)
    for part, count in (("train", train), ("t10k", test)):
        parts[part] = numbers.integers(0, 256, (count, side, side), np.uint8), numbers.integers(0, 10, count, np.uint8)
        for kind, array in zip(("images-idx3", "labels-idx1"), parts[part], strict=True):
            (folder / f"{part}-{kind}-ubyte").write_bytes(idx(array))
    return parts


def cifar(root, each=3):
    """Writes the six files of the binary version; gives (images (N, 32, 32, 3), labels) of the training files."""
    folder, numbers = root / "cifar-10-batches-bin", np.random.default_rng(2)
    folder.mkdir()
    kept = []
    for name in (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"):
        labels, images = numbers.integers(0, 10, (each, 1), np.uint8), numbers.integers(0, 256, (each, 3072), np.uint8)
        (folder / name).write_bytes(np.hstack([labels, images]).tobytes())
        kept.append((images, labels))
    images, labels = (np.concatenate(parts) for parts in zip(*kept[:-1], strict=True))
    return images.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels[:, 0]
