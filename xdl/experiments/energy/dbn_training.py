"""The trainings of `dbn`: machine after machine without labels, then networks with few or many labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from xdl import nn, optim
from xdl.data import DataLoader, LabelledImages, TensorDataset
from xdl.data.split import stratified_order
from xdl.experiments.energy.visible import Units
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.functional import cat
from xdl.models import MLP
from xdl.models.energy import DBN
from xdl.models.energy.rbm import START
from xdl.nn import init
from xdl.optim import lr_scheduler
from xdl.random import bernoulli
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor, no_grad
from xdl.train import ContrastiveDivergence, Divergence, Loop, Progress, Record, Schedule, Trainer, accuracy

SIZES = {"small": (256, 256), "full": (500, 500, 2000)}
FEW = (100, 300, 1000)  # labels; then all of them
PRE_TRAINED, RANDOM, GLOROT, RELU = "pre-trained", "small random weights", "Glorot's rule", "ReLU, He's rule"
FOLDERS = {PRE_TRAINED: "pre-trained", RANDOM: "random", GLOROT: "glorot", RELU: "relu"}
GAIN = 4.0  # of sigmoids, whose slope is at most 1/4 (Glorot and Bengio 2010)
BATCH = 1000  # images that are brought upwards at a time
SHOWN = 20  # fantasies of a frame
FAR = 1e5  # nats: a mean free energy beyond is that of a training which diverges


@dataclass(frozen=True)
class Settings:
    """The stack, its training without labels, and the fine-tuning with them."""

    size: str = setting("small", "hidden layers: small 256-256, full 500-500-2000", choices=tuple(SIZES))
    samples: int = setting(0, "training images to use; 0: all", low=0)
    passes: int = setting(40, "passes over the images, without labels, for each machine", low=1)
    k: int = setting(1, "steps of contrastive divergence", low=1)
    rbm_lr: float = setting(0.1, "learning rate of the machines", above=0)
    momentum: float = setting(0.9, "share of the last step in the next, for the machines", low=0, high=0.99)
    weight_decay: float = setting(0.0002, "how strongly the machines' weights are pulled to 0", low=0)
    batch_size: int = setting(50, "images in a step", low=1)
    steps: int = setting(300, "steps with labels, for each network", low=1)
    few_steps: int = setting(300, "the same, where not all labels are used", low=1)
    lr: float = setting(0.005, "first rate of Adam with labels; it falls to 0", above=0)
    seeds: int = setting(3, "networks for each number of labels and each start, one a seed", low=1)
    chain: int = setting(200, "steps of the top machine's chain before a fantasy is drawn", low=1)

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return SIZES[self.size]


@dataclass(frozen=True)
class Data:
    """Images as units from 0 to 1, with labels: (images (N, V), labels (N,)) for each part."""

    images: LabelledImages
    train: TensorDataset
    validation: TensorDataset
    test: TensorDataset

    @classmethod
    def of(cls, data: LabelledImages, units: Units) -> Data:
        """The parts of a data set."""
        parts = (data.train, data.validation, data.test)
        return cls(data, *(TensorDataset(units.from_images(part.arrays[0]), part.arrays[1]) for part in parts))

    def labelled(self, labels: int, repeat: int) -> TensorDataset:
        """So many training images with their labels, the classes as in all of them; another choice for each repeat."""
        order = stratified_order(self.train.arrays[1])
        chosen = sorted(order[(repeat * labels + i) % len(order)] for i in range(labels))
        return TensorDataset(*(array[chosen] for array in self.train.arrays))


def pretrain(run: Run, settings: Settings, data: Data) -> tuple[DBN, list[list[Record]]]:
    """Trains each machine on what the ones below make of the images. Returns the stack, and the records of each."""
    run.reseed()
    stack = DBN((data.train.arrays[0].shape[1], *settings.hidden))
    histories = []
    for layer, machine in enumerate(stack.machines):
        train, validation = (raised(stack, part, layer) for part in (data.train, data.validation))
        machine.fit_biases(train.tensors[0])
        decayed = {"params": [machine.weight], "weight_decay": settings.weight_decay}
        groups: list[dict[str, Any]] = [decayed, {"params": [machine.visible_bias, machine.hidden_bias]}]
        optimizer = optim.SGD(groups, lr=settings.rbm_lr, momentum=settings.momentum)
        part = run.part(f"machine-{layer + 1}")
        falling = Schedule(lr_scheduler.PolynomialLR(optimizer, settings.passes))
        frames = frames_of(partial(_fantasies, stack, settings.chain, layer + 1), settings.passes)
        bounded = Divergence(FAR, ("validation_free_energy",))
        loop = Loop(ContrastiveDivergence(machine, optimizer, settings.k), [falling, bounded, *quiet(part), frames])
        batches = DataLoader(train, settings.batch_size, shuffle=True)
        history = fit(part, loop, batches, DataLoader(validation, BATCH), settings.passes)
        save_frames(part, frames)
        errors = [record["validation_reconstruction_error"] for record in (history[0], history[-1])]
        seconds = sum(record["seconds"] for record in history)
        run.say(
            f"machine {layer + 1}, {machine.weight.shape[1]} to {machine.weight.shape[0]} units: reconstruction error "
            f"{errors[0]:.4f} after a pass, {errors[1]:.4f} after {len(history)} ({seconds:.1f} s)"
        )
        histories.append(history)
    return stack, histories


def _fantasies(stack: DBN, steps: int, layers: int, _: Any) -> Tensor:
    """What the machines that are trained so far dream of."""
    return stack.generate(SHOWN, steps, layers)


def raised(stack: DBN, part: TensorDataset, layers: int) -> TensorDataset:
    """What the lower machines make of the images of a part: the images as they are, or units that are drawn once."""
    with no_grad():
        above = cat([stack.up(images, layers) for images, _ in DataLoader(part, BATCH)])
        return TensorDataset(bernoulli(above) if layers else above)


def quiet(part: Run) -> list[Any]:
    """What watches one of many trainings: without a line for each pass."""
    return [callback for callback in watchers(part, best=None) if not isinstance(callback, Progress)]


def starts(settings: Settings, stack: DBN, classes: int) -> dict[str, Callable[[], MLP]]:
    """{how a network begins: makes it}: all of equal sizes, small weights as in 2006, or by later rules."""
    sizes = (stack.machines[0].weight.shape[1], *settings.hidden, classes)
    return {
        PRE_TRAINED: lambda: stack.classifier(classes),
        RANDOM: lambda: drawn(MLP(sizes, nn.Sigmoid), lambda w: init.normal_(w, std=START)),
        GLOROT: lambda: drawn(MLP(sizes, nn.Sigmoid), lambda w: init.xavier_uniform_(w, gain=GAIN)),
        RELU: lambda: drawn(MLP(sizes), lambda w: init.kaiming_normal_(w, nonlinearity="relu")),
    }


def drawn(network: MLP, rule: Callable[[Tensor], Tensor]) -> MLP:
    """The network with new weights by a rule."""
    for layer in network.layers:
        if isinstance(layer, nn.Linear):
            rule(layer.weight)
    return network


@dataclass(frozen=True)
class Tuned:
    """A network that was trained with labels, and its accuracy."""

    network: MLP
    test_accuracy: float
    history: list[Record]


def tune(run: Run, settings: Settings, data: Data, make: Callable[[], MLP], labels: int, repeat: int) -> Tuned:
    """Trains a network with so many labels, in a folder of its own, or goes on with it."""
    run.reseed(repeat)
    network = make()
    optimizer = optim.Adam(network.parameters(), lr=settings.lr)
    batches = DataLoader(data.labelled(labels, repeat), min(settings.batch_size, labels), shuffle=True)
    steps = settings.steps if labels == len(data.train) else settings.few_steps
    falling = Schedule(lr_scheduler.PolynomialLR(optimizer, steps), every="step")
    trainer = Trainer(network, nn.CrossEntropyLoss(), optimizer, {"accuracy": accuracy}, [falling, *quiet(run)])
    history = fit(run, trainer, batches, steps=steps)
    return Tuned(network, trainer.evaluate(DataLoader(data.test, BATCH))["accuracy"], history)
