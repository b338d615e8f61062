"""Mathematics: what networks are made of (part 1 of the checklist): the table of its experiments."""

from xdl.experiments.shared import TEXTS

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("tensors", "Arrays made, indexed, sliced and broadcast, as coloured cells: which element meets which",
     "1.4 1.5 1.6", "hwdong 1.2.2 to 1.2.4", ()),
    ("calculus", "Functions combined, the secant and the tangent, the V of the difference quotient, areas",
     "1.7 1.8 1.12", "hwdong 1.3.1 to 1.3.5", ()),
    ("gradient-field", "Gradients as arrows, slopes in every direction, the Jacobian of softmax",
     "1.10 1.11", "hwdong 1.3.6, 1.3.7", ()),
    ("coin", "Frequencies of a tossed coin, and the band that they stay in", "1.13", "hwdong 1.4.1", ()),
    ("bayes", "Bayes' rule by counting 10,000 people, and by drawing them", "1.14", "hwdong 1.4.2", ()),
    ("random-variables", "Dice and normal numbers: density, distribution, moments, covariance as an ellipse",
     "1.15 1.16 1.17 1.18", "hwdong 1.4.3 to 1.4.7", ()),
    ("entropy", "Entropy, cross entropy and their difference, of Shakespeare's characters and of a coin",
     "1.19", "Xu Bin 2.6.1, 2.6.2", TEXTS),
    ("graph", "The graph of any expression: values, gradients and slopes, beside numerical derivatives",
     "1.9 4.19", "hwdong 1.3.5, 4.2.1, 4.2.2; Xu Bin 2.8", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
