"""A Wasserstein GAN on images of digits: clipped weights, or a gradient penalty (hwdong 8.7.2).

The networks are those of `dcgan`, with no batch normalization in the critic, which scores single images. The critic's
value falls while the samples get better: its correlation with their Frechet distance is what to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xdl.experiments.adversarial import dcgan
from xdl.experiments.adversarial.images.picture_sampler import PictureSampler
from xdl.experiments.adversarial.images.pictures import train_pictures
from xdl.experiments.shared.generated.tracking import in_words, tracking
from xdl.runs.run import Run
from xdl.runs.settings import setting

KIND = dcgan.KIND
TASK = PictureSampler(KIND)
QUICK = {"epochs": 10, "scorer_epochs": 3}
PRESETS = {"mnist": {"epochs": 10}, "fashion-mnist": {"epochs": 10}}


@dataclass(frozen=True)
class Settings(dcgan.Settings):
    """The pair with a penalty; `--set penalty=0 --set clip=0.03` for clipped weights."""

    epochs: int = setting(100, "passes over the training images", low=1)
    objective: str = setting("wasserstein", "what the two minimize", choices=("wasserstein",))
    batch_norm: bool = setting(False, "batch normalization in the critic")
    penalty: float = setting(10.0, "factor of the gradient penalty; 0: none", low=0)
    critic_steps: int = setting(2, "steps of the critic for one of the generator", low=1, high=100)
    lr: float = setting(0.001, "learning rate of Adam, for both", above=0)


def run(settings: Settings, run: Run) -> dict[str, Any]:
    """Trains the pair, scores its samples, and compares the critic's value with them."""
    results = train_pictures(run, settings, KIND)
    gaps, apart = results["history"]["gap"], results["history"]["frechet"]
    tracks = tracking(gaps, apart)
    run.see(f"the critic's value and the samples' Frechet distance, epoch by epoch: {in_words(tracks)}")
    return {**results, "tracks": tracks}
