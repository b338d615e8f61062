"""The sequences that are measured: both libraries compute the same, a difference is told, the table has its columns."""

import pytest

NET = "attention decoder 20x64"


@pytest.mark.parametrize("name", [NET, "transformer layer, d 128, 64x32"])
def test_what_is_computed_is_told_and_a_difference_found(bench, name):
    sequences = bench("sequences")
    first, second = (sequences.sequence("xdl", name) for _ in range(2))
    digest = first.digest()
    wanted = {"result", *(f"gradient of {key}" for key, _ in first.model.named_parameters())}
    assert set(digest) == wanted | {f"gradient of {key}" for key in first.inputs}
    assert all(size > 0 and norm > 0 for size, norm, _ in digest.values())
    assert sequences.difference(digest, second.digest()) == ""
    bias = next(p for key, p in second.model.named_parameters() if key.endswith("bias"))
    bias.data[...] += 0.1
    assert "(size, norm, product)" in sequences.difference(digest, second.digest())
    assert "only one has" in sequences.difference(digest, {"result": digest["result"]})
    assert sequences.difference(digest, digest | {"result": [1.0, float("nan"), 0.0]}).startswith("result")


def test_the_table_has_a_column_for_times_and_memory_of_each_number_of_threads(bench):
    row = {"torch": 2.0, "xdl": 1.0, "ratio to torch": 2.0, "megabytes of torch": 30.0, "megabytes of xdl": 20.0}
    results = {"1": {"a": row}, "2": {"a": row | {"ratio to torch": 0.5, "megabytes of xdl": 0.0}}}
    assert bench("compare").markdown(results, "torch") == [
        "| torch's over xdl's | time, 1 thread | time, 2 threads | peak memory, 1 thread | peak memory, 2 threads |",
        "|---|---|---|---|---|",
        "| a | 2.00 | 0.50 | 1.50 | 30 MB / 0 MB |",
    ]


@pytest.mark.torch
def test_pytorch_computes_the_same(bench):
    sequences = bench("sequences")
    for name in sequences.SEQUENCES:
        if not name.endswith("512"):
            made = [sequences.sequence(library, name).digest() for library in ("torch", "xdl")]
            assert sequences.difference(*made) == "", name
