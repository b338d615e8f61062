"""What is noted while a script runs: first weights and losses. The same code watches PyTorch's classes and xdl's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xdl.errors import SettingError, expect
from xdl.io.state_file import load_state, save_state

KIND = "beside"


class Recorder:
    """Watches a library: `torch` is PyTorch, or xdl under its name.

    folder: of the files;  name: of the file of losses;  steps: after so many losses the script ends
    writes: whether first weights are written there (xdl), or taken from there (PyTorch)
    """

    def __init__(self, torch: Any, folder: Path, name: str, steps: int, writes: bool) -> None:
        self.torch, self.folder, self.name, self.steps, self.writes = torch, folder, name, steps, writes
        self.losses: list[float] = []
        self.known: dict[int, Any] = {}  # modules by their ids; held, so that no id is used again
        self.events = 0

    def watch(self, module: type, optimizer: type, tensor: type) -> None:
        """Notes what happens to all modules, optimizers and tensors of these classes from here on."""
        call, made, backward = vars(module)["__call__"], vars(optimizer)["__init__"], vars(tensor)["backward"]

        def called(one: Any, *args: Any, **kwargs: Any) -> Any:
            if id(one) not in self.known and not any(_is_lazy(p) for p in one.parameters()):
                self.known |= {id(part): part for part in one.modules()}
                self.first_weights(one.state_dict())
            return call(one, *args, **kwargs)

        def optimizes(one: Any, *args: Any, **kwargs: Any) -> None:
            made(one, *args, **kwargs)
            several = [p for group in one.param_groups for p in group["params"]]
            self.first_weights({str(i): p for i, p in enumerate(several)})

        def lost(one: Any, *args: Any, **kwargs: Any) -> Any:
            if one.numel() == 1:
                self.loss(float(one.item()))
            return backward(one, *args, **kwargs)

        for owner, name, watched in ((module, "__call__", called), (optimizer, "__init__", optimizes)):
            _put(owner, name, watched)
        _put(tensor, "backward", lost)

    def first_weights(self, state: Mapping[str, Any]) -> None:
        """Writes tensors by name into the next file, or copies those of that file into them. Raises SettingError."""
        held = {name: t for name, t in state.items() if hasattr(t, "detach") and t.numel()}
        if not held:
            return
        file = self.folder / f"weights-{self.events}.safetensors"
        self.events += 1
        if self.writes:
            save_state(file, {name: t.detach().clone() for name, t in held.items()}, KIND)
            return
        expect(file.exists(), SettingError, "beside", "as many modules and optimizers in both", f"no {file.name}")
        stored = load_state(file, KIND)
        for name, t in held.items():
            fits = name in stored and tuple(stored[name].shape) == tuple(t.shape)
            expect(fits, SettingError, "beside", f"the same first weights in both as {file.name}", f"another {name}")
            with self.torch.no_grad():
                t.detach().copy_(self.torch.as_tensor(stored[name].copy()))

    def loss(self, value: float) -> None:
        """Notes a loss. Raises SystemExit after the last."""
        self.losses.append(value)
        (self.folder / f"{self.name}.json").write_text(json.dumps(self.losses))
        if len(self.losses) == self.steps:
            raise SystemExit(0)


def _is_lazy(parameter: Any) -> bool:
    """Whether a first input has still to give its shape."""
    return type(parameter).__name__ == "UninitializedParameter"


def _put(owner: type, name: str, function: Callable[..., Any]) -> None:
    setattr(owner, name, function)
