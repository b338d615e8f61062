"""The trainings of `rbm`: one machine by each way to the gradient, with the exact likelihood after every pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl import optim
from xdl.data import DataLoader, TensorDataset
from xdl.experiments.energy.visible import all_at_once
from xdl.experiments.shared.fit import fit, watchers
from xdl.experiments.shared.generated.frames import frames_of, save_frames
from xdl.models.energy import RBM, GaussianRBM, log_likelihood
from xdl.optim import lr_scheduler
from xdl.runs.run import Run
from xdl.runs.settings import setting
from xdl.tensor import Tensor
from xdl.train import ContrastiveDivergence, Divergence, Loop, Measures, Progress, Record, Schedule

KINDS = {"binary": RBM, "gaussian": GaussianRBM}
SCHEDULES = ("linear", "constant")
FAR = 1e5  # nats of an image: a mean ln p(v) further from 0 is that of a training which diverges
SHOWN, CHAIN = 20, 100  # fantasies of a frame; steps of their chains


@dataclass(frozen=True)
class Settings:
    """The machine, its training by each method, and what is drawn of it."""

    visible: str = setting("binary", "pixels as 0 or 1, or as real numbers (with lr=0.01)", choices=tuple(KINDS))
    hidden: int = setting(16, "hidden units; the likelihood sums over all their states", low=1, high=20)
    k: int = setting(5, "steps of the Markov chain for the longer of the two CD", low=2)
    chains: int = setting(100, "chains of PCD", low=1)
    samples: int = setting(0, "training images to use; 0: all", low=0)
    epochs: int = setting(60, "passes over the training images", low=2)
    batch_size: int = setting(25, "images in a step", low=1)
    lr: float = setting(0.25, "learning rate of the first pass", above=0)
    schedule: str = setting("linear", "how the rate goes on: down to 0, or not at all", choices=SCHEDULES)
    momentum: float = setting(0.0, "share of the last step in the next", low=0, high=0.99)
    weight_decay: float = setting(0.0, "how strongly weights are pulled to 0", low=0)
    seeds: int = setting(3, "trainings of each method, one a seed", low=1)
    steps: int = setting(1000, "steps of the chains whose ends are drawn", low=1)

    @property
    def methods(self) -> dict[str, tuple[int, int]]:
        """{name: (k, persistent chains)} of `ContrastiveDivergence`."""
        return {"CD-1": (1, 0), f"CD-{self.k}": (self.k, 0), "PCD": (1, self.chains)}


class WithLikelihood(ContrastiveDivergence):
    """Contrastive divergence that is measured by what it does not compute.

    "log_likelihood": the mean of ln p(v), exactly; "free_energy_gap": the mean of F(v) less that of the images `seen`
    in training: as ln p(v) = -F(v) - ln Z, it is how much likelier those are, and needs no Z.
    """

    seen: Tensor

    def evaluate_step(self, batch: Any) -> Measures:
        """The measures of a batch."""
        measures, v = super().evaluate_step(batch), batch[0]
        gap = self.model.free_energy(v).mean() - self.model.free_energy(self.seen).mean()
        likelihood = log_likelihood(self.model, v).mean()
        measures += Measures({"log_likelihood": likelihood, "free_energy_gap": gap}, len(v))
        return measures


@dataclass(frozen=True)
class Trained:
    """One training: its model, the records of its passes, and its measures of the test images."""

    model: RBM
    history: list[Record]
    test: dict[str, float]


def train(run: Run, settings: Settings, method: str, parts: dict[str, TensorDataset], repeat: int) -> Trained:
    """Trains a machine in a folder of its own, or goes on with it.

    parts: the visible units by "train", "validation", "test". Visible biases begin at what they would be without hidden
    units.
    """
    run.reseed(repeat)
    k, chains = settings.methods[method]
    (units,) = parts["train"].tensors
    model = KINDS[settings.visible](units.shape[1], settings.hidden)
    model.fit_biases(units)
    biases = [model.visible_bias, model.hidden_bias]
    groups: list[dict[str, Any]] = [
        {"params": [model.weight], "weight_decay": settings.weight_decay},
        {"params": biases},
    ]
    optimizer = optim.SGD(groups, lr=settings.lr, momentum=settings.momentum)
    task = WithLikelihood(model, optimizer, k, chains)
    task.seen = units
    part = run.part(folder_of(method, repeat))
    falling = [Schedule(lr_scheduler.PolynomialLR(optimizer, settings.epochs))] if settings.schedule == "linear" else []
    watching = [callback for callback in watchers(part, best=None) if not isinstance(callback, Progress)]
    frames = frames_of(lambda _: model.reconstruct(model.gibbs(model.noise(SHOWN), CHAIN)), settings.epochs)
    loop = Loop(task, [*falling, Divergence(FAR, ("validation_log_likelihood",)), *watching, frames])
    batches = DataLoader(parts["train"], settings.batch_size, shuffle=True)
    history = fit(part, loop, batches, all_at_once(parts["validation"]), settings.epochs)
    save_frames(part, frames)
    end, seconds = history[-1], sum(record["seconds"] for record in history)
    run.say(
        f"{method}, seed {run.about['seed'] + repeat}: ln p(v) {end['validation_log_likelihood']:.2f}, reconstruction "
        f"error {end['validation_reconstruction_error']:.4f} on validation images after {len(history)} passes in "
        f"{seconds:.1f} s"
    )
    return Trained(model, history, loop.evaluate(all_at_once(parts["test"])))


def folder_of(method: str, repeat: int) -> str:
    """The folder of a training inside the run's."""
    return method + (f"-again-{repeat}" if repeat else "")
