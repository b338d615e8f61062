// One step of Adagrad, Adadelta, RMSprop, Adamax, Rprop or ASGD over all parameters, which lie in one flat buffer.
//
//   g = sign * gradient + weight_decay * p      (sign is -1 where a maximum is sought)
//
//   Adagrad    s = s + g * g                               p = p - rate * g / (sqrt(s) + eps)
//   Adadelta   s = rho * s + (1 - rho) * g * g             d = sqrt(a + eps) / sqrt(s + eps) * g
//              a = rho * a + (1 - rho) * d * d             p = p - lr * d
//   RMSprop    s = alpha * s + (1 - alpha) * g * g         d = g / (sqrt(s) + eps)
//              centered: a = alpha * a + (1 - alpha) * g, and s - a * a in the place of s in d
//              momentum: b = momentum * b + d              p = p - lr * d, or p - lr * b
//   Adamax     m = beta1 * m + (1 - beta1) * g             u = max(beta2 * u, |g| + eps)     p = p - rate * m / u
//   Rprop      h = h * eta_plus where g * q > 0, h * eta_minus where g * q < 0, within [h_min, h_max]
//              q = 0 where g * q < 0, else g               p = p - sign(q) * h
//   ASGD       p = shrink * p - eta * g                    a = a + mu * (p - a), or p where mu is 1
//
// The host computes rates and 1 - rho, 1 - alpha, 1 - beta1 in double. A thread owns one element. Bytes per element
// (float32): p and each buffer read and written, gradient read: 20 with one buffer, 28 with two. Bound by memory.
#include "common.cuh"

__device__ __forceinline__ i64 element() { return (i64)blockIdx.x * blockDim.x + threadIdx.x; }

// The larger, or not a number if one of them is none.
__device__ __forceinline__ real larger(real a, real b) { return a > b || a != a ? a : b; }

extern "C" __global__ void __launch_bounds__(256, 4)
adagrad_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ s, i64 count, real rate,
             real eps, real weight_decay, real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  const real square = s[i] + g * g;
  s[i] = square;
  p[i] = value - rate * (g / (sqrt(square) + eps));
}

extern "C" __global__ void __launch_bounds__(256, 4)
adadelta_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ s, real* __restrict__ a,
              i64 count, real lr, real rho, real one_minus_rho, real eps, real weight_decay, real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  const real square = rho * s[i] + one_minus_rho * (g * g);
  const real before = a[i], d = sqrt(before + eps) / sqrt(square + eps) * g;
  s[i] = square;
  a[i] = rho * before + one_minus_rho * (d * d);
  p[i] = value - lr * d;
}

extern "C" __global__ void __launch_bounds__(256, 4)
rmsprop_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ s,
             real* __restrict__ a_or_null, real* __restrict__ b_or_null, i64 count, real lr, real alpha,
             real one_minus_alpha, real eps, real weight_decay, real momentum, real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  real square = alpha * s[i] + one_minus_alpha * (g * g);
  s[i] = square;
  if (a_or_null) {
    const real mean = alpha * a_or_null[i] + one_minus_alpha * g;
    a_or_null[i] = mean;
    square -= mean * mean;
  }
  real d = g / (sqrt(square) + eps);
  if (b_or_null) b_or_null[i] = d = momentum * b_or_null[i] + d;
  p[i] = value - lr * d;
}

extern "C" __global__ void __launch_bounds__(256, 4)
adamax_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ m, real* __restrict__ u,
            i64 count, real rate, real beta1, real one_minus_beta1, real beta2, real eps, real weight_decay,
            real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  const real mean = beta1 * m[i] + one_minus_beta1 * g;
  const real bound = larger(beta2 * u[i], fabs(g) + eps);
  m[i] = mean;
  u[i] = bound;
  p[i] = value - rate * (mean / bound);
}

extern "C" __global__ void __launch_bounds__(256, 4)
rprop_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ q, real* __restrict__ h,
           i64 count, real eta_minus, real eta_plus, real h_min, real h_max, real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real g = sign * gradient[i], product = g * q[i];
  real step = product > 0 ? h[i] * eta_plus : product < 0 ? h[i] * eta_minus : h[i];
  step = step < h_min ? h_min : step > h_max ? h_max : step;
  const real kept = product < 0 ? real(0) : g;
  h[i] = step;
  q[i] = kept;
  p[i] = kept > 0 ? p[i] - step : kept < 0 ? p[i] + step : p[i] - kept;
}

extern "C" __global__ void __launch_bounds__(256, 4)
asgd_step(real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ a, i64 count, real shrink,
          real eta, real mu, real weight_decay, real sign) {
  const i64 i = element();
  if (i >= count) return;
  const real value = p[i], g = sign * gradient[i] + weight_decay * value;
  const real moved = value * shrink - eta * g;
  p[i] = moved;
  a[i] = mu == 1 ? moved : a[i] + (moved - a[i]) * mu;
}
