"""Shakespeare's text: the part that ships, the whole in the data folder, and files that are something else."""

import hashlib
from importlib.resources import files

import pytest

from xdl.data import load_shakespeare
from xdl.data.fetching import listing
from xdl.data.text import shakespeare
from xdl.errors import DataError, SettingError


def test_the_part_that_ships():
    text = load_shakespeare()
    whole = text.train + text.test
    assert (len(whole), len(text.test), len(set(whole))) == (299_963, 29_997, 62)
    assert whole.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n")
    assert whole.endswith("Sir William Stanley;\n")


@pytest.mark.parametrize("damage", ["cut", "other", "missing"])
def test_a_damaged_part_is_refused_and_listed(tmp_path, monkeypatch, damage):
    name = "shakespeare.txt.gz"
    whole = (files("xdl.data.files") / name).read_bytes()
    if damage != "missing":
        changed = {"cut": whole[:-9], "other": whole[:5000] + b"\0" + whole[5001:]}[damage]
        (tmp_path / name).write_bytes(changed)
    monkeypatch.setattr(shakespeare, "files", lambda _: tmp_path)
    with pytest.raises(DataError, match=r"shakespeare\.txt\.gz.*Install xdl again"):
        load_shakespeare()
    assert listing.data_set("shakespeare").state == "damaged"


def test_the_whole_text_is_read_from_the_data_folder(tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"no such file.*--data shakespeare"):
        load_shakespeare("tinyshakespeare", tmp_path)
    path = tmp_path / "tinyshakespeare" / "input.txt"
    path.parent.mkdir()
    path.write_text("To be, or not to be.\n")
    with pytest.raises(DataError, match="SHA-256"):
        load_shakespeare("tinyshakespeare", tmp_path)
    monkeypatch.setattr(shakespeare, "WHOLE_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    text = load_shakespeare("tinyshakespeare", tmp_path)
    assert (text.train, text.test) == ("To be, or not to b", "e.\n")
    assert listing.data_set("tinyshakespeare", tmp_path).state == "in the data folder"
    with pytest.raises(SettingError, match="shakespeare or tinyshakespeare"):
        load_shakespeare("hamlet")
