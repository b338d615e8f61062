"""Linear algebra beside the table of cases: errors, other spellings, what has no oracle, other backends."""

import subprocess
import sys

import numpy as np
import pytest

import xdl
from tests.functional.cases.linear_algebra import SINGULAR
from tests.house.source import ROOT
from xdl import linalg
from xdl.errors import DataError, DtypeError, GraphError, SettingError, ShapeError

d = lambda *shape: xdl.randn(*shape, dtype="float64")  # noqa: E731
EYE = xdl.eye(3)
MIXED = xdl.tensor(np.stack([np.eye(2), np.eye(2), np.ones((2, 2)), np.zeros((2, 2))]).reshape(2, 2, 2, 2))

ERRORS = [
    *((f"{name} of {what}", lambda name=name, x=x: getattr(linalg, name)(x), error, [name, *said])
      for name in ("inv", "det", "slogdet", "logdet", "cholesky", "eigh", "eigvalsh")
      for what, x, error, said in (
          ("a vector", xdl.zeros(3), ShapeError, ["(..., m, n)", "(3,)"] if name != "logdet" else []),
          ("wide", xdl.zeros(2, 3), ShapeError, ["(2, 3)"] if name not in ("logdet", "eigvalsh") else []),
          ("integers", xdl.ones(2, 2, dtype="int64"), DtypeError, ["int64"] if name != "logdet" else []),
      ) if name not in ("logdet", "eigvalsh")),
    *((f"{name} of a vector", lambda name=name: getattr(linalg, name)(xdl.zeros(3)), ShapeError, [name, "(3,)"])
      for name in ("svd", "qr", "pinv", "matrix_rank")),
    ("inv of singular", lambda: linalg.inv(xdl.ones(2, 2)), DataError, ["inv", "invertible", "one that is not"]),
    ("inv in a batch", lambda: linalg.inv(MIXED), DataError, ["inv", "at (1, 0) of the batch"]),
    ("solve of singular", lambda: linalg.solve(MIXED, d(2, 1)), DataError, ["solve", "at (1, 0) of the batch"]),
    ("solve of the second batch", lambda: linalg.solve(xdl.zeros(2, 2), xdl.zeros(3, 2, 1)), DataError, ["(0,)"]),
    ("solve sizes", lambda: linalg.solve(EYE, xdl.zeros(2, 3)), ShapeError, ["solve", "3", "(2, 3)"]),
    ("solve batches", lambda: linalg.solve(xdl.zeros(2, 3, 3), xdl.zeros(4, 3, 1)), ShapeError, ["solve"]),
    ("solve dtypes", lambda: linalg.solve(EYE, d(3)), DtypeError, ["solve", "float32 and float64"]),
    ("solve from the right", lambda: linalg.solve(EYE, xdl.zeros(3), left=False), ShapeError, ["solve", "B"]),
    ("triangular", lambda: linalg.solve_triangular(xdl.ones(2, 2).tril(-1), xdl.zeros(2, 1), upper=False), DataError,
     ["solve_triangular", "invertible"]),
    ("cholesky", lambda: linalg.cholesky(-MIXED), DataError, ["cholesky", "positive definite", "(0, 0)"]),
    ("cholesky of a batch", lambda: linalg.cholesky(MIXED), DataError, ["cholesky", "at (1, 0) of the batch"]),
    ("svd of nan", lambda: linalg.svd(EYE * float("nan")), DataError, ["svd", "finite"]),
    ("UPLO", lambda: linalg.eigh(EYE, "X"), SettingError, ["eigh", "'X'"]),
    ("qr mode", lambda: linalg.qr(EYE, "raw"), SettingError, ["qr", "'raw'"]),
    ("matrix_norm order", lambda: linalg.matrix_norm(EYE, 3), SettingError, ["matrix_norm", "'nuc'", "3"]),
    ("matrix_norm dims", lambda: linalg.matrix_norm(EYE, 2, (0, 0)), ShapeError, ["matrix_norm", "different dims"]),
    ("matrix_norm of one dim", lambda: linalg.matrix_norm(EYE, 2, (0,)), ShapeError, ["matrix_norm", "two dims"]),
    ("vector_norm order", lambda: linalg.vector_norm(EYE, "nuc"), SettingError, ["vector_norm", "'nuc'"]),
    ("norm of a vector", lambda: linalg.norm(EYE, "fro", 0), ShapeError, ["norm", "two dims", "'fro'"]),
    ("norm of many dims", lambda: linalg.norm(xdl.zeros(2, 2, 2), 2), ShapeError, ["norm", "(2, 2, 2)"]),
    ("matrix_power", lambda: linalg.matrix_power(EYE, 0.5), SettingError, ["matrix_power", "0.5"]),
    ("multi_dot of one", lambda: linalg.multi_dot([EYE]), SettingError, ["multi_dot", "1"]),
    ("multi_dot", lambda: linalg.multi_dot([EYE, xdl.zeros(2, 3)]), ShapeError, ["multi_dot", "(2, 3)"]),
    ("cross", lambda: linalg.cross(xdl.zeros(2), xdl.zeros(2)), ShapeError, ["cross", "three", "(2,)"]),
    ("lstsq", lambda: linalg.lstsq(EYE, xdl.zeros(2, 1)), ShapeError, ["lstsq", "rows", "(2, 1)"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "said"), [case[1:] for case in ERRORS], ids=[case[0] for case in ERRORS])
def test_errors(call, error, said):
    with pytest.raises(error) as raised:
        call()
    assert [part for part in said if part not in str(raised.value)] == []


def test_gradients_that_do_not_exist_are_refused():
    a = xdl.tensor(np.ones((2, 3, 3)), requires_grad=True)
    with pytest.raises(DataError, match=r"slogdet: .* at \(0,\)"):
        linalg.slogdet(a).logabsdet.sum().backward()
    with pytest.raises(DataError, match="qr"):
        linalg.qr(xdl.zeros(2, 3, 3, requires_grad=True)).R.sum().backward()  # of ones rounding may leave a rest
    tall = xdl.ones(3, 2, requires_grad=True)
    with pytest.raises(GraphError, match=r"qr: .*'complete'"):
        linalg.qr(tall, "complete").R.sum().backward()
    with pytest.raises(DataError, match="inv"):
        xdl.grad(linalg.det(a).sum(), [a], create_graph=True)


def test_inv_ex_tells_which_matrices_are_singular():
    a = xdl.tensor(MIXED.numpy().copy(), requires_grad=True)
    inverse, info = linalg.inv_ex(a)
    assert info.tolist() == [[0, 0], [1, 1]]
    assert info.dtype == "int32"
    assert (inverse.isnan().sum((-1, -2)) == info * 4).all()
    inverse[0].sum().backward()
    np.testing.assert_array_equal(a.grad[0].numpy(), -np.ones((2, 2, 2)))
    inverse, info = linalg.inv_ex(xdl.ones(2, 2))
    assert (info.item(), inverse.isnan().all()) == (1, True)
    with pytest.raises(DataError, match=r"inv: .*\(1, 0\)"):
        linalg.inv_ex(MIXED, check_errors=True)


def test_the_gradient_of_a_singular_determinant_is_its_cofactors():
    """PyTorch 2.13 gives 0 for all of these: see findings/torch-det-gradient.sh."""
    a = xdl.tensor(SINGULAR, requires_grad=True)
    assert xdl.gradcheck(linalg.det, [a])
    linalg.det(a).sum().backward()
    np.testing.assert_allclose(a.grad[1].numpy(), np.diag([0.0, 0, 2]), atol=1e-14)
    assert np.abs(a.grad[0].numpy()).max() > 1


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_equal_eigenvalues_have_a_gradient_and_their_vectors_have_none():
    a = xdl.eye(3, dtype="float64", requires_grad=True)
    weight = xdl.arange(3).double()
    for values, vectors in (linalg.eigh(a), (linalg.svd(a).S, linalg.svd(a).U)):
        (of_values,) = xdl.grad((values * weight).sum(), [a], retain_graph=True)
        assert np.isfinite(of_values.numpy()).all()
        (of_vectors,) = xdl.grad((vectors * weight).sum(), [a])
        assert np.isnan(of_vectors.numpy()).any()


def test_spellings():
    a = d(2, 3, 3)
    for name, by in (("det", "det"), ("inverse", "inv"), ("pinverse", "pinv"), ("logdet", "logdet")):
        expected = getattr(linalg, by)(a).numpy()
        np.testing.assert_array_equal(getattr(a, name)().numpy(), expected)
        np.testing.assert_array_equal(getattr(xdl, name)(a).numpy(), expected)
    np.testing.assert_array_equal(a.matrix_power(3).numpy(), xdl.matrix_power(a, 3).numpy())
    assert a.slogdet()[1].tolist() == xdl.slogdet(a).logabsdet.tolist()
    assert linalg.cross(a, a + 1).tolist() == xdl.cross(a, a + 1, -1).tolist()
    assert linalg.eigh(a)._fields == ("eigenvalues", "eigenvectors")
    assert linalg.svd(a)._fields == ("U", "S", "Vh")
    assert linalg.qr(a)._fields == ("Q", "R")
    assert linalg.slogdet(a)._fields == ("sign", "logabsdet")
    assert linalg.lstsq(a, a)._fields == ("solution", "residuals", "rank", "singular_values")
    assert linalg.norm(xdl.ones(2, 2), dtype="float64").dtype == "float64"


def test_few_multiplications_are_chosen():
    """Cormen et al., Introduction to Algorithms, 15.2: ((A1 (A2 A3)) ((A4 A5) A6))."""
    from xdl.linalg.products import _splits

    cut = _splits([30, 35, 15, 5, 10, 20, 25])
    assert (cut[0, 5], cut[0, 2], cut[3, 5]) == (2, 0, 4)


def test_linear_algebra_loads_when_it_is_used():
    code = (
        "import sys, xdl; assert 'xdl.linalg' not in sys.modules; xdl.eye(2).det(); print('xdl.linalg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "True\n"
