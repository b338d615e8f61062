"""The `xdl` command. Errors that xdl raises are printed as one line on stderr, with exit code 2."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xdl.cli_parity import parity
from xdl.cli_profile import profile
from xdl.errors import XdlError
from xdl.experiments import EXPERIMENTS, find
from xdl.experiments.settings import describe, split

REFUSED = 2  # the exit code for input that xdl refuses
INTERRUPTED = 128 + signal.SIGINT  # the one that shells give to Ctrl-C

app = typer.Typer(
    name="xdl",
    help="Deep learning that reads from model(x) down to the GEMM and back.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout and all else on stderr.")]


@app.command("list")
def list_experiments() -> None:
    """Show the experiments, one line each."""
    width = max(map(len, EXPERIMENTS))
    for experiment in EXPERIMENTS.values():
        print(f"{experiment.name:{width}}  {experiment.summary}")


@app.command()
def settings(experiment: Annotated[str, typer.Argument(help="A name from xdl list.")]) -> None:
    """Show what an experiment is about, and its settings with their defaults and ranges."""
    found = find(experiment)
    rows = describe(found.load().Settings)
    print(f"{found.summary}\n{found.shows}\n")
    for default, allowed, text in rows:
        print(f"{default}\n    {text}: {allowed}")
    print(f"\nFor example: xdl run {experiment} --set {rows[0][0]}")


@app.command()
def run(
    experiment: Annotated[str, typer.Argument(help="A name from xdl list.")],
    backend: Annotated[
        str | None, typer.Option(help="numpy, cupy or cuda-on-host; otherwise XDL_BACKEND, or numpy.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training data.")] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal runs.")] = 0,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting; may be given several times.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The run goes to OUT/EXPERIMENT/TIME/.")] = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Run an experiment: train, test, save the model, draw figures."""
    from xdl.experiments.run import run_experiment

    given = split(assignments or [])
    if epochs is not None:
        given["epochs"] = str(epochs)
    stream = sys.stderr if as_json else sys.stdout
    try:
        summary = run_experiment(experiment, given, backend_name=backend, seed=seed, out=out, stream=stream)
    except KeyboardInterrupt:
        print("xdl: interrupted; metrics.jsonl holds the epochs that were finished", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        _print_json(summary)


@app.command()
def info(
    kernels: Annotated[bool, typer.Option("--kernels", help="Show what runs each operation, by backend.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show versions, BLAS and threads, backends, data, and kernels."""
    from xdl import info

    report = info.report()
    if kernels:
        report["kernels"] = info.kernels()
    if as_json:
        _print_json(report)
    else:
        _print_tree(report, "")


app.command()(parity)
app.command()(profile)


def _print_tree(content: dict[str, Any], indent: str) -> None:
    """Names and values, one a line; lists in one line, dicts below their name."""
    for name, value in content.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _print_tree(value, indent + "    ")
        else:
            print(f"{indent}{name}: {', '.join(value) if isinstance(value, list) else value}")


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2))


def main() -> None:
    """The entry point."""
    try:
        app()
    except XdlError as error:
        print(f"xdl: {error}", file=sys.stderr)
        sys.exit(REFUSED)
