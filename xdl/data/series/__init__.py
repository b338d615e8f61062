"""Series: tables of numbers over time, read from CSV files or generated."""

from xdl.data.series.csi300 import load_csi300
from xdl.data.series.csv_table import read_csv
from xdl.data.series.random_walk import random_walk
from xdl.data.series.sp500 import load_sp500
from xdl.data.series.table import SeriesTable

__all__ = ["SeriesTable", "load_csi300", "load_sp500", "random_walk", "read_csv"]
