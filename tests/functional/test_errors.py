"""Bad arguments: the type of the error, and a message that names the operation, what was expected and what came."""

import numpy as np
import pytest

import xdl
from xdl import functional as F
from xdl import nn, optim
from xdl.errors import DataError, DtypeError, GraphError, SettingError, ShapeError

f = lambda *shape: xdl.zeros(*shape)  # noqa: E731
i = lambda *shape: xdl.zeros(*shape, dtype="int64")  # noqa: E731
d = lambda *shape: xdl.zeros(*shape, dtype="float64")  # noqa: E731
BINARY = ("add", "sub", "mul", "div", "pow", "eq", "ne", "lt", "le", "gt", "ge")
UNARY = ("exp", "log", "sqrt", "tanh", "sigmoid", "relu")

ERRORS = [
    *((f"{n} shapes", lambda n=n: getattr(F, n)(f(2, 3), f(2, 4)), ShapeError,
     [n, "(2, 3)", "(2, 4)"]) for n in BINARY),
    *((f"{n} of text", lambda n=n: getattr(F, n)(f(2), "2"), DtypeError,
     [n, "Tensor or a number", "str"]) for n in BINARY),
    *((f"{n} of a list", lambda n=n: getattr(F, n)([1.0]), DtypeError, [n, "Tensor", "list"]) for n in UNARY),
    *((f"{n} over a wrong dim", lambda n=n: getattr(F, n)(f(2, 3), 2), ShapeError, [n, "[-2, 2)", "2"])
      for n in ("sum", "mean", "amax", "max", "argmax", "squeeze", "softmax", "log_softmax")),
    ("mean of integers", lambda: i(2).mean(), DtypeError, ["mean", "floating", "int64"]),
    ("sum twice", lambda: f(2, 2).sum((0, 0)), ShapeError, ["sum", "different dims", "(0, 0)"]),
    ("amax of nothing", lambda: f(0, 2).amax(0), ShapeError, ["amax", "at least one element", "(0, 2)"]),
    ("max of nothing", lambda: f(0, 2).max(0), ShapeError, ["at least one element", "(0, 2)"]),
    ("argmax of bool", lambda: (f(2) > 0).argmax(), DtypeError, ["argmax", "bool"]),
    ("where without bool", lambda: F.where(f(2), f(2), f(2)), DtypeError, ["where", "bool", "float32"]),
    ("where of a list", lambda: F.where(f(2) > 0, [1.0], 2.0), DtypeError, ["where", "list"]),
    ("masked_fill of an integer", lambda: F.masked_fill(i(2), i(2) == 0, 0.5), DtypeError, ["masked_fill", "0.5"]),
    ("to", lambda: f(2).to("float23"), DtypeError, ["'float23'", "Did you mean 'float32'"]),
    ("reshape", lambda: f(2, 3).reshape(4), ShapeError, ["reshape", "6 elements", "(4,)"]),
    ("reshape two holes", lambda: f(2, 3).reshape(-1, -1), ShapeError, ["reshape", "(-1, -1)"]),
    ("flatten", lambda: f(2, 3).flatten(1, 0), ShapeError, ["flatten", "start_dim <= end_dim", "1 and 0"]),
    ("permute", lambda: f(2, 3).permute(0), ShapeError, ["permute", "2 dims", "(0,)"]),
    ("transpose", lambda: f(2, 3).transpose(0, 2), ShapeError, ["transpose", "[-2, 2)", "2"]),
    ("expand", lambda: f(2, 3).expand(2, 4), ShapeError, ["expand", "(2, 3)", "(2, 4)"]),
    ("unsqueeze", lambda: f(2).unsqueeze(3), ShapeError, ["unsqueeze", "3"]),
    ("index", lambda: f(2)[2], ShapeError, ["indexing", "[-2, 2)", "2"]),
    ("too many indices", lambda: f(2)[0, 0], ShapeError, ["indexing", "at most 1", "2"]),
    ("index by floats", lambda: f(2)[[0.5]], DtypeError, ["indexing", "an integer Tensor", "float32"]),
    ("index by float slice", lambda: f(2)[0.5:], DtypeError, ["indexing", "slice of integers", "0.5"]),
    ("setitem shape", lambda: f(2, 3).__setitem__(0, f(2)), ShapeError, ["setitem", "(3,)", "(2,)"]),
    ("setitem kind", lambda: i(3).__setitem__(0, 1.5), DtypeError, ["setitem", "int64", "1.5"]),
    ("pad", lambda: F.pad(f(2), (1,)), ShapeError, ["pad", "even number", "(1,)"]),
    ("pad too deep", lambda: F.pad(f(2), (-2, -1)), ShapeError, ["pad", "at least 0", "(-2, -1)"]),
    ("cat of none", lambda: F.cat([]), ShapeError, ["cat", "at least one", "none"]),
    ("cat shapes", lambda: F.cat([f(2, 3), f(2, 4)]), ShapeError, ["cat", "tensors[1]", "(2, 3)", "(2, 4)"]),
    ("cat without a common dtype", lambda: F.cat([i(2), i(2).to("uint64")]), DtypeError, ["int64 and uint64"]),
    ("matmul", lambda: f(2, 3) @ f(4, 5), ShapeError, ["matmul", "(2, 3)", "(4, 5)"]),
    ("matmul of 0-d", lambda: f() @ f(2), ShapeError, ["matmul", "()"]),
    ("linear", lambda: F.linear(f(2, 3), f(4, 5)), ShapeError, ["linear", "(2, 3)", "(4, 5)"]),
    ("linear bias", lambda: F.linear(f(2, 3), f(4, 3), f(5)), ShapeError, ["linear", "(4,)", "(5,)"]),
    ("linear dtypes", lambda: F.linear(f(2, 3), d(4, 3)), DtypeError, ["linear", "weight", "float64"]),
    ("linear of a list", lambda: F.linear([1.0], f(4, 3)), DtypeError, ["linear", "input", "list"]),
    ("mse_loss", lambda: F.mse_loss(f(2), f(3)), ShapeError, ["mse_loss", "(2,)", "(3,)"]),
    ("mse_loss reduction", lambda: F.mse_loss(f(2), f(2), "men"), SettingError,
     ["mse_loss", "'men'", "Did you mean 'mean'"]),
    ("cross_entropy", lambda: F.cross_entropy(f(2, 3), i(3)), ShapeError, ["cross_entropy", "(2,)", "(3,)"]),
    ("cross_entropy of a vector", lambda: F.cross_entropy(f(2), i(2)), ShapeError, ["cross_entropy", "target ()"]),
    ("label", lambda: F.cross_entropy(f(2, 3), i(2) + 3), DataError, ["cross_entropy", "target", "[0, 3)", "found 3"]),
    ("negative label", lambda: F.cross_entropy(f(2, 3), i(2) - 1), DataError, ["cross_entropy", "[0, 3)", "-1"]),
    ("label sum", lambda: F.cross_entropy(f(2, 3), i(2) + 3, reduction="sum"), DataError, ["cross_entropy", "found 3"]),
    ("bool labels", lambda: F.cross_entropy(f(2, 3), f(2) > 0), DtypeError, ["cross_entropy", "target", "bool"]),
    ("embedding ids", lambda: F.embedding(i(2) + 5, f(5, 2)), DataError, ["embedding", "[0, 5)", "found 5"]),
    ("embedding dtype", lambda: F.embedding(f(2), f(5, 2)), DtypeError, ["embedding", "integer", "float32"]),
    ("embedding table", lambda: F.embedding(i(2), f(5)), ShapeError, ["embedding", "(V, D)", "(5,)"]),
    ("repeats below 0", lambda: F.repeat_interleave(f(2), i(2) - 1, 0), DataError, ["repeat_interleave", "at least 0"]),
    ("dropout", lambda: F.dropout(f(2), 1.5), SettingError, ["dropout", "0 <= p <= 1", "1.5"]),
    ("batch_norm", lambda: F.batch_norm(f(3), None, None), ShapeError, ["batch_norm", "(N, C", "(3,)"]),
    ("batch_norm of learned statistics", lambda: F.batch_norm(f(4, 3), f(3).requires_grad_(), f(3)), GraphError,
     ["batch_norm", "no gradient", "detach()"]),
    ("batch_norm weight", lambda: F.batch_norm(f(4, 3), None, None, f(2)), ShapeError, ["weight", "(3,)", "(2,)"]),
    ("batch_norm of one", lambda: F.batch_norm(f(1, 3), None, None), ShapeError,
     ["batch_norm", "more than one", "(1, 3)"]),
    ("conv2d", lambda: F.conv2d(f(1, 3, 5, 5), f(2, 4, 3, 3)), ShapeError, ["conv2d", "3", "4"]),
    ("conv2d ndim", lambda: F.conv2d(f(5, 5), f(2, 3, 3, 3)), ShapeError, ["conv2d", "(N, C, H, W)", "(5, 5)"]),
    ("conv2d weight", lambda: F.conv2d(f(3, 5, 5), f(2, 3, 3)), ShapeError, ["conv2d", "KH, KW", "(2, 3, 3)"]),
    ("conv2d of integers", lambda: F.conv2d(i(1, 3, 5, 5), f(2, 3, 3, 3)), DtypeError, ["conv2d", "input", "int64"]),
    ("conv1d kernel", lambda: F.conv1d(f(1, 1, 3), f(1, 1, 4), padding=1, dilation=2), ShapeError,
     ["conv1d", "(5,)", "(7,)"]),
    ("conv3d kernel", lambda: F.conv3d(f(1, 3, 3, 3), f(1, 1, 4, 2, 2)), ShapeError, ["(3, 3, 3)", "(4, 2, 2)"]),
    ("conv2d bias", lambda: F.conv2d(f(3, 5, 5), f(2, 3, 3, 3), f(3)), ShapeError, ["conv2d", "bias (2,)", "(3,)"]),
    ("conv2d same", lambda: F.conv2d(f(3, 5, 5), f(2, 3, 3, 3), padding="same", stride=2), SettingError,
     ["conv2d", "same", "stride (2, 2)"]),
    ("conv2d word", lambda: F.conv2d(f(3, 5, 5), f(2, 3, 3, 3), padding="sam"), SettingError, ["Did you mean 'same'"]),
    ("conv2d strides", lambda: F.conv2d(f(3, 5, 5), f(2, 3, 3, 3), stride=(1, 2, 3)), SettingError,
     ["stride", "2 of them", "(1, 2, 3)"]),
    ("conv_transpose2d", lambda: F.conv_transpose2d(f(1, 3, 5, 5), f(4, 3, 3, 3)), ShapeError,
     ["conv_transpose2d", "3", "4"]),
    ("conv_transpose2d groups", lambda: F.conv_transpose2d(f(1, 3, 5, 5), f(3, 3, 3, 3), groups=2), ShapeError,
     ["conv_transpose2d", "groups", "3", "2"]),
    ("conv_transpose2d bias", lambda: F.conv_transpose2d(f(1, 3, 5, 5), f(3, 2, 3, 3), f(3)), ShapeError,
     ["bias (2,)", "(3,)"]),
    ("conv_transpose2d nothing", lambda: F.conv_transpose2d(f(1, 1, 2, 2), f(1, 1, 3, 3), padding=2), ShapeError,
     ["at least 1", "(0, 0)"]),
    ("conv_transpose1d output_padding",
     lambda: F.conv_transpose1d(f(1, 1, 2), f(1, 1, 3), stride=2, output_padding=2), SettingError,
     ["output_padding", "(2,)"]),
    ("convolve", lambda: F.convolve(f(2, 2), f(2)), ShapeError, ["convolve", "(L,)", "(2, 2)"]),
    ("convolve mode", lambda: F.convolve(f(2), f(2), "ful"), SettingError, ["Did you mean 'full'"]),
    ("Conv2d mode", lambda: nn.Conv2d(1, 1, 3, padding_mode="reflet"), SettingError, ["Did you mean 'reflect'"]),
    ("Conv2d same", lambda: nn.Conv2d(1, 1, 3, 2, "same"), SettingError, ["Conv2d", "same", "(2, 2)"]),
    ("Conv1d reflect", lambda: nn.Conv1d(1, 1, 3, padding=3, padding_mode="reflect")(f(1, 1, 3)), ShapeError,
     ["pad", "at most 2", "3"]),
    ("ConvTranspose2d mode", lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), SettingError, ["'zeros'"]),
    ("ConvTranspose2d size", lambda: nn.ConvTranspose2d(1, 1, 3, 2)(f(1, 1, 2, 2), (5, 7)), ShapeError,
     ["ConvTranspose2d", "(5, 5)", "(6, 6)", "(5, 7)"]),
    ("conv2d groups", lambda: F.conv2d(f(1, 3, 5, 5), f(2, 3, 3, 3), groups=2), ShapeError, ["conv2d", "groups", "2"]),
    ("conv2d kernel", lambda: F.conv2d(f(1, 1, 2, 2), f(1, 1, 3, 3)), ShapeError, ["conv2d", "(2, 2)", "(3, 3)"]),
    ("conv2d stride", lambda: F.conv2d(f(1, 1, 2, 2), f(1, 1, 1, 1), stride=0), SettingError,
     ["conv2d", "stride", "0"]),
    ("conv2d padding", lambda: F.conv2d(f(1, 1, 2, 2), f(1, 1, 1, 1), padding="x"), SettingError, ["padding", "'x'"]),
    ("max_pool2d", lambda: F.max_pool2d(f(1, 1, 2, 2), 3), ShapeError, ["max_pool2d", "(3, 3)"]),
    ("max_pool2d padding", lambda: F.max_pool2d(f(1, 1, 4, 4), 2, padding=2), SettingError,
     ["max_pool2d", "half", "2"]),
    ("avg_pool2d", lambda: F.avg_pool2d(f(2, 2), 2), ShapeError, ["avg_pool2d", "(N, C, H, W)", "(2, 2)"]),
    ("pooling beyond the padded input", lambda: F.max_pool2d(f(1, 1, 2, 4), 5, padding=1), ShapeError,
     ["max_pool2d", "(4, 6)", "(5, 5)"]),
    ("pooling of integers", lambda: F.max_pool2d(i(1, 1, 4, 4), 2), DtypeError, ["max_pool2d", "floating", "int64"]),
    ("pooling kernels", lambda: F.avg_pool3d(f(1, 4, 4, 4), (2, 2)), SettingError, ["kernel_size", "3", "(2, 2)"]),
    ("avg_pool1d padding", lambda: F.avg_pool1d(f(1, 1, 8), 3, padding=2), SettingError, ["half", "(3,)", "(2,)"]),
    ("avg_pool2d divisor", lambda: F.avg_pool2d(f(1, 4, 4), 2, divisor_override=0), SettingError,
     ["divisor_override", "0"]),
    ("lp_pool2d", lambda: F.lp_pool2d(f(1, 4, 4), 0.0, 2), SettingError, ["lp_pool2d", "norm_type", "0.0"]),
    ("adaptive_avg_pool2d", lambda: F.adaptive_avg_pool2d(f(1, 4, 4), 0), SettingError, ["output_size", "0"]),
    ("adaptive_avg_pool2d of nothing", lambda: F.adaptive_avg_pool2d(f(1, 0, 4), 2), ShapeError,
     ["adaptive_avg_pool2d", "at least one", "(1, 0, 4)"]),
    ("conv3d of nothing", lambda: F.conv3d(f(1, 3, 0, 3), f(1, 1, 1, 2, 1), padding=1), ShapeError,
     ["conv3d", "at least 1", "(1, 3, 0, 3)"]),
    ("conv2d without filters", lambda: F.conv2d(f(1, 3, 3), f(0, 1, 2, 2)), ShapeError, ["conv2d", "(0, 1, 2, 2)"]),
    ("conv_transpose1d of nothing", lambda: F.conv_transpose1d(f(1, 0), f(1, 1, 2)), ShapeError, ["(1, 0)"]),
    ("adaptive_max_pool1d", lambda: F.adaptive_max_pool1d(f(4, 4), (2, 2)), SettingError, ["output_size", "(2, 2)"]),
    ("max_unpool2d", lambda: F.max_unpool2d(f(1, 2, 2), i(1, 2, 3), 2), ShapeError, ["(1, 2, 2)", "(1, 2, 3)"]),
    ("max_unpool2d size", lambda: F.max_unpool2d(f(1, 2, 2), i(1, 2, 2), 2, output_size=(4, 6)), SettingError,
     ["max_unpool2d", "(4, 4)", "(4, 6)"]),
    ("max_unpool2d place", lambda: F.max_unpool2d(f(1, 1, 1), i(1, 1, 1) + 4, 2), DataError, ["[0, 4)", "4"]),
    ("Linear", lambda: nn.Linear(0, 2), SettingError, ["Linear", "in_features", "0"]),
    ("Linear input", lambda: nn.Linear(3, 2)(f(4, 5)), ShapeError, ["linear", "(4, 5)", "(2, 3)"]),
    ("Conv2d", lambda: nn.Conv2d(3, 4, 3, groups=2), SettingError, ["Conv2d", "groups", "2"]),
    ("Embedding", lambda: nn.Embedding(3, -1), SettingError, ["Embedding", "embedding_dim", "-1"]),
    ("BatchNorm1d", lambda: nn.BatchNorm1d(3)(f(2, 4)), ShapeError, ["BatchNorm1d", "3 channels", "(2, 4)"]),
    ("BatchNorm2d", lambda: nn.BatchNorm2d(3)(f(2, 3)), ShapeError, ["BatchNorm2d", "4-d", "(2, 3)"]),
    ("Dropout", lambda: nn.Dropout(-0.1), SettingError, ["Dropout", "0 <= p <= 1", "-0.1"]),
    ("Sequential", lambda: nn.Sequential(nn.ReLU(), F.relu), SettingError, ["Sequential", "modules", "function"]),
    ("SGD of none", lambda: optim.SGD([]), SettingError, ["SGD", "at least one parameter", "none"]),
    ("SGD lr", lambda: optim.SGD([f(1)], lr=-1.0), SettingError, ["SGD", "lr", "-1.0"]),
    ("SGD nesterov", lambda: optim.SGD([f(1)], nesterov=True), SettingError, ["SGD", "nesterov", "momentum"]),
    ("Adam betas", lambda: optim.Adam([f(1)], betas=(0.9, 1.0)), SettingError, ["Adam", "betas", "1.0"]),
    ("AdamW setting", lambda: optim.AdamW([{"params": [f(1)], "rl": 1}]), SettingError, ["AdamW", "lr", "rl"]),
    ("Adam of a result", lambda: optim.Adam([xdl.ones(1, requires_grad=True) * 2]), GraphError, ["Adam", "leaf"]),
    ("tensor", lambda: xdl.tensor([[1], [1, 2]]), DtypeError, ["tensor", "rectangle"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "parts"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_message(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    for part in (*parts, "expected", "found"):
        assert part in message, message


def test_a_refused_batch_changes_no_statistics():
    norm = nn.BatchNorm1d(3)
    with pytest.raises(ShapeError):
        norm(f(1, 3))
    assert norm.num_batches_tracked.item() == 0
    np.testing.assert_array_equal(norm.running_mean.numpy(), np.zeros(3))
