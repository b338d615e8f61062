// Max pooling: the largest element of each window, and where it was.
//
//   x [planes][H][W]          y, index [planes][P][Q]
//   +-----------+
//   | . . .     |  window     y     = max over kh, kw of x[h][w],  h = p*stride_h - pad_h + kh*dilation_h,
//   | . # .     |   -->                                            w = q*stride_w - pad_w + kw*dilation_w
//   | . . .     |             index = h*W + w of that element (the first of equals), kept for the backward pass
//   +-----------+
//
// Positions outside the plane take no part. The first NaN of a window is its maximum.
// Bytes: x is read about once (windows overlap in the cache), y and index are written once. Bound by memory.
#include "common.cuh"

// A thread owns one output of every plane that its block walks. Grid: x over P*Q, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
max_pool_forward(const real* __restrict__ x, real* __restrict__ y, int* __restrict__ index, int planes, int height,
                 int width, int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h,
                 int pad_w, int dilation_h, int dilation_w) {
  const int outputs = out_h * out_w, output = blockIdx.x * blockDim.x + threadIdx.x;
  if (output >= outputs) return;
  const int top = output / out_w * stride_h - pad_h, left = output % out_w * stride_w - pad_w;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const real* source = x + (i64)plane * height * width;
    int best = -1;
    real largest = 0;
    for (int kh = 0; kh < kernel_h; ++kh) {
      const int h = top + kh * dilation_h;
      if (h < 0 || h >= height) continue;
      for (int kw = 0; kw < kernel_w; ++kw) {
        const int w = left + kw * dilation_w;
        if (w < 0 || w >= width) continue;
        const real value = source[h * width + w];
        if (best < 0 || value > largest || (value != value && largest == largest)) {
          largest = value;
          best = h * width + w;
        }
      }
    }
    y[(i64)plane * outputs + output] = largest;
    index[(i64)plane * outputs + output] = best;
  }
}

// A thread owns one element of x and gathers from the windows that hold it and whose maximum it was: no atomics, the
// same sum in every run. Grid: x over H*W, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
max_pool_backward(const real* __restrict__ g, const int* __restrict__ index, real* __restrict__ dx, int planes,
                  int height, int width, int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w,
                  int pad_h, int pad_w, int dilation_h, int dilation_w) {
  const int outputs = out_h * out_w, element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= height * width) return;
  const int h = element / width, w = element % width;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    real sum = 0;
    for (int kh = 0; kh < kernel_h; ++kh) {
      const int down = h + pad_h - kh * dilation_h;  // = p * stride_h where (p, kh) covers h
      if (down < 0 || down % stride_h || down / stride_h >= out_h) continue;
      const i64 row = (i64)plane * outputs + down / stride_h * out_w;
      for (int kw = 0; kw < kernel_w; ++kw) {
        const int right = w + pad_w - kw * dilation_w;
        if (right < 0 || right % stride_w || right / stride_w >= out_w) continue;
        const i64 output = row + right / stride_w;
        if (index[output] == element) sum += g[output];
      }
    }
    dx[(i64)plane * height * width + element] = sum;
  }
}
