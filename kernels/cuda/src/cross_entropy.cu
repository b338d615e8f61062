// Mean cross entropy of softmax(x) and labels, over the rows of x [rows][width] whose label is not the ignored one.
//
//   loss of a row = log(sum e^x) - x[label]     y = sum of the losses / count, count = how many labels count
//   dx = g / count * (softmax(x) - onehot(label)), 0 in rows that do not count
//
// A warp owns a row, as in softmax.cu; a block holds 8 rows and adds their losses in order, and one more block adds up
// those of all blocks. Neither probabilities nor one-hot rows are stored: the forward pass keeps the largest x and
// log(sum of e^(x - largest)), from which the backward pass computes them again; apart, since their sum rounds the
// logarithm away where x is large.
// A label outside [0, width) gives a NaN loss and sets the flag, which the host reads when it next waits anyway.
// Bytes: forward reads x; backward reads x and writes dx. Bound by memory.
#include "row_team.cuh"
#include "softmax.cuh"

// Grid: x over the rows. partial [blocks][2]: the sum of the block's losses, and how many of its labels count.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_forward(const real* __restrict__ x, const i64* __restrict__ label, real* __restrict__ partial,
                      real* __restrict__ sums, u32* __restrict__ bad_label, i64 rows, int width, i64 ignored) {
  SHARED_ARRAY(real, losses, [8][2]);
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  real loss = 0, counts = 0;
  if (row < rows) {
    const RowSum total = row_sum(x + row * width, width, lane);
    const i64 wanted = label[row];
    const real log_of_sum = log(total.sum);
    if (wanted != ignored) {
      const bool known = wanted >= 0 && wanted < width;
      if (!known && lane == 0) atomicOr(bad_label, 1u);
      // The difference to the maximum first: both are large where the loss is small.
      loss = known ? log_of_sum + (total.largest - x[row * width + wanted]) : NOT_A_NUMBER;
      counts = 1;
    }
    if (lane == 0) {
      sums[2 * row] = total.largest;
      sums[2 * row + 1] = log_of_sum;
    }
  }
  if (lane == 0) {
    losses[threadIdx.x / 32][0] = loss;
    losses[threadIdx.x / 32][1] = counts;
  }
  __syncthreads();
  if (threadIdx.x > 1) return;
  real sum = 0;
  for (int i = 0; i < 8; ++i) sum += losses[i][threadIdx.x];
  partial[2 * (i64)blockIdx.x + threadIdx.x] = sum;
}

// One block. y: the mean, NaN where no label counts.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_mean(const real* __restrict__ partial, real* __restrict__ y, real* __restrict__ count, int blocks) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam all(TEAM_WARPS);
  real losses = 0, counts = 0;
  for (int i = threadIdx.x; i < blocks; i += all.threads) {
    losses += partial[2 * (i64)i];
    counts += partial[2 * (i64)i + 1];
  }
  losses = team_sum(all, losses, shared);
  counts = team_sum(all, counts, shared);
  if (threadIdx.x > 0) return;
  y[0] = losses / counts;
  count[0] = counts;
}

// g, count: one number each. Grid: x over the rows.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_backward(const real* __restrict__ g, const real* __restrict__ count, const real* __restrict__ x,
                       const i64* __restrict__ label, const real* __restrict__ sums, real* __restrict__ dx, i64 rows,
                       int width, i64 ignored) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const i64 begin = row * width, wanted = label[row];
  const bool counts = wanted != ignored;
  const real share = counts ? g[0] / count[0] : real(0);
  const real largest = sums[2 * row], log_of_sum = sums[2 * row + 1];
  for (int i = lane; i < width; i += 32) {
    const real probability = exp(x[begin + i] - largest - log_of_sum);
    dx[begin + i] = counts ? share * (probability - (i == wanted ? real(1) : real(0))) : real(0);
  }
}
