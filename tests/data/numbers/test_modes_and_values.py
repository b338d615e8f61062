"""Points about modes, and the file of real numbers."""

import numpy as np
import pytest

import xdl
from xdl.data import gaussian_modes, grid_of_centres, load_real_values, ring_of_centres
from xdl.errors import DataError, SettingError


def test_centres():
    ring, grid = ring_of_centres(8, 2.0), grid_of_centres(5, 2.0)
    assert (ring.shape, grid.shape, ring.dtype, grid.dtype) == ((8, 2), (25, 2), np.float32, np.float32)
    np.testing.assert_allclose(np.hypot(*ring.T), 2, rtol=1e-6)
    assert len(np.unique(ring.round(5), axis=0)) == 8
    assert sorted(map(tuple, grid.tolist())) == [(x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)]


def test_points_lie_about_their_modes_as_many_about_each():
    centres = grid_of_centres(3)
    points = gaussian_modes(centres, 9000, 0.05, seed=2)
    apart = np.linalg.norm(points[:, None] - centres, axis=2)
    assert np.bincount(apart.argmin(1)) == pytest.approx([1000] * 9, abs=120)
    assert (points - centres[apart.argmin(1)]).std() == pytest.approx(0.05, rel=0.03)
    before = xdl.random.get_state()
    np.testing.assert_array_equal(points, gaussian_modes(centres, 9000, 0.05, seed=2))
    assert (points != gaussian_modes(centres, 9000, 0.05, seed=3)).any()
    assert xdl.random.get_state() == before


def test_settings_out_of_range_are_refused():
    for call in (lambda: ring_of_centres(0), lambda: grid_of_centres(2, 0), lambda: gaussian_modes([[0, 0]], 0)):
        with pytest.raises(SettingError, match=">= 1"):
            call()


def test_the_file_of_real_numbers_is_read(tmp_path):
    with pytest.raises(DataError, match=r"real-values/real_values.npy in the data folder, found no such file"):
        load_real_values(tmp_path)
    (tmp_path / "real-values").mkdir()
    np.save(tmp_path / "real_values.npy", np.arange(6.0).reshape(2, 3))
    assert load_real_values(tmp_path).tolist() == [0, 1, 2, 3, 4, 5]
    np.save(tmp_path / "real-values" / "real_values.npy", np.array([4, 5]))
    assert load_real_values(tmp_path).dtype == np.float32
    assert load_real_values(tmp_path).tolist() == [4, 5]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (np.array([1.0]), "at least two numbers"),
        (np.array(["a", "b"]), "at least two numbers"),
        (np.array([1.0, np.inf]), "finite numbers"),
        (np.array([1.0, 1e300]), "finite numbers"),
        (np.array([{}, {}], dtype=object), "numpy.save has written"),
        (b"no array", "numpy.save has written"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, match):
    path = tmp_path / "real_values.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(DataError, match=match):
        load_real_values(tmp_path)
