// Average pooling: the mean of each window.
//
//   x [planes][H][W]          y [planes][P][Q]
//   +-----------+
//   | # # #     |  window     y = sum over the window's elements inside the plane / divisor
//   | # # #     |   -->       window: rows p*stride_h - pad_h and the next kernel_h - 1, columns alike
//   | # # #     |
//   +-----------+
//
// The divisor counts the window's elements inside the padded plane, or inside the plane alone where count_padding is 0.
// (With rounded-up output sizes a window may reach beyond the padding; that part never counts. As in PyTorch.)
// Bytes: x is read about once, y written once. Bound by memory.
#include "common.cuh"

// Rows (or columns) of the window at `start` that lie inside [0, size), and how many count in the divisor.
struct Extent {
  int begin, end, counted;
};
__device__ __forceinline__ Extent extent(int start, int kernel, int size, int pad, int count_padding) {
  Extent result;
  result.begin = max(start, 0);
  result.end = min(start + kernel, size);
  result.counted = count_padding ? min(start + kernel, size + pad) - start : result.end - result.begin;
  return result;
}

// A thread owns one output of every plane that its block walks. Grid: x over P*Q, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
average_pool_forward(const real* __restrict__ x, real* __restrict__ y, int planes, int height, int width, int kernel_h,
                     int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h, int pad_w,
                     int count_padding) {
  const int outputs = out_h * out_w, output = blockIdx.x * blockDim.x + threadIdx.x;
  if (output >= outputs) return;
  const Extent rows = extent(output / out_w * stride_h - pad_h, kernel_h, height, pad_h, count_padding);
  const Extent columns = extent(output % out_w * stride_w - pad_w, kernel_w, width, pad_w, count_padding);
  const real divisor = rows.counted * columns.counted;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const real* source = x + (i64)plane * height * width;
    real sum = 0;
    for (int h = rows.begin; h < rows.end; ++h)
      for (int w = columns.begin; w < columns.end; ++w) sum += source[h * width + w];
    y[(i64)plane * outputs + output] = sum / divisor;
  }
}

// A thread owns one element of x and gathers its share of every window that holds it: no atomics.
// Grid: x over H*W, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
average_pool_backward(const real* __restrict__ g, real* __restrict__ dx, int planes, int height, int width,
                      int kernel_h, int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h,
                      int pad_w, int count_padding) {
  const int outputs = out_h * out_w, element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= height * width) return;
  const int down = element / width + pad_h, right = element % width + pad_w;  // position in the padded plane
  const int first_p = max(0, (down - kernel_h) / stride_h), last_p = min(down / stride_h, out_h - 1);
  const int first_q = max(0, (right - kernel_w) / stride_w), last_q = min(right / stride_w, out_w - 1);
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    real sum = 0;
    for (int p = first_p; p <= last_p; ++p) {
      if (p * stride_h + kernel_h <= down) continue;
      const Extent rows = extent(p * stride_h - pad_h, kernel_h, height, pad_h, count_padding);
      for (int q = first_q; q <= last_q; ++q) {
        if (q * stride_w + kernel_w <= right) continue;
        const Extent columns = extent(q * stride_w - pad_w, kernel_w, width, pad_w, count_padding);
        sum += g[(i64)plane * outputs + p * out_w + q] / real(rows.counted * columns.counted);
      }
    }
    dx[(i64)plane * height * width + element] = sum;
  }
}
