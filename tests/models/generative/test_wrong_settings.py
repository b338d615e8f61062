"""Models that generate: what no network can be made of is refused by the name of the argument, whatever its kind."""

import numpy as np
import pytest

from xdl import nn
from xdl.errors import KindError, SettingError
from xdl.models import MLP
from xdl.models.adversarial import DCGANCritic, DCGANGenerator, DenseCritic, DenseGenerator, spectral
from xdl.models.diffusion import Diffusion, TimeMLP
from xdl.models.energy import DBN, RBM
from xdl.models.generative import VAE, Autoencoder, ConditionalVAE, ConvAutoencoder, DenseAutoencoder, TopK

WRONG = (0, -1, 2.5, "a", None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda wrong: MLP(wrong), "MLP: expected at least two sizes"),
        (lambda wrong: MLP((3, wrong)), "MLP: expected at least two sizes"),
        (lambda wrong: DenseGenerator(wrong, (1, 8, 8)), "DenseGenerator: expected noise"),
        (lambda wrong: DenseGenerator(2, wrong), "DenseGenerator: expected shape"),
        (lambda wrong: DenseGenerator(2, (1, 8, 8), wrong), "DenseGenerator: expected hidden"),
        (lambda wrong: DenseCritic((1, wrong, 8)), "DenseCritic: expected shape"),
        (lambda wrong: DCGANGenerator(wrong, (1, 8, 8)), "DCGANGenerator: expected noise"),
        (lambda wrong: DCGANGenerator(2, wrong), "DCGANGenerator: expected a shape"),
        (lambda wrong: DCGANCritic((1, 8, 8), wrong), "DCGANCritic: expected width"),
        (lambda wrong: DCGANCritic((wrong, 8, 8)), "DCGANCritic: expected a shape"),
        (lambda wrong: DenseAutoencoder((1, 8, 8), wrong), "DenseAutoencoder: expected a shape"),
        (lambda wrong: ConvAutoencoder((1, 8, 8), (4,), wrong), "ConvAutoencoder: expected a shape"),
        (lambda wrong: TopK(wrong), "TopK: expected a whole number"),
        (lambda wrong: VAE(wrong), "VAE: expected shape"),
        (lambda wrong: VAE((1, 8, 8), wrong), "VAE: expected shape, hidden"),
        (lambda wrong: ConditionalVAE((1, 8, 8), wrong), "ConditionalVAE: expected num_classes"),
        (lambda wrong: RBM(3, wrong), "RBM: expected units of both kinds"),
        (lambda wrong: RBM(3, 2).noise(wrong), r"RBM\.noise: expected n"),
        (lambda wrong: RBM(3, 2).gibbs(None, -1 if wrong == 0 else wrong), r"RBM\.gibbs: expected steps"),
        (lambda wrong: DBN(wrong), "DBN: expected at least two sizes"),
        (lambda wrong: DBN((3, wrong)), "DBN: expected at least two sizes"),
        (lambda wrong: Diffusion(nn.Identity(), wrong), "Diffusion: expected betas"),
        (lambda wrong: Diffusion(nn.Identity(), [0.1, wrong]), "Diffusion: expected betas"),
        (lambda wrong: TimeMLP(2, wrong), "TimeMLP: expected hidden"),
    ],
)
def test_sizes_that_are_none_are_named(make, said):
    for wrong in WRONG:
        with pytest.raises(SettingError, match=said):
            make(wrong)


@pytest.mark.parametrize("wrong", [-1, 2.5, "a", None])
def test_classes_are_a_number_of_at_least_none(wrong):
    for make in (DenseCritic, DCGANCritic):
        with pytest.raises(SettingError, match="num_classes: a whole number of at least 0"):
            make((1, 8, 8), num_classes=wrong)


def test_what_is_no_module_is_refused():
    with pytest.raises(KindError, match="Autoencoder: expected decoder: a module, found int"):
        Autoencoder(nn.Identity(), 2)
    with pytest.raises(KindError, match="spectral: expected a module, found int"):
        spectral(3)


def test_sizes_may_be_numbers_of_numpy():
    assert RBM(np.int64(3), np.int64(2)).weight.shape == (2, 3)
    assert DBN([np.int64(3), 2]).machines[0].weight.shape == (2, 3)
