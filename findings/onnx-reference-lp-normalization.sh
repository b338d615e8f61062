#!/usr/bin/env bash
# onnx's reference evaluator forgets the absolute values in LpNormalization with p = 1.
#
# onnx 1.23.2 with onnxruntime 1.31.1 beside it. The schema says output = input / Lp_norm(input, axis), and an L1 norm
# is a sum of absolute values. What came: division by the plain sum. A vector then has no norm of 1, and one with a
# negative sum comes out with all its signs turned. With p = 2, the default, it is right, as it is for positive inputs,
# which may be why nobody sees it.
# Where it matters: an exporter or importer of F.normalize(p=1) that is tested on data of both signs.
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


still = True
for row in ([1, 2, 4], [1, -2, 4], [1, 2, -4]):
    x = np.array([row], np.float32)
    reference, runtime = both("LpNormalization", {"x": x}, p=1, axis=1)
    print(row, *(f"{who} {np.round(y[0], 3)}" for who, y in (("reference", reference), ("runtime", runtime))))
    still = still and np.allclose(reference, x / x.sum()) and np.allclose(runtime, x / np.abs(x).sum())
sys.exit(0 if still else "this has changed")
PY
