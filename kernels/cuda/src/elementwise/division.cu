// Division with remainder of floating numbers: q = floor(a / b), or the remainder r with the sign of b or of a.
//
//   m = fmod(a, b), exact, sign of a            r = m, or m + b where their signs differ          q = (a - r) / b, rounded
//
//   FLOOR_DIVIDE  q; of b = 0: a / b            REMAINDER  r            FMOD  m
//
// As Python and NumPy have them: a zero r has the sign of b, a zero q that of a / b; of infinite a all are nan.
// An operand that is null is the number beside it.
// Bytes per element (float32): a and b read, y written: 12. Operations: fmod takes steps by the size of a / b.
#include "common.cuh"

enum Kind { FLOOR_DIVIDE, REMAINDER, FMOD };

__device__ __forceinline__ real divide(int kind, real a, real b) {
  const real m = fmod(a, b);
  if (kind == FMOD) return m;
  const bool other_sign = m != 0 && (m < 0) != (b < 0);
  if (kind == REMAINDER) return other_sign ? m + b : m != 0 ? m : copysign(m, b);
  if (b == 0) return a / b;
  const real q = (a - m) / b - other_sign;  // nearly whole: (a - m) / b was rounded
  if (q == 0) return copysign(q, a / b);
  const real whole = floor(q);
  return q - whole > real(0.5) ? whole + 1 : whole;
}

extern "C" __global__ void __launch_bounds__(256, 4)
division(const real* __restrict__ a_or_null, const real* __restrict__ b_or_null, real* __restrict__ y, i64 count,
         int kind, real a, real b) {
  const i64 threads = (i64)gridDim.x * blockDim.x;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads)
    y[i] = divide(kind, a_or_null ? a_or_null[i] : a, b_or_null ? b_or_null[i] : b);
}
