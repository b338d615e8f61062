"""Whether compiled kernels are wanted, where a finder of modules locks Numba out, as `xdl run from-scratch` does."""

import sys

import pytest

from xdl import kernel_options


class Gate:
    """Refuses one module."""

    def find_spec(self, name, *_):
        if name == "numba":
            raise ModuleNotFoundError(name)


@pytest.mark.parametrize("fast", ["now", "later", "off"])
def test_what_is_locked_out_is_not_wanted(fast, monkeypatch):
    monkeypatch.setenv("XDL_FAST", fast)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Gate(), *sys.meta_path])
    assert kernel_options.compiled_wanted() is False
