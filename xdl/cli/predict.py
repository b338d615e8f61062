"""`xdl predict`: what the saved model of a run makes of a user's inputs."""

from __future__ import annotations

from typing import Annotated

import typer

from xdl.cli.output import AsJson, RunPath, print_json, show
from xdl.runs.settings import split


def predict(
    run: RunPath,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT_OR_FILE...",
            help="What the model reads. For classifiers of images PNG or JPEG files, or arrays as .npy; for language "
            "models the beginning of a text; for translators and sentiment a sentence; for word vectors a word; for "
            "series a CSV file; for autoencoders pictures; for models that generate the word samples, or for pairs of "
            "networks a seed.",
        ),
    ],
    top: Annotated[int | None, typer.Option(min=1, help="How many of the likeliest classes to show.")] = None,
    background: Annotated[
        str | None, typer.Option(help="Of images: dark, light, or auto: what most of the border's pixels are.")
    ] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the model's kind.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the saved model of a run makes of inputs: of images the likeliest classes."""
    from xdl.runs.predict import predict
    from xdl.runs.saved_run import read_run
    from xdl.runs.task import task_of

    named = {"top": top, "background": background}
    own = {name: str(value) for name, value in named.items() if value is not None}
    result = predict(run, inputs, split(assignments or []), own)
    if as_json:
        print_json(result)
    else:
        show(task_of(read_run(run)).as_text(result))
