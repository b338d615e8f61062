// One step of stochastic gradient descent over all parameters, which lie in one flat buffer.
//
//   g = sign * gradient + weight_decay * p      (sign is -1 where a maximum is sought)
//   b = momentum * b + (1 - dampening) * g      (b = g in the first step; without momentum there is no b)
//   d = g + momentum * b with Nesterov's form, else b
//   p = p - lr * d
//
// A thread owns one element. Bytes per element (float32): p and gradient read, p written: 12; with momentum 20.
// Operations: at most 8. Bound by memory; one launch instead of one per operation and parameter.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
sgd_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ b_or_null, i64 count, real lr,
         real momentum, real one_minus_dampening, real weight_decay, real sign, int nesterov, int first) {
  const i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  real direction = g;
  if (b_or_null) {
    const real b = first ? g : momentum * b_or_null[i] + one_minus_dampening * g;
    b_or_null[i] = b;
    direction = nesterov ? g + momentum * b : b;
  }
  p[i] = value - lr * direction;
}
