"""What the experiments cost on the stand-in for CuPy: `xdl run NAME --quick --backend cupy`.

Of one that trains by an optimizer a step is counted, from the end of an update to the end of the next, with all that
the experiment does between them: batches come, losses are kept. The run is ended after STEPS steps of its first
optimizer, of the second where a classifier is trained before. The cheapest of them counts, so that logs and the ends
of epochs, where values are read, do not. Of the others everything from start to end counts, and there the host may
wait, for values to show.
"""

from copy import deepcopy
from tempfile import TemporaryDirectory
from unittest import mock

from tests.cli.in_process import xdl
from tests.stand_in_cupy import Counted, Tally, counted
from xdl.optim import Optimizer

STEPS = 3
WITHOUT_STEPS = {  # experiments that train nothing by an optimizer
    "activations", "backprop-by-hand", "batchnorm", "bayes", "bias-variance", "calculus", "coin", "conv-layer",
    "conv-speed", "convolution-1d", "convolution-matrix", "correlation", "cross-validation", "dam-water",
    "denoise-1d", "entropy", "extremum", "food-truck", "forward-by-hand", "gradient-check", "gradient-field",
    "graph", "image-filters", "inception-cost", "iris", "kgram-lm", "learning-curves", "look-at-data", "losses",
    "numerical-gradient", "numerical-training", "one-vs-rest", "pca-whitening", "penalty-paths", "perceptron",
    "polynomial-degree", "pooling", "random-variables", "recurrent-by-hand", "several-features", "tensors",
    "transposed-convolution",
}  # fmt: skip
UNCOUNTED = {"beside-pytorch", "data-sets"}  # what they do depends on PyTorch, and on data, being there
LONG = {  # half a minute and more
    "alexnet", "backprop-by-hand", "cross-validation", "csi300", "googlenet", "gradient-check",
    "inception-cost", "learning-curves", "nin", "plain-vs-resnet", "recurrent-by-hand", "resnet", "tiny-gpt", "vgg",
}  # fmt: skip
QUICK = ("capacity", "memoryless", "mlp", "optimizers", "stock-window", "validation-curve", "word2vec")
READ = {  # experiments that read values in each step, and why
    "batch-sizes": "it measures the time of each step",
    "descent": "minimize reads the value and the gradient to know when to end",
    "memory": "it stops when the running mean of its loss says so",
    "naive-cnn": "it measures the time of each step",
    "reparameterization": "the distance after each step is kept as a number",
    "stability": "the path of each search is kept as numbers",
    "two-clouds": "the loss and the weights of each step are kept as numbers",
    "translate-attention": "the recurrent layers are told the lengths of sentences",
    "translate-char": "as translate-attention",
    "translate-embedding": "as translate-attention",
}
SCORED = {"conditional-gan", "dcgan", "gan-mnist", "wgan-mnist"}  # which train a classifier before their networks
update = Optimizer.step


class EnoughError(BaseException):
    """Ends a run: nothing of xdl catches it."""


class Watch:
    """Stands in for Optimizer.step. ends: what had been spent when optimizer number `index` had updated."""

    def __init__(self, costs, index):
        self.costs, self.ends, self.index, self.known = costs, [], index, []

    def step(self, optimizer, closure=None):
        """Updates, and notes what it has cost until now."""
        result = update(optimizer, closure)
        if not any(optimizer is one for one in self.known):
            self.known.append(optimizer)
        if len(self.known) > self.index and optimizer is self.known[self.index]:
            self.ends.append(deepcopy(self.costs))
            if len(self.ends) > STEPS:
                raise EnoughError
        return result


def of_experiment(name):
    """Counted, of a step of an experiment, or of all of one that takes no steps."""
    with TemporaryDirectory() as folder, counted() as costs:
        watch = Watch(costs, int(name in SCORED))
        with mock.patch.object(Optimizer, "step", lambda self, closure=None: watch.step(self, closure)):
            try:
                ended = xdl("run", name, "--quick", "--backend", "cupy", "--out", folder)
                assert ended.code == 0, ended.errors
            except EnoughError:
                pass
    assert bool(watch.ends) is (name not in WITHOUT_STEPS)
    steps = [_between(*pair) for pair in zip(watch.ends, watch.ends[1:], strict=False)]
    return min(steps, key=_sum, default=costs)


def _between(before, after):
    return Counted(**{kind: Tally(tally - getattr(before, kind)) for kind, tally in vars(after).items()})


def _sum(costs):
    return sum(tally.total() for tally in vars(costs).values())
