"""Cases of xdl.linalg. What is unique up to signs is compared by absolute values."""

import math

import numpy as np

from tests.functional.cases.case import case, normal

RANK_1 = np.outer([1.0, 2.0, 3.0], [0.5, -1.0, 2.0])
SINGULAR = np.stack([RANK_1 + np.diag([1.0, 0, 0]), np.diag([1.0, 2.0, 0.0]), RANK_1])  # ranks 2, 2, 1
TALL, WIDE, SQUARE = normal(2, 4, 3), normal(2, 3, 4), normal(2, 4, 4)


def positive_definite(a):
    """a a^T + 1, with the identity made from a."""
    return a @ a.mT + a.mT @ a * 0.1


def solving():
    """Inverses, equations, determinants."""
    for label, shape in (("", (3, 3)), ("of a batch", (2, 1, 4, 4)), ("of 1x1", (1, 1)), ("of none", (0, 2, 2))):
        yield case(f"linalg.inv {label}".strip(), lambda F, a: F.linalg.inv(a), normal(*shape))
        yield case(f"linalg.inv_ex {label}".strip(), lambda F, a: F.linalg.inv_ex(a).inverse, normal(*shape))
        yield case(f"linalg.det {label}".strip(), lambda F, a: F.linalg.det(a), normal(*shape))
        yield case(f"linalg.slogdet {label}".strip(), lambda F, a: F.linalg.slogdet(a)[1], normal(*shape))
        yield case(f"linalg.slogdet sign {label}".strip(), lambda F, a: F.linalg.slogdet(a)[0], normal(*shape),
                   fixed=(0,))  # fmt: skip
    singular = lambda F, a: F.linalg.det(a)  # noqa: E731
    yield case("linalg.det of singular", singular, SINGULAR, second="skipped", smooth=False, oracle=False)
    yield case("linalg.det of 0x0", lambda F, a: F.linalg.det(a), np.zeros((2, 0, 0)), fixed=(0,))
    logarithm = lambda F, a: F.linalg.logdet(positive_definite(a))  # noqa: E731
    yield case("linalg.logdet", logarithm, SQUARE, torch=lambda F, a: F.logdet(positive_definite(a)))
    signs = np.stack([np.eye(3), -np.eye(3), np.zeros((3, 3))])
    yield case("linalg.logdet of any sign", lambda F, a: F.linalg.logdet(a), signs, fixed=(0,),
               torch=lambda F, a: F.logdet(a))  # fmt: skip
    for label, a, b in (
        ("", (3, 3), (3, 2)),
        ("a vector", (3, 3), (3,)),
        ("vectors", (2, 3, 3), (2, 3)),
        ("a vector with a batch", (2, 3, 3), (3,)),
        ("batches that broadcast", (2, 1, 3, 3), (4, 3, 2)),
        ("a matrix with a batch", (3, 3), (2, 3, 2)),
        ("nothing", (3, 3), (3, 0)),
    ):
        yield case(f"linalg.solve {label}".strip(), lambda F, a, b: F.linalg.solve(a, b), normal(*a), normal(*b))
    yield case("linalg.solve from the right", lambda F, a, b: F.linalg.solve(a, b, left=False), SQUARE, WIDE)
    for upper in (False, True):
        for left, b in ((True, TALL), (False, WIDE)):
            for unit in (False, True):
                yield case(
                    f"linalg.solve_triangular {upper=} {left=} {unit=}",
                    lambda F, a, b, upper=upper, left=left, unit=unit: F.linalg.solve_triangular(
                        a, b, upper=upper, left=left, unitriangular=unit
                    ),
                    SQUARE,
                    b,
                )


def decompositions():
    """Cholesky, QR, eigenvalues, singular values."""
    for upper in (False, True):
        call = lambda F, a, upper=upper: F.linalg.cholesky(positive_definite(a), upper=upper)  # noqa: E731
        yield case(f"linalg.cholesky {upper=}", call, SQUARE)
        half = lambda F, a, upper=upper: F.linalg.cholesky(a, upper=upper)  # noqa: E731
        lopsided = np.array([[4.0, 9.0], [1.0, 3.0]])
        lopsided = lopsided.T if upper else lopsided  # only one triangle is read
        yield case(f"linalg.cholesky of a triangle {upper=}", half, lopsided, smooth=False)
    for label, x in (("", TALL), ("square", SQUARE), ("wide", WIDE), ("of one column", normal(3, 1))):
        yield case(f"linalg.qr {label}".strip(), lambda F, a: F.linalg.qr(a), x)
    yield case("linalg.qr complete", lambda F, a: F.linalg.qr(a, mode="complete"), WIDE)
    complete = lambda F, a: [abs(x) for x in F.linalg.qr(a, "complete")]  # noqa: E731
    yield case("linalg.qr complete, tall", complete, TALL, fixed=(0,))
    yield case("linalg.qr r", lambda F, a: F.linalg.qr(a, "r")[1], TALL, fixed=(0,))
    for uplo in ("L", "U"):
        vectors = lambda F, a, uplo=uplo: tuple(abs(x) for x in F.linalg.eigh(a + a.mT, uplo))  # noqa: E731
        yield case(f"linalg.eigh {uplo}", vectors, SQUARE)
        yield case(
            f"linalg.eigvalsh {uplo}", lambda F, a, uplo=uplo: F.linalg.eigvalsh(a, UPLO=uplo), SQUARE, fixed=(0,)
        )
    yield case("linalg.eigvalsh", lambda F, a: F.linalg.eigvalsh(a + a.mT), normal(3, 3))
    for label, x in (("", TALL), ("wide", WIDE), ("square", SQUARE)):
        svd = lambda F, a: tuple(abs(x) for x in F.linalg.svd(a, full_matrices=False))  # noqa: E731
        yield case(f"linalg.svd {label}".strip(), svd, x)
        whole = lambda F, a: (lambda u, s, vh: (abs(u[..., :3]), s, abs(vh[..., :3, :])))(*F.linalg.svd(a))  # noqa: E731
        yield case(f"linalg.svd full {label}".strip(), whole, x)
        yield case(f"linalg.svdvals {label}".strip(), lambda F, a: F.linalg.svdvals(a), x)
    again = lambda F, a: (lambda u, s, vh: (u * s[..., None, :]) @ vh)(*F.linalg.svd(a, False))  # noqa: E731
    yield case("linalg.svd put together again", again, TALL)


def ranks():
    """Pseudoinverse, rank, least squares."""
    for label, x in (("", TALL), ("wide", WIDE), ("square", SQUARE)):
        yield case(f"linalg.pinv {label}".strip(), lambda F, a: F.linalg.pinv(a), x)
        rank = lambda F, a: F.linalg.matrix_rank(a)  # noqa: E731
        yield case(f"linalg.matrix_rank {label}".strip(), rank, x, fixed=(0,))
    yield case("linalg.matrix_rank of singular", lambda F, a: F.linalg.matrix_rank(a), SINGULAR, fixed=(0,))
    yield case("linalg.matrix_rank to 1.5", lambda F, a: F.linalg.matrix_rank(a, atol=1.5), SINGULAR, fixed=(0,))
    yield case("linalg.matrix_rank by half", lambda F, a: F.linalg.matrix_rank(a, rtol=0.5), SINGULAR, fixed=(0,))
    yield case("linalg.pinv of singular", lambda F, a: F.linalg.pinv(a), SINGULAR, smooth=False)
    yield case("linalg.pinv to 1.5", lambda F, a: F.linalg.pinv(a, atol=1.5), SINGULAR[1], smooth=False)
    for label, a, b in (("", (4, 3), (4, 2)), ("wide", (3, 4), (3, 2)), ("of a batch", (2, 4, 3), (2, 4, 1))):
        solved = lambda F, a, b: F.linalg.lstsq(a, b)[0]  # noqa: E731
        yield case(f"linalg.lstsq {label}".strip(), solved, normal(*a), normal(*b))
    yield case("linalg.lstsq of vectors", lambda F, a, b: F.linalg.lstsq(a, b)[0], normal(2, 4, 3), normal(2, 4),
               oracle=False)  # fmt: skip
    whole = lambda F, a, b: F.linalg.lstsq(a, b)[1:]  # noqa: E731
    yield case("linalg.lstsq residuals, rank, singular values", whole, normal(2, 5, 3), normal(2, 5, 2), fixed=(0, 1),
               torch=lambda F, a, b: F.linalg.lstsq(a, b, driver="gelsd")[1:])  # fmt: skip


def norms():
    """Norms and condition numbers."""
    for order in ("fro", "nuc", 2, -2, 1, -1, math.inf, -math.inf):
        norm = lambda F, a, order=order: F.linalg.matrix_norm(a, order)  # noqa: E731
        yield case(f"linalg.matrix_norm {order}", norm, TALL)
        over = lambda F, a, order=order: F.linalg.norm(a, order, dim=(0, -1), keepdim=True)  # noqa: E731
        yield case(f"linalg.norm {order} over two dims", over, normal(3, 2, 4))
    for order in (2, 1, 3, 0.5, 0, math.inf, -math.inf):
        vector = lambda F, x, order=order: F.linalg.vector_norm(x, order, dim=-1)  # noqa: E731
        yield case(f"linalg.vector_norm {order}", vector, TALL, fixed=(0,) if order == 0 else ())
    yield case("linalg.vector_norm of all", lambda F, x: F.linalg.vector_norm(x), TALL)
    yield case("linalg.vector_norm kept", lambda F, x: F.linalg.vector_norm(x, 1, (0, 2), keepdim=True), TALL)
    yield case("linalg.norm", lambda F, x: F.linalg.norm(x), TALL)
    yield case("linalg.norm of a vector", lambda F, x: F.linalg.norm(x, 3), normal(5))
    yield case("linalg.norm of a matrix", lambda F, x: F.linalg.norm(x, math.inf), normal(3, 4))
    yield case("linalg.norm over one dim", lambda F, x: F.linalg.norm(x, 1, dim=1), TALL)
    for p in (None, 2, -2, "fro", "nuc", 1, math.inf):
        product = lambda F, a, p=p: F.linalg.norm(a, p) * F.linalg.norm(F.linalg.inv(a), p)  # noqa: E731
        spelled = {} if p in (None, 2, -2, "nuc") else {"torch": product}  # PyTorch's own breaks its backward pass
        yield case(f"linalg.cond {p}", lambda F, a, p=p: F.linalg.cond(a, p), normal(3, 3), **spelled)
    yield case("linalg.cond of wide", lambda F, a: F.linalg.cond(a), WIDE)


def multiplying():
    """Products."""
    for n in (0, 1, 2, 5, -1, -3):
        power = lambda F, a, n=n: F.linalg.matrix_power(a, n)  # noqa: E731
        yield case(f"linalg.matrix_power {n}", power, normal(2, 3, 3), fixed=(0,) if n == 0 else ())
    dot = lambda F, *matrices: F.linalg.multi_dot(matrices)  # noqa: E731
    yield case("linalg.multi_dot", dot, normal(2, 5), normal(5, 1), normal(1, 4), normal(4, 3))
    yield case("linalg.multi_dot from a vector to a vector", dot, normal(2), normal(2, 5), normal(5))
    yield case("linalg.multi_dot of two", dot, normal(2, 5), normal(5, 3))
    yield case("linalg.cross", lambda F, a, b: F.linalg.cross(a, b), normal(4, 3), normal(4, 3))
    yield case("linalg.cross over dim 0", lambda F, a, b: F.linalg.cross(a, b, dim=0), normal(3, 2), normal(3, 1))
    yield case("linalg.vecdot", lambda F, a, b: F.linalg.vecdot(a, b, dim=0), normal(4, 3), normal(4, 3))
    yield case("linalg.diagonal", lambda F, a: F.linalg.diagonal(a, offset=1), TALL)
    yield case("linalg.matmul", lambda F, a, b: F.linalg.matmul(a, b), TALL, WIDE)


def cases():
    """All of this file."""
    for family in (solving, decompositions, ranks, norms, multiplying):
        yield from family()
