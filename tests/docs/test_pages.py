"""README and the pages say what is: their examples run, and every command, option, file and name in them exists."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

import xdl
from tests.docs.pages import EVERYTHING, TEXTS, blocks, program
from tests.house.source import ROOT, modules
from xdl.cli.app import app
from xdl.docs import PAGES, pages
from xdl.experiments import EXPERIMENTS

COMMANDS = typer.main.get_command(app)
ELSEWHERE = {"README", "saving-and-resuming", "differences-from-pytorch", "first-network"}  # have tests of their own
RUNNING = [name for name in TEXTS if program(TEXTS[name]) and name not in ELSEWHERE]
SCRIPTS = [
    *sorted((ROOT / "bench").rglob("*.py")),
    ROOT / "xdl" / "as_torch" / "__main__.py",
    ROOT / "tests" / "as_torch" / "public" / "run.py",
]
CODE = re.findall(r"`([^`\n]+)`", EVERYTHING) + [
    line for block in blocks(EVERYTHING) if block.language == "sh" for line in block.text.splitlines()
]


def test_pages_are_the_files():
    folder = Path(xdl.__file__).parent / "docs"
    assert sorted(PAGES) == sorted(path.stem for path in folder.iterdir() if path.suffix in (".md", ".ipynb"))


def test_pages_begin_with_a_title_and_one_sentence():
    for page in pages():
        lines = page.text.splitlines()
        assert lines[0] == f"# {page.title}" != "# "
        assert lines[1] == lines[3] == ""
        assert page.summary.endswith(".")
        assert len(page.summary) <= 120, page.name


def test_the_index_lists_all_pages_in_their_order():
    assert re.findall(r"^\| \[([\w-]+)\]\(\1\.\w+\)", TEXTS["index"], re.MULTILINE) == list(PAGES[1:])
    assert all(f"(xdl/docs/{name}." in TEXTS["README"] for name in PAGES)


@pytest.mark.parametrize("name", RUNNING)
def test_its_examples_run(name, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = [sys.executable, "-W", "error::DeprecationWarning", "-c", program(TEXTS[name])]
    ended = subprocess.run(code, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-3000:]


def test_examples_are_where_readers_need_them():
    assert {"quickstart", "data", "settings", "contributing"} <= set(RUNNING)


def known(words):
    """The command that the words after `xdl` name, with the words that are left. Unknown ones are None."""
    command, words = COMMANDS, list(words)
    while words and hasattr(command, "commands"):
        command = command.commands.get(words.pop(0))
    return command, words


def options(command):
    named = {option for parameter in command.params for option in parameter.opts}
    return {option for option in named if option.startswith("--")} | {"--help"}


def leaves(command):
    """The command, or those that it groups."""
    return [leaf for each in getattr(command, "commands", {}).values() for leaf in leaves(each)] or [command]


def test_commands_options_and_experiments_exist():
    wrong, seen = [], set()
    for text in CODE:
        for words in re.findall(r"(?:^|&& |/)xdl ([a-z][^&]*)", text):
            command, rest = known(words.split())
            named = rest[0] if rest and rest[0][0].islower() else None
            given = {word for word in rest if word.startswith("--")}
            unknown = getattr(command, "name", None) in ("run", "settings", "profile") and named not in (
                None,
                *EXPERIMENTS,
                "dice",
            )
            if command is None or unknown or given - options(command):
                wrong.append(text)
            else:
                seen.add(command.name)
    assert wrong == []
    assert {"run", "list", "info", "predict", "fetch", "docs"} <= seen


def test_the_page_of_commands_names_every_command_with_its_options():
    page = TEXTS["commands"]
    for first, row in re.findall(r"^\| `xdl ([^`]+)`(.*)", page, re.MULTILINE):
        assert set(re.findall(r"--[\w-]+", row)) <= options(known(first.split())[0]), first
    for name, command in COMMANDS.commands.items():
        for path, each in getattr(command, "commands", {"": command}).items():
            full = f"{name} {path}".strip()
            rows = [row for row in page.splitlines() if re.match(rf"\| `xdl {full}\b", row)]
            own = options(each) - {"--help", "--json"}
            assert rows, full
            assert own - set(re.findall(r"--[\w-]+", "".join(rows))) == set(), full


def test_files_exist():
    named = set(re.findall(r"(?<![\w/])((?:xdl|kernels|backends|tests|bench|\.ci)/[\w./-]*\w/?)", "\n".join(CODE)))
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).exists() and "experiments/chance" not in path] == []


def test_options_of_scripts_exist():
    of_tools = {"--docformat", "--template-directory", "--output-directory", "--check"}  # pdoc's and ruff's
    known_to = {path: set(re.findall(r'"(--[\w-]+)"', path.read_text(encoding="utf-8"))) for path in SCRIPTS}
    rows = [line for line in EVERYTHING.splitlines() if line.startswith("| `bench/")]
    for text in [*CODE, *rows]:
        for path, rest in re.findall(r"(bench/\w+\.py)(.*)", text):
            assert set(re.findall(r"--[\w-]+", rest)) <= known_to[ROOT / path], text
    own = {"--version"} | {option for each in leaves(COMMANDS) for option in options(each)}
    named = {option for text in CODE for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", text)}
    assert named <= own.union(of_tools, *known_to.values())


def test_links_lead_to_files():
    for name, text in TEXTS.items():
        folder = ROOT if name == "README" else ROOT / "xdl" / "docs"
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            assert target.startswith("https://") or (folder / target).exists(), (name, target)


def test_environment_variables_are_those_of_the_source():
    source = "".join(path.read_text(encoding="utf-8") for path in modules().values())
    read = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', source)) - {
        "CONDA_PREFIX",
        "GLIBC_TUNABLES",
    }  # of conda, of glibc
    assert set(re.findall(r"^\| `(XDL_\w+|CXX)`", TEXTS["settings"], re.MULTILINE)) == read
    assert set(re.findall(r"\bXDL_\w+", EVERYTHING)) <= read


def test_names_of_packages_and_functions_exist():
    named = set(re.findall(r"\b(xdl(?:\.\w+)+)", "\n".join(CODE))) - {"xdl.save"}  # a page says that there is none
    assert len(named) > 30
    missing = []
    for dotted in named:
        parts = dotted.split(".")
        module = max((".".join(parts[:n]) for n in range(1, len(parts) + 1)), key=lambda m: (m in modules(), len(m)))
        place = __import__(module, fromlist=["_"])
        for part in parts[module.count(".") + 1 :]:
            place = getattr(place, part, None)
        if place is None:
            missing.append(dotted)
    assert missing == []


def test_versions_are_those_of_the_metadata():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.search(r"^## (\S+),", TEXTS["changelog"], re.MULTILINE)[1] == project["version"] == xdl.__version__
    tested = {version for row in re.findall(r"^\|[^|]*\| ([^|]+) \|(?! not tested)", TEXTS["supported"], re.MULTILINE)
              for version in re.findall(r"\b3\.\d+\b", row)}  # fmt: skip
    assert tested == {text.rpartition(" ")[2] for text in project["classifiers"] if re.search(r"3\.\d+$", text)}
    extras = set(project["optional-dependencies"])
    asked = {extra for text in CODE for group in re.findall(r"\.\[([\w,]+)\]", text) for extra in group.split(",")}
    assert asked <= extras
