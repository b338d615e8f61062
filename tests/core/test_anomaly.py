"""detect_anomaly: a planted nan or infinity is found at its operation and its layer, forward and backward."""

from contextlib import nullcontext
from math import inf, nan

import numpy as np
import pytest

import xdl
from xdl import functional, nn, observe
from xdl.errors import AnomalyError, NonFiniteError
from xdl.extend import record
from xdl.profiling import watch
from xdl.train import Trainer

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own remarks on what is planted here


class LogOfZero(nn.Module):
    def forward(self, x):
        return (x * 0.0).log()


class RootOfZero(nn.Module):
    """Finite in the forward pass, 1 / 0 in the backward pass."""

    def forward(self, x):
        return (x * 0.0).sqrt()


def nested(last):
    return nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(4, 3), last)))


def ones(*shape):
    return xdl.tensor(np.ones(shape, np.float32))


def found(function, **options):
    """The error that a function raises under detect_anomaly."""
    with pytest.raises(AnomalyError) as raised, xdl.detect_anomaly(**options):
        function()
    return raised.value


def test_forward_names_the_operation_the_layer_the_shapes_and_that_the_inputs_were_finite():
    error = found(lambda: nested(LogOfZero())(ones(2, 4)))
    assert error.operation == "log in 1.1.1 (LogOfZero)"
    assert error.found == "6 inf of 6 in the result (2, 3) float32; input 0 (2, 3) float32 finite"
    assert "from finite values" in error.hint
    assert isinstance(error, NonFiniteError)


def test_backward_names_the_forward_operation_and_its_layer():
    error = found(lambda: nested(RootOfZero())(ones(2, 4)).sum().backward())
    assert error.operation == "backward of sqrt in 1.1.1 (RootOfZero)"
    assert "6 inf of 6 in the gradient of input 0 (2, 3) float32" in error.found
    assert "the gradient of its result (2, 3) float32 finite" in error.found


def test_backward_of_a_kernel_is_checked():
    layer = nn.Linear(4, 3)
    layer.weight.array[...] = 0
    error = found(lambda: (layer(ones(2, 4) * 1e30).sum() * 1e10).backward())  # dw = g^T x
    assert error.operation == "backward of linear in Linear"
    assert "12 inf of 12 in the gradient of input 1 (3, 4) float32" in error.found


def test_an_input_that_was_not_finite_is_named():
    model = nested(nn.ReLU())
    model[1][1][0].weight.array[0, 0] = nan
    error = found(lambda: model(ones(2, 4)))
    assert error.operation == "linear in 1.1.0 (Linear)"
    assert "input 1, 1.1.0.weight, (3, 4) float32 1 nan of 12" in error.found
    assert "input 0 (2, 4) float32 finite" in error.found
    assert "there before" in error.hint


def test_a_number_that_is_not_finite_is_named():
    error = found(lambda: ones(2) * inf)
    assert (error.operation, "there before" in error.hint) == ("mul in no module", True)


def test_plain_functions_have_no_module_and_say_who_called_them():
    x = xdl.tensor([1e30, 1.0], requires_grad=True)
    assert found(lambda: functional.mse_loss(x, ones(2))).operation == "element_loss in mse_loss in no module"
    assert found(lambda: functional.sqrt(x * 0.0).sum().backward()).operation == "backward of sqrt in no module"


def test_functions_of_users_have_their_own_name():
    def double_log(x):
        return record(np.log(x.array) * 2, (x,), lambda *_: ())

    assert found(lambda: double_log(xdl.tensor([0.0]))).operation == "double_log in no module"


def test_a_shared_module_has_all_its_paths():
    layer = nn.Linear(4, 4)
    layer.weight.array[...] = 1e20
    assert found(lambda: nn.Sequential(layer, nn.ReLU(), layer)(ones(1, 4))).operation == "linear in 0 = 2 (Linear)"


def test_a_shared_module_within_different_parents_has_the_path_of_the_call():
    bad = LogOfZero()
    model = nn.Sequential(nn.Sequential(nn.ReLU(), bad), nn.Sequential(bad))
    assert found(lambda: model[1](ones(2))).operation == "log in 0 (LogOfZero)"
    assert found(lambda: model(ones(2))).operation == "log in 0.1 (LogOfZero)"


def test_a_module_in_a_plain_list_has_no_path():
    class Hidden(nn.Module):
        def __init__(self):
            self.parts = [LogOfZero()]

        def forward(self, x):
            return self.parts[0](x)

    assert found(lambda: Hidden()(ones(2))).operation == "log in ? (LogOfZero)"


def test_of_several_results_the_one_is_named():
    def halves(x, rule):
        a, b = x.array[:2] * 1.0, np.log(x.array[2:])
        return record((a, b), (x,), rule)

    def halves_rule(needs, g, y, saved, x):
        return (np.full(4, np.nan),)

    error = found(lambda: halves(ones(4) * 0.0, halves_rule))
    assert error.operation == "halves in no module"
    assert error.found.startswith("2 inf of 2 in the result 1 (2,) float32")
    x = xdl.tensor(np.ones(4), requires_grad=True)
    error = found(lambda: halves(x, halves_rule)[1].sum().backward())
    assert error.operation == "backward of halves in no module"
    assert error.found.endswith("the gradient of its result (2,) float64 finite")
    error = found(lambda: (halves(x, halves_rule)[1] * inf).sum().backward())
    assert error.operation == "mul in no module"
    assert "input 0 (2,) float64 finite" in error.found
    error = found(lambda: halves(x, halves_rule)[1].backward(xdl.tensor(np.array([1.0, inf]))))
    assert "1 inf of 2 in the gradient of its result 1 (2,) float64" in error.found


def test_sums_of_gradients_that_overflow_are_found_where_they_arrive():
    x = xdl.tensor([0.0], requires_grad=True)

    def run():
        y = x * 1.0
        (y * 3e38 + y * 3e38).backward()

    assert found(run).operation == "backward of mul in no module"
    assert "sum overflowed" in found(run).hint


def test_infinities_can_be_let_through_nan_never():
    masked = xdl.tensor([1.0, -inf])
    with xdl.detect_anomaly(infinite=False):
        (masked * 1.0).softmax(0)
        with pytest.raises(AnomalyError, match="1 nan of 2"):
            masked * 0.0
    assert found(lambda: masked * 1.0).operation == "mul in no module"


def test_filling_with_infinity_is_no_anomaly_but_what_comes_of_it_may_be():
    x = ones(2, 2)
    mask = xdl.tensor([[True, False], [False, False]])
    with xdl.detect_anomaly():
        x.masked_fill(mask, -inf).softmax(1)
        x.where(~mask, -inf).softmax(1)
    assert found(lambda: x.masked_fill(mask, -inf) * 2.0).operation == "mul in no module"
    assert found(lambda: x.masked_fill(mask, nan)).operation.startswith("where in masked_fill")


@pytest.mark.parametrize("mode", ["auto", "reference"])
def test_infinities_inside_kernels_are_their_own_affair(mode):
    xdl.kernel.set_mode(mode)
    x = xdl.randn(1, 1, 4, 4)
    x.requires_grad_()
    with xdl.detect_anomaly():
        functional.max_pool2d(x, 3, 2, 1).sum().backward()  # the reference fills the border with -inf
    assert x.grad is not None


def test_second_order_is_checked_in_the_layer_of_the_way_forward():
    class Power(nn.Module):
        def forward(self, x):
            return x**1.5  # first derivative 0 at 0, second infinite

    x = xdl.tensor([0.0], requires_grad=True)

    def run():
        (g,) = xdl.grad(Power()(x), x, create_graph=True)
        g.sum().backward()

    assert "in Power" in found(run).operation


def test_nothing_is_said_about_a_sound_training_and_results_are_the_same():
    def gradients(context):
        xdl.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5))
        with context:
            functional.cross_entropy(model(ones(3, 1, 5, 5) * 0.5), xdl.tensor([0, 1, 2])).backward()
        return [p.grad.numpy() for p in model.parameters()]

    for plain, watched in zip(gradients(nullcontext()), gradients(xdl.detect_anomaly()), strict=True):
        np.testing.assert_array_equal(plain, watched)


def test_it_is_gone_when_it_is_off():
    before = nn.Module.__call__, xdl.Tensor.backward, xdl.optim.Optimizer.step
    with xdl.detect_anomaly() as outer, outer:
        assert observe.observer is not None
        assert (nn.Module.__call__, xdl.Tensor.backward, xdl.optim.Optimizer.step) == before
    assert observe.observer is observe.work is None
    assert (nn.Module.__call__, xdl.Tensor.backward, xdl.optim.Optimizer.step) == before
    assert watch._watchers == []
    assert xdl.tensor([0.0]).log().item() == -inf


def test_the_switch():
    xdl.set_detect_anomaly(True)
    try:
        with pytest.raises(AnomalyError):
            xdl.tensor([0.0]).log()
    finally:
        xdl.set_detect_anomaly(False)
    xdl.set_detect_anomaly(False)
    assert observe.observer is observe.work is None


def test_other_namespaces_are_checked_too(strict):
    xdl.use("array_api_strict")
    assert found(lambda: xdl.tensor([0.0]).log()).operation == "log in no module"


def test_a_trainer_is_stopped_with_the_layer():
    model = nested(LogOfZero())
    loader = [(ones(2, 4), xdl.tensor([0, 1]))]
    trainer = Trainer(model, nn.CrossEntropyLoss(), xdl.optim.SGD(model.parameters(), lr=0.1))
    assert found(lambda: trainer.fit(loader)).operation == "log in 1.1.1 (LogOfZero)"
