"""README begins with the two promised commands, fits on a page, and its example trains; so do those of the pages."""

import os
import subprocess
import sys
from time import sleep

from tests.docs.pages import README, TEXTS, blocks, program
from tests.house.source import ROOT

TEXT = README.read_text(encoding="utf-8")
LONGEST = 90  # lines: one page


def test_it_begins_with_two_commands_of_one_line_each():
    first, second = blocks(TEXT)[:2]
    assert [block.language for block in (first, second)] == ["sh", "sh"]
    for block in (first, second):
        assert block.text.count("\n") == 1
        assert block.text.startswith("python3 -m venv .venv && .venv/bin/pip install")
    assert first.text.endswith("xdl run lenet\n")
    assert "pytest" in second.text
    assert TEXT.index("```sh") < TEXT.index("\n## ")


def test_it_fits_on_a_page():
    assert len(TEXT.splitlines()) <= LONGEST


def test_the_example_trains():
    command = [sys.executable, "-c", program(TEXT)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert float(printed.rpartition(":")[2]) > 0.3  # guessing gives 0.1


def test_the_resuming_example_ends_with_the_same_weights_after_a_kill(tmp_path):
    def start(name):
        (tmp_path / name).mkdir(exist_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-c", program(TEXTS["saving-and-resuming"])], cwd=tmp_path / name, env=environment
        )

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
