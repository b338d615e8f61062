"""What losses average over: several batches in one step, and batches of any size in a mean, are one large batch."""

import sys

import numpy as np
import pytest

import xdl
from tests.train.measures.loss_cases import CUTS, LOSSES, ONE, REAL, C, N, batches, gradients, task_of, weight
from xdl import nn, optim
from xdl.errors import SettingError
from xdl.train import Accuracy, Loop, Measures, Supervised, Task, Trainer, Unchecked

pytestmark = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # the reference divides 0 by 0


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("name", LOSSES)
def test_an_accumulated_step_and_a_mean_are_those_of_one_batch(name, reduction, each_backend):
    make, kind, target = LOSSES[name]
    loss = make()
    loss.reduction = loss.reduction if reduction == "mean" else "sum"
    whole, parts = (task_of(loss, kind) for _ in range(2))
    whole.train_step(*batches(target, (0, N)))
    parts.train_step(*batches(target, CUTS))
    np.testing.assert_allclose(gradients(parts), gradients(whole), rtol=1e-12, atol=1e-12)
    assert np.abs(gradients(whole)).max() > 1e-3
    expected = Loop(task_of(loss, kind)).evaluate(batches(target, (0, N)))
    for cuts in (CUTS, range(N + 1)):
        assert Loop(task_of(loss, kind)).evaluate(batches(target, cuts)) == pytest.approx(expected, rel=1e-12)
    if reduction == "mean":
        only = task_of(loss, kind)
        (one,) = batches(target, (0, N))
        assert expected["loss"] == pytest.approx(loss(only.model(one[0]), one[1]).item(), rel=1e-12)


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("make", [nn.CrossEntropyLoss, lambda: nn.CrossEntropyLoss(weight(), label_smoothing=0.1)])
def test_batches_of_ignored_labels_change_nothing_and_are_no_error(make, accumulate, each_backend):
    target = np.where(np.arange(N) < 9, -100, ONE)
    task = task_of(make(), "logits", metrics={"accuracy": Accuracy()})
    before = task.model.linear.weight.numpy().copy()
    loop, logs = Loop(task, log_every=1, accumulate=accumulate), []
    loop.callbacks.tell = lambda event, _, *details: logs.append(details[0]) if event == "on_log" else None
    loop.fit(batches(target, CUTS)[:3], batches(target, CUTS)[:3])
    np.testing.assert_array_equal(task.model.linear.weight.numpy(), before)
    assert not [name for record in (*logs, *loop.history) for name in record if "loss" in name or "accuracy" in name]
    assert [log["samples_per_second"] > 0 for log in logs] == [True] * loop.step
    (_, record) = loop.fit(batches(target, CUTS), batches(target, CUTS))
    assert set(record) > {"train_loss", "validation_loss", "train_accuracy", "validation_accuracy"}
    assert np.isfinite(list(record.values())).all()
    assert not np.array_equal(task.model.linear.weight.numpy(), before)


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
@pytest.mark.parametrize("smooth", [0.0, 0.1])
def test_labels_of_classes_without_weight_give_no_gradient(name, smooth, each_backend):
    x = xdl.tensor(REAL, requires_grad=True)
    w, settings = xdl.tensor([0.0, 1, 1, 1], dtype="float64"), {"label_smoothing": smooth} if name[0] == "c" else {}
    loss = getattr(xdl.functional, name)(x, xdl.tensor(np.zeros(N, np.int64)), w, **settings)
    loss.backward()
    assert np.isnan(loss.item())
    np.testing.assert_array_equal(x.grad.numpy(), 0)


def test_metrics_are_weighted_by_what_they_average_over(each_backend):
    metrics = {
        "right": Accuracy(),
        "kept": lambda _, t: ((t != -100).to("float64")).mean(),
        "weighed": Unchecked(nn.CrossEntropyLoss(weight())),
        "summed": nn.CrossEntropyLoss(reduction="sum"),
    }
    found = [
        Loop(task_of(nn.CrossEntropyLoss(), "logits", metrics=metrics)).evaluate(batches(ONE, cuts))
        for cuts in ((0, N), CUTS, range(N + 1))
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-6)
    assert found[0] == pytest.approx(found[2], rel=1e-6)
    kept = (ONE >= 0).mean()
    assert found[0]["kept"] == pytest.approx(kept)
    assert found[0]["summed"] == pytest.approx(found[0]["loss"] * kept)
    logits = task_of(nn.CrossEntropyLoss(), "logits").model(batches(ONE, (0, N))[0][0]).numpy()
    assert found[0]["right"] == pytest.approx((logits.argmax(1) == ONE)[ONE >= 0].mean())


@pytest.mark.parametrize("name", ["ignored", "smoothing, weights", "places, weights"])
def test_weights_stay_on_the_device(name, strict, no_synchronization):
    xdl.use("array_api_strict")
    make, kind, target = LOSSES[name]
    several, penalty = batches(target, CUTS), xdl.tensor(1.0, dtype="float64")
    metrics = {"accuracy": Accuracy(), "other": make()}
    task = task_of(make(), kind, metrics=metrics, penalty=lambda: penalty, clip_norm=1.0)
    loop = Loop(task, accumulate=4)
    with no_synchronization():
        loop._train_step(several)
        task.evaluate_step(several[0])
    assert loop._means.read()["loss"] > 0


@pytest.mark.parametrize("name", ["mse", "ignored", "weights", "nothing"])
def test_a_penalty_counts_once_in_an_accumulated_step(name, each_backend):
    make, kind, target = {**LOSSES, "nothing": (nn.CrossEntropyLoss, "logits", np.full(N, -100))}[name]
    found = []
    for cuts in ((0, N), CUTS):
        task = task_of(make(), kind)
        task.penalty = lambda task=task: (task.model.linear.weight**2).sum()
        task.train_step(*batches(target, cuts))
        found.append(gradients(task))
    assert np.abs(found[0]).max() > 0
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-12)


class Own(Supervised):
    """Says itself how much a batch counts."""

    unit = "tokens"

    def weight(self, batch):
        return 7 * len(batch[0])


def test_the_weight_of_a_subclass_counts():
    told = task_of(nn.CrossEntropyLoss(), "logits")
    task = Own(told.model, told.loss, told.optimizer)
    weights = [weight for batch in batches(ONE, CUTS) for weight, *_ in task.evaluate_step(batch).rows]
    assert weights == [35, 7, 21, 14]


class Named(Supervised):
    """Its batches are dicts, and it asks the loss how much they count."""

    def weight(self, batch):
        return self.loss.averaged_over(batch["labels"])

    def measure(self, batch):
        return {"loss": self.loss(self.model(batch["x"]), batch["labels"])}


def test_a_subclass_may_pass_on_what_the_loss_averages_over(each_backend):
    found = []
    for cuts in ((0, N), CUTS):
        told = task_of(nn.CrossEntropyLoss(weight()), "logits")
        loop = Loop(Named(told.model, told.loss, told.optimizer), accumulate=4)
        (record,) = loop.fit([{"x": x, "labels": t} for x, t in batches(ONE, cuts)])
        found.append(np.append(gradients(loop.task), record["train_loss"]))
        assert isinstance(record["train_samples_per_second"], float)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12, atol=1e-12)


class Counting(Task):
    """Measures labels by a weight on their device."""

    def parts(self):
        return {}

    def train_step(self, batch):
        kept = (batch != -100).to("float32")
        return Measures({"mean": (batch * kept).sum() / kept.sum()}, kept.sum())


def test_any_task_may_weigh_by_a_tensor(each_backend):
    data = [xdl.tensor([float(v) for v in row]) for row in ([-100, -100], [1, -100], [4, 7])]
    loop = Loop(Counting(), log_every=1)
    (record,) = loop.fit(data)
    assert record["train_mean"] == 4.0
    assert loop._means.samples == 3


def test_the_speed_counts_samples_also_after_a_resume(tmp_path, each_backend):
    path = tmp_path / "state.safetensors"
    task = task_of(nn.CrossEntropyLoss(weight()), "logits")
    loop = Loop(task)
    loop.fit(batches(ONE, CUTS))
    xdl.train.save_state(path, loop.state_dict())
    again = Loop(task_of(nn.CrossEntropyLoss(weight()), "logits"))
    again.load_state_dict(xdl.train.load_state(path))
    assert loop._means.samples == again._means.samples == N
    assert loop._means.read() == again._means.read()


def test_a_reduction_to_many_numbers_is_refused():
    task = task_of(nn.MSELoss(reduction="none"), "logits")
    with pytest.raises(SettingError, match=r"""MSELoss: expected a reduction to one number, .* found 'none'"""):
        task.train_step(*batches(REAL, (0, N)))


def test_several_processes_share_gradients_by_what_their_losses_average_over():
    task, asked = task_of(nn.CrossEntropyLoss(), "logits"), []
    task.exchange = lambda tensors, weight: asked.append(weight) or tensors
    task.train_step(*batches(ONE, CUTS))
    assert asked == [(ONE >= 0).sum()]


@pytest.mark.parametrize(
    ("loss", "shape", "count"),
    [
        (nn.MSELoss(), (2, 3), 6),
        (nn.MSELoss(), (), 1),
        (nn.MSELoss(reduction="sum"), (2, 3), 2),
        (nn.MSELoss(reduction="sum"), (), 1),
        (nn.TripletMarginLoss(), (5, 3), 5),
        (nn.CosineEmbeddingLoss(), (5,), 5),
        (nn.CrossEntropyLoss(), (4,), 1),  # probabilities of one sample
        (nn.GaussianNLLLoss(), (2, 3), 6),
        (nn.MultiMarginLoss(), (4,), 4),
        (nn.MultiLabelMarginLoss(), (4, 3), 4),
        (nn.MultiLabelSoftMarginLoss(), (4, 3), 4),
        (nn.TripletMarginWithDistanceLoss(), (5, 3), 5),
        (nn.CTCLoss(), (4, 7), 4),
    ],
)
def test_what_a_loss_averages_over(loss, shape, count):
    assert loss.averaged_over(xdl.zeros(*shape)) == count


def test_labels_outside_are_refused_before_they_pick_a_weight():
    loss = nn.CrossEntropyLoss(weight())
    with pytest.raises(xdl.errors.DataError, match=r"target in \[0, 4\) or -100"):
        loss.averaged_over(xdl.tensor([0, 9]))


@pytest.mark.parametrize("name", ["loss", "gradient_norm", "lr", "seconds_per_step", "samples_per_second"])
def test_a_metric_has_a_name_of_its_own(name):
    model = nn.Linear(1, 1)
    with pytest.raises(SettingError, match=f"metrics with other names than .*found .*{name}"):
        Trainer(model, nn.MSELoss(), optim.SGD(model.parameters()), {name: lambda *_: 1.0})


def test_weights_cost_a_step_few_calls():
    """Of xdl/train and of the loss's weight; a Linear forward is up to 6."""
    task = task_of(nn.CrossEntropyLoss(), "logits")
    loop, (batch,), calls = Loop(task), batches(np.abs(ONE) % C, (0, N)), []
    loop._train_step([batch])

    def note(frame, event, _):
        name = frame.f_code.co_filename.replace("\\", "/")
        if event == "call" and ("xdl/train/" in name or frame.f_code.co_name in ("averaged_over", "label_weight")):
            calls.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        loop._train_step([batch])
    finally:
        sys.setprofile(None)
    assert 5 < len(calls) <= 17, calls
