"""Each difference from PyTorch is as the page says: xdl's side always, PyTorch's where it is installed (-m torch)."""

import importlib
import re

import pytest

import xdl
from tests.docs.pages import TEXTS, blocks, program

PAGE = TEXTS["differences-from-pytorch"]
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("\n### ")[1:]}
MISSING, ONLY = (PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0] for title in
                 ("What is not there", "What only xdl has"))  # fmt: skip


def run(title, library, folder, monkeypatch):
    """One section's blocks of a library, after the imports."""
    monkeypatch.chdir(folder)
    setup = program(PAGE, f"{library} setup".strip())
    names = {}
    exec(compile(setup, "setup", "exec"), names)
    exec(compile(program(SECTIONS[title], library), title, "exec"), names)


def test_every_section_shows_both_sides():
    assert len(SECTIONS) > 15
    for title, text in SECTIONS.items():
        assert [block.what for block in blocks(text)] == ["", "torch"], title


@pytest.mark.parametrize("title", SECTIONS)
def test_xdl_is_as_the_page_says(title, tmp_path, monkeypatch):
    run(title, "", tmp_path, monkeypatch)


@pytest.mark.torch
@pytest.mark.parametrize("title", SECTIONS)
def test_pytorch_is_as_the_page_says(title, tmp_path, monkeypatch):
    run(title, "torch", tmp_path, monkeypatch)


def found(library, dotted):
    """Whether a library has a name: an attribute, or a module of its own."""
    first, _, rest = dotted.partition(".")
    place = getattr(library, first, None)
    if place is None:
        is_package = hasattr(library, "__path__")
        return is_package and importlib.util.find_spec(f"{library.__name__}.{first}") is not None
    return not rest or found(place, rest)


def words(text):
    return re.findall(r"`([\w.]+)`", text.partition("\n\n- ")[2])


def test_what_is_not_there_is_not_there():
    assert len(words(MISSING)) > 20
    assert [name for name in words(MISSING) if found(xdl, name)] == []


def test_the_page_says_that_there_is_no_half_precision():
    assert "no half precision yet, neither `float16` nor `bfloat16`" in PAGE
    for dtype in ("float16", "bfloat16"):
        with pytest.raises(xdl.errors.DtypeError, match="no half precision"):
            xdl.zeros(1, dtype=dtype)
    assert not hasattr(xdl, "autocast")


@pytest.mark.torch
def test_what_is_not_there_is_in_pytorch():
    import torch

    assert [name for name in words(MISSING) if not found(torch, name)] == []


@pytest.mark.torch
def test_what_only_xdl_has_is_all_that_pytorch_has_not():
    import torch

    lists = [words("\n\n- " + line) for line in ONLY.split("\n- ")[1:]]
    ours, layers, distributions = (set(found) - {"xdl", "xdl.nn", "xdl.distributions"} for found in lists)
    places = (torch.nn.functional, torch.Tensor)
    theirs = {*dir(torch)} | {name for place in places for name in dir(place) if callable(getattr(place, name))}
    assert ours == set(xdl.__all__) - theirs
    assert layers == {name for name in xdl.nn.__all__ if not hasattr(torch.nn, name)}
    known = {*dir(torch.distributions)}
    assert distributions == set(xdl.distributions.__all__) - known
