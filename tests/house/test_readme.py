"""The README says what is: its commands have the promised form, its example runs, its names exist."""

import os
import re
import subprocess
import sys
from time import sleep

from tests.house.source import ROOT, modules

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_it_begins_with_two_commands_of_one_line_each():
    commands = [text for language, text in BLOCKS if language == "sh"]
    assert [language for language, _ in BLOCKS[:2]] == ["sh", "sh"]
    assert [text.count("\n") for text in commands[:2]] == [1, 1]
    assert all(text.startswith("python3 -m venv .venv && .venv/bin/pip install") for text in commands[:2])
    assert commands[0].endswith("xdl run lenet\n")
    assert "pytest" in commands[1]
    assert TEXT.index("```sh") < TEXT.index("\n## ")


EXAMPLE, RESUMING = [text for language, text in BLOCKS if language == "python"]


def test_the_example_trains():
    command = [sys.executable, "-c", EXAMPLE]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert float(printed.rpartition(":")[2]) > 0.3  # guessing gives 0.1


def test_the_resuming_example_ends_with_the_same_weights_after_a_kill(tmp_path):
    def start(name):
        (tmp_path / name).mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([sys.executable, "-c", RESUMING], cwd=tmp_path / name, env=environment)

    assert start("whole").wait() == 0
    killed = start("killed")
    last = tmp_path / "killed" / "runs" / "mine" / "last.safetensors"
    while not last.exists():
        assert killed.poll() is None
        sleep(0.01)
    killed.kill()
    assert killed.wait() == -9
    assert start("killed").wait() == 0
    whole, resumed = (tmp_path / name / "runs" / "mine" / "model.safetensors" for name in ("whole", "killed"))
    assert whole.read_bytes() == resumed.read_bytes()


def test_its_commands_and_options_exist():
    rows = re.findall(r"^\| `xdl (\w+).*", TEXT, re.MULTILINE)
    assert {"list", "run", "info"} <= set(rows)
    for row in re.finditer(r"^\| `xdl (\w+)(.*)", TEXT, re.MULTILINE):
        command = [sys.executable, "-m", "xdl", row[1], "--help"]
        shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert set(re.findall(r"--\w+", row[2])) <= set(re.findall(r"--\w+", shown))


def test_the_files_that_it_names_exist():
    named = re.findall(r"`((?:xdl|kernels|backends|tests|bench)/[\w./]*)`", TEXT)
    assert len(named) > 7
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_its_environment_variables_are_those_of_the_source():
    source = "".join(path.read_text(encoding="utf-8") for path in modules().values())
    read = set(re.findall(r'environ(?:\.get\(|\[)"(\w+)"', source))
    assert set(re.findall(r"`(XDL_\w+|CXX)`", TEXT)) == read


def test_the_packages_that_it_names_exist():
    named = re.findall(r"`(xdl\.\w+)`", TEXT)
    assert named
    assert [name for name in named if name not in modules()] == []
