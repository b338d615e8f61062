// Channels last, rounded to TF32: what the convolution on tensor cores reads.
//
//   x [N][C][S]  -->  y [N][S][C]            S: the positions of a plane (or of a filter)
//
//        positions                channels
//      +-----------+            +-----------+
//   ch |  32 x 32  |   tile     |  32 x 32  |  a row of the tile is read by a warp as neighbours in S,
//   an |   tile    |  ------>   |   tile    |  a column is written by a warp as neighbours in C
//      +-----------+            +-----------+
//
// The tile's rows are one float longer than needed, so that the elements of a column lie in different banks.
// TF32 keeps 10 fraction bits; rounding here, once, is exact rounding (halves away from zero), where tensor cores would
// cut bits off.
// Bytes: every element read once and written once. Bound by memory.
#include "common.cuh"

#define TILE 32
#define ROWS_AT_ONCE 8

// Block: 32 x 8. Grid: x over the tiles of an image, those of one row of tiles (32 channels) first; y over images.
extern "C" __global__ void __launch_bounds__(256, 4)
channels_last_tf32(const float* __restrict__ x, float* __restrict__ y, i64 images, int channels, int positions) {
  SHARED_ARRAY(float, tile, [TILE][TILE + 1]);
  const int tiles_in_row = (positions + TILE - 1) / TILE;
  const int channel = blockIdx.x / tiles_in_row * TILE, position = blockIdx.x % tiles_in_row * TILE;
  const int lane = threadIdx.x;
  for (i64 image = blockIdx.y; image < images; image += gridDim.y) {
    const i64 first = image * channels * positions;
    for (int row = threadIdx.y; row < TILE; row += ROWS_AT_ONCE)
      if (channel + row < channels && position + lane < positions)
        tile[row][lane] = x[first + (i64)(channel + row) * positions + position + lane];
    __syncthreads();
    for (int row = threadIdx.y; row < TILE; row += ROWS_AT_ONCE)
      if (position + row < positions && channel + lane < channels)
        y[first + (i64)(position + row) * channels + channel + lane] = __uint_as_float(to_tf32(tile[lane][row]));
    __syncthreads();  // the tile is read before the next image overwrites it
  }
}
