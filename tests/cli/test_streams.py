"""The `xdl` command among closed, full and odd streams, odd folders, and signals at any moment."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.command import ENVIRONMENT, NO_FIGURES, refused
from tests.cli.command import xdl as command
from tests.cli.in_process import xdl
from xdl.errors import SettingError, StorageError
from xdl.experiments.networks.mlp import Settings
from xdl.io.files import write_atomic
from xdl.printable import printable, shortened
from xdl.runs.settings import from_text

LIST = f"{sys.executable} -m xdl list"
LITTLE = f"{sys.executable} -m xdl data path iris"  # which is still in the buffer when the command is done


@pytest.mark.parametrize(
    ("shell", "code", "errors"),
    [
        (f"{LIST} > /dev/full", 1, "xdl: No space left on device\n"),
        (f"{LITTLE} > /dev/full", 1, "xdl: No space left on device\n"),
        (f"{LIST} > /dev/full 2>&1", 1, ""),
        (f"{LIST} >&-", 0, ""),
        (f"{LIST} <&- >&- 2>&-", 0, ""),
        (f"{LIST} no 2>&-", 2, ""),
        (f"mkdir gone; cd gone; rmdir ../gone; {LIST} > /dev/null", 0, ""),
        (f"mkdir gone; cd gone; rmdir ../gone; {sys.executable} -m xdl run mlp", 2, "--out"),
    ],
)
def test_streams_and_folders_that_are_not_there(tmp_path, shell, code, errors):
    environment = ENVIRONMENT | {"PYTHONUNBUFFERED": ""}  # which would leave nothing in a buffer
    done = subprocess.run(shell, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert done.stderr == errors or (errors == "--out" and errors in done.stderr), done.stderr


RAISE = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Finder())
sys.argv = ["xdl", "list", "--json"]
from xdl.cli import main
main()
"""


@pytest.mark.parametrize(
    "module", ["xdl.backend", "xdl.optim", "typer", "xdl.cli.run", "xdl.experiments.networks.table"]
)
def test_an_interrupt_while_modules_load_ends_without_a_traceback(tmp_path, module):
    done = command(cwd=tmp_path, start=("-c", RAISE.format(module=module, number=int(signal.SIGINT))))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_program_that_imports_xdl_keeps_its_interrupt(tmp_path):
    code = "import signal, xdl; assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    assert command(cwd=tmp_path, start=("-c", code)).returncode == 0


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_outside_of_a_training_ends_in_one_line(tmp_path, by, code):
    start = "import os, xdl.runs.run as r; r.Run.say = lambda *_: os.kill(os.getpid(), {}); {}"
    done = command("run", "mlp", cwd=tmp_path, start=("-c", start.format(int(by), "from xdl.cli import main; main()")))
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert line.startswith("xdl: ")
    assert "Go on with: xdl run runs/mlp/" in line


def test_an_interrupt_of_any_command_is_130(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("xdl.docs.pages", interrupted)
    assert xdl("docs") == (130, "", "xdl: interrupted\n")


def test_a_signal_at_any_moment_ends_with_its_code(tmp_path):
    ends = set()
    for tenth in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "xdl", "run", "mlp", "--epochs", "1000"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        time.sleep(0.1 + tenth / 5)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
        if "site.py" not in errors and "runpy" not in errors:  # Python itself was not yet there
            assert "Traceback" not in errors
            ends.add(process.returncode)
    assert ends <= {130, -signal.SIGINT}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_letters_that_an_encoding_lacks_are_escaped(tmp_path, encoding):
    (tmp_path / "纪").mkdir()
    ended = xdl("list", "--rows", "--json", cwd=tmp_path, encoding=encoding)
    assert ended.code == 0
    ended = xdl("predict", "纪\x1b[2J", "x", cwd=tmp_path, encoding=encoding)
    assert ended.code == 2
    assert "\\u7eaa\\x1b[2J" in ended.errors
    assert xdl("docs", "contributing", cwd=tmp_path, encoding=encoding).code == 0


def test_a_folder_that_is_no_utf8_is_refused_before_the_training(tmp_path):
    ended = xdl("run", "mlp", "--out", "runs\udcff", cwd=tmp_path)
    assert ended.code == 2
    assert "a path in UTF-8, found 'runs\\udcff'" in ended.errors
    assert list(tmp_path.iterdir()) == []


def test_a_narrow_terminal_without_letters_shows_the_bar(tmp_path):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        variables = ENVIRONMENT | {"COLUMNS": "1", "PYTHONIOENCODING": "ascii", "TERM": "xterm"}
        arguments = (*NO_FIGURES, "run", "mlp", "--quick", "--set", "samples=99")
        os.execve(sys.executable, [sys.executable, *arguments], variables)
    shown = b""
    while True:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # its end, on Linux
            break
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"Traceback" not in shown
    assert b"epoch" in shown


def test_without_a_home_folder_the_cache_must_be_named(monkeypatch, tmp_path):
    def homeless(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", homeless)
    monkeypatch.delenv("XDL_CACHE", raising=False)
    refused_line = xdl("data", "path", "mnist", cwd=tmp_path)
    assert (refused_line.code, refused_line.errors.startswith("xdl: XDL_CACHE: expected a folder")) == (2, True)
    assert xdl("info", cwd=tmp_path).code == 0
    refused(command("data", "path", "mnist", cwd=tmp_path, XDL_CACHE="~nobody-of-that-name/x"), "XDL_CACHE")


def test_huge_whole_numbers_are_refused(tmp_path):
    for value in ("9" * 19, "9" * 4000, "9" * 5000):
        ended = xdl("run", "mlp", "--set", f"hidden={value}", cwd=tmp_path)
        assert ended.code == 2
        assert len(ended.errors) < 3000
    with pytest.raises(SettingError, match=r"of at most 10{12}"):
        from_text(Settings, {"hidden": f"3,{2**63}"})


def test_no_file_takes_the_place_of_a_device_or_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/null"):
        with pytest.raises(StorageError, match="a device or a pipe"):
            write_atomic(path, b"")
    assert (tmp_path / "pipe").is_fifo()


def test_text_that_steers_a_terminal_is_escaped():
    assert printable("a\x1b[31m\n\x9b\u202e\udcff纪\t") == "a\\x1b[31m\n\\x9b\\u202e\\udcff纪\\t"
    assert printable("as it is é") == "as it is é"
    assert shortened("a" * 30 + "end", 15) == "a" * 10 + " ... aaend"
