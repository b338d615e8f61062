#!/usr/bin/env bash
# onnx's reference evaluator drops a row and a column of a MaxPool that is padded SAME_LOWER.
#
# onnx 1.23.2 with onnxruntime 1.31.1 beside it. The schema says that SAME_UPPER and SAME_LOWER both pad so that
# output_shape = ceil(input_shape / strides); they differ only in where an odd row goes. 7 rows with stride 2 were
# expected to give 4, the same for both, as 2 rows are to be added. What came: no padding at all for SAME_LOWER, so 3.
# SAME_UPPER is right, and so is SAME_LOWER in AveragePool.
# Where it matters: importers and exporters whose pooling is tested against the evaluator.
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


x = np.arange(49, dtype=np.float32).reshape(1, 1, 7, 7)
shapes = {}
for operator in ("MaxPool", "AveragePool"):
    for padding in ("SAME_UPPER", "SAME_LOWER"):
        results = both(operator, {"x": x}, kernel_shape=[3, 3], strides=[2, 2], auto_pad=padding)
        shapes[operator, padding] = [y.shape[2:] for y in results]
        for who, y in zip(("reference", "runtime  "), results):
            print(f"{operator:11} {padding} {who} {y.shape[2:]} last row {y[0, 0, -1]}")
wrong = [key for key, (reference, runtime) in shapes.items() if reference != runtime]
sys.exit(0 if wrong == [("MaxPool", "SAME_LOWER")] and shapes[wrong[0]] == [(3, 3), (4, 4)] else "this has changed")
PY
