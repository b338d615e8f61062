"""`xdl docs` lists the pages, prints one, and helps with wrong names; the recipes of the contributing page work."""

import json
import os
import pty
import subprocess
import sys

from typer.testing import CliRunner

from tests.cli.command import ENVIRONMENT, refused, xdl
from tests.docs.pages import TEXTS, blocks
from tests.house.source import ROOT
from xdl.cli.app import app
from xdl.docs import PAGES, page


def printed(*words):
    """What the command prints into a pipe."""
    result = CliRunner().invoke(app, ["docs", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_lists_the_pages_and_prints_one():
    listed = printed().splitlines()
    assert [line.split()[0] for line in listed[: len(PAGES)]] == list(PAGES)
    assert page("gpu").summary in listed[PAGES.index("gpu")]
    assert printed("gpu") == (ROOT / "xdl/docs/gpu.md").read_text(encoding="utf-8")


def test_json_holds_the_same():
    assert json.loads(printed("--json"))["data"] == page("data").summary
    found = json.loads(printed("first-network", "--json"))
    assert (found["name"], found["title"]) == ("first-network", "A first network, step by step")
    assert "```python\nimport xdl\n" in found["text"]


def test_an_unknown_page_gets_the_nearest(tmp_path):
    refused(xdl("docs", "bibliografy", cwd=tmp_path), "Did you mean 'bibliography'?")


def test_a_terminal_gets_it_rendered(tmp_path):
    ours, theirs = pty.openpty()
    environment = ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "xdl", "docs", "supported"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # the other side is closed
            pass
        os.close(ours)
    assert process.returncode == 0, shown
    text = shown.decode()
    assert "\x1b[" in text
    assert "What is supported" in text
    assert "# What is supported" not in text


def test_the_new_experiment_of_the_contributing_page_runs(tmp_path):
    folder = tmp_path / "experiments" / "chance"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""Chance."""\n')
    named = {block.what: block.text for block in blocks(TEXTS["contributing"]) if block.what.startswith("chance/")}
    assert set(named) == {"chance/table.py", "chance/dice.py"}
    for name, text in named.items():
        (folder.parent / name).write_text(text)
    start = f"import xdl.experiments as e; e.__path__.append({str(folder.parent)!r}); from xdl.cli import main; main()"
    ended = xdl("run", "dice", "--set", "dice=25", "--json", cwd=tmp_path, start=("-c", start))
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert summary["shows"] == "rows 1.13; hwdong 1.4.1"
    assert 4 < summary["std_of_one"] / summary["std_of_mean"] < 6  # the root of 25, by chance
