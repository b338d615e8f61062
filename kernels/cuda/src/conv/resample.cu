// Interpolation in up to three dimensions at once: x [planes][n0][n1][n2] to y [planes][m0][m1][m2].
//
//   y[i0][i1][i2] = sum over j0, j1, j2 of w0[i0][j0] w1[i1][j1] w2[i2][j2] x[j0][j1][j2]
//
// Along each dimension w is a band: element i has weights for the j in [begin, begin + count) alone.
//
//   spans [2][m]: begin of every i, then count of every i          weights [m][width]: those of begin, begin + 1, ...
//
// The adjoint is the same sum with the band transposed, so this kernel is both the forward pass and the backward one:
// no atomics, every run gives the same bits. Bytes: x about once (neighbours find it in the cache), y written once, the
// bands from the cache. Bound by memory for few weights.
#include "common.cuh"

struct BandRow {
  int begin, end;
  const real* weights;
  __device__ __forceinline__ BandRow(const int* spans, const real* all_weights, int size, int width, int i) {
    begin = spans[i];
    end = begin + spans[size + i];
    weights = all_weights + (i64)i * width;
  }
};

// A thread owns one element of y in every plane that its block walks. Grid: x over m0*m1*m2, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
resample(const real* __restrict__ x, real* __restrict__ y, const int* __restrict__ spans0,
         const real* __restrict__ weights0, const int* __restrict__ spans1, const real* __restrict__ weights1,
         const int* __restrict__ spans2, const real* __restrict__ weights2, int planes, int n0, int n1, int n2, int m0,
         int m1, int m2, int width0, int width1, int width2) {
  const int outputs = m0 * m1 * m2, output = blockIdx.x * blockDim.x + threadIdx.x;
  if (output >= outputs) return;
  const BandRow row0(spans0, weights0, m0, width0, output / m2 / m1);
  const BandRow row1(spans1, weights1, m1, width1, output / m2 % m1);
  const BandRow row2(spans2, weights2, m2, width2, output % m2);
  const i64 size = (i64)n0 * n1 * n2;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    real sum0 = 0;
    for (int j0 = row0.begin; j0 < row0.end; ++j0) {
      real sum1 = 0;
      for (int j1 = row1.begin; j1 < row1.end; ++j1) {
        const real* source = x + plane * size + ((i64)j0 * n1 + j1) * n2;
        real sum2 = 0;
        for (int j2 = row2.begin; j2 < row2.end; ++j2) sum2 += row2.weights[j2 - row2.begin] * source[j2];
        sum1 += row1.weights[j1 - row1.begin] * sum2;
      }
      sum0 += row0.weights[j0 - row0.begin] * sum1;
    }
    y[(i64)plane * outputs + output] = sum0;
  }
}
