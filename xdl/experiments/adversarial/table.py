"""Networks against each other (part 8 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("gan-numbers", "A GAN on real numbers: mean, std and Wasserstein distance beside the data's", "8.8",
     "hwdong 8.5.1", ("generated-numbers", "real-values")),
    ("gan-points", "A GAN on eight modes: coverage as a number, tricks one by one", "8.7 8.9 8.11",
     "hwdong 8.4.1 to 8.4.2, 8.5.2, 8.5.4", ()),
    ("gan-theory", "The best critic p/(p+q), its value and -ln 4; KL both ways, JS; what generators minimize",
     "8.12 8.13 8.14", "hwdong 8.6.1 to 8.6.3", ()),
    ("wgan-points", "A WGAN with clipped weights; critics on the line beside the exact Wasserstein distance", "8.15",
     "hwdong 8.7.1 to 8.7.2", ()),
    ("wgan-gp", "WGAN with a gradient penalty on 25 modes, beside a plain GAN that loses some", "8.15",
     "hwdong 8.7", ()),
    ("gan-mnist", "A GAN of dense networks on images, scored by a classifier", "8.10", "hwdong 8.5.3", IMAGES),
    ("conditional-gan", "A GAN that is given labels: digits to order", "8.10", "hwdong 8.5.3", IMAGES),
    ("wgan-mnist", "A WGAN on images: the critic's value beside the Frechet distance", "8.15", "hwdong 8.7.2", IMAGES),
    ("dcgan", "Images by transposed convolutions: classes, confidence, Frechet, nearest image", "8.18",
     "hwdong 8.8.3", IMAGES),
    ("transposed-convolution", "Stripes of a convolution's matrix and its transpose; the checkerboard", "8.16 8.17",
     "hwdong 8.8.1 to 8.8.2", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
