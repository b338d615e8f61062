"""From samples to batches. The expected forms are those of PyTorch 2.13, which a test marked torch compares."""

from collections import OrderedDict, UserDict, UserList, defaultdict, namedtuple
from types import MappingProxyType

import numpy as np
import pytest

import xdl
from xdl.data import ConcatDataset, DataLoader, collate, default_collate, default_convert
from xdl.errors import DataError, ShapeError

Point = namedtuple("Point", "x y")
ONES = np.ones(2, np.float32)

# Samples -> the batch that PyTorch makes: a Tensor as (dtype, values).
CASES = {
    "ints": ([1, 2], ("int64", [1, 2])),
    "bools": ([True, False], ("bool", [True, False])),
    "ints and bools": ([True, 2], ("int64", [1, 2])),
    "ints and floats": ([1, 2.5], ("float32", [1, 2.5])),
    "double scalars": ([np.float64(1), np.float64(2)], ("float64", [1, 2])),
    "small ints": ([np.int8(1), np.int8(-2)], ("int8", [1, -2])),
    "arrays": ([np.zeros((1, 2)), np.ones((1, 2))], ("float64", [[[0, 0]], [[1, 1]]])),
    "0-d arrays": ([np.array(3), np.array(4)], ("int64", [3, 4])),
    "Tensors": ([xdl.tensor([1.0, 2.0]), xdl.tensor([3.0, 4.0])], ("float32", [[1, 2], [3, 4]])),
    "0-d Tensors": ([xdl.tensor(1), xdl.tensor(2)], ("int64", [1, 2])),
    "two widths": ([ONES, np.zeros(2)], ("float64", [[1, 1], [0, 0]])),
    "int and float arrays": ([np.zeros(2, np.int64), ONES], ("float32", [[0, 0], [1, 1]])),
    "bool and int arrays": ([np.ones(1, bool), np.array([2], np.int32)], ("int32", [[1], [2]])),
    "empty arrays": ([np.zeros((0, 2))] * 2, ("float64", [[], []])),
    "tuples": ([(ONES, 1), (ONES, 2)], [("float32", [[1, 1]] * 2), ("int64", [1, 2])]),
    "lists": ([[1, 2], [3, 4]], [("int64", [1, 3]), ("int64", [2, 4])]),
    "empty tuples": ([(), ()], []),
    "namedtuples": ([Point(1, ONES), Point(2, ONES)], Point(("int64", [1, 2]), ("float32", [[1, 1]] * 2))),
    "dicts": (
        [{"x": ONES, "name": "a"}, {"x": ONES, "name": "b"}],
        {"x": ("float32", [[1, 1]] * 2), "name": ["a", "b"]},
    ),
    "keys of other types": ([{0: 1}, {0: 2}], {0: ("int64", [1, 2])}),
    "ordered dicts": ([OrderedDict(b=1, a=2)] * 2, OrderedDict(b=("int64", [1, 1]), a=("int64", [2, 2]))),
    "default dicts": ([defaultdict(int, a=1)] * 2, defaultdict(int, a=("int64", [1, 1]))),
    "dicts of users": ([UserDict(a=1)] * 2, UserDict(a=("int64", [1, 1]))),
    "lists of users": ([UserList([1, 2])] * 2, UserList([("int64", [1, 1]), ("int64", [2, 2])])),
    "read-only dicts": ([MappingProxyType({"a": 1})] * 2, MappingProxyType({"a": ("int64", [1, 1])})),
    "ranges": ([range(2)] * 2, [("int64", [0, 0]), ("int64", [1, 1])]),
    "strings": (["a", "b"], ["a", "b"]),
    "bytes": ([b"a", b"b"], [b"a", b"b"]),
    "nested": ([{"a": ([1, (2, "x")],)}] * 2, {"a": [[("int64", [1, 1]), [("int64", [2, 2]), ["x", "x"]]]]}),
}


def form(batch):
    """The batch with (dtype, values) for each Tensor, containers of their own types."""
    if isinstance(batch, xdl.Tensor):
        return batch.dtype, batch.tolist()
    if isinstance(batch, Point):
        return Point(*map(form, batch))
    if isinstance(batch, MappingProxyType):
        return MappingProxyType({key: form(value) for key, value in batch.items()})
    if hasattr(batch, "items"):
        clone = batch.copy()
        clone.update({key: form(value) for key, value in batch.items()})
        return clone
    return batch if isinstance(batch, str | bytes) else type(batch)(map(form, batch))


@pytest.mark.parametrize("name", CASES)
def test_a_batch_has_the_form_that_pytorch_gives_it(name):
    samples, expected = CASES[name]
    found = form(default_collate(samples))
    assert type(found) is type(expected)
    assert found == expected


@pytest.mark.torch
@pytest.mark.parametrize("name", CASES)
def test_pytorch_gives_that_form(name):
    import torch

    def theirs(value):
        if isinstance(value, xdl.Tensor):
            return torch.tensor(value.numpy())
        if isinstance(value, tuple) and not isinstance(value, Point):
            return tuple(map(theirs, value))
        return value

    def ours(value):
        if isinstance(value, torch.Tensor):
            return xdl.tensor(value.numpy())
        if isinstance(value, Point):
            return Point(*map(ours, value))
        if isinstance(value, MappingProxyType):
            return MappingProxyType({key: ours(one) for key, one in value.items()})
        if hasattr(value, "items"):
            clone = value.copy()
            clone.update({key: ours(one) for key, one in value.items()})
            return clone
        if isinstance(value, tuple):
            return list(value)  # strings of one part, which PyTorch leaves in a tuple
        return value if isinstance(value, str | bytes) else type(value)(map(ours, value))

    samples, expected = CASES[name]
    assert form(ours(torch.utils.data.default_collate(list(map(theirs, samples))))) == expected


HOLE = {"image": ONES, "box": (1, 2)}


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([None, None], r"numbers, arrays, Tensors, .*, found None in sample 0\. Let the dataset"),
        ([HOLE, {"image": None, "box": (1, 2)}], r"arrays.* at \['image'\], found None in sample 1"),
        ([HOLE, {"image": ONES, "box": (1, None)}], r" at \['box'\]\[1\], found None in sample 1"),
        ([HOLE, {"image": ONES, "box": 5}], r"a sequence as in sample 0 at \['box'\], found int in sample 1"),
        ([HOLE, {"image": ONES}], r"the same keys in every sample, found no 'box' in sample 1"),
        ([{"image": ONES}, HOLE], r"found no 'box' in sample 0"),
        ([(1, 2), (1, 2, 3)], r"the same number of parts, found \[2, 3\]"),
        ([{1, 2}, {3}], "found set in sample 0"),
        ([object(), object()], "found object in sample 0"),
        ([1, "a"], "numbers as in sample 0, found str in sample 1"),
        ([2**70, 1], "integers of 64 bits, found 1180591620717411303424"),
        ([np.ones(2, np.float16)] * 2, "a dtype of xdl's, found float16 in sample 0"),
        ([np.array(["a"])] * 2, "a dtype of xdl's, found <U1 in sample 0"),
        ([np.array([None])] * 2, "a dtype of xdl's, found object in sample 0"),
        ([np.ones(2, complex)] * 2, "a dtype of xdl's, found complex128"),
        ([np.uint64(1), np.int64(-1)], "integers with a common dtype, found int64 and uint64"),
        ([xdl.ones(2, requires_grad=True)] * 2, r"no gradient, found one that does in sample 0"),
        ([], "at least one sample"),
    ],
)
def test_what_makes_no_batch_is_refused_with_its_place(samples, message):
    with pytest.raises(DataError, match=rf"collate: expected .*{message}"):
        collate(samples)


def test_other_shapes_are_refused_with_both_and_their_samples():
    with pytest.raises(
        ShapeError, match=r"shape in every sample at \['a'\], found \(2,\) and \(3, 1\) in samples 7 and 5"
    ):
        collate([{"a": np.ones((3, 1))}, {"a": np.ones(2)}], indices=[5, 7])


class Samples:
    """A dataset of what a function makes of an index."""

    def __init__(self, make, count=7):
        self.make, self.count = make, count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        return self.make(index)


def record(index):
    return {"image": np.full((2, 2), index, np.float32), "label": index, "name": f"n{index}"}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_gives_batches_of_any_form(workers):
    loader = DataLoader(Samples(record), 3, num_workers=workers)
    *_, last = loader
    assert [len(batch["label"]) for batch in loader] == [3, 3, 1]
    assert (last["image"].shape, last["label"].tolist(), last["name"]) == ((1, 2, 2), [6], ["n6"])
    single = [batch.tolist() for batch in DataLoader(Samples(float), 3, num_workers=workers)]
    assert single == [[0, 1, 2], [3, 4, 5], [6]]
    images, labels = next(iter(DataLoader(Samples(lambda i: (ONES * i, i)), 2, num_workers=workers)))
    assert (images.tolist(), labels.tolist()) == ([[0, 0], [1, 1]], [0, 1])


def test_a_none_in_a_dataset_is_named_by_its_index():
    holes = Samples(lambda i: {"mask": None if i == 4 else ONES})
    with pytest.raises(DataError, match=r"at \['mask'\], found None in sample 4\."):
        list(DataLoader(holes, 3, num_workers=1))


def test_without_batches_samples_come_as_they_are():
    first = next(iter(DataLoader(Samples(lambda i: (ONES, i, "a")), batch_size=None)))
    assert [type(part) for part in first] == [xdl.Tensor, int, str]
    assert type(first) is type(default_convert((ONES, 1, "a"))) is list
    loader = DataLoader(Samples(record), batch_size=None, collate_fn=lambda sample: sample["image"])
    assert (len(loader), loader.batch_size, next(iter(loader)).shape) == (7, None, (2, 2))


def test_a_collate_fn_decides_the_form():
    def lengths(samples):
        return {
            "x": np.concatenate(samples),
            "lengths": [len(one) for one in samples],
            "t": xdl.ones(1),
            "k": (1, ONES),
        }

    batch = next(iter(DataLoader(Samples(lambda i: np.ones(i)), 3, collate_fn=lengths)))
    assert isinstance(batch["x"], xdl.Tensor)
    assert batch["lengths"] == [0, 1, 2]
    assert type(batch["k"]) is tuple
    assert isinstance(batch["k"][1], xdl.Tensor)
    one = next(iter(DataLoader(Samples(float), 2, collate_fn=default_collate)))
    assert one.tolist() == [0, 1]


def test_transform_and_classes_look_at_the_parts_of_tuples():
    def double(images, _):
        return images * 2

    (images,) = DataLoader(Samples(lambda i: ONES * i, 2), 2, transform=double, num_classes=None)
    assert images.tolist() == [[0, 0], [2, 2]]
    with pytest.raises(DataError, match=r"labels in \[0, 5\), found 5"):
        list(DataLoader(Samples(int), 3, num_classes=5))
    for settings in ({"transform": double}, {"num_classes": 9}):
        with pytest.raises(DataError, match="samples without keys where transform or num_classes is set, found dicts"):
            list(DataLoader(Samples(record), 3, **settings))


def test_joined_datasets_give_batches_of_any_form():
    joined = ConcatDataset([Samples(record, 2), Samples(lambda i: record(i + 2), 2)])
    batch = joined.batch([3, 0, 2])
    assert (batch["label"].tolist(), batch["name"]) == ([3, 0, 2], ["n3", "n0", "n2"])
    with pytest.raises(DataError, match="samples of the same form in every dataset"):
        ConcatDataset([Samples(record, 2), Samples(int, 2)]).batch([0, 3])
