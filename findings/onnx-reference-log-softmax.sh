#!/usr/bin/env bash
# onnx's reference evaluator finds an infinite cross entropy for two float32 logits that are 110 apart.
#
# onnx 1.23.2 with onnxruntime 1.31.1 beside it. The loss of logits (0, 110) for class 0 is 110 to all digits; every
# framework subtracts the logarithm of the sum from the logits. The evaluator takes the logarithm of a softmax that has
# already become 0, so that LogSoftmax gives -inf and SoftmaxCrossEntropyLoss gives inf.
# Where it matters: parity tests of an exported loss, or of a net with confident logits. xdl's log_softmax and
# cross_entropy give -110 and 110.
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


np.seterr(divide="ignore")
logits = np.array([[0, 110]], np.float32)
log_softmax = both("LogSoftmax", {"x": logits})
loss = both("SoftmaxCrossEntropyLoss", {"x": logits, "target": np.array([0])}, rank=0)
print("LogSoftmax: reference", log_softmax[0].tolist(), "runtime", log_softmax[1].tolist())
print("SoftmaxCrossEntropyLoss: reference", float(loss[0]), "runtime", float(loss[1]))
still = np.isneginf(log_softmax[0][0, 0]) and np.isposinf(loss[0]) and log_softmax[1][0, 0] == -110 and loss[1] == 110
sys.exit(0 if still else "this has changed")
PY
