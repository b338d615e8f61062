"""CSV files of every kind are read alike, and gaps are refused with the numbers of their lines."""

from datetime import date

import pytest

from xdl.data import read_csv
from xdl.errors import DataError, SettingError


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "series.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


@pytest.mark.parametrize(
    ("text", "given", "names"),
    [
        ("day,a,b\n2020-01-02,1,2.5\n2020-01-03,3,-4e1\n", {"dates": "day"}, ("a", "b")),
        (b"\xef\xbb\xbfday;a;b\r\n2020-01-02;1;2.5\r\n2020-01-03;3;-40\r\n", {"dates": "day"}, ("a", "b")),
        ("2020-01-02\t1\t2.5\n2020-01-03\t3\t-40", {"dates": 0}, ("1", "2")),
        ("02/01/20;1;2,5;\n03/01/20;3;-40;\n", {"dates": 0, "date_format": "%d/%m/%y", "decimal": ","}, ("1", "2")),
        ("2020-01-02\t1\t2.5\t\n2020-01-03\t3\t-40\t\n", {"dates": 0}, ("1", "2")),
        ("\n \nday\ta\tb\n2020-01-02\t1\t2.5\n2020-01-03\t3\t-40\n\t\t\n", {"dates": "day"}, ("a", "b")),
        ('"2020-01-02", 1 , 2.5,\n"2020-01-03",3,-40,\n', {"dates": "d", "names": ("d", "x", "y")}, ("x", "y")),
    ],
)
def test_headers_delimiters_marks_and_dates(write, text, given, names):
    table = read_csv(write(text), **given)
    assert table.names == names
    assert table.values.tolist() == [[1, 2.5], [3, -40]]
    assert table.dates == (date(2020, 1, 2), date(2020, 1, 3))


def test_columns_by_name_and_by_number(write):
    path = write("a,b,c\n1,2,x\n3,4,y\n")
    assert read_csv(path, ["b", 0]).values.tolist() == [[2, 1], [4, 3]]
    assert read_csv(path, ["b"]).dates is None
    assert read_csv(path, ["a", "b"]).column("b").tolist() == [2, 4]
    assert read_csv(path, ["a"]).rows(1).values.tolist() == [[3]]
    with pytest.raises(SettingError, match=r"number from 0 to 2, found 'd'. Known: a, b, c"):
        read_csv(path, ["d"])
    with pytest.raises(SettingError, match="found 3"):
        read_csv(path, [3])
    with pytest.raises(DataError, match=r"the name of a column, found 'aa'. Did you mean 'a'?"):
        read_csv(path, ["a"]).column("aa")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n,3\n4,nan\n5,\n", "in every cell of column 'a', found others in line 3. A series has"),
        ("b\n1\nx\n2\n1_0\ninf\n", "column 'b', found others in lines 3, 5, 6"),
        ("b\n" + "-\n" * 9, "others in lines 2, 3, 4, 5, 6 and 4 more"),
        ("\n\na,b\n1,2\n3,x\n", "column 'b', found others in line 5"),
        ('\n1,2\n"3,4\n', "a CSV file at line 3"),
        ("a\tb\n1\t2\n3\t\n", "column 'b', found others in line 3"),
        ("\tb\n1\tx\n", "column 'b', found others in line 2"),
        ("a,b\n1,2\n3\n", "2 cells in every line, as in the first, found others in line 3"),
        ("a,b\n", "lines of numbers below 2 names, found 0 lines"),
        ("", "at least one line of numbers, found an empty file"),
        (b"1,2\n\xff\xfe\n", "text in UTF-8"),
        ('1,2\n"3,4\n', "a CSV file at line"),
    ],
)
def test_gaps_and_damage_are_refused_with_their_lines(write, text, message):
    with pytest.raises(DataError) as error:
        read_csv(write(text))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"delimiter": ";;"}, "delimiter: one sign, or None to find it, found ';;'"),
        ({"delimiter": 5}, "delimiter: one sign"),
        ({"decimal": None}, 'decimal: "." or ",", found None'),
        ({"decimal": "x"}, "decimal: "),
        ({"dates": 0, "date_format": None}, "date_format as of datetime.strptime, found None"),
        ({"dates": 0, "date_format": "%Y%Y"}, "date_format as of datetime.strptime"),
        ({"dates": 0, "date_format": "%Q"}, "date_format as of datetime.strptime"),
        ({"columns": ["a"]}, "a name that one column has, or a number from 0 to 2, found 'a', which 2 have"),
    ],
)
def test_settings_that_cannot_be(write, given, message):
    with pytest.raises(SettingError) as error:
        read_csv(write("a,a,b\n1,2,3\n"), **given)
    assert message in str(error.value)


def test_columns_of_one_name_are_read_by_their_numbers(write):
    path = write("a,a\n1,2\n")
    assert read_csv(path).values.tolist() == [[1, 2]]
    assert read_csv(path, [1]).values.tolist() == [[2]]
    with pytest.raises(DataError, match="a name that one column has, found 'a' of 2"):
        read_csv(path).column("a")


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ("2020-01-02 2020-02-30 2020-01-04", "dates of the form %Y-%m-%d, found others in line 2"),
        ("2020-01-02 2020-01-02 2020-01-01", "dates that rise from line to line, found others in lines 2, 3. Sort"),
    ],
)
def test_dates_must_be_some_and_rise(write, days, message):
    text = "".join(f"{day},1\n" for day in days.split())
    with pytest.raises(DataError) as error:
        read_csv(write(text), dates=0, header=False)
    assert message in str(error.value)


MANY = ",".join(f"column {i}" for i in range(5_000))


@pytest.mark.parametrize("header", ["[" * 30_000, MANY, "close" + "a" * 30_000])
def test_long_names_do_not_fill_the_message(tmp_path, header):
    (tmp_path / "a.csv").write_text(f"{header}\n{','.join('1' * (header.count(',') + 1))}\n")
    with pytest.raises(SettingError, match="a column's name") as caught:
        read_csv(tmp_path / "a.csv", columns=["close"])
    assert len(str(caught.value)) < 5_000
