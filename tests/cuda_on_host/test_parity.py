"""Every kernel on the CPU against float64 references, in three orders of threads and blocks.

Outputs start as NaN, so an element that no thread writes fails.
"""

from __future__ import annotations

import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.needs import needs_compiler
from xdl.backends.cuda_on_host.host_device import BACKWARD, FORWARD, SHUFFLED, HostDevice

pytestmark = needs_compiler
COMBINATIONS = [(family, real) for family, (_, reals) in FAMILIES.items() for real in reals]


@pytest.mark.parametrize("order", [FORWARD, BACKWARD, SHUFFLED], ids=["forward", "backward", "shuffled"])
@pytest.mark.parametrize(("family", "real"), COMBINATIONS)
def test_kernels_equal_their_references(family: str, real: str, order: int) -> None:
    case = FAMILIES[family][0]
    checks = list(case(HostDevice(order=order), real, False))
    assert checks
    assert [check for check in checks if not check.error <= check.tolerance] == []


@pytest.mark.tools
@pytest.mark.parametrize("mode", ["asan", "tsan"])
@pytest.mark.parametrize("family", FAMILIES)
def test_sanitizers_find_nothing(family: str, mode: str) -> None:
    case, reals = FAMILIES[family]
    checks = list(case(HostDevice(mode), reals[0], True))
    assert checks
    assert [check for check in checks if not check.error <= check.tolerance] == []
