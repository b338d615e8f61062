// What a layer and its activation do beside the product: y = f(z), z = product + bias; and back dz = g f'(z) and the
// sums db of dz. One launch each way.
//
//   a linear layer    product [rows][columns]    bias [columns]    db: over the rows
//   a convolution     product [N][C][S]          bias [C]          db: over N and the S positions of a plane
//
// Blocks, slices and the order of sums are those of column_sum.cu, so that the bits are those of separate launches.
// Bytes per element (float32): product read, y written: 8, and z written where the gradient reads it: 12. Back 12.
// Bound by memory.
#include "activations.cuh"

#define ROWS_AT_ONCE 8

// Block: 32 columns x 8 rows. A thread keeps one bias and walks over rows in steps of the grid. Grid: x over
// columns / 32, y over rows. y may be the product itself, and so may z.
extern "C" __global__ void __launch_bounds__(256, 4)
bias_activation_forward(const real* product, const real* __restrict__ bias, real* z_or_null, real* y, i64 rows,
                        int columns, int kind, real a, real b, real c) {
  const int column = blockIdx.x * 32 + threadIdx.x;
  if (column >= columns) return;
  const real own = bias[column];
  with_formula(kind, [=](auto formula) {
    for (i64 row = blockIdx.y * ROWS_AT_ONCE + threadIdx.y; row < rows; row += gridDim.y * ROWS_AT_ONCE) {
      const i64 i = row * columns + column;
      const real z = product[i] + own;
      if (z_or_null) z_or_null[i] = z;
      y[i] = formula.value(z, {a, b, c});
    }
  });
}

// x: z, or y where the formula says so. partial: the sums of each slice. Grid: x over columns / 32, y over slices of
// `length` rows.
extern "C" __global__ void __launch_bounds__(256, 4)
bias_activation_backward(const real* __restrict__ g, const real* __restrict__ x, real* __restrict__ dz,
                         real* __restrict__ partial, i64 rows, int columns, i64 length, int kind, real a, real b,
                         real c) {
  SHARED_ARRAY(real, sums, [ROWS_AT_ONCE][32]);
  const int column = blockIdx.x * 32 + threadIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, rows);
  real sum = 0;
  if (column < columns)
    with_formula(kind, [&](auto formula) {
      for (i64 row = begin + threadIdx.y; row < end; row += ROWS_AT_ONCE) {
        const i64 i = row * columns + column;
        const real d = formula.gradient(g[i], x[i], {a, b, c});
        dz[i] = d;
        sum = add_apart(sum, d);
      }
    });
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || column >= columns) return;
  for (int i = 1; i < ROWS_AT_ONCE; ++i) sum += sums[i][threadIdx.x];
  partial[(i64)blockIdx.y * columns + column] = sum;
}

// Grid: x over S, y over the N*C planes. A thread owns one position of every plane that its block walks.
extern "C" __global__ void __launch_bounds__(256, 4)
plane_activation_forward(const real* product, real* z_or_null, real* y, const real* __restrict__ bias, i64 planes,
                         int channels, int positions, int kind, real a, real b, real c) {
  const int position = blockIdx.x * blockDim.x + threadIdx.x;
  if (position >= positions) return;
  with_formula(kind, [=](auto formula) {
    for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
      const i64 i = plane * positions + position;
      const real z = product[i] + bias[plane % channels];
      if (z_or_null) z_or_null[i] = z;
      y[i] = formula.value(z, {a, b, c});
    }
  });
}

// Block: 256 threads that share one slice of one channel. Grid: x over channels, y over slices of `length` elements.
extern "C" __global__ void __launch_bounds__(256, 4)
plane_activation_backward(const real* __restrict__ g, const real* __restrict__ x, real* __restrict__ dz,
                          real* __restrict__ partial, i64 images, int channels, int positions, i64 length, int kind,
                          real a, real b, real c) {
  SHARED_ARRAY(real, sums, [8]);
  const int channel = blockIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, images * positions);
  real sum = 0;
  with_formula(kind, [&](auto formula) {
    ChannelWalk walk(begin + threadIdx.x, channel, channels, positions);
    for (i64 i = begin + threadIdx.x; i < end; i += CHANNEL_THREADS, walk.advance()) {
      const real d = formula.gradient(g[walk.index], x[walk.index], {a, b, c});
      dz[walk.index] = d;
      sum = add_apart(sum, d);
    }
  });
  sum = warp_sum(sum);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x > 0) return;
  for (int i = 1; i < 8; ++i) sum += sums[i];
  partial[(i64)blockIdx.y * channels + channel] = sum;
}
