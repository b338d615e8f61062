// Depthwise convolution: every channel of x has filters of its own, M of them. No columns: a filter is a few numbers.
//
//   x [N][C][H][W]     weight [C*M][KH][KW]     y [N][C*M][P][Q]     g the gradient of y
//
//   y[n][o][p][q]   = bias[o] + sum over kh, kw of weight[o][kh][kw] * x[n][o / M][h][w]
//   dx[n][c][h][w]  = sum over the M filters o of c and over kh, kw of weight[o][kh][kw] * g[n][o][p][q]
//   dw[o][kh][kw]   = sum over n, p, q of g[n][o][p][q] * x[n][o / M][h][w]
//
//   where h = p * stride_h - pad_h + kh * dilation_h, w alike, inside the plane
//
// Bytes: forward and dx read their input about once (windows overlap in the cache) and write their output once; dw reads
// g and x about once, and KH*KW times from the cache. KH*KW products for each element. Bound by memory.
#include "common.cuh"

// A thread owns one output of every plane that its block walks. Grid: x over P*Q, y over the N*C*M planes of y.
extern "C" __global__ void __launch_bounds__(256, 4)
depthwise_forward(const real* __restrict__ x, const real* __restrict__ weight, const real* __restrict__ bias_or_null,
                  real* __restrict__ y, i64 planes, int filters, int per_channel, int height, int width, int kernel_h,
                  int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h,
                  int dilation_w) {
  const int outputs = out_h * out_w, output = blockIdx.x * blockDim.x + threadIdx.x;
  if (output >= outputs) return;
  const int top = output / out_w * stride_h - pad_h, left = output % out_w * stride_w - pad_w;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const i64 filter = plane % filters;
    const real* source = x + plane / per_channel * height * width;
    const real* tap = weight + filter * kernel_h * kernel_w;
    real sum = bias_or_null ? bias_or_null[filter] : real(0);
    for (int kh = 0; kh < kernel_h; ++kh) {
      const int h = top + kh * dilation_h;
      if (h < 0 || h >= height) continue;
      for (int kw = 0; kw < kernel_w; ++kw) {
        const int w = left + kw * dilation_w;
        if (w >= 0 && w < width) sum += tap[kh * kernel_w + kw] * source[h * width + w];
      }
    }
    y[plane * outputs + output] = sum;
  }
}

// A thread owns one element of x and gathers from the windows that hold it, always in the same order. Grid: x over H*W,
// y over the N*C planes of x.
extern "C" __global__ void __launch_bounds__(256, 4)
depthwise_input_gradient(const real* __restrict__ g, const real* __restrict__ weight, real* __restrict__ dx, i64 planes,
                         int filters, int per_channel, int height, int width, int kernel_h, int kernel_w, int out_h,
                         int out_w, int stride_h, int stride_w, int pad_h, int pad_w, int dilation_h, int dilation_w) {
  const int outputs = out_h * out_w, element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= height * width) return;
  const int h = element / width, w = element % width;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const i64 first = plane * per_channel;
    real sum = 0;
    for (int m = 0; m < per_channel; ++m) {
      const real* source = g + (first + m) * outputs;
      const real* tap = weight + (first + m) % filters * kernel_h * kernel_w;
      for (int kh = 0; kh < kernel_h; ++kh) {
        const int down = h + pad_h - kh * dilation_h;  // = p * stride_h where (p, kh) covers h
        if (down < 0 || down % stride_h || down / stride_h >= out_h) continue;
        for (int kw = 0; kw < kernel_w; ++kw) {
          const int right = w + pad_w - kw * dilation_w;
          if (right < 0 || right % stride_w || right / stride_w >= out_w) continue;
          sum += tap[kh * kernel_w + kw] * source[down / stride_h * out_w + right / stride_w];
        }
      }
    }
    dx[plane * height * width + element] = sum;
  }
}

// Block: 256 threads that share one slice of `length` elements (n, p, q) of one filter's g, tap after tap, while the
// slice stays in the cache. partial [slices][C*M][KH*KW]. Grid: x over filters, y over slices.
extern "C" __global__ void __launch_bounds__(256, 4)
depthwise_weight_gradient(const real* __restrict__ g, const real* __restrict__ x, real* __restrict__ partial,
                          i64 elements, i64 length, int filters, int per_channel, int height, int width, int kernel_h,
                          int kernel_w, int out_h, int out_w, int stride_h, int stride_w, int pad_h, int pad_w,
                          int dilation_h, int dilation_w) {
  SHARED_ARRAY(real, sums, [8]);
  const int outputs = out_h * out_w, filter = blockIdx.x, channels = filters / per_channel;
  const i64 begin = blockIdx.y * length, end = min(begin + length, elements), mine = begin + threadIdx.x;
  for (int tap = 0; tap < kernel_h * kernel_w; ++tap) {
    const int down = tap / kernel_w * dilation_h - pad_h, right = tap % kernel_w * dilation_w - pad_w;
    i64 image = mine / outputs;
    int output = mine % outputs;
    real sum = 0;
    for (i64 i = mine; i < end; i += 256) {
      const int h = output / out_w * stride_h + down, w = output % out_w * stride_w + right;
      if (h >= 0 && h < height && w >= 0 && w < width) {
        const real* plane = x + (image * channels + filter / per_channel) * height * width;
        sum += g[(image * filters + filter) * outputs + output] * plane[h * width + w];
      }
      image += 256 / outputs;
      output += 256 % outputs;
      if (output >= outputs) {
        output -= outputs;
        ++image;
      }
    }
    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x == 0) {
      for (int i = 1; i < 8; ++i) sum += sums[i];
      partial[((i64)blockIdx.y * filters + filter) * kernel_h * kernel_w + tap] = sum;
    }
    __syncthreads();  // the sums are read before the next tap overwrites them
  }
}
