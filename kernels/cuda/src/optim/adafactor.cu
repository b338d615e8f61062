// One step of Adafactor over all parameters, which lie in one flat buffer, in four launches.
//
// A matrix is m = (batch, rows R, columns C), a vector of n elements is (1, n, 1) without columns of its own, col_at < 0.
//
//   adafactor_rows      r = r + share (mean over C of g^2 - r)         partial sums of p^2
//   adafactor_columns   c = c + share (mean over R of g^2 - c)         mean[b] = mean over R of r
//   adafactor_changes   partial sums of u^2                            v = r c / max(mean, eps1), of a vector v = r
//   adafactor_apply     p = shrink p - sign u a / max(1, rms(u) / d)   u = g / sqrt(max(v, eps1^2))
//                                                                      a = rate max(eps2, rms p)
//
// places: [matrices][7], see `Matrix`. Grid: x over slices of each matrix, in steps of the grid, y over the matrices.
// Sums run in one order: equal bits in every run. Bytes per element (float32): g three times, p twice, p written: 24.
// Bound by memory.
#include "block_sum.cuh"

#define WARPS 8  // of a block

struct Matrix {
  i64 start, batch, rows, columns, row_at, col_at, mean_at;  // where p, r (or v), c and mean begin
  __device__ __forceinline__ explicit Matrix(const i64* places) {
    const i64* place = places + (i64)blockIdx.y * 7;
    start = place[0], batch = place[1], rows = place[2], columns = place[3];
    row_at = place[4], col_at = place[5], mean_at = place[6];
  }
  __device__ __forceinline__ i64 size() const { return batch * rows * columns; }
};

__device__ __forceinline__ real at_least(real x, real low) { return x < low ? low : x; }

// A warp owns a row.
extern "C" __global__ void __launch_bounds__(256, 4)
adafactor_rows(const real* __restrict__ p, const real* __restrict__ gradient, real* __restrict__ row,
               real* __restrict__ whole, const i64* __restrict__ places, real* __restrict__ squares, real share) {
  SHARED_ARRAY(real, shared, [WARPS]);
  const Matrix m(places);
  real* r = (m.col_at < 0 ? whole : row) + m.row_at;
  const int lane = threadIdx.x % 32;
  real of_p = 0;
  for (i64 i = (i64)blockIdx.x * WARPS + threadIdx.x / 32; i < m.batch * m.rows; i += (i64)gridDim.x * WARPS) {
    real of_g = 0;
    for (i64 j = lane; j < m.columns; j += 32) {
      const i64 element = m.start + i * m.columns + j;
      of_g += gradient[element] * gradient[element];
      of_p += p[element] * p[element];
    }
    of_g = warp_sum(of_g);
    if (lane == 0) r[i] += (of_g / real(m.columns) - r[i]) * share;
  }
  of_p = block_sum(of_p, shared);
  if (threadIdx.x == 0) squares[(i64)blockIdx.y * gridDim.x + blockIdx.x] = of_p;
}

// Block: 32 columns x 8 rows. The block that has the first columns of a batch also takes the mean of its r.
extern "C" __global__ void __launch_bounds__(256, 4)
adafactor_columns(const real* __restrict__ gradient, const real* __restrict__ row, real* __restrict__ col,
                  const i64* __restrict__ places, real* __restrict__ mean, real share) {
  SHARED_ARRAY(real, sums, [WARPS][32]);
  SHARED_ARRAY(real, shared, [WARPS]);
  const Matrix m(places);
  if (m.col_at < 0) return;
  const i64 across = (m.columns + 31) / 32;
  for (i64 tile = blockIdx.x; tile < m.batch * across; tile += gridDim.x) {
    const i64 batch = tile / across, j = tile % across * 32 + threadIdx.x;
    real sum = 0, of_r = 0;
    if (j < m.columns)
      for (i64 i = threadIdx.y; i < m.rows; i += WARPS) {
        const real g = gradient[m.start + (batch * m.rows + i) * m.columns + j];
        sum += g * g;
      }
    sums[threadIdx.y][threadIdx.x] = sum;
    if (tile % across == 0)
      for (i64 i = threadIdx.y * 32 + threadIdx.x; i < m.rows; i += 256) of_r += row[m.row_at + batch * m.rows + i];
    of_r = block_sum(of_r, shared);  // waits for the sums too
    if (threadIdx.y == 0 && j < m.columns) {
      for (int i = 1; i < WARPS; ++i) sum += sums[i][threadIdx.x];
      real& c = col[m.col_at + batch * m.columns + j];
      c += (sum / real(m.rows) - c) * share;
    }
    if (tile % across == 0 && threadIdx.y == 0 && threadIdx.x == 0) mean[m.mean_at + batch] = of_r / real(m.rows);
    __syncthreads();  // before the next tile writes
  }
}

__device__ __forceinline__ real change(const Matrix& m, i64 element, const real* gradient, const real* row,
                                       const real* col, const real* whole, const real* mean, real eps1) {
  real v;
  if (m.col_at < 0) {
    v = whole[m.row_at + element];
  } else {
    const i64 i = element / m.columns, j = element - i * m.columns, batch = i / m.rows;
    v = row[m.row_at + i] * col[m.col_at + batch * m.columns + j] / at_least(mean[m.mean_at + batch], eps1);
  }
  return gradient[m.start + element] / sqrt(at_least(v, eps1 * eps1));
}

extern "C" __global__ void __launch_bounds__(256, 4)
adafactor_changes(const real* __restrict__ gradient, const real* __restrict__ row, const real* __restrict__ col,
                  const real* __restrict__ whole, const i64* __restrict__ places, const real* __restrict__ mean,
                  real* __restrict__ squares, real eps1) {
  SHARED_ARRAY(real, shared, [WARPS]);
  const Matrix m(places);
  real sum = 0;
  for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < m.size(); i += (i64)gridDim.x * 256) {
    const real u = change(m, i, gradient, row, col, whole, mean, eps1);
    sum += u * u;
  }
  sum = block_sum(sum, shared);
  if (threadIdx.x == 0) squares[(i64)blockIdx.y * gridDim.x + blockIdx.x] = sum;
}

// The root of the mean square from a matrix's partial sums, one of each block of its row of the grid.
__device__ __forceinline__ real root_mean_square(const real* squares, i64 size, real* shared) {
  real sum = 0;
  for (int i = threadIdx.x; i < (int)gridDim.x; i += 256) sum += squares[(i64)blockIdx.y * gridDim.x + i];
  return sqrt(block_sum(sum, shared) / real(size));
}

extern "C" __global__ void __launch_bounds__(256, 4)
adafactor_apply(real* __restrict__ p, const real* __restrict__ gradient, const real* __restrict__ row,
                const real* __restrict__ col, const real* __restrict__ whole, const i64* __restrict__ places,
                const real* __restrict__ mean, const real* __restrict__ squares_p, const real* __restrict__ squares_u,
                real rate, real shrink, real eps1, real eps2, real d, real sign) {
  SHARED_ARRAY(real, shared, [2][WARPS]);
  const Matrix m(places);
  const real size = at_least(root_mean_square(squares_p, m.size(), shared[0]), eps2) * rate;
  const real factor = sign * size / at_least(root_mean_square(squares_u, m.size(), shared[1]) / d, 1);
  for (i64 i = (i64)blockIdx.x * 256 + threadIdx.x; i < m.size(); i += (i64)gridDim.x * 256)
    p[m.start + i] = p[m.start + i] * shrink - change(m, i, gradient, row, col, whole, mean, eps1) * factor;
}
