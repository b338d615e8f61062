// One step of Adam or AdamW over all parameters, which lie in one flat buffer.
//
//   Adam: g = gradient + weight_decay * p      AdamW: p = p - lr * weight_decay * p
//   m = beta1 * m + (1 - beta1) * g            v = beta2 * v + (1 - beta2) * g * g
//   p = p - step_size * m / (sqrt(v) / root_correction2 + eps)
//
// with step_size = lr / (1 - beta1^t) and root_correction2 = sqrt(1 - beta2^t), computed by the host in double. So are
// 1 - beta1 and 1 - beta2: in float32, 1 - 0.999f is off by 1e-5 of itself.
//
// A thread owns one element. Bytes per element (float32): p, m, v read and written, gradient read: 28. About 15
// operations. Bound by memory.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
adam_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ m, real* __restrict__ v,
          i64 count, real step_size, real beta1, real one_minus_beta1, real beta2, real one_minus_beta2,
          real root_correction2, real eps, real weight_decay, real decoupled_factor) {
  const i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const real value = p[i] * decoupled_factor;  // 1 for Adam, 1 - lr * weight_decay for AdamW
  const real g = gradient[i] + weight_decay * value;  // weight_decay is 0 for AdamW
  const real mean = beta1 * m[i] + one_minus_beta1 * g;
  const real square = beta2 * v[i] + one_minus_beta2 * (g * g);
  m[i] = mean;
  v[i] = square;
  p[i] = value - step_size * (mean / (sqrt(square) / root_correction2 + eps));
}
