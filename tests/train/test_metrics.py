"""Accuracy, the confusion matrix, and means over batches."""

import pytest

import xdl
from xdl.errors import NonFiniteError, ShapeError
from xdl.train import RunningMeans, accuracy, confusion_matrix


def test_accuracy_is_the_share_of_right_ones(each_backend):
    logits = xdl.tensor([[0.1, 0.9], [2.0, -1.0], [0.0, 3.0]])
    assert accuracy(logits, xdl.tensor([1, 1, 1])).item() == pytest.approx(2 / 3)


def test_confusion_matrix_counts_true_by_predicted():
    assert confusion_matrix([0, 1, 1, 2], [0, 1, 2, 1], 3) == [[1, 0, 0], [0, 1, 1], [0, 1, 0]]


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
