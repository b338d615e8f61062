// Planes of a batch of images: their order, and a bias for each channel.
//
//   swap_planes   x [A][B][S]    y[b][a][s] = x[a][b][s] + bias[a]     S: the positions of a plane
//   add_bias      y [N][C][S]    y[n][c][s] += bias[c]
//
// A convolution's single product for all images has its result as [O][N][S]; swapping makes it [N][O][S], and the
// gradient of y [N][O][S] the operand [O][N][S] of the product that gives the gradient of the weight.
// Bytes: every element read once and written once. Bound by memory.
#include "common.cuh"

// A thread owns one position of every plane that its block walks. Grid: x over S, y over the A*B planes of x.
extern "C" __global__ void __launch_bounds__(256, 4)
swap_planes(const real* __restrict__ x, real* __restrict__ y, const real* __restrict__ bias_or_null, i64 planes,
            int outer, int inner, int positions) {
  const int position = blockIdx.x * blockDim.x + threadIdx.x;
  if (position >= positions) return;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    const i64 a = plane / inner, b = plane % inner;
    const real bias = bias_or_null ? bias_or_null[a] : real(0);
    y[(b * outer + a) * positions + position] = x[plane * positions + position] + bias;
  }
}

// A thread owns one position of every plane that its block walks. Grid: x over S, y over the N*C planes.
extern "C" __global__ void __launch_bounds__(256, 4)
add_bias(real* __restrict__ y, const real* __restrict__ bias, i64 planes, int channels, int positions) {
  const int position = blockIdx.x * blockDim.x + threadIdx.x;
  if (position >= positions) return;
  for (i64 plane = blockIdx.y; plane < planes; plane += gridDim.y)
    y[plane * positions + position] += bias[plane % channels];
}
