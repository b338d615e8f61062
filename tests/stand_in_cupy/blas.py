"""cuBLAS by addresses, as cupy.cuda.cublas has it (column-major, as in Fortran), and cupy.cublas.gemm above it."""

import ctypes

import numpy as np

from .array import ndarray, operand
from .counts import note

OP_N, OP_T, OP_C = 0, 1, 2
CUDA_R_32F, CUDA_R_64F = 0, 1
COMPUTE_32F, COMPUTE_64F, COMPUTE_32F_FAST_TF32 = 68, 70, 77
CONSTANTS = {
    "CUBLAS_OP_N": OP_N,
    "CUBLAS_OP_T": OP_T,
    "CUBLAS_OP_C": OP_C,
    "CUBLAS_COMPUTE_32F": COMPUTE_32F,
    "CUBLAS_COMPUTE_32F_PEDANTIC": 69,
    "CUBLAS_COMPUTE_32F_FAST_TF32": COMPUTE_32F_FAST_TF32,
    "CUBLAS_COMPUTE_64F": COMPUTE_64F,
    "CUBLAS_GEMM_DEFAULT": -1,
    "CUBLAS_GEMM_DEFAULT_TENSOR_OP": 99,
    "CUBLAS_DEFAULT_MATH": 0,
    "CUBLAS_TENSOR_OP_MATH": 1,
    "CUBLAS_POINTER_MODE_HOST": 0,
    "CUBLAS_POINTER_MODE_DEVICE": 1,
}
TYPES = {CUDA_R_32F: np.dtype(np.float32), CUDA_R_64F: np.dtype(np.float64)}


class CUBLASError(RuntimeError):
    """CuPy's own."""


def _matrices(address, rows, columns, leading, stride, count, dtype):
    """Matrices in Fortran order at an address."""
    if leading < max(1, rows):
        raise CUBLASError("CUBLAS_STATUS_INVALID_VALUE")
    size = dtype.itemsize
    reach = (abs(stride) * (count - 1) + leading * max(0, columns - 1) + rows) * size
    memory = (ctypes.c_char * reach).from_address(address)
    return np.ndarray((count, rows, columns), dtype, memory, 0, (stride * size, size, leading * size))


def _number(address, dtype):
    return np.frombuffer((ctypes.c_char * dtype.itemsize).from_address(address), dtype)[0]


def _tf32(x):
    """Rounded to the ten bits of mantissa that tensor cores read."""
    bits = np.ascontiguousarray(x).view(np.uint32)
    return ((bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)


def _gemm(name, ta, tb, m, n, k, alpha, A, lda, sa, B, ldb, sb, beta, C, ldc, sc, count, dtype, tf32=False):
    """C = alpha op(A) op(B) + beta C, for each of a stack; where beta is 0, C is not read."""
    note("products", name, m > 0 and n > 0 and count > 0)
    if not (m and n and count):
        return
    a = _matrices(A, *((m, k) if ta == OP_N else (k, m)), lda, sa, count, dtype)
    b = _matrices(B, *((k, n) if tb == OP_N else (n, k)), ldb, sb, count, dtype)
    c = _matrices(C, m, n, ldc, sc, count, dtype)
    a, b = (a if ta == OP_N else a.mT), (b if tb == OP_N else b.mT)
    if tf32:
        a, b = _tf32(a), _tf32(b)
    alpha, beta = _number(alpha, dtype), _number(beta, dtype)
    with np.errstate(all="ignore"):
        product = alpha * np.matmul(a, b)
        c[...] = product if beta == 0 else product + beta * c


def _typed(name, letter):
    """sgemm, dgemm and their strided forms."""
    dtype = np.dtype(letter)

    def gemm(handle, transa, transb, m, n, k, alpha, A, lda, B, ldb, beta, C, ldc):
        _gemm(name, transa, transb, m, n, k, alpha, A, lda, 0, B, ldb, 0, beta, C, ldc, 0, 1, dtype)

    def strided(
        handle, transa, transb, m, n, k, alpha, A, lda, strideA, B, ldb, strideB, beta, C, ldc, strideC, batchCount
    ):
        stack = (alpha, A, lda, strideA, B, ldb, strideB, beta, C, ldc, strideC, batchCount)
        _gemm(f"{name}StridedBatched", transa, transb, m, n, k, *stack, dtype)

    return {name: gemm, f"{name}StridedBatched": strided}


def gemm_ex(
    handle, transa, transb, m, n, k, alpha, A, Atype, lda, B, Btype, ldb, beta, C, Ctype, ldc, computeType, algo
):
    """One product, with its compute type."""
    dtype, tf32 = _kinds((Atype, Btype, Ctype), computeType)
    _gemm("gemmEx", transa, transb, m, n, k, alpha, A, lda, 0, B, ldb, 0, beta, C, ldc, 0, 1, dtype, tf32)


def gemm_strided_batched_ex(
    handle, transa, transb, m, n, k, alpha, A, Atype, lda, strideA, B, Btype, ldb, strideB, beta, C, Ctype, ldc,
    strideC, batchCount, computeType, algo,
):  # fmt: skip
    """A stack of products; a stride of 0 is one matrix for all of them."""
    dtype, tf32 = _kinds((Atype, Btype, Ctype), computeType)
    stack = (alpha, A, lda, strideA, B, ldb, strideB, beta, C, ldc, strideC, batchCount)
    _gemm("gemmStridedBatchedEx", transa, transb, m, n, k, *stack, dtype, tf32)


def _kinds(types, compute):
    """The dtype, and whether tensor cores round to TF32."""
    (kind,) = set(types)
    allowed = {CUDA_R_32F: (COMPUTE_32F, 69, COMPUTE_32F_FAST_TF32), CUDA_R_64F: (COMPUTE_64F,)}
    if compute not in allowed[kind]:
        raise CUBLASError("CUBLAS_STATUS_NOT_SUPPORTED")
    return TYPES[kind], compute == COMPUTE_32F_FAST_TF32


def gemm(transa, transb, a, b, out=None, alpha=1.0, beta=0.0):
    """cupy.cublas.gemm: of two matrices of one dtype; copies what is in neither order of memory."""
    assert a.ndim == b.ndim == 2
    assert a.dtype == b.dtype
    assert a.dtype.char in "fd", "invalid dtype"
    left, right = (operand(x, "gemm").T if how == "T" else operand(x, "gemm") for x, how in ((a, transa), (b, transb)))
    made = ndarray((left.shape[0], right.shape[1]), a.dtype, order="F") if out is None else out
    assert made.ndim == 2
    assert made.shape == (left.shape[0], right.shape[1])
    assert made.dtype == a.dtype
    copied = sum(not (x.flags.c_contiguous or x.flags.f_contiguous) for x in (a._host, b._host))
    note("launches", "copy", copied + 2 * (not (made.flags.c_contiguous or made.flags.f_contiguous)))
    note("products", "gemm")
    product = alpha * np.matmul(left, right)
    made._host[...] = product if beta == 0 or out is None else product + beta * made._host
    return made


MODES = {"pointer": 0, "math": 0}
FUNCTIONS = {
    **_typed("sgemm", "f"),
    **_typed("dgemm", "d"),
    "gemmEx": gemm_ex,
    "gemmStridedBatchedEx": gemm_strided_batched_ex,
    "getPointerMode": lambda handle: MODES["pointer"],
    "setPointerMode": lambda handle, mode: MODES.update(pointer=mode),
    "getMathMode": lambda handle: MODES["math"],
    "setMathMode": lambda handle, mode: MODES.update(math=mode),
    "CUBLASError": CUBLASError,
}
