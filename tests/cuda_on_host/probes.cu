// The wrappers of common.cuh one by one, on inputs whose results are exact: where the CPU's twins and a GPU disagree
// about a layout or a rounding, these kernels show it first. One warp each, except where said.
#include "common.cuh"

// d [16][8] = a [16][8] b [8][8]
extern "C" __global__ void __launch_bounds__(32)
probe_mma(const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ d) {
  const int g = threadIdx.x / 4, c = threadIdx.x % 4;
  const u32 left[4] = {to_tf32(a[g * 8 + c]), to_tf32(a[(g + 8) * 8 + c]), to_tf32(a[g * 8 + c + 4]),
                       to_tf32(a[(g + 8) * 8 + c + 4])};
  const u32 right[2] = {to_tf32(b[c * 8 + g]), to_tf32(b[(c + 4) * 8 + g])};
  float sum[4] = {};
  mma_m16n8k8_tf32(sum, left, right);
  for (int e = 0; e < 4; ++e) d[(g + e / 2 * 8) * 8 + 2 * c + e % 2] = sum[e];
}

// result [32][4]: what each lane receives of the 32 rows of 4 words, which came to shared memory by asynchronous copies;
// odd rows were asked for as zeros.
extern "C" __global__ void __launch_bounds__(32)
probe_ldmatrix(const u32* __restrict__ rows, u32* __restrict__ result) {
  DYNAMIC_SHARED(u32, tile);
  copy_async_16(tile + 4 * threadIdx.x, rows + 4 * threadIdx.x, threadIdx.x % 2 == 0);
  copy_async_commit();
  copy_async_wait<0>();
  __syncwarp();
  u32 mine[4];
  ldmatrix_x4(mine, tile + 4 * threadIdx.x);
  for (int i = 0; i < 4; ++i) result[4 * threadIdx.x + i] = mine[i];
}

// A thread rounds one number. Only the bits of a TF32 count: the tensor cores ignore the others.
extern "C" __global__ void __launch_bounds__(256)
probe_rounding(const float* __restrict__ x, u32* __restrict__ bits, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) bits[i] = to_tf32(x[i]) & ~0x1fffu;
}

// Sum and maximum over a warp, and the neighbour's value.
extern "C" __global__ void __launch_bounds__(32)
probe_warp(const float* __restrict__ x, float* __restrict__ sum, float* __restrict__ maximum,
           float* __restrict__ neighbour) {
  const float value = x[threadIdx.x];
  sum[threadIdx.x] = warp_sum(value);
  maximum[threadIdx.x] = warp_max(value);
  neighbour[threadIdx.x] = __shfl_xor_sync(ALL_LANES, value, 1);
}

// A thread multiplies two words.
extern "C" __global__ void __launch_bounds__(256)
probe_product(const u64* __restrict__ a, const u64* __restrict__ b, u64* __restrict__ high, int count) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) high[i] = __umul64hi(a[i], b[i]);
}

// Every block adds 1 for those that come after it, in the order of their numbers: n blocks of one warp.
extern "C" __global__ void __launch_bounds__(32) COOPERATIVE
probe_signal(u32* counter, u32* arrival) {
  if (threadIdx.x > 0) return;
  while (load_acquire(counter) != blockIdx.x) while_waiting();
  arrival[blockIdx.x] = blockIdx.x == 0 ? 1 : 2 * arrival[blockIdx.x - 1];
  signal_next(counter, 255);
}
