"""The transposed convolution and the transpose of the matrix; checkerboards."""

import io

import numpy as np
import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.adversarial.transposed_convolution import CASES, KERNELS, Pair
from xdl.runs.start import RunRequest, start


def run(out, **given):
    request = RunRequest({key: str(value) for key, value in given.items()})
    return start("transposed-convolution", request, out=out, stream=io.StringIO()).perform()


def test_the_matrix_by_hand():
    a = Pair((5,), 3, 2, 0).matrix().numpy()
    np.testing.assert_array_equal(a, [[1, 2, 3, 0, 0], [0, 0, 1, 2, 3]])
    padded = Pair((3,), 3, 1, 1).matrix().numpy()
    np.testing.assert_array_equal(padded, [[2, 3, 0], [1, 2, 3], [0, 1, 2]])
    plane = Pair((3, 3), 2, 1, 0).matrix().numpy()
    np.testing.assert_array_equal(plane[3], [0, 0, 0, 0, 1, 2, 0, 3, 4])
    assert plane.shape == (4, 9)


@pytest.mark.parametrize("shape", [(7,), (9, 6)])
@pytest.mark.parametrize(("stride", "padding"), CASES)
def test_it_is_the_transpose(shape, stride, padding):
    pair = Pair(shape, 3, stride, padding)
    assert max(pair.errors()) < 1e-12
    made = pair.transposed(xdl.randn(1, 1, *pair.y, dtype="float64"))
    assert made.shape[2:] == tuple(shape)
    assert all(0 <= rest < stride for rest in pair.rest)


def test_the_run(tmp_path, without_figures):
    summary = run(tmp_path, side=22)
    assert summary["largest_difference"] < 1e-12
    assert len(summary["cases"]) == 2 * len(CASES)
    uneven = [row["largest less least"] > 1e-3 for row in summary["checkerboards"]]
    assert uneven == [kernel % 2 == 1 for kernel in KERNELS] + [False]
    period = [row["of period two"] for row in summary["checkerboards"]]
    assert all((share > 0.9) == odd for share, odd in zip(period, uneven, strict=True))


def test_a_kernel_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(SettingError, match="--set kernel: expected at most 4 for size 6"):
        run(tmp_path, size=6, kernel=5)
