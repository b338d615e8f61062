"""Autoencoders (part 8 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("autoencoder", "A few numbers that an image can be made of again, beside PCA; a plane of digits",
     "8.2", "hwdong 8.2.1, 8.2.3", IMAGES),
    ("pca-vs-autoencoder", "Error by code size beside PCA's; a linear autoencoder finds PCA's plane",
     "8.2", "hwdong 8.2.3", IMAGES),
    ("conv-autoencoder", "Convolutions to a code and back, beside linear layers and PCA; images that are moved",
     "8.2", "hwdong 8.2.1, 8.2.3", IMAGES),
    ("denoising-autoencoder", "Clean images out of noisy ones: three kinds of noise, beside the best blur",
     "8.2", "hwdong 8.2.1", IMAGES),
    ("sparse-autoencoder", "Codes of which few numbers are on: a penalty and the largest k, features, dead units",
     "8.3", "hwdong 8.2.2", IMAGES),
    ("reparameterization", "The gradient through a sample beside the score function's: variance, where it is wrong",
     "8.5", "hwdong 8.3.3", ()),
    ("vae", "New images from a variational autoencoder: nats in parts, a grid, ways between, beta",
     "8.1 8.4 8.6", "hwdong 8.3.1, 8.3.2, 8.3.4", IMAGES),
    ("conditional-vae", "A variational autoencoder that is told the class: one hand writes every digit",
     "8.6", "hwdong 8.3.1, 8.3.4", IMAGES),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
