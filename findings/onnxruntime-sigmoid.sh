#!/usr/bin/env bash
# onnxruntime's Sigmoid is exactly 0 from -18 on, where it should be 1.5e-8, and 17 % off at -15.
#
# onnxruntime 1.31.1 on an x86 CPU, onnx 1.23.2. The schema says y = 1 / (1 + exp(-x)), which float32 holds down to
# x = -87; the runtime's own Exp is right there. What came: right to 1e-7 in absolute terms, as for a probability near
# 0.5, and with no digit right at -17. So the logarithm of the result is -inf at -18, and a product of gates that are
# nearly shut is 0.
# Where it matters: an exported binary classifier whose scores are ranked or put into a log loss, and parity tests by
# relative error. xdl's sigmoid keeps all digits.
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


x = np.array([-9, -12, -15, -17, -18, -20, -40], np.float32)
right = 1 / (1 + np.exp(-x.astype(np.float64)))
runtime = both("Sigmoid", {"x": x})[1]
error = np.abs(runtime / right - 1)
for row in zip(x, right, runtime, error):
    print("x {:5g}  sigmoid {:.4g}  onnxruntime {:.4g}  relative error {:.2g}".format(*row))
exp = both("Exp", {"x": x})[1]
print("largest relative error of its Exp on the same numbers:", np.abs(exp / np.exp(x.astype(np.float64)) - 1).max())
still = np.abs(runtime - right).max() < 2e-7 and error[2] > 0.05 and not runtime[4:].any() and exp.all()
sys.exit(0 if still else "this has changed")
PY
