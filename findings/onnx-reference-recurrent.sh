#!/usr/bin/env bash
# onnx's reference evaluator runs an LSTM as if it had no sequence lengths, activations, clip or input_forget.
#
# onnx 1.23.2 with onnxruntime 1.31.1 beside it. The operator's schema defines all four, and the evaluator is there to
# compute what the operators define, so either their effect or a NotImplementedError was expected. What came: the result
# of the plain LSTM, bit for bit, in silence; the runtime's results differ from it as they should. The same is true of
# sequence lengths in GRU and RNN.
# Where it matters: a test of exported recurrent nets against this evaluator passes for wrong files and fails for right
# ones. The runtime must be the judge.
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
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)
rng = np.random.default_rng(0)
steps, batch, inputs, hidden = 4, 2, 3, 5
shapes = {"x": (steps, batch, inputs), "w": (1, 4 * hidden, inputs), "r": (1, 4 * hidden, hidden), "b": (1, 8 * hidden)}
arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
lengths = {"lengths": np.array([4, 2], np.int32)}


def last_hidden_state(more=(), **attributes):
    given = {**arrays, **dict(more)}
    kinds = {name: helper.np_dtype_to_tensor_dtype(array.dtype) for name, array in given.items()}
    infos = [helper.make_tensor_value_info(name, kinds[name], array.shape) for name, array in given.items()]
    node = helper.make_node("LSTM", list(given), ["", "h"], hidden_size=hidden, **attributes)
    out = [helper.make_tensor_value_info("h", TensorProto.FLOAT, [1, batch, hidden])]
    graph = helper.make_graph([node], "lstm", infos, out)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return ReferenceEvaluator(model).run(None, given)[0], session.run(None, given)[0]


plain = last_hidden_state()
print("plain LSTM: the two agree to", np.abs(plain[0] - plain[1]).max())
cases = {
    "sequence_lens": (lengths, {}),
    "activations": ((), {"activations": ["Sigmoid", "Relu", "Relu"]}),
    "clip": ((), {"clip": 0.5}),
    "input_forget": ((), {"input_forget": 1}),
}
still = np.allclose(*plain, atol=1e-5)
for name, (more, attributes) in cases.items():
    changes = [float(np.abs(y - y0).max()) for y, y0 in zip(last_hidden_state(more, **attributes), plain)]
    print(f"{name:14} changes the result by {changes[0]:.3f} in the reference, {changes[1]:.3f} in the runtime")
    still = still and changes[0] == 0 and changes[1] > 0.01
sys.exit(0 if still else "this has changed")
PY
