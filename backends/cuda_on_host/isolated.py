"""A launch under a sanitizer, in a process of its own (harness/runner.cpp): a finding becomes a BackendError."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from functools import cache
from typing import Any

import numpy as np

from xdl.errors import BackendError
from xdl.kernels.cuda.plan import Plan

from .build import build_runner

OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=66:report_signal_unsafe=0",
}


def run_isolated(mode: str, plan: Plan, configuration: bytes, arguments: tuple[Any, ...]) -> None:
    """Runs the launch and copies the arrays back. Raises BackendError with the sanitizer's report."""
    dtypes = [parameter.dtype for parameter in plan.signature.parameters]
    packed = [_pack(argument, dtype) for argument, dtype in zip(arguments, dtypes, strict=True)]
    counted = struct.pack("I", len(arguments))
    message = b"".join([_text(str(plan.module)), _text(plan.name), configuration, counted, *packed])
    prefix = _without_random_addresses() if mode == "tsan" else []
    command = [*prefix, str(build_runner(mode))]
    done = subprocess.run(command, input=message, capture_output=True, env={**os.environ, **OPTIONS}, timeout=300)
    if done.returncode:
        report = done.stderr.decode(errors="replace")
        raise BackendError(plan.name, f"a launch without {mode} findings", f"exit {done.returncode}\n{report[:6000]}")
    position = 0
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            result = np.frombuffer(done.stdout, argument.dtype, argument.size, position)
            argument[...] = result.reshape(argument.shape)
            position += argument.nbytes


@cache
def _without_random_addresses() -> list[str]:
    """The thread sanitizer wants addresses that are not randomised; some containers do not let it have them."""
    command = ["setarch", "-R"]
    allowed = shutil.which("setarch") and subprocess.run([*command, "true"], capture_output=True).returncode == 0
    return command if allowed else []


def _text(text: str) -> bytes:
    return struct.pack("I", len(text)) + text.encode()


def _pack(argument: Any, dtype: str) -> bytes:
    if argument is None:
        return b"N" + struct.pack("Q", 0)
    if isinstance(argument, np.ndarray):
        return b"P" + struct.pack("Q", argument.nbytes) + bytes(argument.tobytes())
    value = bytes(np.dtype(dtype).type(argument).tobytes())
    return b"S" + struct.pack("Q", len(value)) + value
