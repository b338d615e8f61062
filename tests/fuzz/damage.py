"""Damaged files for hypothesis, and what reading one may cost: a second, 200 MB, and a documented error of one line."""

import json
import tracemalloc
from hashlib import sha256
from time import process_time

from hypothesis import strategies as st

from xdl.io.tensor_file import PLACE

SECONDS, PEAK = 1.0, 200e6
CHUNKS = (  # what readers stumble over
    b"",
    b"\0",
    b"\n",
    b"\xff\xfe",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"9" * 5000,
    b"1e999",
    b"-1",
    b"1.5",
    b"NaN",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b'"\\ud800"',
    b"\xed\xa0\x80",
    b"a." * 9000,
    b"0x" + b"f" * 6000,
    b"1 << 62",
    b"4611686018427387904",
    b"\xff" * 8,
)
PLACES = st.floats(0, 1)
EDITS = st.lists(st.tuples(PLACES, st.integers(0, 12), st.sampled_from(CHUNKS) | st.binary(max_size=6)), max_size=3)


class Raw(str):
    """JSON as it stands, which Python's writer does not give."""


NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 2**63, 10**309, 1e308, -0.0])
WORDS = st.text(max_size=4) | st.sampled_from(["x" * 70_000, "\ud800", "\x1b[2J"])
RAW = st.sampled_from([Raw("[" * 200 + "]" * 200), Raw("[" * 3000 + "]" * 3000), Raw("9" * 5000), Raw("1e999")])
JSON = RAW | st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)
MARK = "<a place>"


def edited(whole, edits):
    """The bytes with a few of them replaced at each place, which is a share of the length."""
    for share, taken, put in edits:
        at = int(share * len(whole))
        whole = whole[:at] + put + whole[at + taken :]
    return whole


def sealed(whole, edits):
    """A safetensors file of xdl whose header is edited, with the right length and the right checksum."""
    length = int.from_bytes(whole[:8], "little")
    start, rest = whole[: PLACE.stop], whole[PLACE.stop : 8 + length]
    header = start[8:] + edited(rest, edits)
    content = bytearray(len(header).to_bytes(8, "little") + header + whole[8 + length :])
    content[PLACE] = b"0" * 64
    content[PLACE] = sha256(content).hexdigest().encode()
    return bytes(content)


def replaced(value, data):
    """The JSON text of a value in which one part, at any depth, is another, is gone, or is there under a new name."""
    value = json.loads(json.dumps(value))
    whole, key = data.draw(st.sampled_from(list(_slots(value))))
    other, change = data.draw(JSON), data.draw(st.sampled_from(["replace", "remove", "add"]))
    if change == "remove":
        del whole[key]
    elif change == "add" and isinstance(whole, dict):
        whole["new"] = MARK
    else:
        whole[key] = MARK
    return json.dumps(value).replace(json.dumps(MARK), other if isinstance(other, Raw) else json.dumps(other))


def _slots(value):
    """Every (object or list, key) in a value."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(part, dict | list):
            yield from _slots(part)


def refused_or_done(call, allowed):
    """The error of a call, None for none, which is one of those allowed, in one line, soon and in little memory."""
    found = None
    tracemalloc.start()
    started = process_time()
    try:
        call()
    except allowed as error:
        found = error
    finally:
        seconds, peak = process_time() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert found is None or ("\n" not in str(found) and len(str(found)) < 20_000)
    assert seconds < SECONDS
    assert peak < PEAK
    return found
