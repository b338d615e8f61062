"""Settings from a TOML file: names, types, ranges, and who wins."""

import json
import os

import pytest

from tests.cli.command import refused, xdl


def config(folder, text):
    (folder / "settings.toml").write_text(text)
    return ("--config", "settings.toml")


def test_a_file_gives_settings_and_the_command_line_wins(tmp_path):
    text = 'lr = 1\nhidden = [7, 6]\nactivation = ["tanh"]\nepochs = 2\nbatch_norm = true\ndropout = 0.1\n'
    given = config(tmp_path, text)
    result = xdl("run", "mlp", *given, "--epochs", "1", "--set", "lr=0.01", "--json", cwd=tmp_path, figures=False)
    assert result.returncode == 0, result.stderr
    settings = json.loads(result.stdout)["settings"]
    assert settings["hidden"] == [7, 6]
    assert settings["activation"] == ["tanh"]
    assert (settings["lr"], settings["epochs"], settings["batch_norm"]) == (0.01, 1, True)
    (folder,) = (tmp_path / "runs" / "mlp").iterdir()
    assert json.loads((folder / "run.json").read_text())["settings"] == settings


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("lr = 'fast'", ("settings.toml lr: expected a number, found 'fast'", "lr = 0.01")),
        ("epochs = 2.5", ("settings.toml epochs", "a whole number", "found 2.5")),
        ("epochs = true", ("settings.toml epochs", "a whole number", "found True")),
        ("batch_norm = 1", ("settings.toml batch_norm", "true or false", "found 1")),
        ("hidden = 7", ("settings.toml hidden", "a list", "found 7", "hidden = [3]")),
        ('hidden = ["7"]', ("settings.toml hidden", "a whole number", "found '7'")),
        ("optimizer = 3", ("settings.toml optimizer", "a text in quotes", 'optimizer = "adam"')),
        ("lr = -1", ("settings.toml lr", "above 0", "found -1")),
        ("lr = inf", ("settings.toml lr", "a number", "found inf")),
        ("hiden = [7]", ("settings.toml", "'hiden'", "Did you mean 'hidden'?")),
        ("seed = 7", ("settings.toml", "'seed'", "--seed")),
        ("lr = ", ("--config settings.toml", "a TOML file", "Invalid value", "lr = 0.01")),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, parts):
    refused(xdl("run", "mlp", *config(tmp_path, text), cwd=tmp_path), *parts)
    assert not (tmp_path / "runs").exists()


def test_a_file_that_cannot_be_read(tmp_path):
    refused(xdl("run", "mlp", "--config", "none.toml", cwd=tmp_path), "none.toml", "No such file")
    refused(xdl("run", "mlp", "--config", ".", cwd=tmp_path), "--config", "directory")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    refused(xdl("run", "mlp", "--config", "bytes.toml", cwd=tmp_path), "bytes.toml", "a TOML file")


def test_what_takes_memory_or_never_ends_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    for path, said in (("/dev/zero", "a device or a pipe"), ("pipe.toml", "a device or a pipe")):
        refused(xdl("run", "mlp", "--config", path, cwd=tmp_path), path, said)
    texts = {
        "a = " + "[" * 10_000: "too deep",
        "a." * 10_000 + "a = 1": "more than three parts",
        "epochs = " + "9" * 5000: "4300 digits",
        "epochs = 0x" + "f" * 5000: "more than 64 bits",
        "#" * 40_000: "more than 32768 bytes",
        "lr = 1\nlr = 2": "overwrite",
        "n" * 20_000 + " = 1": "a setting of this experiment, found 'nnn",
        "lr = '" + "n" * 20_000 + "'": "a number, found 'nnn",
    }
    for text, said in texts.items():
        result = xdl("run", "mlp", *config(tmp_path, text), cwd=tmp_path)
        refused(result, "settings.toml", said)
        assert len(result.stderr) < 1000
    refused(xdl("run", "mlp", "--set", f"epochs={'9' * 4000}", cwd=tmp_path), "--set epochs", "a whole number")


def test_settings_shows_what_a_data_set_changes(tmp_path):
    usual, mnist = (
        json.loads(xdl("settings", "book-cnn", *more, "--json", cwd=tmp_path).stdout)
        for more in ((), ("--data", "mnist"))
    )
    assert usual["epochs"] == {
        "default": "20",
        "allowed": "a whole number, at least 1",
        "help": usual["epochs"]["help"],
    }
    assert (usual["schedule"]["default"], mnist["schedule"]["default"]) == ("constant", "cosine")
    assert mnist["batch_size"]["default"] == usual["batch_size"]["default"] == "32"
