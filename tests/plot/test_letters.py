"""Letters that matplotlib's own font lacks: another font draws them, or numbers stand for the names."""

from __future__ import annotations

import pytest

from xdl import plot
from xdl.plot import letters

pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def _fresh():
    letters._installed.cache_clear()
    yield
    letters._installed.cache_clear()


def test_names_that_no_font_has_become_numbers(monkeypatch, tmp_path):
    monkeypatch.setattr(letters, "FAMILIES", ())
    assert plot.drawable(["a", "ü ", "\n"]) == ["a", "ü ", "\n"]
    assert plot.drawable(["a", "我", "们"]) == ["1", "2", "3"]
    drawn = []
    monkeypatch.setattr("xdl.plot.matrix.save", lambda figure, *_: drawn.append(figure.axes[0]))
    plot.heat(tmp_path / "a.png", [[0.5, 0.5]], ["吃"], ["eat", "it"], "title", numbers=False)
    assert [text.get_text() for text in drawn[0].get_yticklabels()] == ["1"]
    assert [text.get_text() for text in drawn[0].get_xticklabels()] == ["eat", "it"]
    assert not drawn[0].texts


def test_another_font_is_taken_where_it_has_them_all(monkeypatch):
    missing = next(iter(letters._letters_of("STIXGeneral") - letters._letters_of(letters.OWN)))
    monkeypatch.setattr(letters, "FAMILIES", ("No such font", "STIXGeneral"))
    assert letters.families(chr(missing)) == ["DejaVu Sans", "STIXGeneral"]
    assert letters.families(f"a{chr(missing)}我") is None
    assert letters.families("abc") == ["DejaVu Sans"]
    assert plot.drawable([chr(missing)]) == [chr(missing)]


def test_without_matplotlib_nothing_is_drawable(without_figures):
    letters._letters_of.cache_clear()
    assert plot.drawable(["我", "b"]) == ["1", "2"]
