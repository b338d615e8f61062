"""Which parts of xdl answer for which module of PyTorch.

A name of `torch.nn` is looked for in the modules that MODULES has for it, in their order. Those of xdl answer only for
names that PyTorch has publicly there (`names.json`, which a test compares with PyTorch's own list), those of this
folder for all of their `__all__`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

import xdl
from xdl.as_torch.said import absent, missing

OWN = "xdl.as_torch."
NN = ("xdl.as_torch.bases", "xdl.as_torch.losses", "xdl.nn")
COMPILER = ("xdl.as_torch.machinery.compiler",)
SETS = ("xdl.as_torch.sets", "xdl.data")
VISION = "xdl.as_torch.vision"
TRANSFORMS = tuple(f"{VISION}.{part}" for part in ("fixed", "by_chance", "jitter", "blur"))
FUNCTIONAL = tuple(f"{VISION}.{part}" for part in ("conversion", "geometry", "turning", "colour", "blur", "pillow"))
KINDS_OF_LAYERS = (
    "activation adaptive batchnorm channelshuffle container conv distance dropout flatten fold instancenorm linear "
    "loss module normalization padding pixelshuffle pooling rnn sparse transformer upsampling"
)
KINDS_OF_DISTRIBUTIONS = (
    "bernoulli categorical distribution exponential independent kl laplace log_normal multivariate_normal normal "
    "transformed_distribution uniform"
)
KINDS_OF_OPTIMIZERS = "adadelta adagrad adam adamax adamw asgd lbfgs nadam radam rmsprop rprop sgd"
MODULES: dict[str, tuple[str, ...]] = {
    "torch": (
        "xdl.as_torch.machinery.layouts",
        "xdl.as_torch.tensors",
        "xdl.as_torch.numbers",
        "xdl.as_torch.generator",
        "xdl.as_torch.files",
        "xdl.as_torch.accepted",
        "xdl.as_torch.precision",
        "xdl",
        "xdl.linalg",
    ),
    "torch._dynamo": COMPILER,
    "torch._subclasses": COMPILER,
    "torch._subclasses.fake_tensor": COMPILER,
    "torch.amp": ("xdl.as_torch.precision",),
    "torch.amp.autocast_mode": ("xdl.as_torch.precision",),
    "torch.amp.grad_scaler": ("xdl.as_torch.precision",),
    "torch.autograd": ("xdl.as_torch.tensors", "xdl.autograd"),
    "torch.autograd.function": ("xdl.as_torch.tensors", "xdl.autograd.function"),
    "torch.autograd.functional": ("xdl.as_torch.machinery.derivatives",),
    "torch.autograd.variable": ("xdl.as_torch.tensors",),
    "torch.backends": (),
    **{
        f"torch.backends.{name}": ("xdl.as_torch.machinery.switches",)
        for name in ("cuda", "cudnn", "mkldnn", "mps", "openmp")
    },
    "torch.backends.cuda.matmul": ("xdl.as_torch.machinery.switches",),
    "torch.compiler": COMPILER,
    "torch.cuda": ("xdl.as_torch.card", "xdl.as_torch.tensors", "xdl.cuda"),
    "torch.cuda.amp": ("xdl.as_torch.precision",),
    "torch.cuda.amp.grad_scaler": ("xdl.as_torch.precision",),
    "torch.distributed": ("xdl.as_torch.machinery.alone",),
    "torch.distributed.nn": ("xdl.as_torch.machinery.gathered",),
    "torch.distributed.nn.functional": ("xdl.as_torch.machinery.gathered",),
    "torch.distributed.optim": ("xdl.as_torch.machinery.annotations",),
    "torch.distributions": ("xdl.distributions",),
    **{f"torch.distributions.{part}": ("xdl.distributions",) for part in KINDS_OF_DISTRIBUTIONS.split()},
    "torch.distributions.constraints": ("xdl.distributions.constraints",),
    "torch.distributions.utils": ("xdl.as_torch.probabilities",),
    "torch.distributions.transforms": ("xdl.as_torch.probabilities", "xdl.distributions.transforms"),
    "torch.fft": ("xdl.as_torch.machinery.frequencies",),
    "torch.func": ("xdl.func", "xdl.as_torch.machinery.refused"),
    "torch.fx": COMPILER,
    "torch.fx.experimental": COMPILER,
    "torch.fx.experimental.proxy_tensor": COMPILER,
    "torch.hub": ("xdl.as_torch.machinery.hub",),
    "torch.jit": ("xdl.as_torch.accepted",),
    "torch.jit.annotations": ("xdl.as_torch.accepted",),
    "torch.linalg": ("xdl.linalg",),
    "torch.multiprocessing": ("xdl.as_torch.machinery.processes",),
    "torch.nn": ("xdl.as_torch.parallel", *NN),
    "torch.nn.functional": ("xdl.as_torch.losses", "xdl.nn.functional"),
    "torch.nn.init": ("xdl.as_torch.initial", "xdl.nn.init"),
    "torch.nn.modules": NN,
    **{f"torch.nn.modules.{kind}": NN for kind in KINDS_OF_LAYERS.split()},
    "torch.nn.modules.utils": ("xdl.as_torch.bases",),
    "torch.nn.parallel": ("xdl.as_torch.parallel",),
    "torch.nn.parallel.data_parallel": ("xdl.as_torch.parallel",),
    "torch.nn.parallel.distributed": ("xdl.as_torch.parallel",),
    "torch.nn.parameter": NN,
    "torch.nn.utils": ("xdl.nn.utils",),
    "torch.nn.utils.clip_grad": ("xdl.nn.utils",),
    "torch.nn.utils.fusion": ("xdl.nn.utils",),
    "torch.nn.utils.parametrizations": ("xdl.nn.utils.parametrizations",),
    "torch.nn.utils.parametrize": ("xdl.nn.utils.parametrize",),
    "torch.nn.utils.rnn": ("xdl.nn.utils.rnn",),
    "torch.onnx": COMPILER,
    "torch.optim": ("xdl.as_torch.optimizer", "xdl.optim"),
    **{f"torch.optim.{kind}": ("xdl.optim",) for kind in KINDS_OF_OPTIMIZERS.split()},
    "torch.optim.lr_scheduler": ("xdl.as_torch.bases", "xdl.optim.lr_scheduler"),
    "torch.optim.optimizer": ("xdl.as_torch.optimizer", "xdl.optim"),
    "torch.optim.swa_utils": ("xdl.optim.swa_utils",),
    "torch.random": ("xdl.as_torch.generator", "xdl.random"),
    "torch.serialization": ("xdl.as_torch.files",),
    "torch.special": ("xdl",),
    "torch.types": ("xdl.as_torch.machinery.annotations",),
    "torch.utils": (),
    "torch.utils._pytree": ("xdl.as_torch.machinery.trees",),
    "torch.utils.checkpoint": ("xdl.as_torch.accepted",),
    **{f"torch.utils.data{part}": SETS for part in ("", ".dataloader", ".dataset", ".distributed", ".sampler")},
    "torch.utils.data._utils": (),
    "torch.utils.data._utils.collate": SETS,
    "torch.utils.dlpack": ("xdl.as_torch.machinery.exchange",),
    "torch.utils.model_zoo": ("xdl.as_torch.machinery.hub",),
    "torch.utils.tensorboard": ("xdl.as_torch.writer",),
    "torch.version": ("xdl.as_torch.numbers",),
    "torchvision": ("xdl.as_torch.vision",),
    "torchvision.datasets": tuple(f"{VISION}.{part}" for part in ("dataset", "published", "relatives", "folder")),
    "torchvision.datasets.cifar": (f"{VISION}.published",),
    "torchvision.datasets.folder": (f"{VISION}.folder",),
    "torchvision.datasets.mnist": (f"{VISION}.published", f"{VISION}.relatives"),
    "torchvision.datasets.vision": (f"{VISION}.dataset",),
    **{
        f"torchvision.models{kind}": (f"{VISION}.models",)
        for kind in ("", ".alexnet", ".densenet", ".googlenet", ".resnet", ".vgg")
    },
    "torchvision.ops": (f"{VISION}.misc", f"{VISION}.regions"),
    "torchvision.ops.boxes": (f"{VISION}.boxes",),
    "torchvision.ops.misc": (f"{VISION}.misc",),
    "torchvision.transforms": TRANSFORMS,
    "torchvision.transforms.functional": FUNCTIONAL,
    "torchvision.transforms.transforms": TRANSFORMS,
    "torchvision.utils": (f"{VISION}.grid",),
}
ABSENT = {  # classes of torchvision that packages hold a use of
    "torchvision.models": ["DenseNet", "MobileNetV2"],
    "torchvision.models.densenet": ["DenseNet"],
    "torchvision.datasets": [
        "CIFAR100",
        "Caltech101",
        "Caltech256",
        "CelebA",
        "Cityscapes",
        "CocoCaptions",
        "CocoDetection",
        "Flowers102",
        "Food101",
        "Imagenette",
        "ImageNet",
        "INaturalist",
        "Kinetics",
        "LSUN",
        "Omniglot",
        "OxfordIIITPet",
        "Places365",
        "QMNIST",
        "SBDataset",
        "SVHN",
        "STL10",
        "StanfordCars",
        "UCF101",
        "USPS",
        "VOCDetection",
        "VOCSegmentation",
    ],
}
REFUSED = {
    "view_as_complex": "xdl has no complex numbers",
    "view_as_real": "xdl has no complex numbers",
    "stft": "xdl has no complex numbers",
    "istft": "xdl has no complex numbers",
    "complex": "xdl has no complex numbers",
    "polar": "xdl has no complex numbers",
    "sparse": "xdl has no sparse tensors",
    "quantization": "xdl has no quantized tensors",
}


@cache
def public() -> dict[str, frozenset[str]]:
    """Module or class of PyTorch -> its public names."""
    listed = json.loads(files("xdl.as_torch").joinpath("names.json").read_text())
    return {module: frozenset(names) for module, names in listed.items()}


def answer(module: str, name: str) -> Any:
    """What `module.name` is in xdl. Raises MissingNameError."""
    if f"{module}.{name}" in MODULES:
        return import_module(f"{module}.{name}")
    if name == "torch":  # which PyTorch's modules import, so that `from torch import torch` works
        return import_module(name)
    for source in MODULES[module]:
        part = import_module(source)
        if name in (part.__all__ if source.startswith(OWN) else public().get(module, ())) and hasattr(part, name):
            return getattr(part, name)
    if module == "torch" and name in public()["torch"] and hasattr(xdl.Tensor, name):
        return getattr(xdl.Tensor, name)  # torch.exp_(x) is x.exp_()
    error = missing(module, name, answered(module), REFUSED.get(name, ""))
    is_class = name[:1].isupper() and not name.isupper()
    if name in ABSENT.get(module, ()) or (is_class and name in public().get(module, ())):
        return absent(error)
    raise error


def answered(module: str) -> set[str]:
    """All names of a module of PyTorch that xdl answers, its modules among them."""
    known = {one.removeprefix(f"{module}.") for one in MODULES if one.rpartition(".")[0] == module}
    for source in MODULES[module]:
        part = import_module(source)
        own = source.startswith(OWN)
        known |= set(part.__all__) if own else {n for n in public().get(module, ()) if hasattr(part, n)}
    if module == "torch":
        known |= {name for name in public()["torch"] if hasattr(xdl.Tensor, name)}
    return known
