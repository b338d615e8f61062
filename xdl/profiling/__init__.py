"""Where the time and the memory of a training go: see `profile.py`."""

from xdl.profiling.profile import Profile, Row, profile
from xdl.profiling.table import as_dict, as_text

__all__ = ["Profile", "Row", "as_dict", "as_text", "profile"]
