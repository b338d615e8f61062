"""xdl.capture refuses what no graph can hold by its name, and leaves all else as it was."""

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.gpu.steps import counting, training
from xdl import nn, observe, optim
from xdl.errors import BackendError, DtypeError, KindError

pytestmark = needs_compiler


@pytest.fixture(autouse=True)
def on_cupy(stand_in):
    xdl.use("cupy")


READS = {
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x.sum()),
    "int": lambda x: int(x.sum()),
    "bool": lambda x: bool(x.sum() > 0),
    "tolist": lambda x: x.tolist(),
    "numpy": lambda x: x.numpy(),
    "print": lambda x: print(x),
    "format": lambda x: f"{x.sum():.2f}",
    "to": lambda x: x.to("cpu"),
    "indexing by a mask": lambda x: x[x > 0],
    "masked_select": lambda x: x.masked_select(x > 0),
    "nonzero": lambda x: x.nonzero(),
    "where": lambda x: xdl.where(x > 0),
    "unique": lambda x: x.unique(),
    "check_flag": lambda x: xdl.backend.of(x.array).check_flag(),
    "synchronize": lambda x: xdl.backend.of(x.array).synchronize(),
}


@pytest.mark.parametrize("only_captured", [False, True])
@pytest.mark.parametrize("name", READS)
def test_what_the_host_reads_is_refused_by_name_and_all_is_as_before(stand_in, name, only_captured):
    runs, current, allocator = [], stand_in.cuda.get_current_stream(), stand_in.cuda.get_allocator()

    def step(x):
        runs.append(0)
        y = x + 1
        if len(runs) == 3 or not only_captured:
            READS[name](y)
        return y

    with pytest.raises(BackendError, match="no values read by the host") as refused:
        xdl.capture(step, xdl.ones(2, 2))
    assert refused.value.operation == name
    assert len(runs) == (3 if only_captured else 2)
    assert observe.launches is None
    assert stand_in.cuda.get_current_stream() is current
    assert stand_in.cuda.get_allocator() == allocator
    assert xdl.capture(lambda x: x + 1, xdl.ones(2))(xdl.ones(2)).shape == (2,)


CHANGING = {
    "Adam": (lambda: training(optim.Adam), "adam_step", "rate"),
    "NAdam": (lambda: training(optim.NAdam), "adam_step", "rate"),
    "ASGD": (lambda: training(optim.ASGD), "ASGD", "step"),
    "Adafactor": (lambda: training(optim.Adafactor), "Adafactor", "step"),
    "dropout": (lambda: counting(lambda x, _: nn.functional.dropout(x)), "dropout_forward", "step"),
    "random numbers": (lambda: counting(lambda x, _: x + xdl.randn(4, 8)), "philox_words", "step"),
    "a number": (lambda: counting(lambda x, n: x * n), "mul", "number"),
    "an index": (lambda: counting(lambda x, n: x[n]), "indexing", "key"),
    "values": (lambda: counting(lambda x, n: x + xdl.tensor([n] * 8)), "asarray", "values"),
}


@pytest.mark.parametrize("what", CHANGING)
def test_numbers_that_change_are_refused_by_the_kernels_and_their_name(what):
    make, kernel, number = CHANGING[what]
    step, _, example = make()
    with pytest.raises(BackendError, match=f"the same {number} in every run.*leave what changes them out") as refused:
        xdl.capture(step, *example)
    assert refused.value.operation == kernel


def test_another_sequence_is_refused():
    step, _, example = counting(lambda x, n: x.softmax(1) if n < 3 else None)
    with pytest.raises(BackendError, match=r"the same launches.*softmax.* and then nothing as number 1"):
        xdl.capture(step, *example)
    step, _, example = counting(lambda _, n: xdl.zeros(4 if n < 3 else 4000, 8).softmax(1))
    with pytest.raises(BackendError, match=r"grid .* and then .*grid"):
        xdl.capture(step, *example)


@pytest.mark.parametrize("step", [lambda x: x @ x, nn.Linear(2, 2), lambda x: xdl.linalg.inv(x)], ids=repr)
def test_products_are_refused(step):
    step = step.to("cuda") if isinstance(step, nn.Module) else step
    with pytest.raises(BackendError, match=r"without products of matrices.*cuBLAS"):
        xdl.capture(step, xdl.eye(2))


def test_what_is_no_tensor_is_refused():
    with pytest.raises(KindError, match="found float"):
        xdl.capture(lambda _: 1.0, xdl.ones(2))
    with pytest.raises(DtypeError, match="input 1, found int"):
        xdl.capture(lambda *x: x, xdl.ones(2), 3)
    with pytest.raises(BackendError, match="inputs of one backend, found cupy and numpy"):
        xdl.capture(lambda *x: x, xdl.ones(2), xdl.ones(2, device="cpu"))
