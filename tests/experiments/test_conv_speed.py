"""conv-speed at a tiny size: all ways give the same, and the table says how they compare."""

import io

import pytest

import xdl
from xdl.errors import SettingError
from xdl.experiments.convolution import conv_ways
from xdl.runs.start import RunRequest, start

TINY = {"images": "5", "channels": "2", "size": "9", "filters": "4", "kernel": "3", "block": "2", "loop_filters": "3"}


def run(out, **given):
    stream = io.StringIO()
    return start("conv-speed", RunRequest(TINY | given, seed=0), out=out, stream=stream).perform(), stream.getvalue()


def test_all_ways_give_the_same(tmp_path):
    summary, text = run(tmp_path)
    ways = {row["way"]: row for row in summary["ways"]}
    assert list(ways) == ["loops", "products", "im2col", "indices", "xdl"]
    assert all(row["largest difference"] < 1e-5 for row in summary["ways"])
    assert ways["loops"]["largest difference"] < 1e-12  # in float64, as what all are compared with
    assert ways["xdl"]["largest difference"] > 1e-9
    assert "the largest error is" in summary["what_to_see"][0]
    assert "419.7" not in summary["what_to_see"][0]  # which are of the sizes that are the defaults
    around = summary["padding_and_pooling"]
    assert [row["operation"] for row in around] == ["padding by 2", "max pooling", "average pooling"]
    assert all(row["largest difference"] < 1e-6 for row in around)
    assert summary["loops_share"] == 5 * 4 / 3
    assert "1 image and 3 of 4 filters" in text
    for row in ways.values():
        assert row["forward s"] > 0
        assert row["backward s"] > 0


def test_a_wrong_way_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(conv_ways.Indices, "places", lambda *_: xdl.zeros(18 * 49, dtype="int64"))
    summary, _ = run(tmp_path)
    assert summary["ways"][3]["largest difference"] > 0.1


def test_the_loops_are_the_slowest(tmp_path):
    summary, _ = run(tmp_path, images="16", size="20", channels="4")
    assert min(row["times loops"] for row in summary["ways"][2:]) > 3
    assert len([*(tmp_path / "conv-speed").glob("*/figures/times.png")]) == 1


def test_a_kernel_beyond_the_image(tmp_path):
    with pytest.raises(SettingError, match=r"at most the images' 9, found 10"):
        run(tmp_path, kernel="10")
