// Threads that own a row together: a warp for a narrow row, a block of 8 warps for a wide one.
//
//   warps = 1:  block | row 0 | row 1 | ... | row 7 |      warps = 8:  block |         row 0         |
//
// A row's thread t takes the elements t, t + threads, t + 2 threads, ... Sums are added in a fixed order, so that every
// run gives the same bits. All threads of a block come to `team_sum`, also those of a row that does not exist.
#pragma once
#include "common.cuh"

#define TEAM_WARPS 8  // of a block

struct RowTeam {
  int row, thread, threads, warps;
  __device__ __forceinline__ explicit RowTeam(int warps_of_a_row) {
    warps = warps_of_a_row;
    threads = 32 * warps;
    row = blockIdx.x * (TEAM_WARPS / warps) + threadIdx.x / threads;
    thread = threadIdx.x % threads;
  }
};

// The sum over a row's threads; each of them receives it. shared [TEAM_WARPS] may be used again at once.
__device__ __forceinline__ real team_sum(const RowTeam& team, real value, real* shared) {
  value = warp_sum(value);
  if (team.warps == 1) return value;
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  const int first = threadIdx.x / team.threads * team.warps;
  real sum = 0;
  for (int i = 0; i < team.warps; ++i) sum += shared[first + i];
  __syncthreads();
  return sum;
}

struct RowMoments {
  real mean, r;  // r = 1 / sqrt(var + eps)
};

// Of the `width` elements of a row, in two passes, the first over differences to the row's first element: a large mean
// costs no accuracy, and equal elements have no variance. The second pass, and those after it, find the row in the cache.
// Not centred, the mean counts as 0, and r is that of the mean square.
__device__ __forceinline__ RowMoments row_moments(const RowTeam& team, const real* row, int width, int centred,
                                                  real eps, real* shared) {
  real mean = 0;
  if (centred) {
    const real first = width > 0 ? row[0] : real(0);
    real sum = 0;
    for (int i = team.thread; i < width; i += team.threads) sum += row[i] - first;
    mean = first + team_sum(team, sum, shared) / real(width);
  }
  real squares = 0;
  for (int i = team.thread; i < width; i += team.threads) squares += (row[i] - mean) * (row[i] - mean);
  const real r = real(1) / sqrt(team_sum(team, squares, shared) / real(width) + eps);
  return {mean, r};
}
