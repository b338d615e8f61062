"""`xdl warm` and what `xdl info` says of compiled kernels, without Numba; with it: tests/numba."""

import sys

import pytest
from typer.testing import CliRunner

from xdl import kernel_options
from xdl.cli import app as cli
from xdl.errors import SettingError
from xdl.report import info


@pytest.fixture
def without_numba(monkeypatch):
    monkeypatch.setattr(kernel_options, "_fast", "now")
    monkeypatch.setitem(sys.modules, "numba", None)


def test_without_numba_the_extra_is_named(without_numba):
    shown = CliRunner().invoke(cli.app, ["warm"])
    assert isinstance(shown.exception, SettingError)
    assert "pip install 'xdl[fast]'" in str(shown.exception)
    assert info.compiled() == "none (Numba is missing: pip install 'xdl[fast]')"


def test_what_is_switched_off_is_not_compiled(monkeypatch):
    monkeypatch.setattr(kernel_options, "_fast", "off")
    shown = CliRunner().invoke(cli.app, ["warm"])
    assert "XDL_FAST=off" in str(shown.exception)
    assert info.compiled() == "off (XDL_FAST=off)"
