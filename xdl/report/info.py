"""What this installation offers: versions, BLAS, backends, data, kernels. `xdl info` shows it, runs record it."""

from __future__ import annotations

import platform
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

import xdl
from xdl import backend, kernel, kernel_options, threads
from xdl.errors import BackendError, DataError, SettingError

if TYPE_CHECKING:
    from xdl.data.fetching import listing

PACKAGES = ("numpy", "array-api-compat", "threadpoolctl", "pooch", "typer", "rich", "matplotlib")


def versions() -> dict[str, str]:
    """The versions of xdl, Python and the packages that xdl uses; "missing" for one that is not installed."""
    found = {"xdl": xdl.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def backends() -> dict[str, str]:
    """For each backend "usable", or why it is not and what to do. Loads those that are usable."""
    found = {}
    for name in backend.NAMES:
        try:
            backend.load(name)
            found[name] = "usable"
        except (BackendError, SettingError) as error:
            found[name] = f"not usable: {error}"
    return found


def data_sets() -> dict[str, str]:
    """Which data sets are found, and where; the small ones that ship are read and checked."""
    from xdl.data.fetching import listing

    try:
        entries = listing.data_sets()
    except (DataError, SettingError) as error:
        return {"data folder": str(error)}
    return {name: _in_words(entry) for name, entry in entries.items()}


def _in_words(entry: listing.Entry) -> str:
    where = f"{entry.state}: {entry.folder}" if entry.state.startswith("in ") else entry.state
    return "; ".join(part for part in (entry.title, where, entry.note) if part)


def kernels() -> dict[str, dict[str, list[str]]]:
    """For each slot and each loaded backend the versions in the order in which they are tried, with their conditions.

    The reference comes last; on an accelerated backend `XDL_KERNELS=required` refuses it. Of versions that Numba
    compiles it also says whether they are.
    """
    names = [name for name, state in backends().items() if state == "usable"]
    wanted = kernel_options.compiled_wanted()
    states = import_module("xdl.kernels.numba.warm").states() if wanted else {}
    found = {}
    for slot in sorted(kernel.slots.values(), key=lambda slot: slot.name):
        found[slot.name] = {
            name: [
                *(_version(v, states.get(v.name)) for v in slot.versions.get(name, ())),
                slot.reference.name,
            ]
            for name in names
        }
    return found


def _version(version: kernel.Version, state: str | None) -> str:
    said = "; ".join(part for part in (version.why, state) if part)
    return f"{version.name} ({said})" if said else version.name


def compiled() -> str | dict[str, str]:
    """The versions compiled by Numba, how many are, and where they are kept; or why there are none."""
    if kernel_options.get_fast() == "off":
        return "off (XDL_FAST=off)"
    if not kernel_options.compiled_wanted():
        return "none (Numba is missing: pip install 'xdl[fast]')"
    try:
        about: dict[str, str] = import_module("xdl.kernels.numba.warm").about()
    except BackendError as error:
        return f"not usable: {error}"
    return about


def report() -> dict[str, Any]:
    """All of it but the kernels."""
    usable = backends()  # loads NumPy, and with it the BLAS that is looked at next
    return {
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {platform.python_implementation()}",
        "threads": xdl.get_num_threads(),
        "blas": threads.libraries(),
        "backends": usable,
        "gpu": import_module("xdl.backends.cupy_report").report(),
        "kernel mode": kernel.get_mode(),
        "precision": kernel.get_precision(),
        "convolution": kernel.get_convolution(),
        "compiled kernels": compiled(),
        "data": data_sets(),
    }
