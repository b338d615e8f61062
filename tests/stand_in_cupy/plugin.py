"""`python -m pytest -p tests.stand_in_cupy.plugin -m gpu`: the tests marked gpu, on the stand-in, with what they cost.

The listing is written at the end to the file that STAND_IN_LISTING names, if it names one.
"""

import os
from contextlib import ExitStack
from pathlib import Path

from tests import environment  # noqa: F401 (it comes first)

VARIABLE = "STAND_IN_LISTING"
_running = ExitStack()
_found = []


def pytest_configure(config):
    """Before a test is collected."""
    from tests.stand_in_cupy import counted, installed

    _running.enter_context(installed())
    if VARIABLE in os.environ:
        _found.append(_running.enter_context(counted()))


def pytest_unconfigure(config):
    """After the last one."""
    _running.close()
    for found in _found:
        Path(os.environ[VARIABLE]).write_text(found.listing())
