"""What is done with runs that are there: `xdl eval`, `xdl predict`, `xdl compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xdl.cli.output import AsJson, print_json, print_tree

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
DataDir = Annotated[Path | None, typer.Option(help="A folder with data sets, looked at before XDL_DATA_DIR.")]


def evaluate(
    run: RunPath,
    data: Annotated[str | None, typer.Option(help="Another data set with the same classes and image size.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Measure the saved model of a run on the test images."""
    from xdl.runs.evaluate import evaluate

    result = evaluate(run, data, data_dir)
    if as_json:
        print_json(result)
    else:
        print_tree(result)


def predict(
    run: RunPath,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="PNG or JPEG images, or arrays as .npy.")],
    top: Annotated[int, typer.Option(min=1, help="How many of the likeliest classes to show.")] = 3,
    background: Annotated[
        str, typer.Option(help="dark, light, or auto: what most of the border's pixels are.")
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Show the likeliest classes of images, with their probabilities."""
    from xdl.runs.predict import predict
    from xdl.runs.text_table import aligned

    result = predict(run, files, top=top, background=background)
    if as_json:
        print_json(result)
        return
    for image in result["images"]:
        print(f"{image['name']}: {image['treatment']}")
    headings = ["image", *(f"{i}." for i in range(1, len(result["images"][0]["classes"]) + 1))]
    rows = [
        [image["name"], *(f"{found['class']} {found['probability']:.1%}" for found in image["classes"])]
        for image in result["images"]
    ]
    print("\n" + aligned(headings, rows))


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN RUN...", help="The folders of two or more runs.")],
    out: Annotated[Path, typer.Option(help="Where the figure with the curves goes.")] = Path("comparison.png"),
    as_json: AsJson = False,
) -> None:
    """Draw the curves of several runs in one figure, and show what differs in their settings and results."""
    from xdl.runs.compare import compare
    from xdl.runs.text_table import aligned

    result = compare(runs, out)
    if as_json:
        print_json(result)
        return
    headings = ["", *(run["run"] for run in result["runs"])]
    names = [name for name in result["runs"][0] if name != "run"]
    print(aligned(headings, [[name, *(run[name] for run in result["runs"])] for name in names]))
    print(f"\nfigure: {result['figure']}")
