"""Whatever bytes a file holds: a value, or a documented error of one line, within a second and 200 MB."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.damage import EDITS, edited, refused_or_done, sealed
from tests.fuzz.readers import MODULES, READERS
from tests.house.source import ROOT
from xdl.errors import XdlError

READS = re.compile(
    r"read_bytes\(|read_text\(|read_lines\(|read_object\(|\bopen\(|opened\(|json\.loads?\(|tomllib|np\.load|loadtxt|"
    r"fromfile|memmap|zipfile|tarfile|gzip|zlib|csv\.|Image\.open|from xdl\.io\.json_text import .*parse"
)


def tries(name, path, count, seal):
    reader = READERS[name]
    path = path / f"{name}.{reader.ending}"
    reader.write(path)
    whole = path.read_bytes()
    damage = sealed if seal else edited
    assert refused_or_done(lambda: reader.read(path), ()) is None

    @given(edits=EDITS)
    @settings(max_examples=count, deadline=None, database=None)
    def attempt(edits):
        path.write_bytes(damage(whole, edits))
        refused_or_done(lambda: reader.read(path), reader.errors)

    attempt()


SEALED = [(name, seal) for name, reader in READERS.items() for seal in ((False, True) if reader.sealed else (False,))]


@pytest.mark.parametrize(("name", "seal"), SEALED)
def test_damaged_bytes(tmp_path, name, seal):
    tries(name, tmp_path, 30, seal)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seal"), SEALED)
def test_many_damaged_bytes(tmp_path, name, seal):
    tries(name, tmp_path, 1000, seal)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", ["folder", "device", "pipe", "nothing", "unreadable"])
def test_what_is_no_file(tmp_path, name, kind, monkeypatch):
    reader = READERS[name]
    path = tmp_path / f"{name}.{reader.ending}"
    if kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "unreadable":  # chmod does not stop root
        reader.write(path)
        monkeypatch.setattr("xdl.io.reading.open", _denied, raising=False)
        monkeypatch.setattr("xdl.io.tensor_file.open", _denied, raising=False)
        monkeypatch.setattr("xdl.data.idx.open", _denied, raising=False)
    error = refused_or_done(lambda: reader.read(path), reader.errors)
    may_pass = ("events", "event stream", "resumed trace")
    if kind != "nothing":
        may_pass = ("resumed trace", "array", "png", "real values")  # by libraries that open files themselves
    assert error is not None or name in may_pass


def _denied(*_):
    raise PermissionError(13, "Permission denied")


def test_every_module_that_reads_files_has_a_reader_here():
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in (ROOT / "xdl").rglob("*.py")}
    assert {name for name, text in texts.items() if READS.search(text)} == set(MODULES)


@given(text=st.text(max_size=200) | st.from_regex(r"\A([a-z]+ ?= ?(\[?[0-9\".,' \[]*\]?|[a-z]+)\n)*\Z"))
@settings(max_examples=50, deadline=None)
def test_any_text_as_settings(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", newline="")
    refused_or_done(lambda: READERS["settings"].read(path), (XdlError,))
