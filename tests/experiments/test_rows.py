"""Every row of the checklist that this part of the library promises is shown somewhere, and what is named exists."""

import re

import pytest

from tests.house.source import ROOT
from xdl.experiments import EXPERIMENTS, rows_shown
from xdl.runs.registry import TABLES

PROMISED = (
    [f"0.{i}" for i in (1, 2, 3, 4, 6, 7, 8, 10, 11)]
    + ["2.9", "2.20", "2.21"]
    + [f"3.{i}" for i in range(22, 33)]
    + [f"4.{i}" for i in (*range(5, 17), *range(19, 33))]
    + [f"5.{i}" for i in (7, 8, 9, 10, 14, 15, 16, 17, 18)]
    + ["6.13", "6.19", "6.20", "6.21"]
    + [f"9.{i}" for i in range(1, 7)]
)


def test_every_promised_row_is_shown():
    assert [row for row in PROMISED if row not in rows_shown()] == []


def test_rows_are_in_order_and_name_commands():
    shown = rows_shown()
    assert list(shown).index("0.2") < list(shown).index("0.10") < list(shown).index("4.5") < list(shown).index("4.20")
    assert shown["5.17"] == "xdl run mlp-dropout"
    assert shown["4.21"] == "xdl run mlp; xdl run backprop-by-hand"


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_rows_have_the_checklists_form(experiment):
    assert experiment.rows
    assert all(re.fullmatch(r"\d\.\d+", row) for row in experiment.rows)


def test_files_and_experiments_that_are_named_elsewhere_exist():
    text = " ".join(where for table in TABLES.values() for where in table.ELSEWHERE.values())
    paths = re.findall(r"(?:xdl|tests|bench)/[\w/]+(?:\.py)?", text)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert [
        name for name in re.findall(r"xdl run ([a-z][a-z-]+)", text) if name not in EXPERIMENTS and name != "of"
    ] == []
