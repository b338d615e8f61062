"""Energy models and diffusion (part 8 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("rbm", "A Boltzmann machine by CD-1, CD-5 and PCD, beside its exact likelihood; fantasies",
     "8.19", "hwdong 8.1", IMAGES),
    ("dbn", "A deep belief network: layers without labels, then fine-tuned with few or all; fantasies",
     "8.19", "hwdong 8.1", IMAGES),
    ("diffusion-points", "Noise that becomes points of a ring, or digits, step by step: DDPM and DDIM",
     "8.1", "hwdong 8.1", ("ring", "digits", "mnist")),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
