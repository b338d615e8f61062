#!/usr/bin/env bash
# The CUDA runtime wheel ships mma.h and cooperative_groups.h, but not what they include, and requires nothing.
#
# nvidia-cuda-runtime 13.5.37 and nvidia-cuda-nvrtc 13.5.37, compiled without a GPU. CUDA's programming guide asks for
# these two headers for tensor cores and cooperative groups; a wheel that holds them was expected to hold or to require
# the rest. What came: mma.h wants crt/mma.h, which is in nvidia-cuda-crt; cooperative_groups.h wants nv/target and
# cuda/std, which are in nvidia-cuda-cccl, the latter under include/cccl, a folder more to name to NVRTC. cuda_fp16.h
# compiles. (The wheel for CUDA 12, 12.9.79, has the same gaps.)
# Where it matters: any project that compiles CUDA C++ from pip's packages. xdl's kernels include no CUDA header.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --no-compile --disable-pip-version-check \
    nvidia-cuda-nvrtc==13.5.37 nvidia-cuda-runtime==13.5.37
"$folder/venv/bin/python" -I - <<'PY'
import ctypes
import importlib.metadata
import pathlib
import sys
import sysconfig

folder = pathlib.Path(sysconfig.get_path("purelib")) / "nvidia" / "cu13"
nvrtc = ctypes.CDLL(str(folder / "lib" / "libnvrtc.so.13"))
for package in ("nvidia-cuda-nvrtc", "nvidia-cuda-runtime"):
    print(package, importlib.metadata.version(package), "requires", importlib.metadata.requires(package))


def missing(header):
    """The file that the header wants and NVRTC cannot open, or None."""
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), f"#include <{header}>".encode(), b"k.cu", 0, None, None)
    options = (ctypes.c_char_p * 1)(f"-I{folder / 'include'}".encode())
    failed = nvrtc.nvrtcCompileProgram(program, 1, options)
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    return log.value.decode().split('open source file "')[1].split('"')[0] if failed else None


found = {}
for header in ("cuda_fp16.h", "mma.h", "cooperative_groups.h"):
    shipped = (folder / "include" / header).exists()
    found[header] = missing(header)
    print(f"{header:20} shipped {shipped}, missing {found[header]}")
still = found == {"cuda_fp16.h": None, "mma.h": "crt/mma.h", "cooperative_groups.h": "nv/target"}
sys.exit(0 if still and not importlib.metadata.requires("nvidia-cuda-runtime") else "this has changed")
PY
