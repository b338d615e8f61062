// Softmax and its logarithm over the rows of x [rows][width].
//
//   softmax      y = e^(x - m) / s,  m = max of the row, s = sum of e^(x - m)     dx = y * (g - sum(g * y))
//   log softmax  y = x - m - log(s)                                               dx = g - e^y * sum(g)
//
//   row:  | 0 1 2 ... 31 | 32 ... 63 | ...     lane l of the row's warp owns elements l, l + 32, ...
//
// A warp owns a row: maximum and sum of a row are one exchange between lanes, without shared memory. A block holds 8
// rows. Maximum and sum come from one pass: when a lane meets a larger element, it rescales its sum.
// Bytes: forward reads x twice (the second time mostly from the cache) and writes y; backward reads g and y twice and
// writes dx. About one exponential per element in each pass. Bound by memory.
#include "softmax.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
softmax_forward(const real* __restrict__ x, real* __restrict__ y, i64 rows, int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const real* source = x + row * width;
  const RowSum total = row_sum(source, width, lane);
  for (int i = lane; i < width; i += 32) y[row * width + i] = exp(source[i] - total.largest) / total.sum;
}

extern "C" __global__ void __launch_bounds__(256, 4)
log_softmax_forward(const real* __restrict__ x, real* __restrict__ y, i64 rows, int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const real* source = x + row * width;
  const RowSum total = row_sum(source, width, lane);
  const real log_sum = log(total.sum);
  for (int i = lane; i < width; i += 32) y[row * width + i] = source[i] - total.largest - log_sum;
}

extern "C" __global__ void __launch_bounds__(256, 4)
softmax_backward(const real* __restrict__ g, const real* __restrict__ y, real* __restrict__ dx, i64 rows, int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const i64 begin = row * width;
  real sum = 0;
  for (int i = lane; i < width; i += 32) sum += g[begin + i] * y[begin + i];
  sum = warp_sum(sum);
  for (int i = lane; i < width; i += 32) dx[begin + i] = y[begin + i] * (g[begin + i] - sum);
}

extern "C" __global__ void __launch_bounds__(256, 4)
log_softmax_backward(const real* __restrict__ g, const real* __restrict__ y, real* __restrict__ dx, i64 rows,
                     int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const i64 begin = row * width;
  real sum = 0;
  for (int i = lane; i < width; i += 32) sum += g[begin + i];
  sum = warp_sum(sum);
  for (int i = lane; i < width; i += 32) dx[begin + i] = g[begin + i] - exp(y[begin + i]) * sum;
}
