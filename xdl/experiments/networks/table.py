"""Fully connected networks, and the framework (parts 0 and 4 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("mlp", "A fully connected network of any depth; any optimizer, activation and initial weights",
     "0.7 4.21 4.24 4.26 4.27 4.28 4.30", "hwdong 4.2.6, 4.3.6, 4.3.7, 4.3.9; Xu Bin 3.7, 3.8", IMAGES),
    ("backprop-by-hand", "Back propagation written out for any number of layers, beside the tape",
     "4.20 4.21", "hwdong 4.2.4 to 4.2.6; Xu Bin 3.7", ()),
    ("forward-by-hand", "A neuron, a layer, three kinds of output: number by number, by matrices, drawn",
     "4.5 4.6 4.7", "hwdong 4.1.1 to 4.1.5", ()),
    ("activations", "Step, sign, sigmoid, tanh, ReLU, leaky ReLU and their derivatives, drawn",
     "4.8 4.9 4.10 4.11 4.12", "hwdong 4.1.2; Xu Bin 3.6", ()),
    ("optimizers", "Seven methods over a grid of rates: a heat map, the best of each, and their ranking",
     "4.29", "hwdong 4.3.8", ()),
    ("own-layer", "A layer of one's own: defined, checked, trained",
     "0.2 4.26 4.28", "hwdong 4.3.1, 4.3.2, 4.3.4, 4.3.7", ()),
    ("gradient-check", "Numerical gradient checks of layers and of whole networks; the error against the step",
     "4.31 5.10", "hwdong 4.3.3, 4.3.5", ()),
    ("capacity", "More parameters: over-fitting, then a second descent", "4.22", "Xu Bin 3.3", IMAGES),
    ("beside-pytorch", "The same networks and weights in xdl and in PyTorch: outputs, losses, every gradient",
     "0.8", "hwdong 4.3.6, 6.5, 7.7", ()),
    ("from-scratch", "All that is loaded while LeNet trains, with everything but NumPy locked out",
     "0.1", "hwdong 4.3; Xu Bin 3.7", ()),
)
# fmt: on

# rows that no single experiment shows: commands
ELSEWHERE = {
    "0.3": "xdl list",
    "0.4": "xdl run mlp --set trace=10; xdl follow RUN",
    "0.6": "xdl data list; xdl info",
    "0.10": "xdl run mlp; xdl plot FILES",
    "0.11": "xdl compare RUN RUN",
    "4.32": "xdl run mlp; xdl eval RUN",
}
