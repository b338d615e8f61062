"""What a trained model sees in a user's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xdl.creation import tensor
from xdl.data import prepare, read_pictures
from xdl.runs.saved_run import read_run
from xdl.tensor import no_grad


def predict(run: Path, files: Sequence[Path], *, top: int = 3, background: str = "auto") -> dict[str, Any]:
    """The likeliest classes of each picture, with their probabilities.

    files:      pictures or arrays of them, see `read_pictures`
    top:        how many classes to name, at most all
    background: see `light_on_dark`

    Returns {"run", "model", "images": [{"name", "treatment", "classes": [{"class", "probability"}]}]}. Raises
    SettingError and CheckpointError for the run, DataError naming the first file that is wrong.
    """
    saved = read_run(run)
    form, model = saved.images(), saved.model()
    images = []
    for file in files:
        for name, pixels in read_pictures(file):
            prepared, treatment = prepare(pixels, form.shape, background)
            with no_grad():
                x = tensor(form.darkest + prepared * (form.brightest - form.darkest), dtype="float32")
                probabilities = model(x.unsqueeze(0)).softmax(1)[0].tolist()
            ranked = sorted(zip(probabilities, form.class_names, strict=True), reverse=True)[:top]
            classes = [{"class": name, "probability": probability} for probability, name in ranked]
            images.append({"name": name, "treatment": treatment, "classes": classes})
    return {"run": str(run), "model": type(model).__name__, "images": images}
