// Losses of each element of x and t, both of `count` elements, times `factor`: each by itself, or their sum.
//
//   kind 0, mse      e^2, e = x - t                                        d/dx = 2 e
//   kind 1, l1       |e|                                                   d/dx = sign(e)
//   kind 2, huber    q^2 / 2 + delta (|e| - |q|), q = e within +-delta     d/dx = q
//   kind 3, logits   (1 - t) x - log sigmoid(x)                            d/dx = sigmoid(x) - t,  d/dt = -x
//
// d/dt is -d/dx where nothing else is said. `factor` holds 1 / count for a mean. One launch forward, or two where one
// block is too few: each block adds its share in a fixed order, and one more block adds those. One launch backward.
// Bytes: forward reads x and t; backward reads both and writes dx (and dt where it is wanted). Bound by memory.
#include "row_team.cuh"

#define MSE 0
#define L1 1
#define HUBER 2
#define LOGITS 3

__device__ __forceinline__ real loss_of(int kind, real x, real t, real delta) {
  if (kind == LOGITS) {
    const real below = x < 0 ? x : real(0);
    return (real(1) - t) * x - (below - log1p(exp(-fabs(x))));
  }
  const real e = x - t, size = fabs(e);
  if (kind == MSE) return e * e;
  if (kind == L1) return size;
  const real q = size > delta ? delta : size;
  return q * q * real(0.5) + (size - q) * delta;
}

__device__ __forceinline__ real slope_of(int kind, real x, real t, real delta) {
  if (kind == LOGITS) return sigmoid(x) - t;
  const real e = x - t;
  if (kind == MSE) return e * real(2);
  const real sign = e > 0 ? real(1) : e < 0 ? real(-1) : e;  // NaN stays NaN
  if (kind == L1) return sign;
  return fabs(e) > delta ? sign * delta : e;
}

extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_each(const real* __restrict__ x, const real* __restrict__ t, real* __restrict__ y, i64 count, int kind,
                  real delta, real factor) {
  const i64 threads = (i64)gridDim.x * blockDim.x;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads)
    y[i] = loss_of(kind, x[i], t[i], delta) * factor;
}

// partial [blocks]: each block's sum.
extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_sum(const real* __restrict__ x, const real* __restrict__ t, real* __restrict__ partial, i64 count,
                 int kind, real delta, real factor) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam all(TEAM_WARPS);
  const i64 threads = (i64)gridDim.x * blockDim.x;
  real sum = 0;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads)
    sum += loss_of(kind, x[i], t[i], delta);
  sum = team_sum(all, sum, shared);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum * factor;
}

// One block.
extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_total(const real* __restrict__ partial, real* __restrict__ y, int blocks) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam all(TEAM_WARPS);
  real sum = 0;
  for (int i = threadIdx.x; i < blocks; i += all.threads) sum += partial[i];
  sum = team_sum(all, sum, shared);
  if (threadIdx.x == 0) y[0] = sum;
}

// g: one number, with g_step 0, or one for each element, with g_step 1.
extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_backward(const real* __restrict__ g, const real* __restrict__ x, const real* __restrict__ t,
                      real* __restrict__ dx_or_null, real* __restrict__ dt_or_null, i64 count, int g_step, int kind,
                      real delta, real factor) {
  const i64 threads = (i64)gridDim.x * blockDim.x;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads) {
    const real gradient = g[i * g_step] * factor, slope = slope_of(kind, x[i], t[i], delta);
    if (dx_or_null) dx_or_null[i] = gradient * slope;
    if (dt_or_null) dt_or_null[i] = -gradient * (kind == LOGITS ? x[i] : slope);
  }
}
