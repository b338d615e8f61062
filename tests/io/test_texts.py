"""JSON and TOML from anywhere: the values that Python's readers give, or a ValueError, soon and in little memory."""

import json
import tomllib
import tracemalloc
from itertools import islice, product
from string import ascii_letters
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xdl.io import json_text, toml_text
from xdl.io.reading import LONGEST_LINE, read_lines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=JSON, ascii=st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_json_comes_back(value, ascii):
    text = json.dumps(value, ensure_ascii=ascii)
    assert json_text.parse(text) == json_text.parse(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON"),
        (b"\xff", "not UTF-8"),
        ("[" * 101 + "]" * 101, "too deep"),
        ("[" * 100_000, "too deep"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' twice"),
        ("1e309", "'1e309', which no float64 holds"),
        ("[1.5, -1E+00400]", "no float64 holds"),
        ("9" * 400, "400 digits"),
        ("9" * 100_000, "digits"),
        (str(1 << 1023), "308 digits"),
        ("NaN", "which JSON lacks"),
        ("[-Infinity]", "which JSON lacks"),
        ('"\\ud800"', "half of a pair"),
        ('"\\udc00\\ud800"', "half of a pair"),
        ('"\\\\\\uD83d"', "half of a pair"),
        ("[" + "0," * 1_000_000 + "0]", "names and values"),
        (" " * (1 << 24) + "1", "bytes"),
    ],
)
def test_what_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        json_text.parse(text)


def test_what_is_just_allowed():
    assert json_text.parse("NaN", constants=True) != json_text.parse("Infinity", constants=True)
    assert json_text.parse("[" * 100 + "]" * 100)
    assert json_text.parse(f"[{(1 << 1023) - 1}, 1e308, 1e-999]") == [(1 << 1023) - 1, 1e308, 0.0]
    assert json_text.parse('["\\ud83d\\ude00", "\\\\ud800", "\\u00e9"]') == ["\U0001f600", "\\ud800", "é"]


def test_objects_are_made_from_the_inside():
    made = json_text.parse('{"a": {"b": {}}, "c": [{}]}', lambda content: tuple(content.items()))
    assert made == (("a", (("b", ()),)), ("c", [()]))


@pytest.mark.slow
def test_the_largest_texts_take_little_time_and_memory():
    """The kinds that take the most of both, as large as they may be."""
    names = ["".join(letters) for letters in islice(product(ascii_letters, repeat=4), json_text.MOST_VALUES // 2 - 1)]
    objects = ['{"ab":"cd"}'] * (json_text.MOST_VALUES // 3 - 1)
    for text in ("{" + ",".join(f'"{name}":"{name}"' for name in names) + "}", f"[{','.join(objects)}]"):
        started = process_time()
        json_text.parse(text)
        assert process_time() - started < 3  # about a half on a machine that does nothing else
        tracemalloc.start()
        json_text.parse(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 170e6


@given(text=st.text(alphabet="ab.=[]{}'\"#\\\n 1,-_", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_toml_is_what_python_reads(text):
    assert _read(toml_text.parse, text.encode()) in (_read(tomllib.loads, text), "a name in more than three parts")


def _read(parse, text):
    try:
        return parse(text)
    except ValueError as error:
        return str(error)


@pytest.mark.parametrize(
    "name", ["a." * 8000 + "a", '"a" . ' * 2000 + "a", "'#'." * 5000 + "b", "[" + "a." * 8000 + "a]"]
)
def test_dotted_names_take_no_time(name):
    before = "x = \"#\" # '\ny = '''\n\"\n'''\n"
    tracemalloc.start()
    started = process_time()
    with pytest.raises(ValueError, match="three parts"):
        toml_text.parse(f"{before}{name} = 1".encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert process_time() - started < 0.5
    assert peak < 2e6


def test_dots_elsewhere_are_none_of_a_name():
    text = '# a.b.c.d.e\nx = \'a.b.c.d.e\' # a.b.c.d\ny = """\na.b.c.d.e\n"""\nz.a.b = 1.5\nw = [1.0, 2.0, 3.0, 4.0]'
    assert toml_text.parse(text.encode()) == tomllib.loads(text)


def test_a_line_without_end_is_told_from_a_long_one(tmp_path, monkeypatch):
    monkeypatch.setattr("xdl.io.reading.LONGEST_LINE", 8)
    assert LONGEST_LINE > 8
    (tmp_path / "a").write_bytes(b"1234567\n" + b"12345678\n" + b"x" * 40 + b"\n" + b"\nab\n" + b"y" * 16)
    assert list(read_lines(tmp_path / "a")) == [b"1234567\n", b"\n", b"\n", b"\n", b"ab\n", b""]
    (tmp_path / "a").write_bytes(b"ab\ncd")
    assert list(read_lines(tmp_path / "a")) == [b"ab\n", b"cd"]
