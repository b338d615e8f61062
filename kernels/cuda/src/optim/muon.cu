// One step of Muon over all matrices, which lie in one flat buffer: what is no product of matrices.
//
//   muon_momentum     b = b + (1 - momentum) (g - b)      x = g + momentum (b - g), or b      partial sums of x^2
//   muon_normalize    x = x / max(|x|, eps)
//   muon_polynomial   gram = first 1 + second gram + third gram gram, whose product with x is the next x
//   muon_apply        p = shrink p - lr s x               s = sqrt(max(1, R / C)), or 0.2 sqrt(max(R, C))
//
// places: [matrices][4], where each begins in the flat buffers, its rows and columns, and where it begins in x. Grid but
// for the polynomial: x over slices of each matrix, in steps of the grid, y over the matrices. Sums run in one order:
// equal bits in every run. Bytes per element (float32): 16, 8, 12 and 12. Bound by memory.
#include "block_sum.cuh"

struct Matrix {
  i64 start, rows, columns, x_at;
  __device__ __forceinline__ explicit Matrix(const i64* places) {
    const i64* place = places + (i64)blockIdx.y * 4;
    start = place[0], rows = place[1], columns = place[2], x_at = place[3];
  }
  __device__ __forceinline__ i64 size() const { return rows * columns; }
};

extern "C" __global__ void __launch_bounds__(256, 4)
muon_momentum(const real* __restrict__ gradient, real* __restrict__ b, real* __restrict__ x,
              const i64* __restrict__ places, real* __restrict__ squares, real momentum, real one_minus_momentum,
              int nesterov) {
  SHARED_ARRAY(real, shared, [8]);
  const Matrix m(places);
  real sum = 0;
  for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < m.size(); i += (i64)gridDim.x * 256) {
    const real g = gradient[m.start + i], before = b[m.start + i], after = before + (g - before) * one_minus_momentum;
    const real u = nesterov ? g + (after - g) * momentum : after;
    b[m.start + i] = after;
    x[m.x_at + i] = u;
    sum += u * u;
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) squares[(i64)blockIdx.y * gridDim.x + blockIdx.x] = sum;
}

extern "C" __global__ void __launch_bounds__(256, 4)
muon_normalize(real* __restrict__ x, const i64* __restrict__ places, const real* __restrict__ squares, real eps) {
  SHARED_ARRAY(real, shared, [8]);
  const Matrix m(places);
  real sum = 0;
  for (int i = threadIdx.x; i < (int)gridDim.x; i += 256) sum += squares[(i64)blockIdx.y * gridDim.x + i];
  const real norm = sqrt(block_sum(sum, shared)), divisor = norm < eps ? eps : norm;
  for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < m.size(); i += (i64)gridDim.x * 256) x[m.x_at + i] /= divisor;
}

// gram, square: [matrices][side][side]. A thread owns one element.
extern "C" __global__ void __launch_bounds__(256, 4)
muon_polynomial(real* __restrict__ gram, const real* __restrict__ square, i64 count, int side, real first, real second,
                real third) {
  const i64 i = (i64)blockIdx.x * 256 + threadIdx.x;
  if (i < count) gram[i] = second * gram[i] + third * square[i] + (i % side == i / side % side ? first : real(0));
}

extern "C" __global__ void __launch_bounds__(256, 4)
muon_apply(real* __restrict__ p, const real* __restrict__ x, const i64* __restrict__ places, real shrink, real lr,
           int match_rms) {
  const Matrix m(places);
  const real high = real(m.rows), wide = real(m.columns);
  const real s = match_rms ? real(0.2) * sqrt(high > wide ? high : wide) : high > wide ? sqrt(high / wide) : real(1);
  for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < m.size(); i += (i64)gridDim.x * 256)
    p[m.start + i] = p[m.start + i] * shrink - lr * s * x[m.x_at + i];
}
