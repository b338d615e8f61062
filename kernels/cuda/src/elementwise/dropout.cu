// Dropout: element i is dropped where 16-bit lane i of the step's random words is below `drop`.
//
//   y = x * scale where kept, x * 0 where dropped        dx = g * scale or g * 0, by the same mask
//   with r, the shortcut around it, y is that + r
//
//   elements of a block:  4096 = 256 Philox blocks of 4 words of 4 lanes
//   thread t draws Philox block t:           words 4t .. 4t+3 -> words[0..3][t] in shared memory
//   then takes elements e = t, t + 256, ...: lane e % 4 of word e / 4 = words[e / 4 % 4][e / 16]
//
// The exchange through shared memory lets neighbouring threads touch neighbouring elements. Its rows are two words
// longer than needed, so that the words that a warp touches lie in different banks.
// Bytes per element (float32): x read, y and the mask written: 9. About 20 operations. Bound by memory.
#include "philox.cuh"

#define ELEMENTS_PER_BLOCK 4096

extern "C" __global__ void __launch_bounds__(256, 4)
dropout_forward(const real* __restrict__ x, const real* __restrict__ r_or_null, real* __restrict__ y,
                bool* __restrict__ keep, i64 count, u64 seed, u64 stream, u64 step, int drop, real scale) {
  SHARED_ARRAY(u64, words, [4][256 + 2]);
  const Words drawn = philox(seed, stream, step, (u64)blockIdx.x * 256 + threadIdx.x);
  for (int i = 0; i < 4; ++i) words[i][threadIdx.x] = drawn.word[i];
  __syncthreads();
  const i64 begin = (i64)blockIdx.x * ELEMENTS_PER_BLOCK;
  for (int e = threadIdx.x; e < ELEMENTS_PER_BLOCK && begin + e < count; e += 256) {
    const int lane = (words[e / 4 % 4][e / 16] >> (e % 4 * 16)) & 0xffff;
    keep[begin + e] = lane >= drop;
    const real kept = x[begin + e] * (lane >= drop ? scale : real(0));
    y[begin + e] = r_or_null ? kept + r_or_null[begin + e] : kept;
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
dropout_backward(const real* __restrict__ g, const bool* __restrict__ keep, real* __restrict__ dx, i64 count,
                 real scale) {
  const i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) dx[i] = g[i] * (keep[i] ? scale : real(0));
}
