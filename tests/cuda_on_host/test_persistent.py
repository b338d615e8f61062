"""The persistent kernels' versions of a layer: which are chosen, few blocks for many sequences, weights of 8 units."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.cases.persistent import BOTH, Setting, one
from tests.cuda_on_host.needs import needs_compiler
from xdl import backend, kernel, nn
from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.functional.recurrent.recurrence import recurrence_pair
from xdl.kernels.cuda.recurrent import persistent

pytestmark = needs_compiler
LAYERS = {  # and room for how many blocks: of three tiles (six of both directions), each of two blocks, not all fit
    "lstm": (Setting("lstm", (2, 34, 2, 32), True, False, (True, True, True)), 3),
    "gru": (Setting("gru", (2, 33, 2, 32), False, False, (True, True)), 3),
    "lstm both": (Setting("lstm", (2, 34, 2, 32), BOTH, False, (True,) * 5), 4),
    "gru both": (Setting("gru", (2, 50, 2, 32), BOTH, False, (True,) * 3), 9),
}


class SmallDevice(HostDevice):
    """Has room for a few blocks: a tile takes H / 16."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def concurrent_blocks(self, *_kernel: object) -> int:
        return self.room


@pytest.mark.parametrize("name", LAYERS)
def test_a_block_takes_several_tiles_where_not_all_fit(name):
    setting, room = LAYERS[name]
    checks = list(one(SmallDevice(room), "float32", setting, True))
    assert [check for check in checks if not check.error <= check.tolerance] == []


def test_a_block_has_eight_units_where_the_weights_of_sixteen_do_not_fit(monkeypatch):
    assert [persistent.units_of("lstm", hidden) for hidden in (32, 512, 544, 1024)] == [16, 16, 8, 8]
    assert [persistent.units_of("gru", hidden) for hidden in (32, 640, 672, 1024)] == [16, 16, 8, 8]
    monkeypatch.setattr(persistent, "MOST_WEIGHTS", 4)
    assert persistent.units_of("lstm", 32) == 8
    checks = list(one(HostDevice(), "float32", Setting("lstm", (2, 3, 2, 32), BOTH, True, (True,) * 5), True))
    assert [check for check in checks if not check.error <= check.tolerance] == []


def test_what_has_no_persistent_kernel_or_no_room_takes_the_steps():
    def fits(cell="lstm", batch=3, hidden=32, device=None):
        return persistent.fits(device or HostDevice(), cell, batch, hidden, False)

    assert fits()
    assert fits(batch=1000)
    refused = [fits(cell="gru_before"), fits(cell="lstm_peephole"), fits(batch=0), fits(hidden=48), fits(hidden=1056)]
    assert not any([*refused, fits(device=SmallDevice(1))])


def test_the_slot_chooses_by_dtype_lengths_and_size():
    backend.use("cuda-on-host")
    kernel.set_mode("required")
    layer, x = nn.LSTM(3, 32), xdl.tensor(np.ones((2, 2, 3), np.float32))

    def chosen(dtype="float32", sizes=None, hidden=32):
        given = [np.ones(shape, dtype) for shape in ((2, 2, 3), (2, hidden), (2, hidden), (4 * hidden, 3))]
        arrays = [xdl.tensor(a).array for a in (*given, np.ones((4 * hidden, hidden), dtype))]
        return recurrence_pair.explain(*arrays, None, None, None, None, "lstm", sizes, False)

    assert "persistent_sequence_cuda runs" in chosen()
    assert "lstm_sequence_cuda runs" in chosen(dtype="float64")
    assert "lstm_sequence_cuda runs" in chosen(hidden=33)
    assert "recurrence_cuda runs" in chosen(sizes=(2, 1))
    y, _ = layer(x)
    y.sum().backward()
    assert np.isfinite(layer.weight_hh_l0.grad.numpy()).all()
