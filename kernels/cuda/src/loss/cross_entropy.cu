// Cross entropy of softmax(x) and labels t, over the rows of x [rows][width] whose label is not the ignored one; without
// sums, of log-probabilities x themselves.
//
//   l = log softmax(x), or x      e: label smoothing      w [width]: weights, 1 where there are none
//   loss of a row = -(1 - e) w_t l_t - e / width (w . l)
//   y = the losses, their sum, or sum / total, total = the sum of w_t over the rows that count
//   dx = g (softmax(x) ((1 - e) w_t + e / width sum(w)) - (1 - e) w_t onehot(t) - e / width w), over total for the mean,
//   without the softmax for log-probabilities; 0 in rows that do not count
//
// A warp owns a row, as in softmax.cu; a block holds 8 rows and adds their losses in order, and one more block adds up
// those of all blocks. Neither probabilities nor one-hot rows are stored: the forward pass keeps the largest x and
// log(sum of e^(x - largest)), from which the backward pass computes them again; apart, since their sum rounds the
// logarithm away where x is large.
// A label outside [0, width) gives a NaN loss and sets the flag, which the host reads when it next waits anyway.
// Bytes: forward reads x; backward reads x and writes dx. Bound by memory.
#include "row_team.cuh"
#include "softmax.cuh"

// Grid: x over the rows. partial [blocks][2]: the sum of the block's losses, and that of w_t over its labels that count.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_forward(const real* __restrict__ x, const i64* __restrict__ label,
                      const real* __restrict__ weight_or_null, real* __restrict__ each_or_null,
                      real* __restrict__ partial, real* __restrict__ sums_or_null, u32* __restrict__ bad_label,
                      i64 rows, int width, i64 ignored, real smoothing) {
  SHARED_ARRAY(real, losses, [8][2]);
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  real loss = 0, counts = 0;
  if (row < rows) {
    const real* values = x + row * width;
    const i64 wanted = label[row];
    RowSum total = {0, 1};
    if (sums_or_null) total = row_sum(values, width, lane);
    const real log_of_sum = log(total.sum);
    if (wanted != ignored) {
      const bool known = wanted >= 0 && wanted < width;
      if (!known && lane == 0) atomicOr(bad_label, 1u);
      counts = known && weight_or_null ? weight_or_null[wanted] : real(1);
      // The difference to the maximum first: both are large where the loss is small.
      loss = known ? counts * (log_of_sum + (total.largest - values[wanted])) : NOT_A_NUMBER;
      if (smoothing != 0) {
        real all = 0;
        for (int i = lane; i < width; i += 32) {
          const real one = log_of_sum + (total.largest - values[i]);
          all += weight_or_null ? weight_or_null[i] * one : one;
        }
        loss = loss * (1 - smoothing) + warp_sum(all) * (smoothing / real(width));
      }
    }
    if (lane == 0) {
      if (each_or_null) each_or_null[row] = loss;
      if (sums_or_null) {
        sums_or_null[2 * row] = total.largest;
        sums_or_null[2 * row + 1] = log_of_sum;
      }
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

// One block. y: the sum, or with `total` the mean, NaN where no label counts.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_total(const real* __restrict__ partial, real* __restrict__ y, real* __restrict__ total_or_null,
                    int blocks) {
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
  if (total_or_null) total_or_null[0] = counts;
  y[0] = !total_or_null ? losses : counts == 0 ? NOT_A_NUMBER : losses / counts;
}

// g: one number, with g_step 0, or one for each row, with g_step 1. total: one number. Grid: x over the rows.
extern "C" __global__ void __launch_bounds__(256, 4)
cross_entropy_backward(const real* __restrict__ g, const real* __restrict__ total_or_null, const real* __restrict__ x,
                       const i64* __restrict__ label, const real* __restrict__ weight_or_null,
                       const real* __restrict__ sums_or_null, real* __restrict__ dx, i64 rows, int width, i64 ignored,
                       real smoothing, int g_step) {
  const i64 row = (i64)blockIdx.x * 8 + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row >= rows) return;
  const i64 begin = row * width, wanted = label[row];
  const bool counts = wanted != ignored;
  real share = counts ? g[row * g_step] : real(0);
  if (counts && total_or_null) share = total_or_null[0] == 0 ? real(0) : share / total_or_null[0];
  real own = 1, all = width;
  if (weight_or_null) {
    own = wanted >= 0 && wanted < width ? weight_or_null[wanted] : real(0);
    if (smoothing != 0) {
      all = 0;
      for (int i = lane; i < width; i += 32) all += weight_or_null[i];
      all = warp_sum(all);
    }
  }
  own *= 1 - smoothing;
  const real smooth = smoothing / real(width), slope = own + smooth * all;
  const real largest = sums_or_null ? sums_or_null[2 * row] : real(0);
  const real log_of_sum = sums_or_null ? sums_or_null[2 * row + 1] : real(0);
  for (int i = lane; i < width; i += 32) {
    const real probability = sums_or_null ? exp(x[begin + i] - largest - log_of_sum) : real(0);
    const real wished = (i == wanted ? own : real(0)) + smooth * (weight_or_null ? weight_or_null[i] : real(1));
    dx[begin + i] = counts ? share * (probability * slope - wished) : real(0);
  }
}
