"""Nodes with several outputs: one rule for all, None for what nobody used, and all that single outputs promise."""

import gc
import weakref

import numpy as np
import pytest

import xdl
from xdl.errors import GraphError
from xdl.functional import either
from xdl.node import Output
from xdl.tape import record

seen = []


def sum_and_product(a, b):
    """(a + b, a b), and the places where a < b, from one node that reads its first output."""
    x, y = a.array, b.array
    return record((x + y, x * y, x < y), (a, b), _sum_and_product_rule, keep_y=(True, False, False))


def _sum_and_product_rule(needs, g, y, saved, a, b):
    seen.append([d is not None for d in g])
    total, unread, places = y
    assert unread is places is None
    ds, dp = either.given(g[0], a), either.given(g[1], a)
    b = total - a  # what the rule reads of an output counts for second derivatives too
    return ds + dp * b, ds + dp * a


def leaf(*values):
    return xdl.tensor(np.array(values), requires_grad=True)


@pytest.fixture
def two():
    seen.clear()
    return leaf(1.0, 2.0, -0.5), leaf(3.0, -4.0, 0.25)


CALLS = {
    "both": sum_and_product,
    "the first": lambda a, b: sum_and_product(a, b)[0],
    "the second": lambda a, b: sum_and_product(a, b)[1],
    "one twice": lambda a, b: sum_and_product(a, b)[1] * sum_and_product(a, b)[1].exp(),
    "one used twice": lambda a, b: (lambda p: p * p.exp())(sum_and_product(a, b)[1]),
    "both in one": lambda a, b: (lambda s, p, _: s * p)(*sum_and_product(a, b)),
    "one after another": lambda a, b: sum_and_product(*sum_and_product(a, b)[:2])[1],
    "one input twice": lambda a, b: sum_and_product(a * b, a * b)[1],
    "given to itself": lambda a, b: (lambda s, p, _: sum_and_product(s, s)[1] + p)(*sum_and_product(a, b)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_both_orders_of_derivatives(two, call):
    def outputs(*inputs):
        found = call(*inputs)
        return [y for y in (found if isinstance(found, tuple) else [found]) if y.requires_grad]

    assert xdl.gradcheck(outputs, two)
    assert xdl.gradgradcheck(outputs, two)


def test_one_node_and_what_has_no_gradient(two):
    total, product, places = sum_and_product(*two)
    assert total.node != product.node
    assert total.node.source is product.node.source
    assert (total.node.index, total.node.shape, total.node.op.name) == (0, (3,), "sum_and_product")
    assert (places.requires_grad, places.node, places.dtype) == (False, None, "bool")
    assert Output(product.node.source, 1) == product.node != Output(product.node.source, 0)


def test_nothing_is_recorded_for_constants_and_without_recording(two):
    for y in sum_and_product(*[t.detach() for t in two]):
        assert not y.requires_grad
    with xdl.no_grad():
        assert not any(y.requires_grad for y in sum_and_product(*two))


@pytest.mark.parametrize(
    ("used", "expected"), [(0, [True, False, False]), (1, [False, True, False]), (2, [True, True, False])]
)
def test_the_rule_runs_once_with_none_for_what_nobody_used(two, used, expected):
    total, product, _ = sum_and_product(*two)
    (total * product if used == 2 else (total, product)[used]).sum().backward()
    assert seen == [expected]


def test_gradients_of_single_outputs_and_of_both(two):
    a, b = two
    total, product, _ = sum_and_product(a, b)
    loss = (total * product * product).sum()
    dt, dp, da = xdl.grad(loss, [total, product, a], retain_graph=True)
    np.testing.assert_allclose(dt.numpy(), (product * product).detach().numpy())
    np.testing.assert_allclose(dp.numpy(), (total * product * 2).detach().numpy())
    np.testing.assert_allclose(da.numpy(), dt.numpy() + dp.numpy() * b.detach().numpy())
    (unreached,) = xdl.grad(total.sum(), product, retain_graph=True)
    assert unreached is None
    seen.clear()
    (same,) = xdl.grad(product.sum(), product)
    assert same.tolist() == [1.0, 1.0, 1.0]
    assert seen == []  # nothing below was asked for


def test_second_derivatives_with_respect_to_an_output_count_what_the_rule_read_of_it(two):
    a, b = two
    total, product, _ = sum_and_product(a, b)
    (da,) = xdl.grad(product.sum(), a, create_graph=True)  # total - a, where the rule reads it
    (through_total,) = xdl.grad(da.sum(), total, retain_graph=True)
    assert through_total.tolist() == [1.0, 1.0, 1.0]


def test_several_roots_of_one_node(two):
    a, _ = two
    total, product, _ = sum_and_product(*two)
    (g,) = xdl.grad([total, product], a, [xdl.ones_like(total), xdl.ones_like(product)])
    np.testing.assert_allclose(g.numpy(), 1 + two[1].detach().numpy())
    assert seen == [[True, True, False]]


def test_a_freed_graph_is_refused_through_any_output(two):
    total, product, _ = sum_and_product(*two)
    total.sum().backward(retain_graph=True)
    total.sum().backward()
    for y in (total, product):
        with pytest.raises(GraphError, match="retain_graph"):
            y.sum().backward()
        with pytest.raises(GraphError, match="retain_graph"):
            xdl.grad(y, two[0], xdl.ones_like(y))


@pytest.mark.parametrize(
    ("which", "view", "refused"),
    [(0, False, True), (0, True, True), (1, False, False), (2, False, False)],
    ids=["read", "a view of what is read", "not read", "places"],
)
def test_writes_to_what_the_rule_reads_are_noticed_for_each_output(two, which, view, refused):
    outputs = sum_and_product(*two)
    loss = outputs[1].sum()
    with xdl.no_grad():
        (outputs[which][1:] if view else outputs[which])[0] = 7
    if refused:
        with pytest.raises(GraphError, match="written in place"):
            loss.backward()
    else:
        loss.backward()


def test_no_cycles_and_memory_is_freed_as_backward_passes(two):
    gc.collect()
    gc.disable()
    try:
        a, b = two
        alive = []

        def look(needs, g, y, saved, x):
            alive.append([ref() is not None for ref in held])
            return (g,)

        total, product, _ = sum_and_product(record(a.array * 1.0, (a,), look), b)
        held = [weakref.ref(total.array), weakref.ref(product.array)]
        loss = (total * product).sum()
        del total, product
        assert [ref() is not None for ref in held] == [True, True]
        loss.backward()
        assert alive == [[False, False]]
        total, product, _ = sum_and_product(a, b)
        kept, unread = weakref.ref(total.array), weakref.ref(product.array)
        del total
        assert kept() is not None  # by the node, since the rule reads it
        del product
        assert kept() is unread() is None
    finally:
        gc.enable()


def test_deep_chains(two):
    a, b = two
    for _ in range(5_000):
        a, b, _ = record((a.array, b.array, a.array < 0), (a.node or a, b.node or b), _same_rule)
    a.sum().backward()
    assert two[0].grad.tolist() == [1.0, 1.0, 1.0]
    assert two[1].grad is None


def _same_rule(needs, g, y, saved, a, b):
    return g[0], g[1]
