"""Files: written whole or not at all, read with care. safetensors, states, models, the folder of a run."""

from xdl.io.files import atomic, write_atomic
from xdl.io.model_file import load_model, save_model
from xdl.io.run_folder import RunFolder
from xdl.io.state_file import load_state, save_state

__all__ = ["RunFolder", "atomic", "load_model", "load_state", "save_model", "save_state", "write_atomic"]
