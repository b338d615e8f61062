"""The same networks in PyTorch: xdl's model files with PyTorch in place of xdl, since the names are the same."""

import ast
import types
from pathlib import Path

import xdl
from xdl.errors import SettingError

MODELS = Path(xdl.__file__).parent / "models"


def torch_models(name):
    """A namespace with the classes of xdl/models/<name>.py, made of PyTorch's modules and functions."""
    import torch
    from torch.nn import functional

    class Module(torch.nn.Module):
        def __new__(cls, *args, **kwargs):  # PyTorch's modules need this before they get attributes
            made = super().__new__(cls)
            torch.nn.Module.__init__(made)
            return made

    tree = ast.parse((MODELS / f"{name}.py").read_text())
    known = {
        "nn": types.SimpleNamespace(**{**vars(torch.nn), "Module": Module}),
        "Tensor": torch.Tensor,
        "SettingError": SettingError,
        "cat": torch.cat,
        "relu": functional.relu,
        "residual": lambda layer, x, other: functional.relu(layer(x) + other),
        "activated": lambda layer, activation, x: activation(layer(x)),
        "pad": functional.pad,
        "__name__": f"twin_{name}",
    }
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xdl.models."):
            known.update(torch_models(node.module.rpartition(".")[2]))
    tree.body = [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and node.module.startswith("xdl"))]
    exec(compile(tree, f"twin_{name}", "exec"), known)
    return known
