// The words of one step of a random stream, equal bit for bit to xdl/random.py on every backend.
//
// A thread computes one block of Philox, four words, and writes them side by side (32 bytes).
// Bytes: 8 written per word. About 60 operations per word.
#include "philox.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
philox_words(u64* __restrict__ words, i64 count, u64 seed, u64 stream, u64 step, u64 first) {
  const i64 number = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (4 * number >= count) return;
  const Words drawn = philox(seed, stream, step, first + number);
  for (int i = 0; i < 4; ++i)
    if (4 * number + i < count) words[4 * number + i] = drawn.word[i];
}
