// Philox 4x64-10, the counter-based generator of xdl/random.py (Salmon, Moraes, Dror, Shaw, SC 2011).
#pragma once
#include "common.cuh"

struct Words {
  u64 word[4];
};

// Block `number` of a step: words 4 * number to 4 * number + 3. Key: seed and stream.
__device__ __forceinline__ Words philox(u64 seed, u64 stream, u64 step, u64 number) {
  u64 counter0 = number + 1, counter1 = step, counter2 = 0, counter3 = 0;  // NumPy counts before it draws
  for (int round = 0; round < 10; ++round) {
    const u64 a = 0xD2E7470EE14C6C93ull, b = 0xCA5A826395121157ull;
    const u64 high_a = __umul64hi(a, counter0), low_a = a * counter0;
    const u64 high_b = __umul64hi(b, counter2), low_b = b * counter2;
    counter0 = high_b ^ counter1 ^ seed;
    counter1 = low_b;
    counter2 = high_a ^ counter3 ^ stream;
    counter3 = low_a;
    seed += 0x9E3779B97F4A7C15ull;
    stream += 0xBB67AE8584CAA73Bull;
  }
  return {{counter0, counter1, counter2, counter3}};
}
