// Layer normalization of the rows of x [rows][width], and root mean square normalization, which is not centred.
//
//   mean, var of each row    r = 1 / sqrt(var + eps)    xhat = (x - mean) * r    y = gamma * xhat + beta
//   h = gamma * g            dx = r * (h - mean(h) - xhat * mean(h * xhat))
//   dgamma = sum of g * xhat over the rows               dbeta = sum of g over the rows
//   not centred: mean = 0 and mean(h) = 0
//
// One launch forward and two or three backward: dx by the threads of each row; dgamma and dbeta by blocks that walk
// down 32 columns of a slice of rows, whose partial sums column_sum.cu adds up.
// Bytes: forward reads x (three times, mostly from the cache) and writes y; backward reads g and x twice and writes dx,
// and reads both once more for the parameters. Bound by memory.
#include "row_team.cuh"

// Block: the rows of its teams. Saves mean and r of each row.
extern "C" __global__ void __launch_bounds__(256, 4)
layer_norm_forward(const real* __restrict__ x, const real* __restrict__ gamma_or_null,
                   const real* __restrict__ beta_or_null, real* __restrict__ y, real* __restrict__ means,
                   real* __restrict__ rs, int rows, int width, int warps, int centred, real eps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam team(warps);
  const i64 begin = (i64)team.row * width;
  const int size = team.row < rows ? width : 0;
  const RowMoments moments = row_moments(team, x + begin, size, centred, eps, shared);
  for (int i = team.thread; i < size; i += team.threads) {
    const real xhat = (x[begin + i] - moments.mean) * moments.r;
    const real scaled = gamma_or_null ? gamma_or_null[i] * xhat : xhat;
    y[begin + i] = beta_or_null ? scaled + beta_or_null[i] : scaled;
  }
  if (team.row < rows && team.thread == 0) {
    means[team.row] = moments.mean;
    rs[team.row] = moments.r;
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
layer_norm_input_gradient(const real* __restrict__ g, const real* __restrict__ x,
                          const real* __restrict__ gamma_or_null, const real* __restrict__ means,
                          const real* __restrict__ rs, real* __restrict__ dx, int rows, int width, int warps,
                          int centred) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam team(warps);
  const bool inside = team.row < rows;
  const i64 begin = (i64)team.row * width;
  const int size = inside ? width : 0;
  const real mean = inside ? means[team.row] : real(0), r = inside ? rs[team.row] : real(0);
  real sum = 0, product = 0;
  for (int i = team.thread; i < size; i += team.threads) {
    const real h = gamma_or_null ? gamma_or_null[i] * g[begin + i] : g[begin + i];
    sum += h;
    product += h * ((x[begin + i] - mean) * r);
  }
  const real mean_h = centred ? team_sum(team, sum, shared) / real(width) : real(0);
  const real mean_product = team_sum(team, product, shared) / real(width);
  for (int i = team.thread; i < size; i += team.threads) {
    const real h = gamma_or_null ? gamma_or_null[i] * g[begin + i] : g[begin + i];
    dx[begin + i] = r * (h - mean_h - (x[begin + i] - mean) * r * mean_product);
  }
}

// Block (32, 8): 32 columns of a slice of `length` rows; its 8 lines of threads take every eighth row and are added in
// order. Grid: x over the columns, y over the slices. partial [slices][2][width]: sums of g * xhat and of g.
extern "C" __global__ void __launch_bounds__(256, 4)
layer_norm_parameter_sums(const real* __restrict__ g, const real* __restrict__ x, const real* __restrict__ means,
                          const real* __restrict__ rs, real* __restrict__ partial, int rows, int width, int length) {
  SHARED_ARRAY(real, lines, [8][2][32]);
  const int column = blockIdx.x * 32 + threadIdx.x;
  const i64 first = (i64)blockIdx.y * length;
  const i64 last = first + length < rows ? first + length : rows;
  real sum = 0, product = 0;
  if (column < width) {
    for (i64 row = first + threadIdx.y; row < last; row += 8) {
      const real value = g[row * width + column];
      sum += value;
      product += value * ((x[row * width + column] - means[row]) * rs[row]);
    }
  }
  lines[threadIdx.y][0][threadIdx.x] = product;
  lines[threadIdx.y][1][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y > 1 || column >= width) return;
  real total = 0;
  for (int i = 0; i < 8; ++i) total += lines[i][threadIdx.y][threadIdx.x];
  partial[((i64)blockIdx.y * 2 + threadIdx.y) * width + column] = total;
}
