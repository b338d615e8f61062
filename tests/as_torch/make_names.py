"""Writes the public names of an installed PyTorch: python -m tests.as_torch.make_names."""

import importlib
import inspect
import json
from pathlib import Path

NAMES = Path("xdl/as_torch/names.json")
KINDS_OF_OPTIMIZERS = [
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "adamw",
    "asgd",
    "lbfgs",
    "nadam",
    "radam",
    "rmsprop",
    "rprop",
    "sgd",
]
MODULES = (
    "torch",
    "torch.amp",
    "torch.autograd",
    "torch.autograd.function",
    "torch.autograd.functional",
    "torch.backends",
    "torch.backends.cudnn",
    "torch.backends.cuda",
    "torch.backends.mps",
    "torch.backends.mkldnn",
    "torch.cuda",
    "torch.cuda.amp",
    "torch.distributed",
    "torch.distributions",
    "torch.distributions.bernoulli",
    "torch.distributions.categorical",
    "torch.distributions.constraints",
    "torch.distributions.distribution",
    "torch.distributions.exponential",
    "torch.distributions.independent",
    "torch.distributions.kl",
    "torch.distributions.laplace",
    "torch.distributions.log_normal",
    "torch.distributions.multivariate_normal",
    "torch.distributions.normal",
    "torch.distributions.transformed_distribution",
    "torch.distributions.transforms",
    "torch.distributions.uniform",
    "torch.func",
    "torch.jit",
    "torch.linalg",
    "torch.nn",
    "torch.nn.attention",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.modules",
    "torch.nn.modules.activation",
    "torch.nn.modules.batchnorm",
    "torch.nn.modules.container",
    "torch.nn.modules.conv",
    "torch.nn.modules.dropout",
    "torch.nn.modules.linear",
    "torch.nn.modules.loss",
    "torch.nn.modules.module",
    "torch.nn.modules.normalization",
    "torch.nn.modules.pooling",
    "torch.nn.modules.rnn",
    "torch.nn.modules.sparse",
    "torch.nn.modules.transformer",
    "torch.nn.modules.utils",
    "torch.nn.parallel",
    "torch.nn.parameter",
    "torch.nn.utils",
    "torch.nn.utils.clip_grad",
    "torch.nn.utils.fusion",
    "torch.nn.utils.parametrizations",
    "torch.nn.utils.parametrize",
    "torch.nn.utils.rnn",
    "torch.optim",
    *[f"torch.optim.{kind}" for kind in KINDS_OF_OPTIMIZERS],
    "torch.optim.lr_scheduler",
    "torch.optim.optimizer",
    "torch.optim.swa_utils",
    "torch.random",
    "torch.special",
    "torch.utils",
    "torch.utils.checkpoint",
    "torch.utils.data",
    "torch.utils.data.dataloader",
    "torch.utils.data.dataset",
    "torch.utils.data.distributed",
    "torch.utils.data.sampler",
    "torch.utils.model_zoo",
    "torch.utils.tensorboard",
    "torch.version",
)


FOR_USERS = ("Event", "Generator", "Size", "Stream", "device", "dtype", "finfo", "iinfo", "layout", "memory_format")


MACHINERY = ("cudnn_", "fbgemm_", "import_ir", "miopen_", "mkldnn_", "native_", "parse_", "quantized_", "sym_")


def machinery(owner, name):
    """Whether it is a class of the C++ part, but for those that users name, or one library's version of a function."""
    if owner.__name__ != "torch":
        return False
    inside = hasattr(importlib.import_module("torch._C"), name) and inspect.isclass(getattr(owner, name, None))
    return name.startswith(MACHINERY) or (inside and name not in FOR_USERS)


def public(thing):
    """The names that one may use: `__all__` where the library says so, and otherwise what does not begin with _."""
    listed = getattr(thing, "__all__", None)
    names = [name for name in dir(thing) if not name.startswith("_")]
    names = [name for name in names if not inspect.ismodule(getattr(thing, name, None))]
    names = [name for name in names if not machinery(thing, name)]
    own = getattr(thing, "__name__", "")
    if listed is None or own in ("torch", "torch.nn.functional"):
        return sorted(name for name in names if name not in ("annotations", "Any", "Callable", "Optional", "Union"))
    return sorted(name for name in listed if not machinery(thing, name))


def found():
    """Module -> its public names; "torch.Tensor" and "torch.nn.Module" -> those of the class."""
    names = {}
    for module in MODULES:
        try:
            names[module] = public(importlib.import_module(module))
        except ImportError:
            names[module] = []  # tensorboard's writer needs another package
    torch = importlib.import_module("torch")
    names["torch.utils.tensorboard"] = ["SummaryWriter"]
    for kind in (torch.Tensor, torch.nn.Module):
        names[f"torch.{'nn.' if kind is torch.nn.Module else ''}{kind.__name__}"] = public(kind)
    return dict(sorted(names.items()))


if __name__ == "__main__":
    NAMES.write_text(json.dumps(found(), indent=0) + "\n")
