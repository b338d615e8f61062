// The pass over a row that softmax.cu and cross_entropy.cu share.
#pragma once
#include "common.cuh"

struct RowSum {
  real largest, sum;  // of the row: its maximum, and the sum of e^(x - largest)
};

// Called by the 32 lanes of a warp; every lane receives the result. A NaN in the row makes the sum NaN.
__device__ __forceinline__ RowSum row_sum(const real* __restrict__ row, int width, int lane) {
  const real nothing = -INFINITE;
  real largest = nothing, sum = 0;
  for (int i = lane; i < width; i += 32) {
    const real value = row[i];
    if (value > largest) {
      sum = sum * exp(largest - value) + real(1);
      largest = value;
    } else if (value != nothing) {
      sum += exp(value - largest);
    }
  }
  const real overall = warp_max(largest);
  const real share = largest == nothing ? sum : sum * exp(largest - overall);
  return {overall, warp_sum(share)};
}
