"""Tables as text: what stands in a column begins or ends in one cell, in Chinese too."""

from xdl.runs.text_table import aligned


def test_numbers_stand_to_the_right_and_words_to_the_left():
    table = aligned(["name", "error"], [["a", 0.5], ["long name", 12]])
    assert table.splitlines() == ["name       error", "a            0.5", "long name     12"]


def test_chinese_letters_take_two_cells():
    table = aligned(["sentence", "reference", "n"], [["你好。", "Hi.", 1], ["Hi.", "你好。", 10]])
    assert table.splitlines() == ["sentence  reference   n", "你好。    Hi.         1", "Hi.       你好。     10"]


def test_nothing_is_a_dash_and_no_rows_are_headings_alone():
    assert aligned(["a", "b"], [[None, "x"]]) == "a  b\n-  x"
    assert aligned(["a", "b"], []) == "a  b"


def test_numbers_have_four_digits_and_switches_are_words():
    assert aligned(["loss", "on"], [[0.123456, True]]) == "  loss  on\n0.1235  True"
