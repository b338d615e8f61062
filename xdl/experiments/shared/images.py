"""The images of a run: loading them, and what tells later which images a model of them takes, and knows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from xdl import backend
from xdl.data import LabelledImages, TensorDataset, load_images
from xdl.data.fetching.places import locate
from xdl.data.fetching.sources import SOURCES
from xdl.data.pictures.likeness import Likeness
from xdl.data.split import stratified_order
from xdl.errors import SettingError
from xdl.io.json_text import shown
from xdl.random import Stream, initial_seed, permutation
from xdl.runs.run import Run
from xdl.runs.saved_run import SavedRun
from xdl.train import load_state, save_state

EVALUATION_BATCH = 256  # samples; without gradients only memory limits it
FORM, LIKENESS = "images.json", "likeness.safetensors"
LARGEST = (4, 1024, 1024)  # shape of an image that a model is built for from a file
HALF = 0.499  # of white: 8 of 16 and 128 of 255 are above it whatever rounding does, 7 of 16 and 127 of 255 below


@dataclass(frozen=True)
class ImageForm:
    """What a model of images takes: shape (C, H, W), values from darkest to brightest; and what its classes are."""

    shape: tuple[int, ...]
    class_names: tuple[str, ...]
    darkest: float
    brightest: float


def images_of(run: Run, size: int | None = None) -> LabelledImages:
    """The data set that the run was asked to use, and in the run's folder images.json, its form, and its `Likeness`.

    size: pixels of a side; images of another size are interpolated

    Raises DataError where the set cannot be had.
    """
    data = load_images(run.about["data"], size=size, data_dir=run.data_dir)
    run.say(f"data: {data.description}")
    if run.about["data"] == "digits" and locate(SOURCES["mnist"], run.data_dir) is not None:
        few = len(data.test)
        run.say(f"MNIST is here too: with --data mnist 10000 test images in place of {few} tell smaller differences")
    pixels = data.train.arrays[0]
    form = ImageForm(data.image_shape, data.class_names, float(pixels.min()), float(pixels.max()))
    content = {"shape": form.shape, "class_names": form.class_names, "range": [form.darkest, form.brightest]}
    run.folder.write_json(FORM, content)
    likeness = Likeness.of(pixels, data.validation.arrays[0])
    save_state(run.folder.path / LIKENESS, likeness.state_dict(), kind="likeness")
    return data


def likeness_of(saved: SavedRun, form: ImageForm) -> Likeness | None:
    """What a run has kept of its training pictures; None for a run of an older xdl.

    Raises CheckpointError for a damaged file, DataError for one of other pictures.
    """
    path = saved.path / LIKENESS
    return Likeness.from_state(load_state(path, kind="likeness"), form.shape) if path.is_file() else None


def part_of(data: LabelledImages, samples: int, label_noise: float = 0.0) -> LabelledImages:
    """The same set with `samples` of the training images, the classes as in all of them; all of them for 0.

    label_noise: the share of these images, drawn by the run's seed, that gets a label of another class
    """
    description = data.description
    if samples:
        part = chosen(data, stratified_order(data.train.arrays[1])[:samples])
        description += f"; {len(part)} of these training images used"
        data = replace(data, train=part)
    if label_noise:
        images, labels = data.train.arrays
        wrong = with_wrong_labels(labels, label_noise, len(data.class_names))
        data = replace(data, train=TensorDataset(images, wrong, num_classes=len(data.class_names)))
        description += f"; {(wrong != labels).sum()} training labels are wrong on purpose"
    return replace(data, description=description)


def with_wrong_labels(labels: Any, share: float, classes: int) -> Any:
    """Labels (N,) of which the share, drawn by the seed, is another class, each other one equally likely."""
    stream = Stream(initial_seed(), "label noise")
    chosen = permutation(len(labels), stream)[: round(share * len(labels))]
    steps = stream.integers(1, classes, (len(chosen),), backend.load("numpy").asarray([], "uint64"))
    noisy = labels.copy()
    noisy[chosen] = (noisy[chosen] + steps) % classes
    return noisy


def chosen(data: LabelledImages, indices: Any) -> TensorDataset:
    """The training images with these indices, in the order of the data set."""
    images, labels = data.train.arrays
    kept = sorted(indices)
    return TensorDataset(images[kept], labels[kept], num_classes=len(data.class_names))


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
