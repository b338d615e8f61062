"""The `xdl` command as people and other programs use it, in processes of its own."""

import json
import re
import subprocess
import sys

import pytest

from tests.cli.command import ENVIRONMENT, refused, xdl
from xdl import __version__
from xdl.experiments import EXPERIMENTS, parts

QUICK = ("run", "softmax-regression", "--epochs", "2", "--set", "batch_size=256")


def test_list_names_each_experiment_in_one_line(tmp_path):
    lines = xdl("list", cwd=tmp_path).stdout.splitlines()
    titles = [line.removeprefix("# ") for line in lines if line.startswith("#")]
    assert titles == list(parts())
    assert titles[0].startswith("Mathematics")
    assert [line.split()[0] for line in lines if line and not line.startswith("#")] == [
        experiment.name for experiments in parts().values() for experiment in experiments
    ]
    assert sorted(one.name for experiments in parts().values() for one in experiments) == sorted(EXPERIMENTS)
    assert all(len(line) < 122 for line in lines)
    assert list(json.loads(xdl("list", "--json", cwd=tmp_path).stdout)) == list(EXPERIMENTS)


def test_rows_say_what_they_are(tmp_path):
    lines = xdl("list", "--rows", cwd=tmp_path).stdout.splitlines()
    (lenet,) = (line for line in lines if line.startswith("6.21 "))
    assert re.split(r"\s{2,}", lenet) == ["6.21", "xdl run lenet", "LeNet-5"]


def test_the_version(tmp_path):
    ended = xdl("--version", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, f"xdl {__version__}\n")


def test_list_loads_nothing_that_it_does_not_need(tmp_path):
    code = "import sys; from xdl.cli.app import app; app(standalone_mode=False); print(*sys.modules)"
    loaded = set(xdl("list", cwd=tmp_path, start=("-c", code)).stdout.split())
    assert "typer" in loaded
    assert loaded & {"numpy", "matplotlib", "safetensors", "xdl.data", "xdl.experiments.image_networks.lenet"} == set()


def test_settings_shows_defaults_ranges_and_rows(tmp_path):
    shown = xdl("settings", "lenet", cwd=tmp_path).stdout
    for part in ("epochs=20", "at least 1", "one of sgd, adagrad", "6.21", "hwdong 6.5.1"):
        assert part in shown


def test_help_is_there_for_every_command(tmp_path):
    assert all(name in xdl("--help", cwd=tmp_path).stdout for name in ("list", "settings", "run", "info"))
    shown = xdl("run", "--help", cwd=tmp_path).stdout
    assert all(option in shown for option in ("--backend", "--epochs", "--seed", "--set", "--out", "--json"))


def test_a_pipe_gets_plain_lines(tmp_path):
    result = xdl(*QUICK, cwd=tmp_path, TERM="xterm")
    assert result.returncode == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    epochs = [line for line in lines if line.startswith("epoch")]
    assert [line.startswith(f"epoch {i}/2  train loss") for i, line in enumerate(epochs, 1)] == [True, True]
    assert "held-out fifth" in result.stdout
    assert not set("\r\x1b") & set(result.stdout)
    (folder,) = (tmp_path / "runs" / "softmax-regression").iterdir()
    assert lines[1] == f"folder: runs/softmax-regression/{folder.name}"


def test_json_leaves_nothing_else_on_stdout(tmp_path):
    result = xdl(*QUICK, "--json", "--seed", 7, "--out", "here", cwd=tmp_path)
    summary = json.loads(result.stdout)
    assert (summary["seed"], summary["settings"]["epochs"]) == (7, 2)
    assert "epoch 2/2" in result.stderr
    assert json.loads((tmp_path / summary["folder"] / "summary.json").read_text()) == summary
    assert summary["folder"].startswith("here/softmax-regression/")


def test_info_reports_what_is_here(tmp_path):
    report = json.loads(xdl("info", "--kernels", "--json", cwd=tmp_path).stdout)
    assert report["versions"]["python"] == sys.version.split()[0]
    assert report["backends"]["numpy"] == "usable"
    assert report["backends"]["cupy"] == "usable" or "pip install" in report["backends"]["cupy"]
    assert report["threads"] >= 1
    assert any("threads" in library for library in report["blas"])
    assert "1797 images" in report["data"]["digits"]
    assert report["kernels"]["conv2d"]["numpy"][-1] == "reference"
    assert len(report["kernels"]["conv2d"]["numpy"]) > 1


def test_info_for_people(tmp_path):
    shown = xdl("info", "--kernels", cwd=tmp_path).stdout
    assert "    numpy: usable" in shown.splitlines()
    assert "kernel mode: auto" in shown
    assert "relu" in shown
    assert "relu" not in xdl("info", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("run", "lenett"), ("'lenett'", "Did you mean 'lenet'?")),
        (("settings", "mpl"), ("Did you mean 'mlp'?",)),
        (("run", "mlp", "--set", "hiden=3"), ("'hiden'", "Did you mean 'hidden'?")),
        (("run", "mlp", "--set", "lr=fast"), ("--set lr: expected a number, found 'fast'",)),
        (("run", "mlp", "--set", "lr"), ("expected key=value",)),
        (("run", "mlp", "--epochs", "0"), ("epochs", "at least 1, found 0")),
        (("run", "mlp", "--seed", "-1"), ("seed", "found -1")),
        (("run", "mlp", "--backend", "numpyy"), ("Did you mean 'numpy'?",)),
        (("run", "mlp", "--backend", ""), ("a known backend, found ''",)),
        (("run", "mlp", "--backend", "cupy:x"), ("expected a number after", "'cupy:x'")),
    ],
)
def test_bad_input_gets_one_clear_line(tmp_path, arguments, parts):
    refused(xdl(*arguments, cwd=tmp_path), *parts)
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_backend_says_why(tmp_path):
    code = "import sys; sys.modules['cupy'] = None; from xdl.cli.app import main; main()"
    refused(xdl("run", "mlp", "--backend", "cupy", cwd=tmp_path, start=("-c", code)), "CuPy", "pip install")
    refused(xdl("run", "mlp", cwd=tmp_path, XDL_BACKEND="numpi"), "Did you mean 'numpy'?")


def test_a_wrong_variable_of_the_environment_is_named(tmp_path):
    refused(xdl("run", "mlp", cwd=tmp_path, XDL_KERNELS="require"), "XDL_KERNELS", "Did you mean 'required'?")
    refused(xdl("info", cwd=tmp_path, XDL_PRECISION="float64"), "XDL_PRECISION", "float32, tf32")
    refused(xdl("info", cwd=tmp_path, XDL_NUM_THREADS="all"), "XDL_NUM_THREADS", "whole number")


def test_a_folder_that_cannot_be_written_to_is_refused_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    refused(xdl("run", "mlp", "--out", "file", cwd=tmp_path), "file", "--out")


def test_a_wrong_option_is_explained(tmp_path):
    result = xdl("run", "mlp", "--epoch", "3", cwd=tmp_path)
    assert result.returncode == 2
    assert "--epochs" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_diverging_training_says_so_in_one_line(tmp_path):
    arguments = ("run", "mlp", "--set", "optimizer=sgd", "--set", "lr=1e6", "--json")
    result = xdl(*arguments, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "Warning" not in result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("xdl: Trainer.fit: expected a finite loss")
    assert "at step" in last


def test_without_matplotlib_the_run_says_what_to_install_and_goes_on(tmp_path):
    code = "import sys; sys.modules['matplotlib'] = None; from xdl.cli.app import main; main()"
    result = xdl(*QUICK, "--json", cwd=tmp_path, start=("-c", code))
    assert result.returncode == 0
    summary = json.loads(result.stdout)
    assert "pip install" in summary["figures"]
    assert result.stderr.count(summary["figures"]) == 1
    folder = tmp_path / summary["folder"]
    found = {path.stem for path in (folder / "figures").glob("*.safetensors")}
    assert found == {"curves", "predictions", "confusion", "filters"}
    assert len(found) == len(list((folder / "figures").iterdir()))
    shown = xdl("plot", *(folder / "figures").iterdir(), cwd=tmp_path)
    assert len(shown.stdout.splitlines()) == len(list((folder / "figures").glob("*.png"))) == 4
    assert summary["test_accuracy"] > 0.5


def test_a_reader_that_leaves_early_gets_no_traceback(tmp_path):
    shell = f"{sys.executable} -m xdl info --kernels | head -1"
    result = subprocess.run(shell, shell=True, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert result.stdout == "versions\n"
    assert result.stderr == ""


def test_a_run_whose_reader_leaves_says_how_to_go_on(tmp_path):
    shell = f"{sys.executable} -m xdl run mlp --epochs 300 | head -1"
    result = subprocess.run(shell, shell=True, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert result.stdout.startswith("mlp: ")
    (line,) = result.stderr.splitlines()
    (folder,) = (tmp_path / "runs" / "mlp").iterdir()
    assert line.endswith(f"go on with: xdl run runs/mlp/{folder.name} --resume")


def test_a_full_disk_ends_a_run_with_1_and_a_line_that_says_how_to_go_on(tmp_path):
    """A limit on the size of files stands for the disk: the checkpoint is too large for it, and run.json is not."""
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); "
    ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); from xdl.cli.app import main; main()"
    result = xdl("run", "mlp", "--epochs", "3", cwd=tmp_path, start=("-c", limit + ignore))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    first, second = result.stderr.splitlines()
    (folder,) = (tmp_path / "runs" / "mlp").iterdir()
    assert first.endswith(f"go on with: xdl run runs/mlp/{folder.name} --resume")
    assert "can be written, found File too large" in second
    left = {path.name for path in folder.iterdir()}
    assert left == {"events.jsonl", "images.json", "likeness.safetensors", "metrics.jsonl", "run.json"}


def test_json_is_all_that_programs_get(tmp_path):
    for arguments in (("list",), ("list", "--rows"), ("settings", "lenet"), ("info",)):
        result = xdl(*arguments, "--json", cwd=tmp_path)
        assert json.loads(result.stdout)
        assert result.stderr == ""
    assert json.loads(xdl("list", "--rows", "--json", cwd=tmp_path).stdout)["6.21"] == "xdl run lenet"
