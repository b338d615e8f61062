"""`xdl data` as people and other programs use it, in processes of its own."""

import json

import pytest

from tests.cli.test_cli import refused, xdl
from tests.data.conftest import server  # noqa: F401
from xdl.data.fetching.sources import SOURCES


@pytest.fixture
def run(tmp_path):
    """Runs `xdl data` with a cache of its own."""
    return lambda *arguments, **environment: xdl(
        "data", *arguments, cwd=tmp_path, **{"XDL_CACHE": str(tmp_path / "cache")} | environment
    )


def test_list_shows_every_set_for_people_and_programs(run, tmp_path):
    shown = run("list").stdout
    for part in ("iris", "ships with xdl", "CC BY 4.0", "xdl data fetch mnist (12 MB", "food-truck"):
        assert part in shown
    content = json.loads(run("list", "--json").stdout)
    shipped, placed = (
        {"digits", "iris", "shakespeare", "tatoeba-2000"},
        {"food-truck", "real-values", "sp500", "csi300"},
    )
    texts = {"imdb", "rt-polarity", "tinyshakespeare", "tatoeba"}
    assert set(content) == {*shipped, *placed, *texts, *SOURCES}
    assert content["mnist"]["state"] == "missing"
    assert content["digits"]["folder"].endswith("files")
    one = json.loads(run("list", "cifar10", "--json", XDL_DATA_DIR=str(tmp_path)).stdout)
    assert list(one) == ["cifar10"]
    assert "licence: none stated" in run("list", "cifar10").stdout.splitlines()


def test_path_prints_one_folder_or_says_how_to_get_it(run, tmp_path):
    found = run("path", "iris")
    assert (found.returncode, found.stdout.count("\n"), found.stderr) == (0, 1, "")
    (tmp_path / "food-truck").mkdir()
    (tmp_path / "food-truck" / "food_truck_data.txt").touch()
    assert run("path", "food-truck", "--data-dir", tmp_path).stdout == f"{tmp_path}/food-truck\n"
    refused(run("path", "mnist"), "found missing", "xdl data fetch mnist")


@pytest.mark.parametrize(
    ("arguments", "environment", "parts"),
    [
        (("path", "minst"), {}, ("'minst'", "Did you mean 'mnist'?")),
        (("list", "minst"), {}, ("Did you mean 'mnist'?",)),
        (("fetch", "minst"), {}, ("Did you mean 'mnist'?",)),
        (("fetch", "mnist", "--offline"), {}, ("downloads are off", "XDL_DATA_DIR")),
        (("fetch", "cifar10"), {"XDL_OFFLINE": "1"}, ("downloads are off", "xdl data fetch cifar10")),
        (("fetch", "mnist"), {"XDL_OFFLINE": "yes"}, ("XDL_OFFLINE: expected 0 or 1", "'yes'")),
        (("fetch", "food-truck"), {}, ("food-truck/food_truck_data.txt",)),
        (("fetch", "sp500"), {}, ("sp500/sp500.csv",)),
        (("fetch", "mnist", "--mirror", "here"), {}, ("--mirror", "http://")),
        (("list", "--data-dir", "no"), {}, ("data_dir: expected an existing folder, found no",)),
        (("list",), {"XDL_DATA_DIR": "/no"}, ("XDL_DATA_DIR: expected an existing folder, found /no",)),
    ],
)
def test_what_cannot_be_done_gets_one_clear_line(run, tmp_path, arguments, environment, parts):
    refused(run(*arguments, **environment), *parts)
    assert list(tmp_path.iterdir()) == []


def test_fetch_of_what_ships_says_where_it_is(run):
    assert json.loads(run("fetch", "digits", "--json").stdout)["name"] == "digits"
    assert run("fetch", "iris").stdout.startswith("iris is here: ")


def test_fetch_asks_the_given_mirror_first_and_refuses_what_it_sends(run, server, tmp_path):  # noqa: F811
    server.files["/mine/train-images-idx3-ubyte.gz"] = b"<html>not found</html>"
    nowhere = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
    result = run("fetch", "mnist", "--mirror", server.url("mine").rstrip("/"), "--json", **nowhere)
    assert result.returncode == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0] == f"mnist: downloading {server.url('mine')}train-images-idx3-ubyte.gz (9.91 MB)"
    assert lines[1] == "mnist: it sends a web page (HTML) instead"
    assert len(lines) == 2 * (1 + len(SOURCES["mnist"].mirrors)) + 1
    assert lines[-1].startswith("xdl: mnist: expected train-images-idx3-ubyte.gz from one of 4 mirrors")
    assert "XDL_DATA_DIR" in lines[-1]
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []
