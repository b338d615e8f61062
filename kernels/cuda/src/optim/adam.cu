// One step of Adam, AdamW, NAdam or RAdam over all parameters, which lie in one flat buffer.
//
//   p = shrink * p                             g = sign * gradient + weight_decay * p
//   m = beta1 * m + (1 - beta1) * g            v = beta2 * v + (1 - beta2) * g * g
//   largest = max(largest, v)                  (AMSGrad, which goes on with it in the place of v)
//   p = p - (rate * m + ahead * g) / (sqrt(v) / root + eps)
//   p = p - rate * m                           (plain: the first steps of RAdam)
//
// with rate = lr / (1 - beta1^t) and root = sqrt(1 - beta2^t), computed by the host in double. So are 1 - beta1 and
// 1 - beta2: in float32, 1 - 0.999f is off by 1e-5 of itself. shrink is 1 - lr * weight_decay in AdamW, where the
// kernel's weight_decay is 0, and 1 elsewhere; ahead is not 0 in NAdam; sign is -1 where a maximum is sought.
//
// A thread owns one element. Bytes per element (float32): p, m, v read and written, gradient read: 28; with largest 36.
// About 15 operations. Bound by memory.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
adam_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ m, real* __restrict__ v,
          real* __restrict__ largest_or_null, i64 count, real rate, real ahead, real root, real beta1,
          real one_minus_beta1, real beta2, real one_minus_beta2, real eps, real weight_decay, real shrink, real sign,
          int plain) {
  const i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const real value = p[i] * shrink;
  const real g = sign * gradient[i] + weight_decay * value;
  const real mean = beta1 * m[i] + one_minus_beta1 * g;
  real square = beta2 * v[i] + one_minus_beta2 * (g * g);
  m[i] = mean;
  v[i] = square;
  if (largest_or_null) {
    const real before = largest_or_null[i];
    square = before > square || before != before ? before : square;
    largest_or_null[i] = square;
  }
  p[i] = value - (plain ? rate * mean : (rate * mean + ahead * g) / (sqrt(square) / root + eps));
}
