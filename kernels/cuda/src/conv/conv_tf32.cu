// Convolution forward on tensor cores: a matrix product whose left operand, im2col's columns, exists only as tiles in
// shared memory. Products in TF32 (10 fraction bits), sums in float32. x and weight come rounded to TF32: channels_last.cu
// rounds them while it brings their channels last.
//
//   x [N][H][W][C]     weight [O][KH][KW][C]     y [N][O][P][Q] = relu(x * weight + bias)       C a multiple of 4
//
//   depth = KH*KW*C -->                 out channels O -->
//   +-------------------+               +----------+
//   | im2col(x)         | rows M =      |          |       a block owns 128 rows x 64 channels of y:
//   |   [128 x 16] tile | N*P*Q    -->  | [128x64] |       8 warps, 4 along the rows and 2 along the channels,
//   +-------------------+               +----------+       32 x 32 each; depth goes by in steps of 16
//
// Tiles of x and weight come by asynchronous copies of 16 bytes (4 channels of one pixel), three stages deep: while one
// tile is multiplied, two are under way. Elements outside the plane are zeros that the copy itself writes.
//
// A tile row has 16 floats, four pieces of 16 bytes. Two rows share 128 bytes, and the pieces of row r are permuted by
// (r / 2) % 4, so that the 8 rows that ldmatrix reads at a time, and the pieces that a warp copies, lie in different
// banks.
//
// The 8 rows of a fragment's store are neighbouring positions of one channel, so y is written with its channels first, as
// the rest of a network reads it, at no cost.
//
// Per step of 16 a block reads (128 + 64) * 64 bytes and does 2 * 128 * 64 * 16 operations: 21 per byte. Bound by the
// tensor cores where the tiles of x stay in the L2 cache.
#include "common.cuh"

#define ROWS 128
#define CHANNELS 64
#define DEPTH 16
#define STAGES 3

// Where piece `piece` (16 bytes) of a tile's row lies, in floats.
__device__ __forceinline__ int place(int row, int piece) {
  return row / 2 * 32 + ((row % 2 * 4 + (piece ^ (row / 2 % 4))) * 4);
}

// What a thread copies: pixels of two rows of the x tile and one row of the weight tile, always the same piece.
struct Loader {
  const float *x[2], *weight;  // the images of the two rows; the filter of the row
  int top[2], left[2];         // of the two windows
  bool row_valid[2], filter_valid;
  int k, channel, kh, kw;      // position in the depth

  __device__ __forceinline__ void next_depth(int channels, int kernel_w) {
    k += DEPTH;
    channel += DEPTH;
    while (channel >= channels) {
      channel -= channels;
      if (++kw == kernel_w) {
        kw = 0;
        ++kh;
      }
    }
  }
};

extern "C" __global__ void __launch_bounds__(256, 2)
conv_tf32_forward(const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ bias_or_null,
                  float* __restrict__ y, int images, int height, int width, int channels, int out_channels,
                  int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h, int pad_w,
                  int dilation_h, int dilation_w, int relu) {
  DYNAMIC_SHARED(float, tiles);
  float* x_tiles = tiles;                            // [STAGES][ROWS][DEPTH]
  float* weight_tiles = tiles + STAGES * ROWS * DEPTH;  // [STAGES][CHANNELS][DEPTH]
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  const int first_row = blockIdx.x * ROWS, first_channel = blockIdx.y * CHANNELS;
  const int rows = images * out_h * out_w, depth = kernel_h * kernel_w * channels;
  const int steps = (depth + DEPTH - 1) / DEPTH;

  // ---- copying: thread t takes piece t % 4 of rows t / 4 and t / 4 + 64
  const int piece = thread % 4, tile_row = thread / 4;
  Loader loader;
  for (int i = 0; i < 2; ++i) {
    const int row = first_row + tile_row + 64 * i;
    loader.row_valid[i] = row < rows;
    const int q = row % out_w, p = row / out_w % out_h, image = loader.row_valid[i] ? row / out_w / out_h : 0;
    loader.x[i] = x + (i64)image * height * width * channels;
    loader.top[i] = p * stride_h - pad_h;
    loader.left[i] = q * stride_w - pad_w;
  }
  loader.filter_valid = first_channel + tile_row < out_channels;
  loader.weight = weight + (loader.filter_valid ? (i64)(first_channel + tile_row) * depth : 0);
  loader.k = 4 * piece;
  loader.channel = loader.k % channels;
  loader.kw = loader.k / channels % kernel_w;
  loader.kh = loader.k / channels / kernel_w;

  auto copy_tiles = [&](int stage) {
    const bool inside = loader.k < depth;
    for (int i = 0; i < 2; ++i) {
      const int h = loader.top[i] + loader.kh * dilation_h, w = loader.left[i] + loader.kw * dilation_w;
      const bool valid = inside && loader.row_valid[i] && h >= 0 && h < height && w >= 0 && w < width;
      const float* source = loader.x[i] + (valid ? (i64)(h * width + w) * channels + loader.channel : 0);
      copy_async_16(x_tiles + stage * ROWS * DEPTH + place(tile_row + 64 * i, piece), source, valid);
    }
    const bool valid = inside && loader.filter_valid;
    float* target = weight_tiles + stage * CHANNELS * DEPTH + place(tile_row, piece);
    copy_async_16(target, loader.weight + (valid ? loader.k : 0), valid);
    loader.next_depth(channels, kernel_w);
  };

  // ---- multiplying: this warp's 32 x 32 part of y as 2 x 4 fragments of 16 x 8
  const int warp_row = warp % 4 * 32, warp_channel = warp / 4 * 32;
  float sum[2][4][4] = {};
  for (int stage = 0; stage < STAGES - 1; ++stage) {
    if (stage < steps) copy_tiles(stage);
    copy_async_commit();  // empty groups keep the count of groups equal to the count of steps
  }
  for (int step = 0; step < steps; ++step) {
    copy_async_wait<STAGES - 2>();
    __syncthreads();  // this step's tiles are there, and everybody is done with those that are overwritten next
    if (step + STAGES - 1 < steps) copy_tiles((step + STAGES - 1) % STAGES);
    copy_async_commit();
    const float* a = x_tiles + step % STAGES * ROWS * DEPTH;
    const float* b = weight_tiles + step % STAGES * CHANNELS * DEPTH;
#pragma unroll  // fragments live in registers only where their indices are constants
    for (int half = 0; half < 2; ++half) {  // 8 of the 16 in depth
      u32 left[2][4], right[4][2];
      for (int i = 0; i < 2; ++i)  // 8x4 matrices: rows 0-7 and 8-15 of the first piece, then of the second
        ldmatrix_x4(left[i], a + place(warp_row + 16 * i + lane % 16, 2 * half + lane / 16));
      for (int j = 0; j < 4; j += 2) {  // channels 0-7: first and second piece; then channels 8-15
        u32 pair[4];
        ldmatrix_x4(pair, b + place(warp_channel + 8 * j + lane % 8 + lane / 16 * 8, 2 * half + lane / 8 % 2));
        for (int e = 0; e < 4; ++e) right[j + e / 2][e % 2] = pair[e];
      }
      for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 4; ++j) mma_m16n8k8_tf32(sum[i][j], left[i], right[j]);
    }
  }

  // ---- bias, ReLU, writing: a lane holds two neighbouring channels of rows g and g + 8 of each fragment
  const int outputs = out_h * out_w;
#pragma unroll
  for (int i = 0; i < 2; ++i)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = first_row + warp_row + 16 * i + 8 * half + lane / 4;
      if (row >= rows) continue;
      float* target = y + (i64)(row / outputs) * out_channels * outputs + row % outputs;
#pragma unroll
      for (int j = 0; j < 4; ++j)
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          const int channel = first_channel + warp_channel + 8 * j + lane % 4 * 2 + e;
          if (channel >= out_channels) continue;
          float value = sum[i][j][2 * half + e];
          if (bias_or_null) value += bias_or_null[channel];
          if (relu) value = value < 0 ? 0 : value;  // keeps NaN
          target[(i64)channel * outputs] = value;
        }
    }
}
