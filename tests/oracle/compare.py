"""How what xdl gives is compared with what PyTorch gave."""

import numpy as np

TOLERANCE = {"float64": 1e-10, "float32": 2e-5}


def assert_close(found, expected, dtype, what):
    """found is a host array or None (a gradient that does not exist: zero), expected likewise."""
    if expected is None or found is None:
        present = found if expected is None else expected
        assert present is None or not np.any(present), f"{what}: a gradient on one side only"
        return
    assert found.shape == expected.shape, what
    # relative to the largest value: single elements may cancel
    finite = expected[np.isfinite(expected)] if expected.dtype.kind == "f" else expected
    scale = max(1.0, float(np.max(np.abs(finite.astype("float64")), initial=0.0)))
    tolerance = TOLERANCE[dtype] * scale
    np.testing.assert_allclose(
        found.astype("float64"), expected.astype("float64"), rtol=0, atol=tolerance, err_msg=what
    )


def assert_all_close(found, expected, dtype, case):
    """Compares two results of `evaluate` by name."""
    for name in sorted({*found, *expected}):
        assert_close(found.get(name), expected.get(name), dtype, f"{case.id}: {name} in {dtype}")
