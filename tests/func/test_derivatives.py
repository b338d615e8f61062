"""Derivatives of functions: by differences, by closed forms, beside torch.func."""

import numpy as np
import pytest

import xdl
from tests.func.functions import first, flat, inputs, numbers, scalar, vector
from tests.functional.namespaces import Xdl
from tests.oracle.make_training_fixtures import read
from xdl import backend, func
from xdl.errors import GraphError, KindError, SettingError, ShapeError

F = Xdl()


def close(found, expected, tolerance=1e-12):
    expected = expected if isinstance(expected, np.ndarray) else flat(expected, F.host)
    np.testing.assert_allclose(flat(found, F.host), expected, rtol=tolerance, atol=tolerance)


FOUND = numbers(F, func)


@pytest.mark.parametrize("name", FOUND)
def test_all_are_those_of_torch_func(name):
    np.testing.assert_allclose(FOUND[name], read()[f"func {name}"], rtol=1e-12, atol=1e-12)


@pytest.mark.torch
def test_signatures_are_those_of_torch():
    from inspect import signature

    from torch import func as theirs
    from torch.autograd import functional

    for name in ("grad", "grad_and_value", "vjp", "jvp", "hessian", "jacrev"):
        expected = [
            p for p in signature(getattr(theirs, name)).parameters if p not in ("chunk_size", "_preallocate_and_copy")
        ]
        assert [*signature(getattr(func, name)).parameters] == expected, name
    for name in ("jacobian", "hvp"):
        expected = [p for p in signature(getattr(functional, name)).parameters if p not in ("vectorize", "strategy")]
        assert [*signature(getattr(func, name)).parameters] == expected, name


def test_gradients_are_those_of_differences():
    given = inputs(F)
    expected = func.numerical_gradient(scalar, given)
    close(func.grad(scalar, argnums=(0, 1, 2))(*given), expected, 1e-8)
    gradients, value = func.grad_and_value(scalar, argnums=(0, 1, 2))(*given)
    close(gradients, expected, 1e-8)
    close(value, scalar(*given))


def test_jacobians_are_those_of_differences():
    given = inputs(F)
    found = func.jacrev(vector, argnums=(0, 1, 2))(*given)
    for key, size in (("product", 2), ("single", 1)):
        for i in range(size):
            rows = func.numerical_gradient(lambda *args, key=key, i=i: vector(*args)[key].reshape(-1)[i], given)
            for j in range(3):
                jacobian = found[key][j].reshape((size, *given[j].shape))
                close(jacobian[i], rows[j], 1e-8)
    assert found["product"][1].shape == (2, 2, 2)


def test_products_are_those_of_the_jacobian():
    x, y, z = inputs(F)
    jacobian = func.jacobian(lambda x: first(x, y, z), x)
    v, u = x.cos(), y[1]
    close(func.jvp(lambda x: first(x, y, z), (x,), (v,))[1], jacobian @ v)
    output, pull = func.vjp(lambda x: first(x, y, z), x)
    close(pull(u)[0], u @ jacobian)
    close(output, first(x, y, z))
    assert not output.requires_grad


def test_the_hessian_and_its_product():
    x, y, z = inputs(F)
    hessian = func.hessian(scalar)(x, y, z)
    for i in range(3):
        row = func.numerical_gradient(lambda x, i=i: func.grad(scalar)(x, y, z)[i], [x])[0]
        close(hessian[i], row, 1e-7)
    close(hessian, hessian.T)
    output, product = func.hvp(lambda x: scalar(x, y, z), x, x.cos())
    close(product, hessian @ x.cos())
    close(output, scalar(x, y, z))
    everything = func.hessian(scalar, argnums=(0, 1, 2))(x, y, z)
    v = (x.cos(), y.sin(), z)
    _, products = func.hvp(scalar, (x, y, z), v)
    for row, product in zip(everything, products, strict=True):
        blocks = zip(row, v, strict=True)
        close(product, sum((h.reshape((*product.shape, -1)) @ t.reshape(-1) for h, t in blocks), product * 0), 1e-11)
    close(func.hvp(lambda t: t**3, z)[1], 6 * z)
    close(func.hvp(lambda x: (x * 2).sum(), x, x)[1], x * 0)


def test_jacobians_of_one_and_of_several():
    x, y, z = inputs(F)
    square = func.jacobian(lambda x: x**2, x)
    close(square, np.diag(2 * x.numpy()).reshape(-1))
    pair = func.jacobian(lambda x, z: (x * z, z**2), (x, z))
    assert [[t.shape for t in row] for row in pair] == [[(3, 3), (3,)], [(3,), ()]]
    close(pair[1][0], x * 0)
    one = func.jacobian(lambda x, y: x * y.sum(), (x, y))
    assert [t.shape for t in one] == [(3, 3), (3, 2, 2)]


def test_what_comes_out_is_on_the_tape_where_it_depends_on_something():
    x, y, z = inputs(F)
    assert not func.grad(scalar)(x, y, z).requires_grad
    w = xdl.tensor(2.0, dtype="float64", requires_grad=True)
    outside = func.grad(lambda x: (x**3).sum() * w)(x)
    close(xdl.grad(outside.sum(), w)[0], (3 * x**2).sum())
    x.requires_grad_()
    close(xdl.grad(func.grad(lambda x: (x**3).sum())(x).sum(), x)[0], 6 * x.detach())
    close(xdl.grad(func.jacobian(lambda x: x**3, x, create_graph=True).sum(), x)[0], 6 * x.detach())
    close(xdl.grad(func.hvp(lambda x: (x**3).sum(), x, x.detach(), create_graph=True)[1].sum(), x)[0], 6 * x.detach())
    assert not func.jacobian(lambda x: x**3, x).requires_grad
    assert not func.hvp(lambda x: (x**3).sum(), x, x.detach())[0].requires_grad
    with xdl.no_grad():
        assert not func.grad(lambda x: (x**3).sum() * w)(x).requires_grad
    assert x.grad is None
    assert w.grad is None


def test_values_and_what_else_is_returned_are_off_the_tape():
    x, _, _ = inputs(F)
    gradient, (value, aux) = func.grad_and_value(lambda x: ((x**2).sum(), [x * 2, "name"]), has_aux=True)(x)
    assert [t.requires_grad for t in (gradient, value, aux[0])] == [False] * 3
    assert aux[1] == "name"
    _, _, aux = func.jvp(lambda x: (x, {"x": x * 2}), (x,), (x,), has_aux=True)
    assert not aux["x"].requires_grad


def test_it_keeps_the_functions_name_and_keywords():
    def f(x, scale=1.0):
        """Documented."""
        return (x * scale).sum()

    assert (func.grad(f).__name__, func.grad(f).__doc__) == ("f", "Documented.")
    assert func.grad(f)(xdl.ones(2), scale=3.0).tolist() == [3.0, 3.0]


def test_strict_array_api_agrees(strict):
    backend.use(strict.name)
    for name, values in numbers(F, func).items():
        np.testing.assert_allclose(values, FOUND[name], rtol=1e-12, atol=1e-12, err_msg=name)


X = xdl.ones(2, dtype="float64")


def test_outputs_without_elements_have_jacobians_without():
    assert func.jacrev(lambda x: x[:0])(X).shape == (0, 2)
    assert func.hessian(lambda x: x[:0])(X).shape == (0, 2, 2)
    found = func.jacobian(lambda x: (x[:0], 2 * x), X)
    assert (found[0].shape, found[1].tolist()) == ((0, 2), [[2.0, 0.0], [0.0, 2.0]])


@pytest.mark.parametrize(
    ("error", "match", "call"),
    [
        (ShapeError, r"grad: expected .* without dimensions", lambda: func.grad(lambda x: x)(X)),
        (ShapeError, "grad_and_value", lambda: func.grad_and_value(lambda x: (x.sum(), x.sum()))(X)),
        (KindError, "what the function returns, found float", lambda: func.grad(lambda _: 1.0)(X)),
        (KindError, "arguments to differentiate by, found float", lambda: func.grad(lambda x: x.sum())(1.0)),
        (KindError, "for has_aux", lambda: func.grad(lambda x: x.sum(), has_aux=True)(X)),
        (SettingError, "argnums of the 1 arguments, found 1", lambda: func.jacrev(lambda x: x, 1)(X)),
        (ShapeError, "cotangents of the shapes", lambda: func.vjp(lambda x: x, X)[1](xdl.ones(3))),
        (ShapeError, "tangents of the shapes", lambda: func.jvp(lambda x: x, (X,), (xdl.ones(3),))),
        (KindError, "tangents", lambda: func.jvp(lambda x: x, (X,), (1.0,))),
        (ShapeError, "v, for inputs", lambda: func.hvp(lambda x: x.sum(), X)),
        (ShapeError, "v of the shapes", lambda: func.hvp(lambda x: x.sum(), X, xdl.ones(3))),
        (ShapeError, "one element", lambda: func.hvp(lambda x: x, X, X)),
        (SettingError, "argnums: .* found 'x'", lambda: func.grad(lambda x: x.sum(), "x")(X)),
        (SettingError, "argnums: .* found 1.0", lambda: func.hessian(lambda x: x.sum(), 1.0)(X)),
        (SettingError, r"argnums: .* found \(0, 0\)", lambda: func.jacrev(lambda x: x, (0, 0))(X)),
        (SettingError, r"argnums: .* found \(\)", lambda: func.jacrev(lambda x: x, ())(X)),
        (KindError, r"a tuple as primals.*\(primal,\)", lambda: func.jvp(lambda x: x, X, (X,))),
        (KindError, r"a tuple as tangents", lambda: func.jvp(lambda x: x, (X,), X)),
        (GraphError, "depend", lambda: func.jacobian(lambda x, y: x * 2 + y.sum() * 0 * x, (X, X), strict=True) and
                     func.jacobian(lambda x, _: x * 2, (X, X), strict=True)),
        (GraphError, "depends", lambda: func.jvp(lambda _: X, (X,), (X,), strict=True)),
        (GraphError, "depend", lambda: func.hvp(lambda x: x.sum(), X, X, strict=True)),
    ],
)  # fmt: skip
def test_what_is_refused(error, match, call):
    with pytest.raises(error, match=match):
        call()


def test_tangents_and_cotangents_in_dicts_go_by_their_keys():
    ones, zeros = xdl.ones(2), xdl.zeros(2)
    _, moved = func.jvp(lambda p: 2 * p["a"] + 3 * p["b"], ({"a": ones, "b": ones},), ({"b": ones, "a": zeros},))
    assert moved.tolist() == [3.0, 3.0]
    _, pull = func.vjp(lambda x: {"a": 2 * x, "b": 3 * x}, ones)
    assert pull({"b": zeros, "a": ones})[0].tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: func.vjp(lambda x: {"a": x, "b": x}, x)[1]({"a": x, "c": x}),
        lambda x: func.vjp(lambda x: {"a": x, "b": x}, x)[1]((x, x)),
        lambda x: func.jvp(lambda a, b: a[0] + a[1] + b, ((x, x), x), (x, (x, x))),
        lambda x: func.jvp(lambda a: a[0], ([x],), ([x, x],)),
        lambda x: func.hvp(lambda a, b: (a[0] * a[1] * b).sum(), ((x, x), x), (x, (x, x))),
    ],
)
def test_another_form_with_the_same_shapes_is_refused(call):
    with pytest.raises(ShapeError, match="of the shapes"):
        call(xdl.ones(3))
