"""A convolutional network by plain loops, slow, and the same by xdl beside it (徐彬 4.4; hwdong 6.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from time import perf_counter
from typing import Any

from xdl import nn, optim, plot
from xdl.creation import tensor
from xdl.experiments.convolution.naive_layers import Convolution, Dense, Image, Pooling
from xdl.experiments.shared.images import images_of
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import no_grad

QUICK = {"steps": 20, "test_images": 50}


@dataclass(frozen=True)
class Settings:
    """convolution 3x3 - ReLU - pooling 2x2 - linear, by plain gradient descent."""

    channels: int = setting(4, "maps of the convolution", low=1, high=64)
    batch_size: int = setting(16, "images in a step", low=1)
    steps: int = setting(60, "steps, each on the next images", low=1)
    test_images: int = setting(100, "images of the test part to measure on", low=1)
    lr: float = setting(0.2, "learning rate", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Both networks take the same steps from the same weights: losses agree, times do not."""
    data = images_of(run)
    images, labels = data.train.arrays
    classes, (_, height, width) = len(data.class_names), data.image_shape
    inputs = settings.channels * ((height - 2) // 2) * ((width - 2) // 2)
    model = nn.Sequential(
        nn.Conv2d(1, settings.channels, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(inputs, classes)
    )
    conv, dense = model[0], model[4]
    layers = (
        Convolution(conv.weight.tolist(), conv.bias.tolist()),
        Pooling(),
        Dense(dense.weight.tolist(), dense.bias.tolist()),
    )
    loss, optimizer = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=settings.lr)
    rows, losses, by_loops, by_xdl = [], [], 0.0, 0.0
    for step in range(settings.steps):
        at = [(step * settings.batch_size + i) % len(images) for i in range(settings.batch_size)]
        started = perf_counter()
        naive = train_step(layers, images[at].tolist(), labels[at].tolist(), settings.lr)
        between = perf_counter()
        value = loss(model(tensor(images[at])), tensor(labels[at]))
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        fast = value.item()
        by_loops, by_xdl = by_loops + between - started, by_xdl + perf_counter() - between
        losses.append((naive, fast))
        if step % max(1, settings.steps // 10) == 0 or step == settings.steps - 1:
            rows.append((step + 1, naive, fast))
    steps = run.table(("step", "loss by loops", "loss by xdl"), rows)

    pictures, truth = (part[: settings.test_images] for part in data.test.arrays)
    guesses = [max(range(classes), key=scores(layers, image).__getitem__) for image in pictures.tolist()]
    accuracy = sum(guess == label for guess, label in zip(guesses, truth.tolist(), strict=True)) / len(truth)
    with no_grad():
        same = (model(tensor(pictures)).argmax(1) == tensor(guesses)).to("float32").mean().item()
    seconds = (by_loops / settings.steps, by_xdl / settings.steps)
    run.say(
        f"test accuracy {accuracy:.4f} on {len(truth)} images, {same:.1%} of the answers as xdl's; "
        f"a step of {settings.batch_size} images takes {seconds[0]:.3f} s by loops, {seconds[1]:.5f} s by xdl"
    )
    apart = max(abs(one - other) for one, other in losses)
    see = run.see(
        f"after {settings.steps} steps the losses of both ways differ by at most {apart:.1g}; a step takes "
        f"{seconds[0] / seconds[1]:,.0f} times as long by loops ({seconds[0]:.3g} s to {seconds[1]:.3g} s)"
    )
    draw(run, losses, f"naive-cnn on {data.name}: two ways, the same steps", see)
    return {
        "data_description": data.description,
        "steps": steps,
        "seconds_per_step": {"loops": seconds[0], "xdl": seconds[1]},
        "test_accuracy": accuracy,
        "same_answers": same,
    }


def draw(run: Run, losses: list[tuple[float, float]], title: str, see: str) -> None:
    """Writes figures/losses: the loss of each step by both ways, and how far they are apart."""
    steps = range(1, len(losses) + 1)
    naive, fast = zip(*losses, strict=True)
    both = {"loops": plot.Line(steps, naive), "xdl": plot.Line(steps, fast, look="dashed")}
    gaps = {"|loops - xdl|": (steps, [max(abs(one - other), 1e-12) for one, other in losses])}
    run.figure(
        "losses", plot.lines_data({"loss of the step": both, "how far apart": gaps}, title, "step", log=True), see
    )


Layers = tuple[Convolution, Pooling, Dense]


def scores(layers: Layers, image: Image) -> list[float]:
    """The logits of one image."""
    conv, pool, dense = layers
    return dense.forward(pool.forward(conv.forward(image)))


def train_step(layers: Layers, images: list[Image], labels: list[int], lr: float) -> float:
    """One step on a batch, image by image; returns the mean cross entropy before it."""
    conv, pool, dense = layers
    total = 0.0
    for image, label in zip(images, labels, strict=True):
        z = scores(layers, image)
        top = max(z)
        exponentials = [exp(value - top) for value in z]
        p = [value / sum(exponentials) for value in exponentials]
        total -= log(p[label])
        g = [(probability - (k == label)) / len(images) for k, probability in enumerate(p)]
        conv.backward(pool.backward(dense.backward(g)))
    conv.step(lr)
    dense.step(lr)
    return total / len(images)
