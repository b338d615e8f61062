// The sum over the 256 threads of a block, in one order: equal bits in every run.
#pragma once
#include "common.cuh"

// Each thread receives it. shared [8] may be used again once all threads have.
__device__ __forceinline__ real block_sum(real value, real* shared) {
  const int thread = threadIdx.y * blockDim.x + threadIdx.x;
  value = warp_sum(value);
  if (thread % 32 == 0) shared[thread / 32] = value;
  __syncthreads();
  value = shared[0];
  for (int i = 1; i < 8; ++i) value += shared[i];
  return value;
}
