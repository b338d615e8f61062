"""Any command line: hypothesis writes them, of all commands and options, and each ends as the page on commands says."""

import io
import json
from dataclasses import replace

import pytest
import typer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cli.in_process import CODES, steers, xdl
from xdl.cli import parity
from xdl.cli.app import app
from xdl.errors import SettingError
from xdl.experiments.reported import rows
from xdl.profiling import steps
from xdl.runs import repeat
from xdl.runs.start import Plan, RunRequest, finish, start, underway

ENCODINGS = ("utf-8", "ascii", "latin-1", "cp1252", "shift_jis")
STRANGE = (
    *("", " ", "-", "--", "-1", "0", "1", "nan", "inf", "1e400", "0x10", "9" * 30, "9" * 5000, "a" * 300, "true"),
    *(
        "\x1b[31mred\x1b[0m",
        "a\nb",
        "\r",
        "\x9b2J",
        "\u202eexe.gpj",
        "a\u200bb",
        "\udcff\udc80",
        "纪",
        "é",
        "🐍",
        "$\\frac$",
    ),
    *("=", "=3", "lr=", "lr=nan", "lr=0x1", "hidden=", "hidden=1,,2", "hidden=-1", "epochs=" + "9" * 40, "lr=\x1b[2J"),
    *(
        "a/b/c",
        "~",
        "~nobody/x",
        "*",
        "%s",
        "{x}",
        "~" * 300,
        "x.png",
        "é.png",
        "\udcff.png",
        "x.json",
        "numpy",
        "cupy",
    ),
    *("mlp", "digits", "iris", "losses", "mnist", "commands", "RUN", "RUN/run.json", "FIGURE", "a.npy", "page.png"),
    *("--help", "--json", "/dev/full", "/dev/null", "/proc/self/mem", "/nowhere/x", "http://", "http://[", "x=\udcff"),
)
letters = st.characters(exclude_characters="\0", exclude_categories=("Cs",))  # what an argument can hold
words = st.one_of(
    st.sampled_from(STRANGE), st.text(letters, max_size=12).map(lambda s: s.replace("..", "").lstrip("/"))
)


def commands(command, names=()):
    """(names, parameters) of every command."""
    if hasattr(command, "commands"):
        for name, below in command.commands.items():
            yield from commands(below, (*names, name))
    else:
        yield names, command.params


COMMANDS = {" ".join(names): parameters for names, parameters in commands(typer.main.get_command(app))}


@st.composite
def lines(draw):
    """A command line, most often of a command that there is, with options that it has."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    line = name.split()
    for parameter in COMMANDS[name]:
        if not parameter.opts[0].startswith("-"):
            good = {"experiment": ["mlp", "losses"], "run": ["RUN"], "runs": ["RUN"], "files": ["FIGURE"]}
            few = st.lists(st.one_of(st.sampled_from(good.get(parameter.name, ["a.npy"])), words), max_size=2)
            line += draw(few)
        elif draw(st.integers(0, 3)) == 0:
            line.append(parameter.opts[0])
            if not getattr(parameter, "is_flag", False):
                line.append(draw(words))
    return line + draw(st.lists(words, max_size=1))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a finished run in "RUN", the data of a figure in "FIGURE", and other files."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("matplotlib", "matplotlib.figure", "matplotlib.backends.backend_agg"):
            patch.setitem(__import__("sys").modules, name, None)
        request = RunRequest({"epochs": "1", "samples": "100", "hidden": "4"})
        start("mlp", request, out=folder / "out", stream=io.StringIO()).perform()
    (run,) = (folder / "out" / "mlp").iterdir()
    (folder / "RUN").symlink_to(run)
    (folder / "FIGURE").symlink_to(run / "figures" / "curves.safetensors")
    (folder / "page.png").write_text("<html>")
    (folder / "a.npy").write_bytes(b"\x93NUMPY")
    return folder


@pytest.fixture
def without_work(monkeypatch):
    """Trainings and measurements do nothing; nothing is downloaded."""

    def perform(plan):
        with underway(plan.experiment, plan.run):
            return finish(plan.experiment, plan.run, {"steps": 0}, 0.0)

    def refuse(*_):
        raise SettingError("profile", "time", "none")

    monkeypatch.setattr(Plan, "perform", perform)
    monkeypatch.setattr(repeat.RepeatPlan, "perform", perform)
    monkeypatch.setattr(steps, "measure", refuse)
    monkeypatch.setattr(parity, "measure", lambda *_: [])
    monkeypatch.setattr(rows, "ROWS", [replace(row, measure=lambda _: "nothing") for row in rows.ROWS])
    monkeypatch.setenv("XDL_OFFLINE", "1")


def check(line, place, encoding):
    ended = xdl(*line, cwd=place, encoding=encoding)
    assert ended.code in CODES
    assert "Traceback" not in ended.errors
    assert steers(ended.out + ended.errors) == set()
    if ended.code == 2:
        assert ended.errors.startswith(("xdl: ", "Usage: "))
        assert len(ended.errors) < 6000
    if ended.code == 0 and "--json" in line and line[0] != "parity" and "--help" not in line:
        assert [json.loads(text) for text in ([ended.out] if line[0] != "follow" else ended.out.splitlines())]


FUZZ = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=80, derandomize=True, **FUZZ)
@given(lines(), st.sampled_from(ENCODINGS))
@example(["run", "mlp", "--out", "\udcff"], "utf-8")
@example(["run", "mlp", "--epochs", "9" * 400], "utf-8")
@example(["run", "mlp", "--seeds", "9" * 30], "utf-8")
@example(["run", "mlp", "--json", "--out", "纪"], "ascii")
@example(["tune", "mlp", "--set", "lr=log(1,2)", "--study", "\udcff"], "utf-8")
@example(["tune", "mlp", "--set", "lr=log(1,2)", "--trials", "1"], "ascii")
@example(["tune", "mlp", "--set", "lr=\x1b(1,2)", "--out", "/dev/null"], "ascii")
@example(["tune", "mlp", "--set", "lr=log(1,2)", "--out", "/dev/null"], "ascii")
@example(["predict", "RUN", "\udcff.png"], "latin-1")
@example(["predict", "RUN", "~" * 300], "latin-1")
@example(["settings", "mlp\x1b[2J"], "cp1252")
@example(["settings", "--\x1b[2J"], "utf-8")
@example(["parity", "--json", "/dev/null"], "utf-8")
@example(["parity", "--json", ""], "utf-8")
def test_every_command_line_ends_as_documented(place, without_work, line, encoding):
    check(line, place, encoding)


@pytest.mark.slow
@settings(max_examples=5000, **FUZZ)
@given(lines(), st.sampled_from(ENCODINGS))
def test_thousands_of_command_lines_end_as_documented(place, without_work, line, encoding):
    check(line, place, encoding)
