// Losses of each element of x and t, both of `count` elements, times `factor`: each by itself, or their sum.
//
//   kind 0, mse      e^2, e = x - t                                        d/dx = 2 e
//   kind 1, l1       |e|                                                   d/dx = sign(e)
//   kind 2, huber    q^2 / 2 + delta (|e| - |q|), q = e within +-delta     d/dx = q
//   kind 3, logits   (1 - t) x - q log sigmoid(x), q = 1 + (p - 1) t       d/dx = 1 - t - q sigmoid(-x)
//                                                                          d/dt = -x - (p - 1) log sigmoid(x)
//   kind 4, binary   -t log x - (1 - t) log(1 - x), logarithms >= -100     d/dx = (x - t) / max(x (1 - x), 1e-12)
//                                                                          d/dt = log(1 - x) - log(x)
//
// w [w_size], which the losses are multiplied by, and p [p_size] are repeated over the elements; without them both are 1.
// d/dt is -d/dx where nothing else is said. `factor` holds 1 / count for a mean. One launch forward, or two where one
// block is too few: each block adds its share in a fixed order, and one more block adds those. One launch backward.
// Bytes: forward reads x and t; backward reads both and writes dx (and dt where it is wanted). Bound by memory.
#include "row_team.cuh"

#define MSE 0
#define L1 1
#define HUBER 2
#define LOGITS 3
#define BINARY 4
#define LOWEST real(-100)
#define FLATTEST real(9.999999960041972e-13)  // 1e-12 rounded to float32

struct Loss {
  const real* x;
  const real* t;
  const real* w_or_null;
  const real* p_or_null;
  i64 w_size, p_size;
  int kind;
  real delta;

  __device__ __forceinline__ real weight(i64 i) const { return w_or_null ? w_or_null[i % w_size] : real(1); }
  __device__ __forceinline__ real more(i64 i) const { return p_or_null[i % p_size] - real(1); }  // p - 1

  __device__ __forceinline__ static real log_sigmoid(real x) {
    return (x < 0 ? x : real(0)) - log1p(exp(-fabs(x)));
  }

  __device__ __forceinline__ real value(i64 i) const {
    const real a = x[i], b = t[i];
    if (kind == LOGITS) return (real(1) - b) * a - (p_or_null ? real(1) + more(i) * b : real(1)) * log_sigmoid(a);
    if (kind == BINARY) {
      const real rest = a < 1 ? fmax(log1p(-a), LOWEST) : LOWEST;
      return (b - real(1)) * rest - b * (a > 0 ? fmax(log(a), LOWEST) : LOWEST);
    }
    const real e = a - b, size = fabs(e);
    if (kind == MSE) return e * e;
    if (kind == L1) return size;
    const real q = size > delta ? delta : size;
    return q * q * real(0.5) + (size - q) * delta;
  }

  __device__ __forceinline__ real slope(i64 i) const {
    const real a = x[i], b = t[i];
    if (kind == LOGITS && !p_or_null) return sigmoid(a) - b;
    if (kind == LOGITS) return real(1) - b - (real(1) + more(i) * b) * sigmoid(-a);
    if (kind == BINARY) {
      const real v = a * (real(1) - a);
      return (a - b) / (v > FLATTEST ? v : FLATTEST);
    }
    const real e = a - b;
    if (kind == MSE) return e * real(2);
    const real sign = e > 0 ? real(1) : e < 0 ? real(-1) : e;  // NaN stays NaN
    if (kind == L1) return sign;
    return fabs(e) > delta ? sign * delta : e;
  }

  __device__ __forceinline__ real target_slope(i64 i) const {
    if (kind == LOGITS) return p_or_null ? -x[i] - more(i) * log_sigmoid(x[i]) : -x[i];
    if (kind == BINARY) return log(real(1) - x[i]) - log(x[i]);
    return -slope(i);
  }
};

extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_each(const real* __restrict__ x, const real* __restrict__ t, const real* __restrict__ w_or_null,
                  const real* __restrict__ p_or_null, real* __restrict__ y, i64 count, i64 w_size, i64 p_size, int kind,
                  real delta, real factor) {
  const Loss loss = {x, t, w_or_null, p_or_null, w_size, p_size, kind, delta};
  const i64 threads = (i64)gridDim.x * blockDim.x;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads)
    y[i] = loss.value(i) * loss.weight(i) * factor;
}

// partial [blocks]: each block's sum.
extern "C" __global__ void __launch_bounds__(256, 4)
element_loss_sum(const real* __restrict__ x, const real* __restrict__ t, const real* __restrict__ w_or_null,
                 const real* __restrict__ p_or_null, real* __restrict__ partial, i64 count, i64 w_size, i64 p_size,
                 int kind, real delta, real factor) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam all(TEAM_WARPS);
  const Loss loss = {x, t, w_or_null, p_or_null, w_size, p_size, kind, delta};
  const i64 threads = (i64)gridDim.x * blockDim.x;
  real sum = 0;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads)
    sum += loss.value(i) * loss.weight(i);
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
                      const real* __restrict__ w_or_null, const real* __restrict__ p_or_null,
                      real* __restrict__ dx_or_null, real* __restrict__ dt_or_null, i64 count, i64 w_size, i64 p_size,
                      int g_step, int kind, real delta, real factor) {
  const Loss loss = {x, t, w_or_null, p_or_null, w_size, p_size, kind, delta};
  const i64 threads = (i64)gridDim.x * blockDim.x;
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += threads) {
    const real gradient = g[i * g_step] * factor * loss.weight(i);
    if (dx_or_null) dx_or_null[i] = gradient * loss.slope(i);
    if (dt_or_null) dt_or_null[i] = gradient * loss.target_slope(i);
  }
}
