#!/usr/bin/env bash
# onnxruntime finds a maximum among numbers of which one is NaN, or NaN, depending on where the NaN stands.
#
# onnxruntime 1.31.1 on a CPU, onnx 1.23.2. ReduceMax is documented to behave like NumPy's maximum, which is NaN if any
# number is, and the runtime's own elementwise Max keeps every NaN. What came: ReduceMax, ReduceMin, GlobalMaxPool and
# MaxPool return an ordinary number for four places of the NaN out of five.
# Where it matters: a net that went to NaN can answer with numbers that look healthy once it is exported. xdl's max,
# min and max pools give NaN; a parity test against the runtime must leave NaN out.
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


n = 5
cases = {
    "ReduceMax": lambda x: both("ReduceMax", {"x": x, "axes": np.array([0])}),
    "ReduceMin": lambda x: both("ReduceMin", {"x": x, "axes": np.array([0])}),
    "GlobalMaxPool": lambda x: both("GlobalMaxPool", {"x": x[None, None]}),
    "MaxPool": lambda x: both("MaxPool", {"x": x[None, None]}, kernel_shape=[n]),
}
lost = {}
for name, case in cases.items():
    lost[name] = 0
    for place in range(n):
        x = np.arange(1, n + 1, dtype=np.float32)
        x[place] = np.nan
        answer = float(case(x)[1].ravel()[0])
        lost[name] += not np.isnan(answer)
        print(f"{name:13} of {x.tolist()} is {answer}")
elementwise = both("Max", {"x": x, "z": np.zeros(n, np.float32)})[1]
print("Max of the last with zeros is", elementwise.tolist(), "and the NaN was lost so often:", lost)
sys.exit(0 if all(lost.values()) and np.isnan(elementwise).sum() == 1 else "this has changed")
PY
