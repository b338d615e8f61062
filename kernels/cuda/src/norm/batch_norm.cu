// Batch normalization of x [N][C][S] over N and S: M = N * S values per channel.
//
//   mean, var of each channel      xhat = (x - mean) * r,  r = 1 / sqrt(var + eps)      y = gamma * xhat + beta
//   dbeta = sum of g               dgamma = sum of g * xhat
//   dx = gamma * r * (g - dbeta / M - xhat * dgamma / M)       (only gamma * r * g where mean and var were given)
//
// With a ramp (ReLU, LeakyReLU) behind it y = f(z) of that z = gamma * xhat + beta, and g is the gradient of y times f',
// computed where it is read: from y for ReLU, from z, which is kept, for LeakyReLU.
//
//        x: channel c of every image, cut into slices          launches, forward:   statistics, finish, normalize
//   image 0 |....c....|   image 1 |....c....|  ...             launches, backward:  gradient_sums, finish, input_gradient
//           \--- slice 0 ---/\--- slice 1 ---/
//
// Mean and variance come from one pass (Welford 1962) and are merged in a fixed order (Chan, Golub, LeVeque 1979), so
// that a large mean costs no accuracy and every run gives the same bits.
// Bytes: forward reads x twice and writes y; backward reads g and x twice and writes dx. Bound by memory.
#include "activations.cuh"

struct NoRamp {
  static __device__ real value(real z, Settings) { return z; }
  static __device__ real gradient(real g, real, Settings) { return g; }
};

// Runs walk(formula) with the ramp of that kind; any other number says that there is none.
template <class Walk>
__device__ __forceinline__ void with_ramp(int kind, Walk walk) {
  switch (kind) {
    case RELU: return walk(Relu());
    case LEAKY_RELU: return walk(LeakyRelu());
    default: return walk(NoRamp());
  }
}

struct Moments {
  real count, mean, m2;  // m2: sum of (x - mean)^2
};

__device__ __forceinline__ Moments merge(Moments a, Moments b) {
  const real count = a.count + b.count;
  if (count == 0) return a;
  const real delta = b.mean - a.mean, share = b.count / count;
  return {count, a.mean + delta * share, a.m2 + b.m2 + delta * delta * a.count * share};
}

// Block: one slice of one channel. Grid: x over channels, y over slices of `length` elements.
// partial [3][slices][C]: count, mean, m2.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_statistics(const real* __restrict__ x, real* __restrict__ partial, i64 images, int channels, int positions,
                      i64 length) {
  SHARED_ARRAY(Moments, warps, [8]);
  const int channel = blockIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, images * positions);
  Moments mine = {0, 0, 0};
  ChannelWalk walk(begin + threadIdx.x, channel, channels, positions);
  for (i64 i = begin + threadIdx.x; i < end; i += CHANNEL_THREADS, walk.advance()) {
    const real value = x[walk.index], delta = value - mine.mean;
    mine.count += 1;
    mine.mean += delta / mine.count;
    mine.m2 += delta * (value - mine.mean);
  }
  for (int flip = 16; flip > 0; flip /= 2) {
    Moments other;
    other.count = __shfl_xor_sync(ALL_LANES, mine.count, flip);
    other.mean = __shfl_xor_sync(ALL_LANES, mine.mean, flip);
    other.m2 = __shfl_xor_sync(ALL_LANES, mine.m2, flip);
    mine = merge(mine, other);
  }
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
  __syncthreads();
  if (threadIdx.x > 0) return;
  for (int i = 1; i < 8; ++i) mine = merge(mine, warps[i]);
  const i64 plane = (i64)gridDim.y * channels, place = (i64)blockIdx.y * channels + channel;
  partial[place] = mine.count;
  partial[plane + place] = mine.mean;
  partial[2 * plane + place] = mine.m2;
}

// A thread owns one channel and merges its slices in order.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_finish(const real* __restrict__ partial, real* __restrict__ mean, real* __restrict__ var, int channels,
                  int slices) {
  const int channel = blockIdx.x * blockDim.x + threadIdx.x;
  if (channel >= channels) return;
  const i64 plane = (i64)slices * channels;
  Moments total = {0, 0, 0};
  for (int slice = 0; slice < slices; ++slice) {
    const real* place = partial + (i64)slice * channels + channel;
    total = merge(total, {place[0], place[plane], place[2 * plane]});
  }
  mean[channel] = total.mean;
  var[channel] = total.m2 / total.count;
}

// A thread owns one element of every image that its block walks. Grid: x over C*S, y over images.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_normalize(const real* __restrict__ x, const real* __restrict__ mean, const real* __restrict__ var,
                     const real* __restrict__ gamma_or_null, const real* __restrict__ beta_or_null,
                     real* __restrict__ z_or_null, real* __restrict__ y, i64 images, int channels, int positions,
                     real eps, int kind, real slope) {
  const i64 size = (i64)channels * positions, element = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= size) return;
  const int channel = element / positions;
  const real gamma = gamma_or_null ? gamma_or_null[channel] : real(1);
  const real scale = gamma / sqrt(var[channel] + eps), center = mean[channel];
  const real shift = beta_or_null ? beta_or_null[channel] : real(0);
  with_ramp(kind, [=](auto ramp) {
    for (i64 image = blockIdx.y; image < images; image += gridDim.y) {
      const i64 i = image * size + element;
      const real z = (x[i] - center) * scale + shift;
      if (z_or_null) z_or_null[i] = z;
      y[i] = ramp.value(z, {slope, 0, 0});
    }
  });
}

// Block: one slice of one channel, as in batch_norm_statistics. partial [2][slices][C]: sums of g and of g * xhat.
// read_or_null: y or z, what the ramp's gradient reads.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_gradient_sums(const real* __restrict__ g, const real* __restrict__ read_or_null, const real* __restrict__ x,
                         const real* __restrict__ mean, const real* __restrict__ var, real* __restrict__ partial,
                         i64 images, int channels, int positions, i64 length, real eps, int kind, real slope) {
  SHARED_ARRAY(real, warps, [8][2]);
  const int channel = blockIdx.x;
  const i64 begin = blockIdx.y * length, end = min(begin + length, images * positions);
  const real center = mean[channel], r = real(1) / sqrt(var[channel] + eps);
  real sum = 0, product = 0;
  with_ramp(kind, [&](auto ramp) {
    ChannelWalk walk(begin + threadIdx.x, channel, channels, positions);
    for (i64 i = begin + threadIdx.x; i < end; i += CHANNEL_THREADS, walk.advance()) {
      const real own = read_or_null ? read_or_null[walk.index] : real(0);
      const real value = ramp.gradient(g[walk.index], own, {slope, 0, 0});
      sum = add_apart(sum, value);
      product += value * ((x[walk.index] - center) * r);
    }
  });
  sum = warp_sum(sum);
  product = warp_sum(product);
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32][0] = sum;
    warps[threadIdx.x / 32][1] = product;
  }
  __syncthreads();
  if (threadIdx.x > 0) return;
  for (int i = 1; i < 8; ++i) {
    sum += warps[i][0];
    product += warps[i][1];
  }
  const i64 place = (i64)blockIdx.y * channels + channel;
  partial[place] = sum;
  partial[(i64)gridDim.y * channels + place] = product;
}

// A thread owns one channel and adds its slices in order.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_gradient_finish(const real* __restrict__ partial, real* __restrict__ dgamma, real* __restrict__ dbeta,
                           int channels, int slices) {
  const int channel = blockIdx.x * blockDim.x + threadIdx.x;
  if (channel >= channels) return;
  real sum = 0, product = 0;
  for (int slice = 0; slice < slices; ++slice) {
    sum += partial[(i64)slice * channels + channel];
    product += partial[(i64)(slices + slice) * channels + channel];
  }
  dbeta[channel] = sum;
  dgamma[channel] = product;
}

// A thread owns one element of every image that its block walks. Grid: x over C*S, y over images.
// one_over_m: 1 / M, or 0 where mean and var were given and do not depend on x.
extern "C" __global__ void __launch_bounds__(256, 4)
batch_norm_input_gradient(const real* __restrict__ g, const real* __restrict__ read_or_null, const real* __restrict__ x,
                          const real* __restrict__ mean, const real* __restrict__ var,
                          const real* __restrict__ gamma_or_null, const real* __restrict__ dgamma,
                          const real* __restrict__ dbeta, real* __restrict__ dx, i64 images, int channels,
                          int positions, real eps, real one_over_m, int kind, real slope) {
  const i64 size = (i64)channels * positions, element = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= size) return;
  const int channel = element / positions;
  const real center = mean[channel], r = real(1) / sqrt(var[channel] + eps);
  const real scale = gamma_or_null ? gamma_or_null[channel] * r : r;
  const real mean_g = dbeta[channel] * one_over_m, mean_product = dgamma[channel] * one_over_m;
  with_ramp(kind, [=](auto ramp) {
    for (i64 image = blockIdx.y; image < images; image += gridDim.y) {
      const i64 i = image * size + element;
      const real own = read_or_null ? read_or_null[i] : real(0);
      const real value = add_apart(ramp.gradient(g[i], own, {slope, 0, 0}), -mean_g);
      dx[i] = scale * (value - (x[i] - center) * r * mean_product);
    }
  });
}

// Running statistics, in place: mean = (1 - momentum) mean + momentum mu, var = (1 - momentum) var + momentum factor v.
// And the number of batches so far: count = count + 1. A thread owns one channel.
extern "C" __global__ void __launch_bounds__(256, 4)
move_running(real* __restrict__ mean, real* __restrict__ var, i64* __restrict__ count_or_null,
             const real* __restrict__ mu, const real* __restrict__ v, int channels, real momentum, real kept,
             real factor) {
  const int channel = blockIdx.x * blockDim.x + threadIdx.x;
  if (count_or_null && channel == 0) count_or_null[0] += 1;
  if (channel >= channels) return;
  mean[channel] = mean[channel] * kept + mu[channel] * momentum;
  var[channel] = var[channel] * kept + (v[channel] * factor) * momentum;
}
