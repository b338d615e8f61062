"""What the tables claim: commands and files that exist, and sections of the books that the experiments' files cite."""

import ast
import re
from dataclasses import fields
from itertools import chain
from shlex import split

import pytest
import typer

import xdl.docs
from tests.house.source import modules
from xdl.backend import NAMES
from xdl.cli.app import app
from xdl.docs import PAGES
from xdl.experiments import EXPERIMENTS, find, rows_shown
from xdl.runs.registry import PACKAGE, TABLES

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


@pytest.mark.parametrize("row", rows_shown())
def test_a_row_is_shown_by_commands_that_exist(row):
    """A test or a file shows nothing to a user: every claimed row names commands, and each of them can be given."""
    known = typer.main.get_command(app).commands
    for command in rows_shown()[row].split("; "):
        program, name, *words = split(command)
        assert program == "xdl", command
        assert name in known, command
        takes = known[name]
        if name == "data":
            takes = takes.commands[words.pop(0)]
        if name in ("run", "tune"):
            assert words.pop(0) in EXPERIMENTS, command
        if name == "docs" and words:
            assert words.pop(0) in PAGES, command
        given = {word for word in words if word.startswith("--")}
        assert given <= {option for parameter in takes.params for option in parameter.opts}, command
        settings = [word for word, before in zip(words[1:], words, strict=False) if before == "--set"]
        assert all(text.partition("=")[0] in fields_of(split(command)[2]) for text in settings), command
        backends = [word for word, before in zip(words[1:], words, strict=False) if before == "--backend"]
        assert set(backends) <= set(NAMES), command
        assert all(word.isupper() for word in set(words) - given - set(settings) - set(backends)), command


def fields_of(name):
    return {field.name for field in fields(find(name).load().Settings)}


def test_every_claimed_row_has_a_text():
    texts = xdl.docs.rows()
    assert len(texts) > 200
    assert set(rows_shown()) <= set(texts)
    assert texts["6.21"] == "LeNet-5"


def test_the_rows_that_wait_for_the_studio_are_the_only_ones_left():
    assert set(xdl.docs.rows()) - set(rows_shown()) == {"0.5", "0.12", "0.13", "1.1", "1.2", "1.3"}
