#!/usr/bin/env bash
# A model that the newest onnx makes with its defaults is refused by the newest onnxruntime.
#
# onnx 1.23.2 and onnxruntime 1.31.1, both of October 2026. onnx.helper.make_model fills in the IR version and the opset
# that it was released with, and onnx.checker accepts the result; a runtime of the same month was expected to load a
# graph of one Relu, an operator unchanged since opset 14. What
# came: IR 14 and opset 28, where the runtime ends at IR 13
# and opset 26. Both must be given: the IR version does not follow from an older opset.
# Where it matters: every exporter must pin both, and with them the versions of the operators that it writes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    onnx==1.23.2 onnxruntime==1.31.1
"$folder/venv/bin/python" -I - <<'PY'
import sys

import onnx
import onnxruntime
from onnx import TensorProto, helper

print("onnx", onnx.__version__, "onnxruntime", onnxruntime.__version__)


def load(**versions):
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", ends[:1], ends[1:])
    model = helper.make_model(graph, **versions)
    onnx.checker.check_model(model)
    print("IR", model.ir_version, "opset", model.opset_import[0].version, end=": ")
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        print("loaded")
        return "loaded"
    except Exception as error:
        said = str(error).strip()
        print("refused:", said[-75:])
        return said


opset = [helper.make_opsetid("", 26)]
answers = [load(), load(opset_imports=opset), load(ir_version=13), load(opset_imports=opset, ir_version=13)]
still = "max supported IR version: 13" in answers[0] and answers[1] == answers[0]
still = still and "opset 26" in answers[2].lower() and answers[3] == "loaded"
sys.exit(0 if still else "this has changed")
PY
