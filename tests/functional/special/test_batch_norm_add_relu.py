"""Batch normalization, a shortcut and ReLU in one: values, gradients and running statistics, bit for bit."""

import pytest

import xdl
from xdl import functional, kernel
from xdl.errors import GraphError
from xdl.functional.elementwise.add_relu import add_relu
from xdl.functional.norm.batch_norm import counting_batch_norm
from xdl.functional.norm.batch_norm_add_relu import normalized_add_relu

PYTORCH = (  # of torch 2.13, in float64: y = relu(batch_norm(x) + r), and the gradients of the sum of its squares
    [1.681020563, 0, 2.4051028148, 0, 0, 0.6708476104, 0, 0, 2.393673521, 0, 0.8578909928, 0],
    [
        *(0.9228515646, -1.1060863377, 0.7520023224, 0.0593903355, 0.2843674051, -0.1425506629),
        *(0.1174819209, -3.553222855, 2.8669733848, -0.1655867341, -0.207499214, 0.1718788703),
    ],
    [3.3620411259, 0, 4.8102056297, 0, 0, 1.3416952209, 0, 0, 4.787347042, 0, 1.7157819857, 0],
    [8.3356077047, -3.2153152848],
    [12.9595937976, 3.0574772066],
)


def joined(x, r, weight=None, bias=None, running=(None, None), training=True):
    return counting_batch_norm(x, *running, None, weight, bias, training, 0.1, 1e-5, normalized_add_relu(r))


def leaves(*shapes, dtype="float64"):
    return [xdl.randn(*shape, dtype=dtype, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (4, 3)], ids=str)
def test_equals_all_three_after_each_other(shape, training, dtype):
    x, r, w, b = leaves(shape, shape, (3,), (3,), dtype=dtype)
    running, others = ((xdl.randn(3, dtype=dtype), xdl.rand(3, dtype=dtype) + 1) for _ in range(2))
    for mine, theirs in zip(running, others, strict=True):
        mine.copy_(theirs)
    y = joined(x, r, w, b, running, training)
    expected = add_relu(functional.batch_norm(x, *others, w, b, training), r)
    assert y.tolist() == expected.tolist()
    assert [t.tolist() for t in running] == [t.tolist() for t in others]
    wanted = [x, r, w, b]
    for got, true in zip(xdl.grad((y**2).sum(), wanted), xdl.grad((expected**2).sum(), wanted), strict=True):
        assert got.tolist() == true.tolist()


def test_gradients_of_first_and_second_order():
    arguments = leaves((4, 2, 3), (4, 2, 3), (2,), (2,))
    assert xdl.gradcheck(joined, arguments)
    assert xdl.gradgradcheck(lambda *args: joined(*args) ** 2, arguments)
    given = xdl.randn(2, dtype="float64"), xdl.rand(2, dtype="float64") + 1
    assert xdl.gradgradcheck(lambda *args: joined(*args, given, False) ** 2, arguments)


def test_a_shortcut_alone_gets_its_gradient_and_keeps_one_of_its_own():
    x, r = xdl.randn(4, 2, 3), xdl.randn(4, 2, 3, requires_grad=True)
    y = joined(x, r * 1)
    (y + r * 2).sum().backward()
    assert r.grad.tolist() == ((y.detach() > 0).float() + 2).tolist()


def test_a_result_that_is_overwritten_is_noticed_and_a_shortcut_may_be():
    x, r, w, b = leaves((4, 3, 5), (4, 3, 5), (3,), (3,))
    other = r * 1
    y = joined(x, other, w, b)
    other.add_(1.0)
    y.sum().backward()
    y = joined(x, r, w, b)
    loss = (y * 2).sum()
    y.add_(1.0)
    with pytest.raises(GraphError):
        loss.backward()


def test_equals_what_pytorch_gives():
    numbers = (
        [[[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], [[-2.0, 1.0, 0.25], [3.0, -1.0, 0.75]]],
        [[[1.0, -0.5, 0.0], [-2.0, 0.5, 1.0]], [[0.25, -1.5, 2.0], [-0.5, 1.0, -1.0]]],
        [1.5, -0.5],
        [0.25, -0.75],
    )
    arguments = [xdl.tensor(values, dtype="float64", requires_grad=True) for values in numbers]
    y = joined(*arguments)
    (y**2).sum().backward()
    for found, wanted in zip((y.detach(), *(t.grad for t in arguments)), PYTORCH, strict=True):
        assert found.flatten().tolist() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("name", ["batch_norm", "add_relu"])
def test_a_version_of_a_user_runs(name):
    slot, calls = kernel.slots[name], []

    @slot.register("numpy", name="planted")
    class Planted:
        @staticmethod
        def forward(*args):
            calls.append(1)
            return slot.reference.forward(*args)

        backward = slot.reference.backward

    try:
        x, r = leaves((4, 3, 5), (4, 3, 5))
        joined(x, r).sum().backward()
    finally:
        slot.versions["numpy"] = [v for v in slot.versions["numpy"] if v.name != "planted"]
        slot.forget()
    assert calls == [1]
