"""What the tables claim: commands and files that exist, and sections of the books that the experiments' files cite."""

import ast
import re
import tomllib
from itertools import chain

import pytest
import typer

from tests.house.source import ROOT, modules
from xdl.cli.app import app
from xdl.experiments import EXPERIMENTS, find, rows_shown
from xdl.runs.registry import PACKAGE, TABLES

ELSEWHERE = {row: where for table in TABLES.values() for row, where in table.ELSEWHERE.items()}
AUTHORS = {"徐彬": "Xu Bin", "Xu Bin": "Xu Bin", "hwdong": "hwdong"}
BEFORE = r"(?:(?<=Xu Bin )|(?<=hwdong )|(?<=chapter )|(?<![\w.])(?=\d+\.\d))"  # a whole number alone is no section
SECTION = re.compile(BEFORE + r"(\d+(?:\.\d+)*)(?: to (\d+(?:\.\d+)*))?")


def cited(text):
    """{(author, section as a tuple of numbers)} of a text such as "hwdong 3.6.2 to 3.6.4, 4.1.6; Xu Bin 2.3"."""
    for name, author in AUTHORS.items():
        text = text.replace(name, author)
    found = set()
    for author in set(AUTHORS.values()):
        for part in re.findall(rf"{author}.*?(?=hwdong|Xu Bin|\)|;|\.\s|$)", text, re.DOTALL):
            for first, last in SECTION.findall(part):
                found |= {(author, section) for section in _range(first, last)}
    return found


def _range(first, last):
    *before, begin = map(int, first.split("."))
    end = int(last.split(".")[-1]) if last else begin
    return [(*before, number) for number in range(begin, end + 1)]


def overlap(one, other):
    """Whether one of two sections is the other or a part of it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        ("hwdong 3.6.2 to 3.6.3, 4.1", {("hwdong", (3, 6, 2)), ("hwdong", (3, 6, 3)), ("hwdong", (4, 1))}),
        ("A network of 784-500-10 (He 2016, section 4.2; hwdong 6.5.5). It has 3.7 layers.", {("hwdong", (6, 5, 5))}),
        ("徐彬's network: 5x5x32 (5.7, figure 5.5)", {("Xu Bin", (5, 7)), ("Xu Bin", (5, 5))}),
        ("Dropout (hwdong 5.4.2; 徐彬, chapter 9).", {("hwdong", (5, 4, 2)), ("Xu Bin", (9,))}),
        ("hwdong 6.3 and 6.4, Xu Bin 5. Loops 5.1", {("hwdong", (6, 3)), ("hwdong", (6, 4)), ("Xu Bin", (5,))}),
        ("Ioffe and Szegedy 2015, 3.1", set()),
    ],
)
def test_citations_are_read(text, sections):
    assert cited(text) == sections


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_the_file_of_an_experiment_cites_what_the_table_says(experiment):
    path = modules()[f"{PACKAGE}.{experiment.part}.{experiment.name.replace('-', '_')}"]
    table, file = cited(experiment.books), cited(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))
    assert table
    assert {author for author, _ in file} == {author for author, _ in table}
    strangers = [(a, s) for a, s in file if not any(a == author and overlap(s, section) for author, section in table)]
    assert strangers == []


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_a_row_that_is_claimed_names_a_command_that_runs(experiment):
    assert find(experiment.name).load().run
    assert experiment.rows
    assert len(set(experiment.rows)) == len(experiment.rows)
    for row in experiment.rows:
        assert re.fullmatch(r"\d\.\d+", row)
        assert f"xdl run {experiment.name}" in rows_shown()[row].split("; ")


def test_names_are_unique_over_all_tables():
    names = [entry[0] for table in TABLES.values() for entry in table.TABLE]
    assert len(set(names)) == len(names) == len(EXPERIMENTS)
    rows = list(chain.from_iterable(table.ELSEWHERE for table in TABLES.values()))
    assert len(set(rows)) == len(rows)


def test_rows_are_in_order():
    numbers = [[int(part) for part in row.split(".")] for row in rows_shown()]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("row", ELSEWHERE)
def test_what_shows_a_row_elsewhere_exists(row):
    where = ELSEWHERE[row]
    paths = re.findall(r"(?:xdl|tests|bench)/[\w/]+(?:\.py)?", where)
    commands = re.findall(r"\bxdl ([a-z]+)(?: ([a-z][a-z-]+))?", where)
    options = re.findall(r"--[a-z-]+", where)
    markers = re.findall(r"-m (\w+)", where)
    figures = re.findall(r"figures/(\w+)\.png", where)
    assert paths or commands or options or figures
    assert [path for path in paths if not (ROOT / path).exists()] == []
    for path in paths:
        if path.startswith("tests/") and path.endswith(".py"):
            assert "\ndef test_" in (ROOT / path).read_text(encoding="utf-8")
    known = typer.main.get_command(app).commands
    for command, following in commands:
        assert command in known
        if command == "run" and following not in ("", "of"):
            assert following in EXPERIMENTS
        if command == "data":
            assert following in known["data"].commands
    assert set(options) <= {option for parameter in known["run"].params for option in parameter.opts}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    assert set(markers) <= {line.partition(":")[0] for line in declared}
    source = modules()["xdl.experiments.shared.figures"].read_text()
    assert all(f'run.figure("{figure}"' in source for figure in figures)


def test_functions_that_rows_name_exist():
    named = {row: re.match(r"(xdl/[\w/]+)\.py: (\w+)", where) for row, where in ELSEWHERE.items()}
    found = [match for match in named.values() if match]
    assert found
    for match in found:
        assert f"\ndef {match[2]}(" in (ROOT / f"{match[1]}.py").read_text(encoding="utf-8")
