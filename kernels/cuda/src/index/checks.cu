// Checks of values that wait for nothing: a wrong one sets a flag, which the host reads when it next waits anyway.
//
//   flag_outside:  flag = 1 if an index i [n] is outside [low, high), and is not `ignored` where `sparing` is 1
//   flag_true:     flag = 1 if one of wrong [n] is true
//
// Bytes: both read n elements once. Bound by memory; the flag is written only where something is wrong.
#include "common.cuh"

// A thread takes every (threads of the grid)-th element, so that neighbours read neighbours. Grid: x over n.
extern "C" __global__ void __launch_bounds__(256, 4)
flag_outside(const i64* __restrict__ indices, u32* __restrict__ flag, i64 count, i64 low, i64 high, i64 ignored,
             int sparing) {
  const i64 stride = (i64)gridDim.x * blockDim.x;
  for (i64 n = (i64)blockIdx.x * blockDim.x + threadIdx.x; n < count; n += stride) {
    const i64 i = indices[n];
    if ((i < low || i >= high) && !(sparing && i == ignored)) atomicOr(flag, 1u);
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
flag_true(const bool* __restrict__ wrong, u32* __restrict__ flag, i64 count) {
  const i64 stride = (i64)gridDim.x * blockDim.x;
  for (i64 n = (i64)blockIdx.x * blockDim.x + threadIdx.x; n < count; n += stride) {
    if (wrong[n]) atomicOr(flag, 1u);
  }
}
