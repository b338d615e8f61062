"""Columns of CSV files: with and without names, and what is refused with the line that is wrong."""

import pytest

from xdl import data
from xdl.errors import DataError


def written(tmp_path, text):
    path = tmp_path / "series.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "Date,b,a\n2000-01-03,3,1\n2000-01-04,4,2e0\n\n",
        "a,b\r\n1,3\r\n2,4",
        "Date,B,A\n03-01-00,3,1\n04-01-00,4,2\n",
        "1,3\n2,4\n",
        "\ufeffa, b\n1, 3\n2, 4\n",
    ],
)
def test_columns_by_name_or_by_place(tmp_path, text):
    assert data.read_columns(written(tmp_path, text), ["a", "b"]).tolist() == [[1, 3], [2, 4]]


def test_a_lone_column_may_have_any_name(tmp_path):
    assert data.read_columns(written(tmp_path, "price\n1\n2\n"), ["x"]).tolist() == [[1], [2]]


def test_an_empty_line_is_a_gap_of_a_lone_column(tmp_path):
    with pytest.raises(DataError, match="line 3"):
        data.read_columns(written(tmp_path, "price\n1\n\n2\n"), ["price"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,3\n2,\n", "column 'b', found others in line 3"),
        ("1,3\nnan,4\n", "column '0', found others in line 2"),
        ("1,3\n1,4,5\n", "2 cells in every line, as in the first, found others in line 2"),
        ("a,b\n1,3\n\n2,4\n", "2 cells in every line, as in the first, found others in line 3"),
        ("1\n2\n", "expected 2 columns: a, b, found 1"),
        ("x,y,z\n1,2,3\n", "expected 2 columns: a, b, found 3: x, y, z"),
        ("a,b\n", "0 lines, 2 names"),
        ("", "at least one line of numbers, found an empty file"),
        (b"\xff\xfe1,2", "UTF-8"),
        ('"1,2\n', "a CSV file at line"),
    ],
)
def test_files_that_are_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        data.read_columns(written(tmp_path, text), ["a", "b"])
    with pytest.raises(DataError, match="can be read"):
        data.read_columns(tmp_path / "none.csv", ["a"])


@pytest.mark.parametrize(
    ("days", "line"),
    [
        (("2024-01-04", "2024-01-03", "2024-01-02"), 3),
        (("2024-01-02", "2024-01-03", "2024-01-03"), 4),
        (("2024-01-02 10:00", "2024-01-02 09:00", "2024-01-03 09:00"), 3),
        (("2024-01-02T10:00+01:00", "2024-01-02T10:30+02:00", "2024-01-03"), 3),
        (("04-01-24", "03-01-24", "02-01-24"), 3),
        (("'Jan 04, 2024'", "'Jan 03, 2024'", "'Jan 02, 2024'"), 3),
        (("31/01/2024", "30/01/2024", "29/01/2024"), 3),
        (("2024\u5e7401\u670804\u65e5", "2024\u5e7401\u670803\u65e5", "2024\u5e7401\u670802\u65e5"), 3),
    ],
)
def test_the_newest_day_first_is_refused(tmp_path, days, line):
    text = "a,b,Date\n" + "".join(f"{i},{i},{day}\n" for i, day in enumerate(days)).replace("'", '"')
    with pytest.raises(DataError, match=rf"dates that rise from line to line in column 'Date'.* in line {line}"):
        data.read_columns(written(tmp_path, text), ["a", "b"])


@pytest.mark.parametrize(
    "days",
    [
        ("3/4/2024", "4/3/2024", "5/2/2024"),  # rise as day/month or as month/day
        ("2024-01-02 10:00", "2024-01-02 10:05", "2024-01-02 10:10"),
        ("3", "2", "1"),
        ("2024-01-03", "unknown", "2024-01-02"),
    ],
)
def test_a_column_beside_the_series_that_rises_or_is_no_date(tmp_path, days):
    text = "day,x\n" + "".join(f"{day},{i}\n" for i, day in enumerate(days))
    assert data.read_columns(written(tmp_path, text), ["x"]).tolist() == [[0], [1], [2]]
