"""`xdl tune` in processes of its own: one and several on a study, killed and stopped, and what is left to go on."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from time import monotonic, sleep

import pytest

import xdl as library
from tests.cli.command import ENVIRONMENT, NO_FIGURES, refused, xdl
from tests.cli.in_process import xdl as here
from xdl.plot import load_data

SMALL = ("--set", "samples=60", "--set", "hidden=8", "--epochs", "40", "--retrain", "0")
GRID = ("--set", "lr=choice(0.001, 0.003, 0.01)", "--sampler", "grid", *SMALL)
PATIENCE = 60  # seconds


def begun(*arguments, cwd):
    """A process of the command that has just begun."""
    command = [sys.executable, *NO_FIGURES, "tune", "mlp", "--study", "s", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # shells ignore it in background jobs
    )  # fmt: skip


def wait_for(found):
    """What `found` returns, once that is something."""
    end = monotonic() + PATIENCE
    while not (result := found()):
        assert monotonic() < end
        sleep(0.01)
    return result


def working(study):
    """The numbers of the processes that train now: those of trials of which an epoch is done."""
    lines = [json.loads(line) for line in (study / "journal.log").read_text().splitlines()]
    at = [line["user_attr"]["at"] for line in lines if "at" in line.get("user_attr", {})]
    trained = [one for one in at if (study / "trials" / one["folder"] / "metrics.jsonl").exists()]
    there = {path.name for path in (study / "workers").iterdir()}
    return [int(one["worker"].partition("-")[0]) for one in trained if one.get("worker") in there]


def ranking(study):
    """{setting: result} of summary.json, with how many trials it has."""
    content = json.loads((study / "summary.json").read_text())
    return {one["settings"]["lr"]: one["value"] for one in content["ranking"]}, len(content["ranking"])


@pytest.fixture(autouse=True)
def _one_thread():
    library.set_num_threads(1)  # as in the processes


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a study that nobody interrupted, and what its command printed."""
    root = tmp_path_factory.mktemp("whole")
    ended = xdl("tune", "mlp", "--study", "s", *GRID, "--retrain", "2", cwd=root, figures=False)
    assert ended.returncode == 0, ended.stderr
    return root / "runs" / "mlp" / "s", ended.stdout


def test_a_table_a_figure_and_the_best_again(whole):
    study, printed = whole
    lines = printed.splitlines()
    assert lines[0] == "study: runs/mlp/s"
    values, count = ranking(study)
    assert (len(values), count) == (3, 3)
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["trial", "validation_loss", "lr", "ended"]
    assert [line.split()[3] for line in table[1:4]] == sorted(values, key=values.get)
    assert any(line.startswith("what to see: the best of 3 trials had validation_loss") for line in lines)
    assert "pip install" in printed  # of matplotlib, which is not here
    data = load_data(study / "parallel.safetensors")
    assert data.arrays["values"].tolist() == sorted(values.values())
    assert "from 2 fresh seeds" in data.options["caption"]
    shown = json.loads(here("tune", "mlp", "--study", "s", "--retrain", "2", "--json", cwd=study.parents[2]).out)
    assert shown == json.loads((study / "summary.json").read_text())
    assert shown["optimism"]["again"]["n"] == 2


def test_killing_one_of_several_processes_loses_nothing_but_its_time(tmp_path, whole):
    study = tmp_path / "runs" / "mlp" / "s"
    with begun(*GRID, "--jobs", "2", cwd=tmp_path) as process:
        wait_for(lambda: (study / "workers").is_dir())
        os.kill(wait_for(lambda: working(study))[0], signal.SIGKILL)
        out, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert ranking(study) == ranking(whole[0])
    assert out.count("best so far") == 3
    assert list((study / "workers").glob(f"{process.pid}-*")) == []


@pytest.mark.parametrize(
    ("by", "jobs"), [(signal.SIGTERM, 2), (signal.SIGKILL, 1), pytest.param(signal.SIGINT, 1, marks=pytest.mark.slow)]
)
def test_what_is_stopped_leaves_no_process_and_goes_on(tmp_path, whole, by, jobs):
    study = tmp_path / "runs" / "mlp" / "s"
    with begun(*GRID, "--jobs", jobs, cwd=tmp_path) as process:
        wait_for(lambda: (study / "workers").is_dir())
        workers = wait_for(lambda: working(study))
        process.send_signal(by)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[by]
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, 0)
            raise AssertionError(f"process {worker} goes on")
    if by != signal.SIGKILL:
        again = "Go on with: xdl tune mlp --study s --out runs --trials 3" + (" --jobs 2" if jobs == 2 else "")
        (line,) = errors.splitlines()
        assert line.endswith(again)
        assert list((study / "workers").iterdir()) == []
    assert here("tune", "mlp", "--study", "s", "--retrain", "0", cwd=tmp_path).code == 0
    assert ranking(study) == ranking(whole[0])
    resumed = [json.loads(path.read_text()).get("resumed", []) for path in study.glob("trials/*/run.json")]
    assert sum(map(len, resumed)) in range(1, jobs + 1)


def test_two_commands_share_a_study(tmp_path, whole):
    both = [begun(*GRID, cwd=tmp_path) for _ in range(2)]
    outs = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(out.count("best so far") for out, _ in outs) == 3
    assert ranking(tmp_path / "runs" / "mlp" / "s") == ranking(whole[0])


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("mpl",), ("Did you mean 'mlp'?",)),
        (("mlp",), ("--set", "a range", "none")),
        (("mlp", "--set", "lr=lgo(1,2)"), ("Did you mean 'log'?",)),
        (("mlp", "--set", "lr=log(1e-4,1e-1)", "--seed", "-1"), ("seed",)),
        (("losses", "--set", "k=int(1,2)"), ("'k'",)),
    ],
)
def test_bad_input_gets_one_clear_line_and_leaves_nothing(tmp_path, arguments, parts):
    code, out, errors = here("tune", *arguments, cwd=tmp_path)
    assert (code, out, errors.count("\n")) == (2, "", 1)
    assert all(part in errors for part in parts), errors
    assert list(tmp_path.iterdir()) == []


def test_without_optuna_the_install_command_is_said(tmp_path):
    code = "import sys; sys.modules['optuna'] = None; from xdl.cli.app import main; main()"
    refused(xdl("tune", "mlp", "--set", "lr=log(1,2)", cwd=tmp_path, start=("-c", code)), 'pip install "optuna>=5"')
