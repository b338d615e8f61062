"""Autoencoders (part 8 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("autoencoder", "A few numbers that an image can be made of again, beside PCA; a plane of digits",
     "8.2", "hwdong 8.2.1, 8.2.3", IMAGES),
    ("pca-vs-autoencoder", "Error by code size beside PCA's; a linear autoencoder finds PCA's plane",
     "8.2", "hwdong 8.2.3", IMAGES),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
