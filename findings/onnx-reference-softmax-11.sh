#!/usr/bin/env bash
# onnx's reference evaluator gives Softmax of opset 11 the meaning that it has since opset 13.
#
# onnx 1.23.2 with onnxruntime 1.31.1 beside it. Until opset 12 the operator flattens its input to a matrix at `axis`,
# 1 unless given, and normalizes whole rows; since 13 it normalizes along `axis` alone, the last unless given. A model
# names its opset, and the evaluator has a class for each version of Clip or Dropout, so numbers that sum to 1 over all
# that was flattened were expected. What came: opset 13, silently; the same for LogSoftmax and Hardmax. On matrices the
# two agree, so that the usual classifier hides it.
# Where it matters: importers that are tested against the evaluator with older files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    onnx==1.23.2 onnxruntime==1.31.1
"$folder/venv/bin/python" -I - <<'PY'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import helper
from onnx.reference import ReferenceEvaluator

print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)


def both(operator, arrays, opset=22, rank=None, **attributes):
    def info(name, dtype, shape):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)

    node = helper.make_node(operator, list(arrays), ["y"], **attributes)
    infos = [info(name, array.dtype, array.shape) for name, array in arrays.items()]
    shape = [None] * (next(iter(arrays.values())).ndim if rank is None else rank)
    graph = helper.make_graph([node], "one", infos, [info("y", "float32", shape)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return ReferenceEvaluator(model).run(None, arrays)[0], session.run(None, arrays)[0]


x = np.arange(4, dtype=np.float32).reshape(1, 2, 2)
sums = {}
for opset in (11, 13):
    reference, runtime = both("Softmax", {"x": x}, opset, axis=1)
    sums[opset] = [float(reference.sum()), float(runtime.sum())]
    for who, y in (("reference", reference), ("runtime", runtime)):
        print("opset", opset, f"{who:9}", [round(float(p), 3) for p in y.ravel()])
print("sums over the sample, reference and runtime:", {k: [round(y, 3) for y in v] for k, v in sums.items()})
sys.exit(0 if np.allclose([*sums[11], *sums[13]], [2, 1, 2, 2]) else "this has changed")
PY
