"""autograd.Function at its edges; tests/torch_style/scripts/own_function.py runs it beside PyTorch."""

import gc
import weakref

import pytest

import xdl
from xdl.autograd import Function
from xdl.autograd.function import once_differentiable
from xdl.errors import GraphError, KindError, ShapeError


def made(forward, backward):
    """A Function of these two."""
    return type("Made", (Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)})


def numbers(*values):
    return xdl.tensor(values, dtype="float64").requires_grad_()


def test_backward_reads_what_was_saved_and_other_attributes():
    def forward(ctx, x, n, shift):
        ctx.save_for_backward(x, None, shift)
        ctx.n = n
        return x**n + shift

    def backward(ctx, g):
        x, nothing, shift = ctx.saved_tensors
        assert nothing is None
        assert shift.item() == 5
        assert ctx.needs_input_grad == (True, False, False)
        return g * ctx.n * x ** (ctx.n - 1), None, None

    x = numbers(2.0, 3.0)
    y = made(forward, backward).apply(x, 3, xdl.tensor(5.0, dtype="float64"))
    assert y.grad_fn.op.name == "Made"
    y.sum().backward()
    assert x.grad.tolist() == [12, 27]


def test_a_result_that_nobody_used_has_zeros_or_none():
    seen = []

    def two(ctx, x):
        ctx.set_materialize_grads(not seen)
        return 2 * x, x.sum()

    def backward(ctx, g, h):
        seen.append(h if h is None else h.tolist())
        return 2 * g

    for _ in range(2):
        x = numbers(1.0, 1.0)
        made(two, backward).apply(x)[0].sum().backward()
        assert x.grad.tolist() == [2, 2]
    assert seen == [0.0, None]


def test_an_input_that_is_returned_is_another_tensor():
    same = made(lambda _, x: x, lambda _, g: 3 * g)
    x = numbers(1.0, 2.0)
    y = same.apply(x)
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]
    with xdl.no_grad():
        x.zero_()
    assert y.tolist() == [1, 2]


def test_a_saved_input_that_was_written_since_is_noticed():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    x = numbers(1.0, 2.0)
    z = x * 1
    y = made(forward, lambda ctx, g: 2 * g * ctx.saved_tensors[0]).apply(z)
    with xdl.no_grad():
        z.zero_()
    with pytest.raises(GraphError, match="written in place"):
        y.sum().backward()


def test_what_is_not_saved_is_freed():
    x = numbers(1.0, 2.0)
    hidden = x * 2
    gone = weakref.ref(hidden)
    y = made(lambda _, x: x + 1, lambda _, g: g).apply(hidden)
    del hidden
    gc.collect()
    assert gone() is None
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_without_recording_there_is_no_node():
    f = made(lambda _, x: (x + 1, x > 1), lambda _, g, _h: g)
    with xdl.no_grad():
        y, more = f.apply(numbers(1.0, 2.0))
    assert not y.requires_grad
    assert more.tolist() == [False, True]
    y, more = f.apply(numbers(1.0, 2.0))
    assert (y.requires_grad, more.requires_grad) == (True, False)


def test_a_backward_without_a_gradient_of_its_own_says_so():
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    f = made(forward, once_differentiable(lambda ctx, g: 2 * g * ctx.saved_tensors[0]))
    x = numbers(3.0)
    f.apply(x).backward()
    assert x.grad.tolist() == [6]
    with pytest.raises(GraphError, match="create_graph"):
        f.apply(x).backward(create_graph=True)


@pytest.mark.parametrize(
    ("returned", "error", "said"),
    [
        ((), ShapeError, "2 gradients, one for each argument of forward, found 0"),
        (lambda g: (g, None, g), ShapeError, "found 3"),
        (lambda _: (1.0, None), KindError, "Tensors or None, found float"),
    ],
)
def test_gradients_that_do_not_fit_are_refused(returned, error, said):
    f = made(lambda _, x, n: x * n, lambda _, g: returned(g) if callable(returned) else returned)
    with pytest.raises(error, match=said):
        f.apply(numbers(1.0), 2).backward()


def test_a_forward_that_writes_into_its_inputs_is_refused():
    f = made(lambda ctx, x: ctx.mark_dirty(x), lambda _, g: g)
    with pytest.raises(GraphError, match="mark_dirty"):
        f.apply(numbers(1.0))


class Put(Function):
    """Writes a value into one place of its first argument, through x.data or through x itself."""

    @staticmethod
    def forward(ctx, x, value, place, through_data):
        ctx.place = place
        if through_data:
            x.data[place] = value
        else:
            x[place] = value
        return x

    @staticmethod
    def backward(ctx, g):
        return g, g[ctx.place], None, None


def test_what_a_forward_writes_into_data_is_its_own_affair():
    w = numbers(3.0)
    x = Put.apply(xdl.zeros(2, dtype="float64"), w[0], 0, True)
    y = x[:1] * xdl.tensor(2.0, dtype="float64").requires_grad_()
    Put.apply(x, 5 * w[0], 1, True)
    y.sum().backward()
    assert w.grad.tolist() == [2.0]


def test_other_writes_into_what_the_backward_pass_reads_are_noticed():
    w = numbers(3.0)
    for write in (lambda x: Put.apply(x, 5 * w[0], 0, False), lambda x: x.data.fill_(1.0)):
        x = Put.apply(xdl.zeros(2, dtype="float64"), w[0], 0, True)
        y = x[:1] * xdl.tensor(2.0, dtype="float64").requires_grad_()
        write(x)
        with pytest.raises(GraphError, match="written in place since"):
            y.sum().backward()
