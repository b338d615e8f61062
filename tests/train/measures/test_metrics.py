"""Accuracy, the confusion matrix, and means over batches."""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.train.around import blobs, trainer_for
from xdl.data import DataLoader
from xdl.errors import DataError, DtypeError, NonFiniteError, ShapeError
from xdl.models import MLP
from xdl.train import Accuracy, RunningMeans, accuracy, confusion_matrix


def test_accuracy_is_the_share_of_right_ones(each_backend):
    logits = xdl.tensor([[0.1, 0.9], [2.0, -1.0], [0.0, 3.0]])
    assert accuracy(logits, xdl.tensor([1, 1, 1])).item() == pytest.approx(2 / 3)


def test_confusion_matrix_counts_true_by_predicted():
    assert confusion_matrix([0, 1, 1, 2], [0, 1, 2, 1], 3) == [[1, 0, 0], [0, 1, 1], [0, 1, 0]]


def test_accuracy_of_labels_at_several_places(each_backend):
    logits = xdl.tensor(np.eye(3, dtype=np.float32)[[[0, 1], [2, 2]]].transpose(0, 2, 1))
    assert accuracy(logits, xdl.tensor([[0, 1], [2, 0]])).item() == 0.75
    kept = xdl.tensor([[0, -100], [2, 0]])
    assert Accuracy()(logits, kept).item() == pytest.approx(2 / 3)
    nothing = xdl.tensor([[-1, -1], [-1, -1]])
    assert np.isnan(Accuracy(ignore_index=-1)(logits, nothing).item())


@pytest.mark.parametrize(
    ("shape", "labels", "error", "match"),
    [
        (
            (3, 2),
            [[0], [1], [0]],
            ShapeError,
            r"output \(N, K, ...\) and target \(N, ...\), found \(3, 2\) and \(3, 1\)",
        ),
        ((3, 2), [0], ShapeError, r"\(1,\)"),
        ((3, 2), 1, ShapeError, r"\(\)"),
        ((3,), [0, 1, 0], ShapeError, r"\(3,\) and \(3,\)"),
        ((3, 2), [0, 1, 2], DataError, r"target in \[0, 2\).*found 2"),
        ((3, 2), [0, -1, 1], DataError, "found -1"),
        ((3, 2), [0.0, 1.0, 0.0], DtypeError, "integer labels as target, found float32"),
        ((3, 2), [False, True, True], DtypeError, "found bool"),
    ],
)
@pytest.mark.parametrize("metric", [accuracy, Accuracy(ignore_index=-7)])
def test_labels_that_broadcast_or_lie_outside_are_refused(metric, shape, labels, error, match):
    with pytest.raises(error, match=match):
        metric(xdl.zeros(*shape), xdl.tensor(labels))


@needs_compiler
@pytest.mark.parametrize("metric", [accuracy, Accuracy(ignore_index=-7)])
def test_on_a_device_labels_outside_are_refused_where_values_are_read(metric):
    xdl.use("cuda-on-host")
    share = metric(xdl.zeros(3, 2), xdl.tensor([0, 1, 2]))
    with pytest.raises(DataError, match="range"):
        share.item()
    assert metric(xdl.zeros(3, 2), xdl.tensor([0, 1, 0])).item() == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("target", "predicted", "error", "match"),
    [
        ([[0], [1]], [0, 1], ShapeError, r"target \(N,\)"),
        (np.zeros((2, 1), int), [0, 1], ShapeError, r"target \(N,\), found \(2, 1\)"),
        ([0, 1], np.array(1), ShapeError, r"predicted \(N,\), found \(\)"),
        ([0, 1], [0], ShapeError, "as many values in target and predicted, found 2 and 1"),
        ([0, -1], [0, 1], DataError, r"target in \[0, 2\), found -1"),
        ([0, 1], [0, 2], DataError, r"predicted in \[0, 2\), found 2"),
        ([0, 1.5], [0, 1], DtypeError, "integers as target, found float"),
        ([0, True], [0, 1], DtypeError, "found bool"),
    ],
)
def test_the_confusion_matrix_refuses_what_are_no_labels(target, predicted, error, match):
    for form in (lambda given: given, lambda given: np.array(given) if len({type(v) for v in given}) == 1 else given):
        with pytest.raises(error, match=match):
            confusion_matrix(form(target) if isinstance(target, list) else target, predicted, 2)


def test_the_confusion_matrix_takes_lists_arrays_and_tensors(each_backend):
    expected = [[1, 1], [0, 2]]
    for form in (list, np.array, xdl.tensor, lambda v: [np.int64(i) for i in v]):
        assert confusion_matrix(form([0, 0, 1, 1]), form([0, 1, 1, 1]), 2) == expected


def test_running_means_weigh_by_samples_and_may_be_read_at_any_time():
    means = RunningMeans("test")
    means.add(1, 3, {"loss": xdl.tensor(1.0), "accuracy": xdl.tensor(0.5)})
    assert means.read() == {"loss": 1.0, "accuracy": 0.5}
    means.add(2, 1, {"loss": xdl.tensor(5.0), "accuracy": xdl.tensor(1.0)})
    assert means.read() == means.read() == {"loss": 2.0, "accuracy": 0.625}
    assert means.samples == 4


def test_the_moments_of_reading_make_no_difference_to_the_last_bit():
    found = []
    for every in (1, 3, 100):
        means = RunningMeans("test")
        for step in range(1, 51):
            means.add(step, step % 7 + 1, {"loss": xdl.tensor(0.1 * step, dtype="float64")})
            if step % every == 0:
                means.read()
        found.append(means.read()["loss"])
    assert found[0] == found[1] == found[2]


def test_values_are_read_only_by_read(strict, no_synchronization):
    xdl.use("array_api_strict")
    losses = [xdl.tensor(1.0), xdl.tensor(3.0)]
    means = RunningMeans("test")
    with no_synchronization():
        for loss in losses:
            means.add(1, 2, {"loss": loss})
    assert means.read() == {"loss": 2.0}


def test_a_tensor_on_the_tape_is_let_go():
    x = xdl.tensor(2.0, requires_grad=True)
    means = RunningMeans("test")
    means.add(1, 1, {"loss": x * x})
    assert not isinstance(means._unread[0][-1], xdl.Tensor)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_the_step_of_a_loss_that_is_not_finite_is_named(value):
    means = RunningMeans("test")
    for step, loss in enumerate((1.0, 2.0, value, 3.0), 41):
        means.add(step, 1, {"loss": xdl.tensor(loss)})
    for _ in range(2):  # asked again it refuses again
        with pytest.raises(NonFiniteError, match=f"a finite loss, found {value} at step 43"):
            means.read()


def test_every_measure_is_checked_unless_it_says_otherwise():
    means = RunningMeans("test")
    means.add(1, 1, {"loss": xdl.tensor(1.0), "perplexity": xdl.tensor(float("inf"))}, unchecked={"perplexity"})
    assert means.read()["perplexity"] == float("inf")
    means.add(2, 1, {"perplexity": xdl.tensor(1.0), "critic_loss": xdl.tensor(float("nan"))})
    with pytest.raises(NonFiniteError, match="a finite critic loss, found nan at step 2"):
        means.read()


def test_the_first_step_that_was_not_finite_is_named_whatever_the_measure():
    means = RunningMeans("test")
    for step in range(1, 5):
        first, second = (float("nan") if step >= bad else 1.0 for bad in (3, 2))
        means.add(step, 1, {"a": xdl.tensor(first), "b": xdl.tensor(second)})
    with pytest.raises(NonFiniteError, match="a finite b, found nan at step 2"):
        means.read()


def test_weights_may_be_fractions_and_differ_between_measures_and_nothing_of_weight_0_counts():
    means = RunningMeans("test")
    means.add(1, 0.5, {"a": xdl.tensor(1.0), "b": xdl.tensor(5.0)})
    means.add(2, 1.5, {"a": xdl.tensor(3.0)})
    means.add(3, 0, {"a": xdl.tensor(float("nan")), "c": xdl.tensor(1.0)})
    assert means.read() == {"a": 2.5, "b": 5.0}
    assert means.samples == 2.0
    again = RunningMeans("test")
    again.load_state_dict(means.state_dict())
    again.add(4, 2, {"a": xdl.tensor(0.5)})
    assert again.read() == {"a": 1.5, "b": 5.0}


def test_a_measure_is_one_number():
    means = RunningMeans("test")
    means.add(1, 2, {"loss": xdl.tensor(1.0)})
    with pytest.raises(ShapeError, match=r"the measure loss as a Tensor of shape \(\), found \(2,\)"):
        means.add(2, 2, {"loss": xdl.tensor([1.0, 2.0])})


def test_measures_may_be_numbers(each_backend):
    means = RunningMeans("test")
    for step, value in enumerate((1, 2.0, np.float32(3.0), np.int64(4), xdl.tensor(5.0), True), 1):
        means.add(step, 1, {"f1": value})
    assert means.read() == {"f1": 16 / 6}
    means.add(7, 1, {"f1": float("nan")})
    with pytest.raises(NonFiniteError, match="a finite f1, found nan at step 7"):
        means.read()


@pytest.mark.parametrize("value", [None, "0.5", [0.5], np.array(0.5), 1j])
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(
        DtypeError, match=f"test: expected the measure f1 as a number or a Tensor, found {type(value).__name__}"
    ):
        RunningMeans("test").add(1, 1, {"f1": value})


def test_the_metric_of_another_shape_is_named_in_the_first_step():
    trainer = trainer_for(MLP((2, 3)), log_every=100)
    trainer.metrics = {"f1": lambda *_: 0.5, "each": lambda _, t: t.to("float32")}
    with pytest.raises(
        ShapeError, match=r"Trainer\.fit: expected the measure each as a Tensor of shape \(\), found \(10,\)"
    ):
        trainer.fit(DataLoader(blobs(20), 10))
    trainer.metrics = {"f1": lambda *_: 0.5}
    (record,) = trainer.fit(DataLoader(blobs(20), 10), DataLoader(blobs(20), 20))
    assert (record["train_f1"], record["validation_f1"]) == (0.5, 0.5)


def test_a_weight_on_a_device_is_read_with_the_values(each_backend):
    means = RunningMeans("test")
    for step, (value, weight) in enumerate(((2.0, 3), (float("nan"), 0), (6.0, 1)), 1):
        means.add(step, xdl.tensor(weight), {"loss": xdl.tensor(value)})
    assert means.read() == {"loss": 3.0}
    assert means.samples == 4
    means.add(4, xdl.tensor(float("nan")), {"loss": xdl.tensor(1.0)})
    with pytest.raises(NonFiniteError, match="a finite loss, found the weight nan at step 4"):
        means.read()


def test_what_never_counts_is_left_out():
    means = RunningMeans("test")
    with pytest.raises(DataError, match="at least one batch"):
        means.read()
    means.add(1, 0, {"loss": xdl.tensor(float("nan"))})
    assert means.read() == {}
