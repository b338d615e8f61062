// Group normalization of x [N][C][S]: G groups of K = C / G channels, one mean and variance a sample and group.
//
//   row of a group   | channel 0: S positions | channel 1 | ... | channel K-1 |      width K * S, contiguous in x
//
//   r = 1 / sqrt(var + eps)     xhat = (x - mean) * r     y = gamma[c] * xhat + beta[c]
//   p = sum over S of g * xhat, q = sum over S of g, of each sample and channel ("plane")
//   dx = r * (gamma * g - mean_h - xhat * mean_product),  mean_h = sum over K of gamma q / (K S), mean_product of gamma p
//   dgamma = sum of p over N     dbeta = sum of q over N
//
// One launch forward, two backward and column_sum.cu's for dgamma and dbeta, which adds up the planes' sums.
// Bytes: forward reads x (mostly from the cache after the first time) and writes y; backward reads g and x twice and
// writes dx. Bound by memory.
#include "row_team.cuh"

// Walks over a row in steps of the team's threads, without a division per step.
struct GroupWalk {
  int channel, position, positions, step_channels, step_positions;
  __device__ __forceinline__ GroupWalk(const RowTeam& team, int first_channel, int positions_per_channel) {
    positions = positions_per_channel;
    channel = first_channel + team.thread / positions;
    position = team.thread % positions;
    step_channels = team.threads / positions;
    step_positions = team.threads % positions;
  }
  __device__ __forceinline__ void advance() {
    channel += step_channels;
    position += step_positions;
    if (position >= positions) {  // into the next channel
      position -= positions;
      ++channel;
    }
  }
};

// Rows: the N * G groups. Saves mean and r of each.
extern "C" __global__ void __launch_bounds__(256, 4)
group_norm_forward(const real* __restrict__ x, const real* __restrict__ gamma_or_null,
                   const real* __restrict__ beta_or_null, real* __restrict__ y, real* __restrict__ means,
                   real* __restrict__ rs, int rows, int groups, int group_channels, int positions, int warps,
                   real eps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam team(warps);
  const int width = group_channels * positions, size = team.row < rows ? width : 0;
  const i64 begin = (i64)team.row * width;
  const RowMoments moments = row_moments(team, x + begin, size, 1, eps, shared);
  GroupWalk walk(team, team.row % groups * group_channels, positions);
  for (int i = team.thread; i < size; i += team.threads, walk.advance()) {
    const real xhat = (x[begin + i] - moments.mean) * moments.r;
    const real scaled = gamma_or_null ? gamma_or_null[walk.channel] * xhat : xhat;
    y[begin + i] = beta_or_null ? scaled + beta_or_null[walk.channel] : scaled;
  }
  if (team.row < rows && team.thread == 0) {
    means[team.row] = moments.mean;
    rs[team.row] = moments.r;
  }
}

// Rows: the N * C planes. sums [N][2][C]: p and q.
extern "C" __global__ void __launch_bounds__(256, 4)
group_norm_plane_sums(const real* __restrict__ g, const real* __restrict__ x, const real* __restrict__ means,
                      const real* __restrict__ rs, real* __restrict__ sums, int rows, int channels,
                      int group_channels, int positions, int warps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam team(warps);
  const bool inside = team.row < rows;
  const int size = inside ? positions : 0, group = team.row / group_channels;
  const i64 begin = (i64)team.row * positions;
  const real mean = inside ? means[group] : real(0), r = inside ? rs[group] : real(0);
  real p = 0, q = 0;
  for (int i = team.thread; i < size; i += team.threads) {
    q += g[begin + i];
    p += g[begin + i] * ((x[begin + i] - mean) * r);
  }
  p = team_sum(team, p, shared);
  q = team_sum(team, q, shared);
  if (!inside || team.thread > 0) return;
  const i64 sample = team.row / channels, channel = team.row % channels;
  sums[2 * sample * channels + channel] = p;
  sums[(2 * sample + 1) * channels + channel] = q;
}

// Rows: the N * G groups.
extern "C" __global__ void __launch_bounds__(256, 4)
group_norm_input_gradient(const real* __restrict__ g, const real* __restrict__ x,
                          const real* __restrict__ gamma_or_null, const real* __restrict__ means,
                          const real* __restrict__ rs, const real* __restrict__ sums, real* __restrict__ dx, int rows,
                          int groups, int group_channels, int positions, int warps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  const RowTeam team(warps);
  const bool inside = team.row < rows;
  const int width = group_channels * positions, size = inside ? width : 0;
  const int channels = groups * group_channels, first_channel = team.row % groups * group_channels;
  const i64 begin = (i64)team.row * width, plane = 2 * (i64)(team.row / groups) * channels + first_channel;
  real sum = 0, product = 0;
  for (int k = team.thread; k < group_channels && inside; k += team.threads) {
    const real gamma = gamma_or_null ? gamma_or_null[first_channel + k] : real(1);
    product += gamma * sums[plane + k];
    sum += gamma * sums[plane + channels + k];
  }
  const real mean_product = team_sum(team, product, shared) / real(width);
  const real mean_h = team_sum(team, sum, shared) / real(width);
  const real mean = inside ? means[team.row] : real(0), r = inside ? rs[team.row] : real(0);
  GroupWalk walk(team, first_channel, positions);
  for (int i = team.thread; i < size; i += team.threads, walk.advance()) {
    const real h = gamma_or_null ? gamma_or_null[walk.channel] * g[begin + i] : g[begin + i];
    dx[begin + i] = r * (h - mean_h - (x[begin + i] - mean) * r * mean_product);
  }
}
