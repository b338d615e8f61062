"""Kernel: a slot for one operation, with a plain reference and faster versions per backend.

A slot holds *pairs*: `forward(*args) -> (y, saved)` and `backward(g, saved, needs) -> gradients`. What a
forward saved can be read only by the backward of the same version, so a call also returns its version and
the tape keeps it with the node. The reference is written in the plain array namespace and works everywhere.

    class LinearPair:                   # the reference
        @staticmethod
        def forward(x, w, b): ...
        @staticmethod
        def backward(g, saved, needs): ...

    linear_pair = Kernel("linear", LinearPair)

    @linear_pair.register("numpy", when=..., why="...")
    class linear_numpy: ...             # a version

Versions are tried by priority, the highest first, and of equal ones the newest first: 30 for what users register,
20 for compiled kernels, 10 for the others of xdl. The first that takes the arguments runs. Where many versions share a
slot, `choose` replaces the questions by one look-up.

`kernel_options.py` has the settings that pick kernels.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, final

from xdl import backend, kernel_options, observe
from xdl.backend import Array
from xdl.errors import BackendError, nearest
from xdl.kernel_options import get_convolution as get_convolution
from xdl.kernel_options import get_mode as get_mode
from xdl.kernel_options import get_precision as get_precision
from xdl.kernel_options import options as options
from xdl.kernel_options import set_convolution as set_convolution
from xdl.kernel_options import set_mode as set_mode
from xdl.kernel_options import set_precision as set_precision

USERS = 30  # the priority of a version that says nothing
KEYS = 4096  # that a choice remembers at most
slots: dict[str, Kernel] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One implementation of a slot. `when(*args)` says whether it takes these arguments, `why` says it in words."""

    backend: str
    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[..., tuple[Any, ...]] | None
    when: Callable[..., bool] | None = None
    why: str = ""
    priority: int = 0
    again: Callable[..., tuple[Any, Any]] | None = None  # again(forward or backward, args), see `register`
    own: bool = True  # of xdl: its backward returns arrays that nobody else holds, which the tape may write into


@final
class Choice:
    """Versions of one priority, in whose place it is tried: `pick(key(*args))` names one, and is asked once a key."""

    def __init__(self, key: Callable[..., Hashable], pick: Callable[[Any], str | None], known: list[Version]) -> None:
        self.key, self.pick, self.known, self.own = key, pick, known, _is_own(pick)
        self.found: dict[Hashable, Version | None] = {}

    def version(self, *args: Any) -> Version | None:
        """The version for these arguments, None if it is none of these."""
        key, found = self.key(*args), self.found
        try:
            return found[key]
        except KeyError:
            if len(found) >= KEYS:
                found.clear()
            name = self.pick(key)
            found[key] = version = next((v for v in self.known if v.name == name), None)
            return version


class Kernel:
    """A slot. Calling it runs the chosen version: `version, y, saved = slot(x, ...)`."""

    def __init__(self, name: str, reference: type) -> None:
        self.name = name
        self.__doc__ = reference.__doc__
        self.reference = _version("reference", "reference", reference, None, "", 0)
        self.versions: dict[str, list[Version]] = {}
        self._choices: dict[tuple[str, int], Choice] = {}
        self._tried: dict[type, list[Version | Choice]] = {}
        if self.name in slots:
            raise BackendError("Kernel", "a new slot name", repr(self.name))
        slots[self.name] = self

    def register(
        self,
        backend_name: str,
        *,
        name: str | None = None,
        when: Callable[..., bool] | None = None,
        why: str = "",
        priority: int = USERS,
        again: Callable[..., tuple[Any, Any]] | None = None,
    ) -> Callable[[type], type]:
        """Adds a version for a backend, from the next call on. Raises BackendError for a second of that name.

        when:     called with the forward's arguments; without it the version takes everything
        why:      the condition in words, for `explain`
        priority: higher is tried first, of equal ones the newest first
        again:    again(forward, args) gives forward(*args) and what computes it anew in place, or None
        """
        known = {*backend.NAMES, *backend.loaded(), *self.versions}
        if backend_name not in known:
            raise BackendError(self.name, "the name of a backend", repr(backend_name), nearest(backend_name, known))

        def add(pair: type) -> type:
            version = _version(backend_name, name or pair.__name__, pair, when, why, priority, again)
            known = self.versions.setdefault(backend_name, [])
            if version.name in [v.name for v in known]:
                raise BackendError(self.name, f"one version named {version.name!r} for {backend_name}", "a second one")
            known[:] = sorted([version, *known], key=lambda v: -v.priority)  # keeps the order of equal ones
            self.forget()
            return pair

        return add

    def choose(
        self, backend_name: str, *, key: Callable[..., Hashable], pick: Callable[[Any], str | None], priority: int
    ) -> None:
        """Picks among a backend's versions of one priority by one look-up, in place of asking each.

        key:  of the forward's arguments all that the choice depends on: shapes, dtype, layout, options
        pick: called with a key, gives the version's name, or None to go on with those of lower priority. Asked once
              for each key, and again when a setting that picks kernels changes
        """
        self._choices[backend_name, priority] = Choice(key, pick, self.versions.setdefault(backend_name, []))
        self.forget()

    def __call__(self, x: Array, *args: Any) -> tuple[Version, Any, Any]:
        """(version, y, saved) from the first version that takes these arguments."""
        if (watching := observe.launches) is not None and (found := watching.called(self, x, args)) is not None:
            return found
        for tried in self._tried.get(type(x)) or self._candidates(x):
            if type(tried) is Choice:
                version = tried.version(x, *args)
                if version is not None:
                    return version, *version.forward(x, *args)
            elif tried.when is None or tried.when(x, *args):
                return tried, *tried.forward(x, *args)
        raise self._refusal(x)

    def extended(self, backend_name: str) -> bool:
        """Whether users have registered versions for a backend."""
        return any(not version.own for version in self.versions.get(backend_name, ()))

    def _found(self, x: Array, args: tuple[Any, ...]) -> Version | None:
        for tried in self._tried.get(type(x)) or self._candidates(x):
            if type(tried) is Choice:
                version = tried.version(x, *args)
                if version is not None:
                    return version
            elif tried.when is None or tried.when(x, *args):
                return tried
        return None

    def chosen(self, x: Array, *args: Any) -> Version:
        """The version that takes these arguments. Raises BackendError as a call."""
        if version := self._found(x, args):
            return version
        raise self._refusal(x)

    def has_version(self, x: Array, *args: Any) -> bool:
        """Whether a version other than the reference takes these arguments: else others do it."""
        return self._found(x, args) not in (None, self.reference)

    def first(self, backend_name: str) -> str:
        """The name of the version that a backend tries first."""
        return next(
            (v.name for v in self.versions.get(backend_name, ()) if get_mode() != "reference"), self.reference.name
        )

    def _candidates(self, x: Array) -> list[Version | Choice]:
        tried = self._tried  # another thread may change a setting meanwhile: then this goes with what it forgets
        versions = dict.fromkeys(self._choice(v) or v for v in self._versions(x))
        tried[type(x)] = found = list(versions)
        return found

    def _choice(self, version: Version) -> Choice | None:
        """The choice that a version takes part in: one of xdl knows none of users' versions."""
        choice = self._choices.get((version.backend, version.priority))
        return choice if choice is not None and choice.own is version.own else None

    def _versions(self, x: Array) -> list[Version]:
        """What may run for x, the first to try first."""
        owner, mode = backend.of(x), get_mode()
        versions = [] if mode == "reference" else list(self.versions.get(owner.name, ()))
        return versions if mode == "required" and owner.accelerated else [*versions, self.reference]

    def _refusal(self, x: Array) -> BackendError:
        name = backend.of(x).name
        reasons = "; ".join(f"{v.name} takes {v.why or 'everything'}" for v in self.versions.get(name, ()))
        return BackendError(self.name, f"a {name} kernel (XDL_KERNELS=required)", "only the reference", reasons)

    def explain(self, x: Array, *args: Any) -> str:
        """Which version these arguments (raw arrays and options, as in the forward) run, and why not the others."""
        lines, chosen, all_taken = [], "", ""
        for version in self._versions(x):
            choice = self._choice(version)
            try:
                fits = version.when is None or version.when(x, *args)
            except Exception as error:  # of a user's condition: the call will raise it
                lines.append(f"{self.name}: {version.name} cannot say whether it fits: {error!r}")
                continue
            if not chosen and (fits if choice is None else choice.version(x, *args) is version):
                verdict, chosen = "runs", version.name
            elif all_taken and version is not self.reference:
                verdict = f"shadowed by {all_taken}"
            else:
                verdict = "would also fit" if fits else "does not fit"
            all_taken = all_taken or (version.name if version.when is None and choice is None else "")
            lines.append(f"{self.name}: {version.name} {verdict}" + (f" (takes {version.why})" if version.why else ""))
        return "\n".join(lines)

    def forget(self) -> None:
        """Decides anew which versions run."""
        self._tried = {}
        for choice in self._choices.copy().values():
            choice.found = {}


def _version(owner: str, name: str, pair: Any, *settings: Any) -> Version:
    return Version(owner, name, pair.forward, getattr(pair, "backward", None), *settings, own=_is_own(pair))  # type: ignore[misc]


def _is_own(part: Any) -> bool:
    """Whether a class or function is xdl's, not a user's."""
    return str(part.__module__).partition(".")[0] == "xdl"


def _forget_all() -> None:
    for slot in slots.values():
        slot.forget()


kernel_options.on_change.append(_forget_all)
