"""A factor before the tensors, as PyTorch's methods took it up to 1.4; comparisons with None."""

import pytest

import xdl

X, A, B = [xdl.tensor(values) for values in ([1.0, 2.0], [3.0, 4.0], [0.5, 2.0])]
CALLS = [
    ("add", lambda x: x.add(3, A), lambda x: x + A * 3),
    ("add_", lambda x: x.add_(3, A), lambda x: x + A * 3),
    ("sub", lambda x: x.sub(0.5, A), lambda x: x - A * 0.5),
    ("sub_", lambda x: x.sub_(0.5, A), lambda x: x - A * 0.5),
    ("addcmul", lambda x: x.addcmul(2, A, B), lambda x: x + A * B * 2),
    ("addcmul_", lambda x: x.addcmul_(2, A, B), lambda x: x + A * B * 2),
    ("addcdiv", lambda x: x.addcdiv(-2.0, A, B), lambda x: x - A / B * 2),
    ("addcdiv_", lambda x: x.addcdiv_(-2.0, A, B), lambda x: x - A / B * 2),
]


@pytest.mark.parametrize(("name", "call", "expected"), CALLS, ids=[case[0] for case in CALLS])
def test_a_factor_may_stand_first(name, call, expected):
    x = X.clone()
    assert call(x).tolist() == expected(X).tolist()
    assert x.tolist() == (expected(X) if name.endswith("_") else X).tolist()


def test_only_numbers_are_factors():
    with pytest.raises(TypeError):
        X.add(A, 3)
    with pytest.raises(TypeError):
        X.addcmul(A, B, A)
    assert X.add(A, alpha=3).tolist() == X.add(3, A).tolist()


def test_none_is_no_tensor():
    assert (X == None) is False  # noqa: E711
    assert (X != None) is True  # noqa: E711
