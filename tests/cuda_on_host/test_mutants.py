"""Mistakes planted into xdl's own kernels: each is found by parity, a sanitizer or the harness.

A mutant is a kernel with one piece of its text replaced. It shows that the cases reach that line and would tell. One
that forgets to wait reads no counter at all: who reads one that has gone on already is in order with its writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cuda_on_host.cases.families import FAMILIES
from tests.cuda_on_host.needs import needs_compiler
from xdl.backends.cuda_on_host.build import build_kernels
from xdl.backends.cuda_on_host.host_device import HostDevice
from xdl.errors import BackendError
from xdl.kernels.cuda.launch import FOLDER

pytestmark = needs_compiler

# family, file, text, its replacement, how it is found
MUTANTS = {
    "image edge": ("im2col", "im2col.cu", "w < width;", "w <= width;", "parity"),
    "image of another order": ("im2col", "im2col.cu", "plane / channels * image_step", "plane * image_step", "asan"),
    "filter of another channel": ("depthwise", "depthwise.cu", "(first + m) % filters", "first % filters", "parity"),
    "sums overwritten": (
        "depthwise",
        "depthwise.cu",
        "__syncthreads();  // the sums",
        "// the sums",
        "tsan",
    ),
    "not rounded": (
        "channels_last",
        "channels_last.cu",
        "__uint_as_float(to_tf32(tile[lane][row]))",
        "tile[lane][row]",
        "parity",
    ),
    "window edge": ("max_pool", "max_pool.cu", "right / stride_w >= out_w", "right / stride_w > out_w", "asan"),
    "first of equals": ("max_pool", "max_pool.cu", "value > largest", "value >= largest", "parity"),
    "missing barrier": ("bias_gradients", "column_sum.cu", "= sum;\n  __syncthreads();", "= sum;", "tsan"),
    "last row": ("softmax", "softmax.cu", "if (row >= rows) return;", "if (row > rows) return;", "asan"),
    "slice forgotten": (
        "batch_norm",
        "batch_norm.cu",
        "for (int i = 1; i < 8; ++i) mine",
        "for (int i = 2; i < 8; ++i) mine",
        "parity",
    ),
    "wrong lane": ("dropout", "dropout.cu", "e % 4 * 16", "e % 2 * 16", "parity"),
    "one number too many": ("activations", "activation.cu", "each_pack(count,", "each_pack(count + 1,", "asan"),
    "gradient of the other piece": (
        "activations",
        "activations.cuh",
        "(x > 0 ? 1 : s.a)",
        "(x > 0 ? s.a : 1)",
        "parity",
    ),
    "sum not written": ("bias_activation", "bias_activation.cu", "z_or_null[i] = z;", "z_or_null[i] = own;", "parity"),
    "sums not awaited": ("bias_activation", "bias_activation.cu", "= sum;\n  __syncthreads();", "= sum;", "tsan"),
    "shortcut of another": ("dropout", "dropout.cu", "r_or_null[begin + e]", "r_or_null[e]", "parity"),
    "sign of a zero": ("division", "division.cu", "copysign(m, b)", "m", "parity"),
    "order of equals": ("embedding", "sort.cu", "digits[before] == digit", "digits[before + 1] == digit", "parity"),
    "every writer writes": ("put_items", "put_items.cu", "writers[row] == i", "writers[row] >= 0", "tsan"),
    "last of equals": (
        "top_indices",
        "top_indices.cu",
        "if (a.value == b.value) return a.index < b.index;",
        "if (a.value == b.value) return a.index > b.index;",
        "parity",
    ),
    "index of another row": ("along", "along.cu", "row / k * n + index", "row * n + index", "asan"),
    "element of another column": ("along", "along.cu", "+ (element - row * inner)", "", "parity"),
    "carry forgotten": ("scan", "scan.cu", "begun = first > 0 || w", "begun = w", "parity"),
    "factor of the neighbour": ("scan", "scan.cu", "factors.at(i - 1)", "factors.at(i)", "parity"),
    "carry not awaited": ("scan", "scan.cu", "shared[w];\n    }\n    __syncthreads();", "shared[w];\n    }", "tsan"),
    "edge repeated": ("pad", "pad.cu", "return 2 * (n - 1) - element", "return 2 * n - 1 - element", "parity"),
    "weight of the neighbour": ("resample", "resample.cu", "[j1 - row1.begin]", "[j1 + 1 - row1.begin]", "parity"),
    "weight of nobody's label": (
        "cross_entropy",
        "cross_entropy.cu",
        "? weight_or_null[wanted] : real(1)",
        "? weight_or_null[0] : real(1)",
        "parity",
    ),
    "sum of the weights": ("cross_entropy", "cross_entropy.cu", "own + smooth * all", "own + smooth * width", "parity"),
    "weight of another column": ("element_loss", "element_loss.cu", "[i % w_size]", "[i / w_size % w_size]", "parity"),
    "positive weight forgotten": (
        "element_loss",
        "element_loss.cu",
        "-x[i] - more(i) * log_sigmoid(x[i])",
        "-x[i]",
        "parity",
    ),
    "losses not awaited": (
        "cross_entropy",
        "cross_entropy.cu",
        "[1] = counts;\n  }\n  __syncthreads();",
        "[1] = counts;\n  }",
        "tsan",
    ),
    "norm of the first parts": (
        "updates",
        "clip_parts.cu",
        "partial[(first + blockIdx.y)",
        "partial[(0 * first + blockIdx.y)",
        "parity",
    ),
    "norms not awaited": (
        "updates",
        "clip_parts.cu",
        "= value;\n  __syncthreads();\n  value = shared[0]",
        "= value;\n  value = shared[0]",
        "tsan",
    ),
    "average not moved": ("updates", "adaptive.cu", "mu == 1 ? moved", "mu <= 1 ? moved", "parity"),
    "mean of another batch": ("updates", "adafactor.cu", "mean[m.mean_at + batch]", "mean[batch]", "parity"),
    "tile not awaited": (
        "updates",
        "adafactor.cu",
        "__syncthreads();  // before",
        "// before",
        "tsan",
    ),
    "identity off the diagonal": ("updates", "muon.cu", "i / side % side", "i / side", "parity"),
    "squares of the first slice": ("updates", "muon.cu", "gridDim.x + i]", "gridDim.x]", "parity"),
    "sum not awaited": (
        "updates",
        "block_sum.cuh",
        "= value;\n  __syncthreads();",
        "= value;",
        "tsan",
    ),
    "counted by every block": (
        "updates",
        "batch_norm.cu",
        "count_or_null && channel == 0",
        "count_or_null && threadIdx.x == 0",
        "parity",
    ),
    "bias in the wrong gate": ("lstm_cell", "lstm_cell.cu", "+ bias[1]", "+ bias[2]", "parity"),
    "reset forgotten": ("gru_cell", "gru_cell.cu", "= dn * r;", "= dn;", "parity"),
    "look at the wrong state": ("any_cell", "recurrent_cells.cuh", "look(u, 2, u.new_c)", "look(u, 2, u.c)", "parity"),
    "second part forgets the first": ("any_cell", "recurrent_cell.cu", "k < CELL::FIRST;", "k < 0;", "parity"),
    "row of another stride": (
        "any_cell",
        "recurrent_cell.cu",
        "(i64)row * CELL::GATES + k)",
        "(i64)row * 4 + k)",
        "asan",
    ),
    "tile overwritten": ("conv_tf32", "conv_tf32.cu", "__syncthreads();  //", "//", "tsan"),
    "copy not awaited": (
        "conv_tf32",
        "conv_tf32.cu",
        "copy_async_wait<STAGES - 2>",
        "copy_async_wait<STAGES - 1>",
        "parity",
    ),
    "channels left over": ("conv_tf32", "conv_tf32.cu", "if (channel >= out_channels) continue;", "", "asan"),
    "block not awaited": (
        "persistent",
        "recurrent_persistent.cu",
        "wait_for(finished + tile, gridDim.x * step);\n      multiply_rows<HIDDEN",
        "__syncthreads();\n      multiply_rows<HIDDEN",
        "tsan",
    ),
    "block not awaited backward": (
        "persistent",
        "recurrent_persistent.cu",
        "wait_for(finished + tile, gridDim.x * step);\n        multiply_rows<DEPTH",
        "__syncthreads();\n        multiply_rows<DEPTH",
        "tsan",
    ),
    "early signal": ("persistent", "persistent_product.cuh", "__syncthreads();  // every", "// every", "tsan"),
    "partial sums overwritten": (
        "persistent",
        "recurrent_persistent.cu",
        "partial);\n        __syncthreads();",
        "partial);",
        "tsan",
    ),
    "both directions forwards": (
        "persistent",
        "recurrent_persistent.cu",
        "const int back = DIRECTIONS == 2 ? direction() : reverse;",
        "const int back = DIRECTIONS == 2 ? 0 : reverse;",
        "parity",
    ),
    "weights of the other direction": (
        "persistent",
        "recurrent_persistent.cu",
        "return direction() ? backwards_or_null : forwards;",
        "return direction() && forwards == backwards_or_null ? backwards_or_null : forwards;",
        "parity",
    ),
    "bias of the other product": (
        "persistent",
        "recurrent_persistent.cu",
        "u.b[gate] = bias_hh",
        "u.a[gate] += bias_hh",
        "parity",
    ),
    "gradient of the step after lost": (
        "persistent",
        "recurrent_persistent.cu",
        "if (step && db_or_null)",
        "if (false)",
        "parity",
    ),
}


class MutatedDevice(HostDevice):
    """Compiles one file, or a header, with a piece of its text replaced."""

    def __init__(self, mode: str, mutant: tuple[str, str, str], folder: Path) -> None:
        super().__init__(mode)
        self.mutant = mutant
        self.folder = folder

    def load(self, path: Path, defines: Mapping[str, str]) -> Path:
        name, text, replacement = self.mutant
        if path.name != name and name not in path.read_text():  # the file itself, or a header that it includes
            return super().load(path, defines)
        source = (FOLDER / name).read_text()
        assert source.count(text) >= 1
        (self.folder / path.name).write_text(path.read_text())
        (self.folder / name).write_text(source.replace(text, replacement, 1))
        return build_kernels(self.folder / path.name, self.mode, defines)


@pytest.mark.tools
@pytest.mark.parametrize("name", MUTANTS)
def test_the_mistake_is_found(name: str, tmp_path: Path) -> None:
    family, *mutant, found_by = MUTANTS[name]
    case, reals = FAMILIES[family]
    mode = "fast" if found_by == "parity" else found_by
    device = MutatedDevice(mode, (mutant[0], mutant[1], mutant[2]), tmp_path)
    if found_by == "parity":
        assert any(check.error > check.tolerance for check in case(device, reals[0], False))
    else:
        with pytest.raises(BackendError, match={"tsan": "data race", "asan": "AddressSanitizer|runtime error"}[mode]):
            list(case(device, reals[0], mode == "tsan"))
