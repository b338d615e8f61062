"""The same VAE trained on MNIST by xdl and by PyTorch: nats an image of the test set, measured by the same code.

    python bench/generative/vae_mnist.py [--epochs 20] [--libraries xdl torch] [--data-dir DIR] [--seed 0]

784-400-20, images binarized at one half, batches of 128, Adam with a rate of 0.001 that falls by 5 % an epoch, the last
epoch's weights. xdl trains by `train.Variational`; PyTorch's weights are loaded into the same model to be measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import steps

import xdl
from xdl import optim
from xdl.data import DataLoader, TensorDataset, load_images
from xdl.experiments.autoencoders.nats import nats_of
from xdl.experiments.autoencoders.pixels import scaled
from xdl.models import VAE
from xdl.optim import lr_scheduler
from xdl.train import Loop, Schedule, Variational

BATCH, RATE, DECAY = 128, 0.001, 0.95


def by_xdl(train: TensorDataset, epochs: int) -> VAE:
    """The model that xdl trains."""
    model = VAE((1, 28, 28))
    optimizer = optim.Adam(model.parameters(), lr=RATE)
    rate = Schedule(lr_scheduler.ExponentialLR(optimizer, DECAY))
    history = Loop(Variational(model, optimizer), [rate]).fit(DataLoader(train, BATCH, shuffle=True), epochs=epochs)
    print("xdl, training -ELBO by epoch:", *(f"{record['train_negative_elbo']:.1f}" for record in history))
    return model


def by_torch(train: TensorDataset, epochs: int, seed: int) -> VAE:
    """The weights that PyTorch trains, in xdl's model."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(xdl.get_num_threads())
    images = torch.tensor(train.arrays[0]).flatten(1)
    net: Any = steps.vae_net(torch.nn)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, DECAY)
    means = []
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = steps.negative_elbo(torch, net, images[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        schedule.step()
        means.append(total / len(images))
    print("PyTorch, training -ELBO by epoch:", *(f"{mean:.1f}" for mean in means))
    model = VAE((1, 28, 28))
    model.load_state_dict({name: xdl.tensor(value.numpy()) for name, value in net.state_dict().items()})
    return model


def main() -> None:
    """Trains by both, and prints nats and seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--libraries", nargs="+", choices=("xdl", "torch"), default=["xdl", "torch"])
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    data = load_images("mnist", data_dir=given.data_dir)
    pixels = data.train.arrays[0]
    low, high = float(pixels.min()), float(pixels.max())
    train, test = (scaled(part, low, high, binary=True) for part in (data.train, data.test))
    for library in given.libraries:
        xdl.manual_seed(given.seed)
        start = perf_counter()
        model = by_xdl(train, given.epochs) if library == "xdl" else by_torch(train, given.epochs, given.seed)
        seconds = perf_counter() - start
        nats = nats_of(model.eval(), test, 50)
        print(
            f"{library}: -ELBO {nats.negative_elbo:.2f} (reconstruction {nats.reconstruction:.2f}, KL {nats.kl:.2f}), "
            f"-bound of 50 codes {nats.bound:.2f} nats a test image; {given.epochs} epochs, {seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
