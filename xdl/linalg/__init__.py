"""Linear algebra under PyTorch's names: matrices (..., m, n), whose leading dimensions are batches.

The numbers come from the array library (LAPACK; cuSOLVER on a card), the gradients are derived by hand and stand beside
each function. All take one floating dtype. A matrix that an operation cannot take (singular, not positive definite)
raises DataError, which says where in the batch it stands; on a card that waits for the device, as PyTorch does.
"""

from xdl.linalg.decompositions import cholesky, cholesky_inverse, cholesky_solve, qr
from xdl.linalg.determinants import det, logdet, slogdet
from xdl.linalg.norms import cond, matrix_norm, norm, vector_norm
from xdl.linalg.products import cross, diagonal, matmul, matrix_power, multi_dot, vecdot
from xdl.linalg.pseudoinverse import lstsq, matrix_rank, pinv
from xdl.linalg.solving import inv, inv_ex, solve, solve_triangular
from xdl.linalg.spectra import eigh, eigvalsh, svd, svdvals

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eigh",
    "eigvalsh",
    "inv",
    "inv_ex",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "vecdot",
    "vector_norm",
]
