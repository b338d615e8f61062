"""Cases of products beyond matmul: bmm to kron, and einsum."""

# ruff: noqa: ARG005 (every call takes the namespace F)
import numpy as np

from tests.functional.cases.case import case, normal

EQUATIONS = {
    "ij,jk->ik": ((2, 3), (3, 4)),
    "ij,jk": ((2, 3), (3, 4)),
    "bik,bkj->bij": ((2, 3, 4), (2, 4, 2)),
    "ii->i": ((3, 3),),
    "ii": ((3, 3),),
    "iji->j": ((3, 2, 3),),
    "iii->i": ((2, 2, 2),),
    "ij->ji": ((2, 3),),
    "ba": ((2, 3),),
    "ij->": ((2, 3),),
    "i,j->ji": ((2,), (3,)),
    "i,i->": ((4,), (4,)),
    ",ij->ij": ((), (2, 3)),
    "ij,kj,lk->il": ((2, 3), (4, 3), (2, 4)),
    "ijk,jil->kl": ((2, 3, 4), (3, 2, 2)),
    "i,ij,j": ((2,), (2, 3), (3,)),
    "i,i,i->i": ((3,), (3,), (3,)),
    "...ij,...jk->...ik": ((2, 1, 2, 3), (3, 3, 2)),
    "...i,...i": ((2, 3), (3,)),
    "b...->...b": ((2, 3, 2),),
    "i...->i": ((2, 3, 2),),
    "ij,ij->ij": ((1, 3), (2, 3)),
    "ij,jk->ik of empty": ((0, 3), (3, 2)),
    "ij,jk->ik over nothing": ((2, 0), (0, 2)),
    "bhqd,bhkd->bhqk": ((1, 2, 3, 2), (1, 2, 2, 2)),
}


def small():
    """bmm, mm, mv, dot, addmm, outer, inner."""
    yield case("bmm", lambda F, a, b: F.bmm(a, b), normal(2, 3, 4), normal(2, 4, 2))
    yield case("bmm of none", lambda F, a, b: F.bmm(a, b), normal(0, 3, 4), normal(0, 4, 2))
    yield case("mm", lambda F, a, b: F.mm(a, b), normal(3, 4), normal(4, 2))
    yield case("mm of transposed", lambda F, a, b: a.T.mm(b), normal(4, 3), normal(4, 2))
    yield case("mv", lambda F, a, b: F.mv(a, b), normal(3, 4), normal(4))
    yield case("dot", lambda F, a, b: F.dot(a, b), normal(5), normal(5))
    yield case("dot with itself", lambda F, a: a.dot(a), normal(5))
    yield case("dot of nothing", lambda F, a, b: F.dot(a, b), normal(0), normal(0))
    for shape in ((2, 4), (4,), (2, 1), ()):
        call = lambda F, x, a, b: F.addmm(x, a, b, beta=0.5, alpha=-2)  # noqa: E731
        yield case(f"addmm of {shape}", call, normal(*shape), normal(2, 3), normal(3, 4))
    yield case("addmm", lambda F, x, a, b: F.addmm(x, a, b), normal(4), normal(2, 3), normal(3, 4))
    yield case(
        "addmm beta 0",
        lambda F, x, a, b: F.addmm(x, a, b, beta=0),
        *(np.full((2, 4), np.nan), normal(2, 3), normal(3, 4)),
        fixed=(0,),
    )
    yield case("outer", lambda F, a, b: F.outer(a, b), normal(3), normal(2))
    yield case("outer of none", lambda F, a, b: F.outer(a, b), normal(0), normal(2))
    for a, b in (((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 1, 3)), ((), (2, 3)), ((2,), ())):
        yield case(f"inner {a} and {b}", lambda F, a, b: F.inner(a, b), normal(*a), normal(*b))


def large():
    """tensordot, kron, einsum."""
    for label, a, b, dims in (
        ("1", (2, 3), (3, 4), 1),
        ("2", (2, 3, 4), (3, 4, 2), 2),
        ("0", (2,), (3,), 0),
        ("lists", (2, 3, 4), (4, 3, 2), ([1, 2], [1, 0])),
        ("negative", (2, 3, 4), (4, 2), ([-1, 0], [0, -1])),
        ("all", (2, 3), (2, 3), 2),
    ):
        yield case(f"tensordot {label}", lambda F, a, b, d=dims: F.tensordot(a, b, d), normal(*a), normal(*b))
    yield case("tensordot by default", lambda F, a, b: F.tensordot(a, b), normal(2, 3, 2), normal(3, 2, 2))
    for a, b in (((2, 3), (3, 2)), ((2,), (3,)), ((2, 3), (2,)), ((), (2, 2)), ((2,), (1, 2, 3))):
        yield case(f"kron {a} and {b}", lambda F, a, b: F.kron(a, b), normal(*a), normal(*b))
    for equation, shapes in EQUATIONS.items():
        text = equation.partition(" ")[0]
        call = lambda F, *inputs, text=text: F.einsum(text, *inputs) * 1  # noqa: E731
        yield case(f"einsum {equation}", call, *[normal(*shape) for shape in shapes])


def cases():
    """All of this file."""
    yield from small()
    yield from large()
