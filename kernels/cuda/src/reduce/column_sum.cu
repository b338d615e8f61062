// Sums for bias gradients: over the rows of a matrix, and over the images and positions of a channel.
//
//   a [rows][columns]                  g [N][C][S]
//      +--+--+--+                         slice k of channel c: elements k*length .. of the N*S in order
//   ^  |  |  |  |  slice 0  -> partial[0]
//   |  +--+--+--+                         partial[k][c] = sum of slice k
// rows |  |  |  |  slice 1  -> partial[1]
//   |  +--+--+--+
//
// Long sums are cut into slices, one block each, so that few columns still fill the GPU. The slices' sums form a matrix
// that column_sum adds up in a second launch. Every sum runs in one order: no atomics, equal bits in every run.
// Bytes: the input once. One addition per element. Bound by memory.
#include "common.cuh"

#define ROWS_AT_ONCE 8

// Block: 32 columns x 8 rows. A thread adds every 8th row of its slice; then the first row of threads adds the eight
// sums of its column. Grid: x over columns / 32, y over slices of `length` rows.
extern "C" __global__ void __launch_bounds__(256, 4)
column_sum(const real* __restrict__ a, real* __restrict__ partial, i64 rows, int columns, i64 length) {
  SHARED_ARRAY(real, sums, [ROWS_AT_ONCE][32]);
  const int column = blockIdx.x * 32 + threadIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, rows);
  real sum = 0;
  if (column < columns)
    for (i64 row = begin + threadIdx.y; row < end; row += ROWS_AT_ONCE) sum += a[row * columns + column];
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 0 || column >= columns) return;
  for (int i = 1; i < ROWS_AT_ONCE; ++i) sum += sums[i][threadIdx.x];
  partial[(i64)blockIdx.y * columns + column] = sum;
}

// Block: 256 threads that share one slice of one channel. Grid: x over channels, y over slices of `length` elements.
extern "C" __global__ void __launch_bounds__(256, 4)
channel_sum(const real* __restrict__ g, real* __restrict__ partial, i64 images, int channels, int positions,
            i64 length) {
  SHARED_ARRAY(real, sums, [8]);
  const int channel = blockIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, images * positions);
  real sum = 0;
  ChannelWalk walk(begin + threadIdx.x, channel, channels, positions);
  for (i64 i = begin + threadIdx.x; i < end; i += CHANNEL_THREADS, walk.advance()) sum += g[walk.index];
  sum = warp_sum(sum);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x > 0) return;
  for (int i = 1; i < 8; ++i) sum += sums[i];
  partial[(i64)blockIdx.y * channels + channel] = sum;
}
