"""The readers of S&P 500 and CSI 300, on tiny files and, where they are, on the real ones."""

import os
from datetime import date

import numpy as np
import pytest

from xdl.data import load_csi300, load_sp500
from xdl.data.fetching.listing import data_set
from xdl.data.series.csi300 import read_csi300
from xdl.errors import DataError, SettingError

RAW, PREPARED = "沪深300历史数据.csv", "hs300_data_seq_nodate.csv"
SP500 = """Date,Open,High,Low,Close,Volume
03-01-00,1469.25,1478,1438.36,1455.22,931800000
04-01-00,1455,1456,1397,1399,1009000000
"""


def write(base, folder, file, text):
    (base / folder).mkdir(exist_ok=True)
    (base / folder / file).write_text(text, encoding="utf-8")


def test_sp500(tmp_path):
    write(tmp_path, "sp500", "sp500.csv", SP500)
    table = load_sp500(tmp_path)
    assert table.names == ("open", "high", "low", "close", "volume")
    assert table.column("close").tolist() == [1455.22, 1399]
    assert table.dates == (date(2000, 1, 3), date(2000, 1, 4))
    assert data_set("sp500", tmp_path).state == "in the data folder"
    write(tmp_path, "sp500", "sp500.csv", SP500.replace("1397", "0"))
    with pytest.raises(DataError, match="numbers above 0 in column 'Low', found 0"):
        load_sp500(tmp_path)


def test_the_raw_csi300_is_converted_to_the_prepared_form(tmp_path):
    write(tmp_path, "hs300", RAW, "2005-01-04,1 ,982.794,741286894,4431977400,\n2005-01-05,2 ,992.5,7e8,4.5E+9,\n")
    write(tmp_path, "hs300", PREPARED, "1  , 982.794 , 74.1287 , 44.3198\n2  , 992.5 , 70 , 45\n3,990,71,46\n")
    raw, prepared = load_csi300(tmp_path, "raw"), load_csi300(tmp_path)
    assert raw.names == prepared.names == ("close", "volume", "turnover")
    assert raw.values == pytest.approx(prepared.values[:2], rel=1e-6)
    assert (raw.dates[0], prepared.dates, len(prepared)) == (date(2005, 1, 4), None, 3)
    assert data_set("csi300", tmp_path).note == ""
    (tmp_path / "hs300" / RAW).unlink()
    assert RAW in data_set("csi300", tmp_path).note
    with pytest.raises(DataError, match=f"hs300/{RAW} in the data folder, found no such file"):
        load_csi300(tmp_path, "raw")


def test_a_file_of_the_index_may_lie_anywhere_and_begin_with_any_day(tmp_path):
    write(tmp_path, "a", "raw", "2005-01-05,7 ,982.794,741286894,4431977400,\n2005-01-06,8 ,992.5,7e8,4.5E+9,\n")
    write(tmp_path, "a", "prepared", "7,982.794,74.1287,44.3198\n8,992.5,70,45\n")
    raw, prepared = read_csi300(tmp_path / "a" / "raw"), read_csi300(tmp_path / "a" / "prepared")
    assert raw.values == pytest.approx(prepared.values, rel=1e-6)
    write(tmp_path, "a", "prepared", "7,982.794,74.1287,44.3198\n9,992.5,70,45\n")
    with pytest.raises(DataError, match="day number 8 in line 2, found 9"):
        read_csi300(tmp_path / "a" / "prepared")
    for other in ("982.794,74.1287,44.3198\n", "a,b,c,d\n1,2,3,4\n"):
        write(tmp_path, "a", "other", other)
        assert read_csi300(tmp_path / "a" / "other") is None


def test_what_is_missing_or_has_gaps_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("XDL_DATA_DIR", raising=False)
    with pytest.raises(DataError, match=r"Set XDL_DATA_DIR to a folder with sp500/sp500.csv"):
        load_sp500()
    with pytest.raises(SettingError, match="raw or prepared, found 'cooked'"):
        load_csi300(tmp_path, "cooked")
    write(tmp_path, "hs300", PREPARED, "1,982,74,44\n3,990,71,46\n")
    with pytest.raises(DataError, match=r"day number 2 in line 2, found 3. Days are missing"):
        load_csi300(tmp_path)
    assert data_set("sp500", tmp_path).state == "missing"


@pytest.mark.skipif("XDL_DATA_DIR" not in os.environ, reason="the index is not in this data folder")
def test_the_real_files_agree_on_the_days_that_both_have():
    try:
        raw, prepared = load_csi300(form="raw"), load_csi300()
    except DataError as error:
        pytest.skip(str(error))
    assert (len(raw), len(prepared)) == (3442, 3457)
    common = prepared.values[: len(raw)]
    assert (raw.column("close") == common[:, 0]).all()
    six_digits = np.vectorize(lambda value: float(f"{value:.6g}"))
    assert (six_digits(raw.values[:, 1:]) == common[:, 1:]).all()
