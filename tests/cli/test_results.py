"""`xdl eval`, `xdl predict` and `xdl compare`, on runs that are there."""

import json
import shutil

import numpy as np
import pytest

from tests.cli.command import refused, xdl
from xdl.data import load_digits, load_images
from xdl.plot import load_data

QUICK = ("--set", "batch_size=128", "--json")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The folders of two finished runs, and their summaries."""
    root = tmp_path_factory.mktemp("runs")
    mlp = json.loads(xdl("run", "mlp", "--epochs", "8", *QUICK, cwd=root, figures=False).stdout)
    softmax = json.loads(xdl("run", "softmax-regression", "--epochs", "5", *QUICK, cwd=root, figures=False).stdout)
    return root, mlp, softmax


def test_eval_measures_the_saved_model_again(runs):
    root, mlp, _ = runs
    result = json.loads(xdl("eval", mlp["folder"], "--json", cwd=root).stdout)
    assert result["test_loss"] == pytest.approx(mlp["test_loss"], abs=1e-6)
    assert result["test_accuracy"] == pytest.approx(mlp["test_accuracy"], abs=1e-6)
    assert (result["model"], result["images"]) == ("MLP", 359)
    assert f"test_accuracy: {result['test_accuracy']}" in xdl("eval", mlp["folder"], cwd=root).stdout.splitlines()


def test_predict_names_the_likeliest_classes(runs, tmp_path):
    root, mlp, _ = runs
    images, labels = load_digits().test.arrays
    low, high = images.min(), images.max()
    np.save(tmp_path / "four.npy", ((images[:4, 0] - low) / (high - low) * 255).astype(np.uint8))
    result = json.loads(xdl("predict", mlp["folder"], tmp_path / "four.npy", "--top", "2", "--json", cwd=root).stdout)
    guesses = [image["classes"][0]["class"] for image in result["images"]]
    assert guesses == [str(label) for label in labels[:4]]
    assert all(image["classes"][0]["probability"] > image["classes"][1]["probability"] for image in result["images"])
    assert [len(image["classes"]) for image in result["images"]] == [2] * 4
    assert result["images"][1]["name"] == f"{tmp_path / 'four.npy'}[1]"


def test_predict_says_what_is_unlike_anything_seen_in_training(runs, tmp_path):
    root, mlp, _ = runs
    images = load_digits().test.arrays[0]
    low, high = images.min(), images.max()
    rng = np.random.default_rng(0)
    np.save(tmp_path / "all.npy", np.stack([images[0, 0], low + high - images[0, 0], rng.uniform(low, high, (8, 8))]))
    np.save(tmp_path / "empty.npy", np.zeros((8, 8)))
    command = ("predict", mlp["folder"], tmp_path / "all.npy", tmp_path / "empty.npy", "--background", "dark")
    found = json.loads(xdl(*command, "--json", cwd=root).stdout)["images"]
    assert [bool(image["unlike"]) for image in found] == [False, True, True, True]
    assert found[0]["unlike"] == []
    lines = xdl(*command, cwd=root).stdout.splitlines()
    assert [line.startswith("    unlike anything seen in training") for line in lines[:7]] == [0, 0, 1, 0, 1, 0, 1]
    assert "darker than all (0.00; theirs" in lines[6]
    assert json.loads(xdl("eval", mlp["folder"], "--json", cwd=root).stdout)["unlike"] < 0.01


def test_a_run_of_an_older_xdl_says_nothing_of_likeness(runs, tmp_path):
    root, mlp, _ = runs
    shutil.copytree(root / mlp["folder"], tmp_path / "old")
    (tmp_path / "old" / "likeness.safetensors").unlink()
    np.save(tmp_path / "empty.npy", np.zeros((8, 8)))
    shown = xdl("predict", "old", "empty.npy", "--json", cwd=tmp_path).stdout
    assert json.loads(shown)["images"][0]["unlike"] is None
    assert "unlike" not in xdl("predict", "old", "empty.npy", cwd=tmp_path).stdout


def test_predict_reads_dark_ink_on_light_paper_of_any_size(runs, tmp_path):
    image_of = pytest.importorskip("PIL.Image").fromarray
    root, mlp, _ = runs
    images, labels = load_digits().test.arrays
    low, high = images.min(), images.max()
    for i in range(3):
        grey = (255 - (images[i, 0] - low) / (high - low) * 255).astype(np.uint8)
        image_of(np.kron(grey, np.ones((20, 20), np.uint8))).save(tmp_path / f"{i}.png")
    result = xdl("predict", mlp["folder"], *sorted(tmp_path.glob("*.png")), cwd=root)
    lines = result.stdout.splitlines()
    assert lines[0] == f"{tmp_path / '0.png'}: dark on light, inverted, 160x160 pixels made 8x8"
    table = lines[lines.index("") + 1 :]
    assert table[0].split() == ["image", "1.", "2.", "3."]
    assert [line.split()[1] for line in table[1:]] == [str(label) for label in labels[:3]]
    assert "%" in table[1]


def test_a_wrong_file_is_named(runs, tmp_path):
    root, mlp, _ = runs
    (tmp_path / "page.png").write_text("<html>")
    refused(xdl("predict", mlp["folder"], tmp_path / "page.png", cwd=root), "page.png", "PNG or JPEG")
    refused(xdl("predict", mlp["folder"], "none.png", cwd=root), "none.png", "no such file")
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    refused(xdl("predict", mlp["folder"], tmp_path / "a.gif", "--background", "dark", cwd=root), "a.gif", ".png")
    result = xdl("predict", mlp["folder"], cwd=root)
    assert result.returncode == 2
    assert "FILE" in result.stderr


def test_compare_draws_and_lists_what_differs(runs, tmp_path):
    root, mlp, softmax = runs
    figure = tmp_path / "both.png"
    result = xdl("compare", mlp["folder"], softmax["folder"], "--out", figure, "--json", cwd=root)
    compared = json.loads(result.stdout)
    assert figure.read_bytes().startswith(b"\x89PNG")
    first, second = compared["runs"]
    assert (first["run"], second["run"]) == ("mlp", "softmax-regression")
    assert (first["epochs"], second["epochs"]) == (8, 5)
    assert (first["optimizer"], second["optimizer"]) == ("adam", "sgd")
    assert (first["hidden"], second["hidden"]) == ("200,100", None)
    assert "batch_size" not in first  # the same in both
    assert first["test_accuracy"] == mlp["test_accuracy"]
    shown = xdl("compare", mlp["folder"], softmax["folder"], "--out", figure, cwd=root).stdout
    assert shown.splitlines()[0].split() == ["mlp", "softmax-regression"]
    assert f"figure: {figure}" in shown
    assert "the runs are of 2 experiments: mlp, softmax-regression" in shown.splitlines()
    data = load_data(tmp_path / "both.safetensors")
    assert compared["data"] == str(tmp_path / "both.safetensors")
    assert (data.kind, data.title) == ("comparison", "mlp, softmax-regression on digits")
    assert data.options["caption"] == compared["differ"]


def test_compare_takes_runs_that_are_not_finished(runs, tmp_path):
    root, mlp, softmax = runs
    part = tmp_path / "part"
    shutil.copytree(root / mlp["folder"], part)
    (part / "summary.json").unlink()
    compared = json.loads(xdl("compare", part, root / softmax["folder"], "--json", cwd=tmp_path).stdout)
    assert compared["runs"][0]["test_accuracy"] is None
    assert compared["runs"][0]["validation_accuracy"] > 0.5
    assert (tmp_path / "comparison.png").exists()
    rows = [line.split()[0] for line in xdl("compare", part, part, cwd=tmp_path).stdout.splitlines() if line]
    assert "validation_accuracy" in rows
    assert "test_accuracy" not in rows  # none has it


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("eval", "nowhere"), ("nowhere/run.json", "xdl run makes them")),
        (("compare", "MLP"), ("two runs or more, found 1",)),
        (("compare", "MLP", "nowhere"), ("nowhere/run.json",)),
        (("compare", "MLP", "MLP", "--out", "a.jpg"), (".png",)),
        (("eval", "MLP", "--data", "digit"), ("'digit'", "Did you mean 'digits'?")),
        (("predict", "MLP", "a.npy", "--background", "grey"), ("a.npy",)),
    ],
)
def test_wrong_input_gets_one_clear_line(runs, arguments, parts):
    root, mlp, _ = runs
    given = [mlp["folder"] if argument == "MLP" else argument for argument in arguments]
    refused(xdl(*given, cwd=root), *parts)


def test_runs_without_a_model_say_so(runs, tmp_path):
    root, mlp, _ = runs
    xdl("run", "forward-by-hand", cwd=tmp_path, figures=False)
    (folder,) = (tmp_path / "runs" / "forward-by-hand").iterdir()
    refused(xdl("eval", folder, cwd=tmp_path), "a classifier of images", "forward-by-hand")
    part = tmp_path / "part"
    shutil.copytree(root / mlp["folder"], part)
    (part / "model.safetensors").unlink()
    refused(xdl("eval", part, cwd=tmp_path), "no model.safetensors", "xdl run", "--resume")
    (part / "model.safetensors").write_bytes(b"damaged")
    refused(xdl("eval", part, cwd=tmp_path), "model.safetensors", f"Remove {part / 'summary.json'} and go on")
    (part / "summary.json").unlink()
    assert xdl("run", part, "--resume", cwd=tmp_path, figures=False).returncode == 0
    assert (part / "model.safetensors").read_bytes() == (root / mlp["folder"] / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("file", "content", "command"),
    [
        ("images.json", "{}", "eval"),
        ("images.json", '{"shape": 3, "class_names": [], "range": [0, 1]}', "eval"),
        ("images.json", '{"shape": [], "class_names": ["a"], "range": [0, 1]}', "predict"),
        ("images.json", '{"shape": [1, 8, 8], "class_names": [3], "range": [0, 1]}', "predict"),
        ("likeness.safetensors", "nothing", "predict"),
        ("metrics.jsonl", '{"epoch": 1}\n{"epo', "compare"),
        ("metrics.jsonl", "3\n", "compare"),
        ("run.json", '{"experiment": "mlp", "settings": [], "seed": 0, "data": null}', "eval"),
        ("summary.json", "[]", "compare"),
    ],
)
def test_damaged_files_of_a_run_are_named(runs, tmp_path, file, content, command):
    root, mlp, softmax = runs
    part = tmp_path / "part"
    shutil.copytree(root / mlp["folder"], part)
    (part / file).write_text(content)
    others = {"compare": [root / softmax["folder"]], "predict": ["none.png"]}.get(command, [])
    refused(xdl(command, part, *others, cwd=tmp_path), str(part / file))


def test_eval_refuses_images_of_other_classes(runs, tmp_path):
    root, mlp, _ = runs
    part = tmp_path / "part"
    shutil.copytree(root / mlp["folder"], part)
    form = json.loads((part / "images.json").read_text())
    (part / "images.json").write_text(json.dumps(form | {"class_names": [*"abcdefghij"]}))
    refused(xdl("eval", part, "--data", "digits", cwd=tmp_path), "of a, b, c", "of 0, 1, 2", "Leave --data out")


def test_data_that_are_missing_say_where_to_put_them(tmp_path):
    result = xdl("run", "mlp", "--data", "mnist", cwd=tmp_path, XDL_CACHE=str(tmp_path), XDL_OFFLINE="1")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert "XDL_DATA_DIR" in result.stderr.splitlines()[-1]
    assert not (tmp_path / "runs").exists()


def test_the_images_of_a_run_are_those_of_the_library(runs):
    root, mlp, _ = runs
    form = json.loads((root / mlp["folder"] / "images.json").read_text())
    data = load_images("digits")
    assert form["shape"] == list(data.image_shape)
    assert form["class_names"] == list(data.class_names)
    assert form["range"] == [float(data.train.arrays[0].min()), float(data.train.arrays[0].max())]
