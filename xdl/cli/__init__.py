"""The `xdl` command, one file a command."""

from xdl.cli.app import main

__all__ = ["main"]
