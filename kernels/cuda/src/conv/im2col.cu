// im2col and its transpose col2im: convolution as a matrix product.
//
//   x [N][C][H][W]                     columns [C*KH*KW][P*Q] of each image
//   +---------------+
//   |  . . .        |  a window of     row (c, kh, kw), column (p, q):
//   |  . # .  KHxKW |  the plane  -->    x[n][c][p*stride_h - pad_h + kh*dilation_h]
//   |  . . .        |                          [q*stride_w - pad_w + kw*dilation_w]   (0 outside the plane)
//   +---------------+
//
// So y[n] = weight[O][C*KH*KW] @ columns[n][C*KH*KW][P*Q] is the convolution in NCHW. The columns lie in one of two
// orders, told by how far apart rows and images lie:
//
//   [N][C][KH][KW][P][Q]   row_step = P*Q       image_step = C*KH*KW*P*Q    a product per image
//   [C][KH][KW][N][P][Q]   row_step = N*P*Q     image_step = P*Q            one product for all images, and since the
//                                                                           rows of a group of channels lie together,
//                                                                           groups are a stack of smaller products
//
// Bytes moved: im2col reads x about once (windows overlap in the cache) and writes KH*KW*P*Q/(H*W) times as much;
// col2im reads that and writes x once. No arithmetic to speak of: both are bound by memory.
#include "common.cuh"

// A thread owns one output position (p, q) of one plane (n, c) and writes its KH*KW window elements; threads of a
// warp write neighbouring columns. Grid: x over P*Q, y over the N*C planes.
extern "C" __global__ void __launch_bounds__(256, 4)
im2col(const real* __restrict__ x, real* __restrict__ columns, i64 planes, int channels, i64 image_step, i64 row_step,
       int height, int width, int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h,
       int pad_w, int dilation_h, int dilation_w) {
  const int outputs = out_h * out_w, position = blockIdx.x * blockDim.x + threadIdx.x;
  if (position >= outputs) return;
  const int top = position / out_w * stride_h - pad_h, left = position % out_w * stride_w - pad_w;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const real* source = x + plane * height * width;
    const i64 first_row = plane % channels * kernel_h * kernel_w;
    real* target = columns + plane / channels * image_step + first_row * row_step + position;
    for (int kh = 0; kh < kernel_h; ++kh) {
      const int h = top + kh * dilation_h;
      for (int kw = 0; kw < kernel_w; ++kw) {
        const int w = left + kw * dilation_w;
        const bool inside = h >= 0 && h < height && w >= 0 && w < width;
        *target = inside ? source[h * width + w] : real(0);
        target += row_step;
      }
    }
  }
}

// A thread owns one element (h, w) of x and gathers every column element that im2col copied from it, always in the
// same order: no atomics, the same sum in every run. Grid: x over H*W, y over the N*C planes.
extern "C" __global__ void __launch_bounds__(256, 4)
col2im(const real* __restrict__ columns, real* __restrict__ x, i64 planes, int channels, i64 image_step, i64 row_step,
       int height, int width, int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h,
       int pad_w, int dilation_h, int dilation_w) {
  const int element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= height * width) return;
  const int h = element / width, w = element % width;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const i64 first_row = plane % channels * kernel_h * kernel_w;
    const real* source = columns + plane / channels * image_step + first_row * row_step;
    real sum = 0;
    for (int kh = 0; kh < kernel_h; ++kh) {
      const int down = h + pad_h - kh * dilation_h;  // = p * stride_h where (p, kh) covers h
      if (down < 0 || down % stride_h || down / stride_h >= out_h) continue;
      const real* row = source + kh * kernel_w * row_step + down / stride_h * out_w;
      for (int kw = 0; kw < kernel_w; ++kw) {
        const int right = w + pad_w - kw * dilation_w;
        if (right < 0 || right % stride_w || right / stride_w >= out_w) continue;
        sum += row[kw * row_step + right / stride_w];
      }
    }
    x[plane * height * width + element] = sum;
  }
}
