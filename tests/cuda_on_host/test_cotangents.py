"""Every version of a slot that runs CUDA kernels, on the CPU, against its reference, whatever memory it is handed.

Launches read dense memory by its address. So each version gets arguments and cotangents as the operations around it
make them: transposed, sliced and reversed views, channels last, CHWN, one number or row spread with strides of 0; and,
through the tape, cotangents of every other dtype.
"""

import numpy as np
import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.functional.kernels.kernel_checks import ALL, Results, cases, compare, compare_all, cotangent
from tests.functional.kernels.update_cases import MUTATING
from tests.parity.test_cotangents import LAYOUTS as ALL_LAYOUTS
from tests.parity.test_cotangents import channels_last, is_float, rolled, transposed, unaligned
from xdl import backend, kernel, tape

NAME = "cuda-on-host"
SMALL = 600  # elements of all arguments of a case; where none is as small, the smallest
FEW = 3  # cases of a slot, evenly among the small ones
VERSIONS = [  # by name, since collecting tests must not build kernels
    ("add_relu", "add_relu_cuda"),
    ("along", "along_cuda"),
    ("avg_pool2d", "avg_pool2d_cuda"),
    ("batch_norm", "batch_norm_cuda"),
    ("batch_norm_activation", "batch_norm_ramp_cuda"),
    ("conv2d", "conv2d_columns"),
    ("conv2d", "conv2d_depthwise"),
    ("conv2d", "conv2d_tf32"),
    ("conv2d_activation", "conv2d_activation_columns"),
    ("conv2d_activation", "conv2d_relu_tf32"),
    ("clip", "clip_formula"),
    ("conv2d_input_grad", "conv2d_input_grad_columns"),
    ("conv2d_weight_grad", "conv2d_weight_grad_columns"),
    ("cross_entropy", "cross_entropy_cuda"),
    ("division", "division_cuda"),
    ("cumsum", "cumsum_cuda"),
    ("dropout", "dropout_cuda"),
    ("dropout_add", "dropout_add_cuda"),
    ("element_loss", "element_loss_cuda"),
    ("embedding", "embedding_cuda"),
    ("group_norm", "group_norm_cuda"),
    ("layer_norm", "layer_norm_cuda"),
    ("linear", "linear_cuda"),
    ("linear_activation", "linear_activation_cuda"),
    ("linear_scan", "linear_scan_cuda"),
    ("log_softmax", "log_softmax_cuda"),
    ("matmul", "matmul_cuda"),
    ("max_pool2d", "max_pool2d_cuda"),
    ("pad", "pad_cuda"),
    ("put_along", "put_along_cuda"),
    ("both_directions", "persistent_both_cuda"),
    ("recurrence", "gru_sequence_cuda"),
    ("recurrence", "lstm_sequence_cuda"),
    ("recurrence", "persistent_sequence_cuda"),
    ("recurrence", "recurrence_cuda"),
    ("relu", "relu_cuda"),
    ("resample", "resample_cuda"),
    ("rms_norm", "rms_norm_cuda"),
    ("running", "running_cuda"),
    ("running_best", "running_best_cuda"),
    ("softmax", "softmax_cuda"),
    ("sum_at", "sum_at_cuda"),
    ("top_indices", "top_indices_cuda"),
]
TF32 = ("conv2d_tf32", "conv2d_relu_tf32")
FORWARD_ONLY = (
    "conv2d_input_grad",
    "conv2d_weight_grad",
    "sum_at",
    "top_indices",
    "running",
    "running_best",
    "linear_scan",
    "matmul",
    "clip",
    "division",
    "add_relu",
    "dropout_add",
    "along",
    "put_along",
)  # they have no backward pass of their own, or one gradient for all arguments
pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]  # the mean of no losses


LAYOUTS = [arrange for arrange in ALL_LAYOUTS if arrange is not unaligned]  # device memory is aligned


def version_of(slot, name):
    backend.load(NAME)
    return next(v for v in kernel.slots[slot].versions[NAME] if v.name == name)


def on_host(x):
    """The same memory as an array of the backend."""
    return x.view(backend.load(NAME).array_types[0]) if isinstance(x, np.ndarray) else x


def size(args):
    return sum(x.size for x in args if isinstance(x, np.ndarray))


def fitting(slot, version, dtype):
    """{name: arguments} of a few small cases that the version takes, in its backend's arrays."""
    found = {label: [on_host(x) for x in args] for label, args in cases(slot, dtype).items()}
    found = {label: args for label, args in found.items() if version.when is None or version.when(*args)}
    small = {label: args for label, args in found.items() if size(args) <= SMALL}
    if not small and found:
        label = min(found, key=lambda label: size(found[label]))
        return {label: found[label]}
    return dict(list(small.items())[:: max(1, len(small) // FEW)])


def dtypes_of(name):
    return (
        ("float32",) if name in (*TF32, "persistent_sequence_cuda", "persistent_both_cuda") else ("float32", "float64")
    )


@pytest.fixture(autouse=True)
def precision(request):
    """TF32 allowed for the versions that take it; products of TF32 are rounded, so small cases stay close."""
    before = kernel.get_precision()
    kernel.set_precision("tf32" if any(name in request.node.name for name in TF32) else "float32")
    yield
    kernel.set_precision(before)


def plain(args):
    """The same numbers in C order, in NumPy's own arrays."""
    return [np.array(x, order="C") if isinstance(x, np.ndarray) else x for x in args]


def check(slot, version, dtype, args, arrange):
    """Compares both halves with the reference's: arguments of that layout, then cotangents of it."""
    what, reference = f"{slot}: {version.name}, {arrange.__name__}", kernel.slots[slot].reference
    arranged = [on_host(arrange(np.asarray(x))) if is_float(x) else x for x in args]
    if version.name in TF32:  # rounds products: as it does for the same numbers in C order
        expected = Results(version, [on_host(x) for x in plain(arranged)], [], ALL, None, on_host)
    else:
        expected = Results(reference, plain(arranged), [], ALL)
    compare(Results(version, arranged, [], ALL, expected, on_host), expected, dtype, f"{what} arguments")
    if version.backward is not None:
        expected = Results(reference, plain(args), [], ALL, arrange=lambda g: np.array(arrange(g), order="C"))
        found = Results(version, args, [], ALL, expected, lambda g: on_host(arrange(g)))
        asked = [[d for d, needed in zip(r.gradients, found.needs, strict=True) if needed] for r in (found, expected)]
        compare_all(*asked, dtype, f"{what} cotangent")


@pytest.mark.parametrize(("slot", "name"), VERSIONS)
def test_layouts(slot, name):
    version, n = version_of(slot, name), 0
    for dtype in dtypes_of(name):
        for args in fitting(slot, version, dtype).values():
            for arrange in LAYOUTS:
                check(slot, version, dtype, args, arrange)
                n += 1
    assert n


def test_every_version_that_reads_arrays_is_here():
    backend.load(NAME)
    found = {(slot.name, v.name) for slot in kernel.slots.values() for v in slot.versions.get(NAME, ())}
    without = {
        ("clip", "ClipReference"),
        ("batch_norm_activation", "BatchNormActivationPair"),
        ("batch_norm_add_relu", "BatchNormAddReluPair"),
        ("conv2d_activation", "LayerActivationPair"),
        ("linear_activation", "LayerActivationPair"),
        ("division", "DivisionReference"),
        ("gelu", "GeluPair"),
        ("cumsum", "CumsumPair"),
        ("pad", "PadPair"),
        ("running_best", "RunningBestReference"),
        ("running", "RunningReference"),
        ("linear_scan", "LinearScanReference"),
        ("pointwise", "PointwiseReference"),
        ("pointwise", "pointwise_formula"),  # takes formulas, whose cases are those of the activations
        ("recurrence", "RecurrencePair"),
        ("both_directions", "BothDirectionsPair"),
        ("philox_words", "philox_words_cuda"),
        ("word_pieces", "word_pieces_cuda"),
    }
    assert {(slot, name) for slot, name in found - without if slot not in MUTATING} == set(VERSIONS)


@pytest.mark.parametrize("arrange", [transposed, channels_last, rolled], ids=lambda a: a.__name__)
def test_a_version_that_takes_memory_for_elements_is_found(arrange, monkeypatch):
    version = version_of("max_pool2d", "max_pool2d_cuda")
    monkeypatch.setattr("xdl.kernels.cuda.conv.pool.dense", lambda x: x.ravel("K").reshape(x.shape))
    args = fitting("max_pool2d", version, "float64")["2x2"]
    with pytest.raises(AssertionError, match=arrange.__name__):
        check("max_pool2d", version, "float64", args, arrange)


@pytest.mark.parametrize(("slot", "name"), [v for v in VERSIONS if v[0] not in FORWARD_ONLY])
def test_dtypes_through_the_tape(slot, name):
    version = version_of(slot, name)
    for dtype in dtypes_of(name):
        args = min(fitting(slot, version, dtype).values(), key=lambda args: (size(args) == 0, size(args)))
        for other in ("float32", "float64", "int64", "uint8", "bool"):
            y, saved = version.forward(*args)
            u = cotangent(y, ALL, lambda g, other=other: np.asarray(np.abs(np.asarray(g) * 3), other))
            leaves = [xdl.Tensor(x, True) if is_float(x) else x for x in args]
            outs = tape.record(y, tuple(leaves), lambda *_: (), saved, version)
            pairs = [(o, on_host(g)) for o, g in zip(listed(outs), listed(u), strict=True) if o.requires_grad]
            leaves = [x for x in leaves if isinstance(x, xdl.Tensor)]
            found = xdl.grad([o for o, _ in pairs], leaves, [xdl.Tensor(g) for _, g in pairs])
            cast = [None if g is None else on_host(g.astype(dtype)) for g in listed(u)]
            _, saved = version.forward(*args)
            wanted = version.backward(cast if isinstance(y, tuple) else cast[0], saved, [is_float(x) for x in args])
            wanted = [d for x, d in zip(args, wanted, strict=False) if is_float(x)]
            compare_all([g.array for g in found], wanted, dtype, f"{slot}: {name}, cotangent {other}")


def listed(x):
    return list(x) if isinstance(x, list | tuple) else [x]
