"""Pairs of sentences: splits without leaks, dates, Tatoeba's file, numbers with padding."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest

from xdl.data import Vocabulary
from xdl.data.text import tatoeba
from xdl.data.text.dates import FORMS, date_pairs, written
from xdl.data.text.pairs import EncodedPairs, bare, split_pairs
from xdl.data.text.tatoeba import load_tatoeba, read_tatoeba
from xdl.data.text.vocabulary import END, PADDING, START, UNKNOWN
from xdl.errors import DataError, SettingError


def sides(part):
    return {("en", bare(source)) for source, _ in part} | {("zh", bare(target)) for _, target in part}


def test_no_sentence_of_either_language_is_in_two_parts():
    pairs = load_tatoeba()
    parts = [sides(part) for part in (pairs.train, pairs.validation, pairs.test)]
    assert not any(one & other for one, other in combinations(parts, 2))
    sizes = [len(part) for part in (pairs.train, pairs.validation, pairs.test)]
    assert sum(sizes) == 2000
    assert all(150 < size < 250 for size in sizes[1:])
    assert sizes == [1618, 189, 193]


def test_spellings_and_chains_stay_together():
    assert bare("Don't  STOP!") == bare("dont stop") == "dont stop"
    chain = [("A.", "1"), ("a!", "2"), ("b", "2"), ("c", "2。")]
    others = [(f"w{i}", f"v{i}") for i in range(60)]
    for _ in range(2):
        parts = split_pairs(chain + others)
        assert sum(bool(set(chain) & set(part)) for part in parts) == 1
        others.reverse()
    assert parts == split_pairs(others + chain)
    with pytest.raises(DataError, match="too few pairs"):
        split_pairs(chain)


def test_what_ships_is_checked(monkeypatch):
    assert len(read_tatoeba()) == 2000
    monkeypatch.setattr(tatoeba, "SHA256", "0" * 64)
    with pytest.raises(DataError, match="with SHA-256"):
        read_tatoeba()


def test_a_file_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("XDL_DATA_DIR", raising=False)
    with pytest.raises(DataError, match="XDL_DATA_DIR"):
        load_tatoeba("tatoeba")
    (tmp_path / "tatoeba").mkdir()
    file = tmp_path / "tatoeba" / "cmn.txt"
    lines = [f"Word number {i}.\t第{i}個字。\tfrom somebody" for i in range(200)]
    file.write_text("\n".join([*lines, lines[0]]) + "\n", encoding="utf-8")
    pairs = load_tatoeba("tatoeba", 120, tmp_path)
    assert sum(map(len, (pairs.train, pairs.validation, pairs.test))) == 120
    assert max(len(source) for source, _ in pairs.train) == len("Word number 99.") + 1
    file.write_bytes("\ufeff{}\r\nOne\u2028two.\t一\x85二。".format("\r\n".join(lines)).encode())
    whole = load_tatoeba("tatoeba", None, tmp_path)
    assert ("One\u2028two.", "一\x85二。") in whole.train + whole.validation + whole.test
    file.write_text("\n".join(lines) + "\n\n \n", encoding="utf-8")
    whole = load_tatoeba("tatoeba", None, tmp_path)
    assert sum(map(len, (whole.train, whole.validation, whole.test))) == 200
    for content, word in (("no tab here\n", "line 1"), ("a\tb\n\nc\td\n", "line 2"), ("", "empty")):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=word):
            load_tatoeba("tatoeba", None, tmp_path)
    file.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(DataError, match="UTF-8"):
        load_tatoeba("tatoeba", None, tmp_path)


def test_dates():
    pairs = date_pairs(400, seed=3)
    assert pairs == date_pairs(400, seed=3) != date_pairs(400, seed=4)
    parts = [{target for _, target in part} for part in (pairs.train, pairs.validation, pairs.test)]
    assert list(map(len, parts)) == [320, 40, 40]
    assert not any(one & other for one, other in combinations(parts, 2))
    assert all(date.fromisoformat(target).isoformat() == target for part in parts for target in part)
    forms = [written(date(1998, 5, 3), form) for form in FORMS]
    assert forms[4:7] == ["May 3rd, 1998", "the 3rd of May 1998", "Sunday, 3 May 1998"]
    assert forms[9:] == ["3.5.1998", "1998/05/03", "05/03/1998"]
    assert written(date(2000, 1, 12), FORMS[4]) == "January 12th, 2000"
    with pytest.raises(SettingError, match="73049"):
        date_pairs(80_000)


def test_pairs_as_numbers():
    source = Vocabulary.of("abc", special=(PADDING,), unknown=UNKNOWN)
    target = Vocabulary.of("xy", special=(PADDING, START, END, UNKNOWN), unknown=UNKNOWN)
    pairs = EncodedPairs([("ab", "x"), ("cad", "yxx")], source, target, list)
    sources, lengths, targets, steps = pairs.batch([0, 1])
    assert sources.tolist() == [[2, 3, 0], [4, 2, 1]]
    assert targets.tolist() == [[1, 4, 2, 0, 0], [1, 5, 4, 4, 2]]
    assert (lengths.tolist(), steps.tolist()) == ([2, 3], [3, 5])
    assert np.array_equal(pairs[1][0], [4, 2, 1])
    for bad, word in (([], "one pair"), ([(" ", "x")], "one token"), ([("a", "")], "one token")):
        with pytest.raises(DataError, match=word):
            EncodedPairs(bad, source, target, list)
