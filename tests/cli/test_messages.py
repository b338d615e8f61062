"""Messages of errors stay readable, whatever came in."""

from copy import copy

from xdl.errors import LONGEST, SettingError


def test_a_message_of_any_length_is_cut_in_the_middle_and_the_parts_are_whole():
    error = SettingError("xdl compare", "a known experiment", "x" * 50_000, "See xdl list")
    text = str(error)
    assert len(text) < LONGEST + 10
    assert text.startswith("xdl compare: expected a known experiment, found xxx")
    assert text.endswith("xxx. See xdl list")
    assert len(error.found) == 50_000
    assert str(copy(error)) == text


def test_other_messages_are_whole():
    text = str(SettingError("xdl compare", "two runs or more", 1))
    assert text == "xdl compare: expected two runs or more, found 1"
