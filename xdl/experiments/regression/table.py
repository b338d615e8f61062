"""Regression and the first classifiers (part 3 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("food-truck", "A line by the normal equation and by descent; rates that diverge; a canyon and a bowl",
     "2.24 3.1 3.2 3.3 3.4 3.5 3.6", "hwdong 3.1, 5.2.2", ("generated-cities", "food-truck")),
    ("dam-water", "The outflow of a dam by polynomials: degree, normalization, penalty, learning curve",
     "3.8 3.9 3.15", "hwdong 3.2.1, 3.2.2, 3.4", ()),
    ("several-features", "A plane through points: normal equation, descent, one product in place of loops, edge-on",
     "3.7", "hwdong 3.1.9", ()),
    ("two-clouds", "Logistic regression of two clouds: descent, its line, the best there is, and scikit-learn",
     "3.16 3.17", "hwdong 3.5, 3.5.1, 3.5.2", ()),
    ("iris", "Iris flowers by two lengths at a time and by all; which are wrong, and how sure that is",
     "3.18", "hwdong 3.5.3", ()),
    ("one-vs-rest", "From two classes to many: one against the rest leaves places undecided, softmax does not",
     "3.33", "Xu Bin 2.2", ()),
    ("penalty-paths", "Ridge and lasso over the penalty: weights, exact zeros, and the penalty that is chosen",
     "3.15", "hwdong 3.4", ()),
    ("softmax-regression", "One linear layer reads images; its weights are shown as images, also over training",
     "3.21 3.24 3.30 3.31", "hwdong 3.6.3, 3.6.5, 3.7.3; Xu Bin 2.7, 2.10", IMAGES),
    ("spiral", "Straight lines cannot part a spiral; a hidden layer with an activation can",
     "3.26 4.23", "hwdong 3.6.1 to 3.6.8; Xu Bin 3.5", ()),
    ("losses", "Losses and softmax: values, gradient checks, curves near by and far out",
     "3.20 3.22 3.23 3.24 3.25 4.13 4.14 4.15 4.16", "hwdong 3.6.2 to 3.6.6, 4.1.6, 4.2.3; Xu Bin 2.3 to 2.6", ()),
    ("part-of-data", "Training on five parts of the images, and on all", "3.28", "hwdong 3.7.2", IMAGES),
    ("look-at-data", "Images, shapes, classes and shuffled batches of a data set",
     "3.22 3.27 3.29", "hwdong 3.7.1, 3.7.3; Xu Bin 2.1", IMAGES),
)
# fmt: on

ELSEWHERE = {"3.34": "xdl docs why-derive"}
