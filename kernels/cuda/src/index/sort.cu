// Sorts positions by token, keeping the order of equal tokens: a radix sort, 8 bits a pass, lowest bits first.
//
//   blocks of 256 positions:   | block 0 | block 1 | block 2 | ...
//   radix_count:     counts[digit][block] = how many of the block's tokens have the digit
//   radix_offsets:   offsets[digit][block] = where they go: after all smaller digits, and after the same digit of
//                    earlier blocks
//   radix_scatter:   each position goes to its offset plus its rank among equal digits in the block
//
// Integers only, and every step keeps the order: the result is the same in every run. The embedding's gradient uses it
// to add the rows of one token in a fixed order.
// Bytes per position and pass: the token and position read twice, the position written: 28.
#include "common.cuh"

// The key of a token: itself, or `vocabulary` for every token outside [0, vocabulary), so that they sort last.
__device__ __forceinline__ int digit_of(const i64* tokens, int position, int vocabulary, int shift) {
  const i64 token = tokens[position];
  const int key = token >= 0 && token < vocabulary ? (int)token : vocabulary;
  return (key >> shift) & 255;
}

extern "C" __global__ void __launch_bounds__(256, 4)
radix_count(const i64* __restrict__ tokens, const int* __restrict__ positions_or_null, int* __restrict__ counts,
            int count, int vocabulary, int shift) {
  SHARED_ARRAY(int, digits, [256]);
  digits[threadIdx.x] = 0;
  __syncthreads();
  const int i = blockIdx.x * 256 + threadIdx.x;
  if (i < count) {
    const int position = positions_or_null ? positions_or_null[i] : i;  // null: not sorted yet
    atomicAdd(&digits[digit_of(tokens, position, vocabulary, shift)], 1);
  }
  __syncthreads();
  counts[threadIdx.x * gridDim.x + blockIdx.x] = digits[threadIdx.x];
}

// One block; thread d owns digit d. Turns counts into offsets in place.
extern "C" __global__ void __launch_bounds__(256, 4)
radix_offsets(int* __restrict__ counts, int blocks) {
  SHARED_ARRAY(int, totals, [256]);
  int* mine = counts + threadIdx.x * blocks;
  int total = 0;
  for (int block = 0; block < blocks; ++block) total += mine[block];
  totals[threadIdx.x] = total;
  __syncthreads();
  int offset = 0;
  for (int digit = 0; digit < (int)threadIdx.x; ++digit) offset += totals[digit];
  for (int block = 0; block < blocks; ++block) {
    const int here = mine[block];
    mine[block] = offset;
    offset += here;
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
radix_scatter(const i64* __restrict__ tokens, const int* __restrict__ positions_or_null,
              const int* __restrict__ offsets, int* __restrict__ sorted, int count, int vocabulary, int shift) {
  SHARED_ARRAY(int, digits, [256]);
  const int i = blockIdx.x * 256 + threadIdx.x;
  const int position = positions_or_null && i < count ? positions_or_null[i] : i;
  const int digit = i < count ? digit_of(tokens, position, vocabulary, shift) : -1;
  digits[threadIdx.x] = digit;
  __syncthreads();
  if (i >= count) return;
  int rank = 0;
  for (int before = 0; before < (int)threadIdx.x; ++before) rank += digits[before] == digit;
  sorted[offsets[digit * gridDim.x + blockIdx.x] + rank] = position;
}
