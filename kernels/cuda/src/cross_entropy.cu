// Cross entropy of the softmax of x [rows][width] with one label per row.
//
//   loss = log(sum of e^x) - x[label]            dx = g * (softmax(x) - onehot(label))
//
// A warp owns a row, as in softmax.cu; a block holds 8 rows. Neither probabilities nor one-hot rows are stored: the
// forward pass keeps the largest x and log(sum of e^(x - largest)), from which the backward pass computes them again;
// apart, since their sum rounds the logarithm away where x is large.
// A label outside [0, width) gives a NaN loss and sets the flag, which the host reads when it next waits anyway.
// Bytes: forward reads x; backward reads x and writes dx. Bound by memory.
#include "softmax.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_forward(const real* __restrict__ x, const i64* __restrict__ label, real* __restrict__ loss,
                      real* __restrict__ sums, u32* __restrict__ bad_label, i64 rows, int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const RowSum total = row_sum(x + row * width, width, lane);
  if (lane > 0) return;
  const i64 wanted = label[row];
  const bool known = wanted >= 0 && wanted < width;
  if (!known) atomicOr(bad_label, 1u);
  const real log_of_sum = log(total.sum);
  sums[2 * row] = total.largest;
  sums[2 * row + 1] = log_of_sum;
  // The difference to the maximum first: both are large where the loss is small.
  loss[row] = known ? log_of_sum + (total.largest - x[row * width + wanted]) : NOT_A_NUMBER;
}

extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_backward(const real* __restrict__ g, const real* __restrict__ x, const i64* __restrict__ label,
                       const real* __restrict__ sums, real* __restrict__ dx, i64 rows, int width) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const i64 begin = row * width, wanted = label[row];
  const real gradient = g[row], largest = sums[2 * row], log_of_sum = sums[2 * row + 1];
  for (int i = lane; i < width; i += 32) {
    const real probability = exp(x[begin + i] - largest - log_of_sum);
    dx[begin + i] = gradient * (probability - (i == wanted ? real(1) : real(0)));
  }
}
