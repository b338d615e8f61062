"""Evaluation: measures, splits and what they tell (part 3 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("class-measures", "What accuracy hides: precision, recall, F1, ROC of each class, one of them rare",
     "3.33", "Xu Bin 2.2", IMAGES),
    ("cross-validation", "Plain and stratified folds of few images; what choosing by them costs",
     "3.11", "hwdong 3.3.2", IMAGES),
    ("bias-variance", "The error of 100 re-drawn fits, in bias, variance and noise", "3.14", "hwdong 3.3.4", ()),
    ("polynomial-degree", "Under- and over-fitting of a sine; the degree chosen by validation points",
     "3.10 3.11", "hwdong 3.3.1, 3.3.2", ()),
    ("validation-curve", "Width and weight decay over decades, from under-fitting to over-fitting",
     "3.10 3.11", "hwdong 3.3.1; Xu Bin 3.4.1", IMAGES),
    ("learning-curves", "Training and validation error by points and by iterations",
     "3.12 3.13", "hwdong 3.2.1, 3.3.3", ()),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
