"""The images of a run: loading them, and images.json, which tells later what a model of them takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdl.data import LabelledImages, TensorDataset, load_images
from xdl.errors import SettingError
from xdl.io.json_text import shown
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun

EVALUATION_BATCH = 256  # samples; without gradients only memory limits it
FORM = "images.json"
LARGEST = (4, 1024, 1024)  # shape of an image that a model is built for from a file


@dataclass(frozen=True)
class ImageForm:
    """What a model of images takes: shape (C, H, W), values from darkest to brightest; and what its classes are."""

    shape: tuple[int, ...]
    class_names: tuple[str, ...]
    darkest: float
    brightest: float


def images_of(run: Run, size: int | None = None) -> LabelledImages:
    """The data set that the run was asked to use, and images.json with its form in the run's folder.

    size: pixels of a side; images of another size are interpolated

    Raises DataError where the set cannot be had.
    """
    data = load_images(run.about["data"], size=size, data_dir=run.data_dir)
    run.say(f"data: {data.description}")
    pixels = data.train.arrays[0]
    form = {"shape": data.image_shape, "class_names": data.class_names}
    run.folder.write_json(FORM, {**form, "range": [float(pixels.min()), float(pixels.max())]})
    return data


def part_of(data: LabelledImages, samples: int) -> LabelledImages:
    """The same set with the first `samples` training images only; all of them for 0."""
    if not samples:
        return data
    images, labels = data.train.arrays
    few = TensorDataset(images[:samples], labels[:samples], num_classes=len(data.class_names))
    return replace(data, train=few, description=f"{data.description}; {len(few)} of these training images used")


def form_of(saved: SavedRun) -> ImageForm:
    """The form of the images that a saved run's model takes. Raises SettingError where it is missing or damaged."""
    content = saved.content(FORM)
    try:
        shape, names, (darkest, brightest) = content["shape"], content["class_names"], content["range"]
        right = all(type(size) is int and 1 <= size <= most for size, most in zip(shape, LARGEST, strict=True))
        right = right and isinstance(names, list) and names != [] and all(isinstance(name, str) for name in names)
        right = right and {type(darkest), type(brightest)} <= {int, float}
    except (KeyError, TypeError, ValueError):
        right = False
    if not right:
        expected = "shape, class_names and range"
        raise SettingError(f"{saved.path / FORM}", expected, shown(content), saved.how_to_resume())
    return ImageForm(tuple(shape), tuple(names), float(darkest), float(brightest))
