// One bug per kernel, to prove what each mode of the harness finds; the last kernel is free of bugs. All kernels take
// 256 threads, an array and a number.
#include "common.cuh"

// No barrier between a write and another thread's read.
extern "C" __global__ void shared_memory_race(float* out, int n) {
  SHARED_ARRAY(float, values, [256]);
  values[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = values[(threadIdx.x + 64) % 256] + n;
}
// Lanes of a warp exchange values without __syncwarp.
extern "C" __global__ void race_inside_a_warp(float* out, int n) {
  SHARED_ARRAY(float, values, [256]);
  values[threadIdx.x] = threadIdx.x;
  out[threadIdx.x] = values[threadIdx.x ^ 1] + n;
}
// Every block writes the same elements.
extern "C" __global__ void race_between_blocks(float* out, int n) { out[threadIdx.x] = float(blockIdx.x) + n; }
// Reads, changes and writes one element without an atomic.
extern "C" __global__ void addition_without_atomic(float* out, int n) { out[0] += n; }
// A static shared array, one element past its end.
extern "C" __global__ void shared_array_overrun(float* out, int n) {
  SHARED_ARRAY(float, values, [256]);
  values[threadIdx.x + 1] = 1;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + n;
}
// Launched with less dynamic shared memory than it uses.
extern "C" __global__ void dynamic_shared_overrun(float* out, int n) {
  DYNAMIC_SHARED(float, values);
  values[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + n;
}
// n = 1: the last thread writes past the end.
extern "C" __global__ void global_overrun(float* out, int n) { out[threadIdx.x + n] = 1; }
extern "C" __global__ void local_array_overrun(float* out, int n) {
  float values[4] = {1, 2, 3, 4}, sum = 0;
  for (int i = 0; i < 4 + n; ++i) sum += values[i];
  out[threadIdx.x] = sum;
}
extern "C" __global__ void null_pointer(float* out, int n) {
  if (threadIdx.x == 3) out = nullptr;
  out[threadIdx.x] = n;
}
extern "C" __global__ void misaligned_vector(float* out, int n) {
  out[threadIdx.x] = reinterpret_cast<const float4*>(out + threadIdx.x / 4 * 4 + n)->x;
}
extern "C" __global__ void misaligned_load_of_16_bytes(float* out, int n) {
  out[threadIdx.x] = load_float4(out + threadIdx.x / 4 * 4 + n).x;
}
extern "C" __global__ void misaligned_store_of_8_bytes(float* out, int n) {
  if (threadIdx.x % 2 == 0) store_pair(out + threadIdx.x + n, 1, 2);
}
extern "C" __global__ void integer_overflow(float* out, int n) {
  const int product = int(threadIdx.x + 1) * 65536 * n;
  out[threadIdx.x] = product % 2;
}
// One element is never written; the harness fills shared memory with NaN.
extern "C" __global__ void shared_not_initialised(float* out, int n) {
  SHARED_ARRAY(float, values, [256]);
  if (threadIdx.x != 7) values[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + n;
}
extern "C" __global__ void dynamic_shared_not_initialised(float* out, int n) {
  DYNAMIC_SHARED(float, values);
  if (threadIdx.x != 7) values[threadIdx.x] = 1;
  __syncthreads();
  out[threadIdx.x] = values[threadIdx.x] + n;
}
// Two different barriers in two branches.
extern "C" __global__ void divergent_barrier(float* out, int n) {
  if (threadIdx.x < 128) {
    out[threadIdx.x] = n;
    __syncthreads();
  } else {
    __syncthreads();
    out[threadIdx.x] = n;
  }
}
// Some threads leave before the barrier.
extern "C" __global__ void exit_before_barrier(float* out, int n) {
  if (threadIdx.x >= 200) return;
  out[threadIdx.x] = n;
  __syncthreads();
}
// A warp collective that half of the warp never reaches.
extern "C" __global__ void shuffle_in_a_branch(float* out, int n) {
  float value = threadIdx.x;
  if (threadIdx.x % 32 < 16) value = __shfl_xor_sync(ALL_LANES, value, 1);
  out[threadIdx.x] = value + n;
}
extern "C" __global__ void shuffle_with_half_a_mask(float* out, int n) {
  out[threadIdx.x] = __shfl_xor_sync(0xffffu, n, 1);
}
// Reads what an asynchronous copy brings before waiting for it.
extern "C" __global__ void copy_without_wait(float* out, int n) {
  DYNAMIC_SHARED(float, values);
  copy_async_16(values + 4 * threadIdx.x, out + 4 * threadIdx.x, true);
  copy_async_commit();
  const float value = values[4 * threadIdx.x];
  copy_async_wait<0>();
  out[4 * threadIdx.x] = value + n;
}
// Waits for its own copy, but reads what another thread's copy brings.
extern "C" __global__ void copy_without_barrier(float* out, int n) {
  DYNAMIC_SHARED(float, values);
  copy_async_16(values + 4 * threadIdx.x, out + 4 * threadIdx.x, true);
  copy_async_commit();
  copy_async_wait<0>();
  const float value = values[(4 * threadIdx.x + 4) % 1024];
  __syncthreads();
  out[4 * threadIdx.x] = value + n;
}
// Starts a copy into a buffer that other threads still read; copies that land early show it.
extern "C" __global__ void copy_too_early(float* out, int n) {
  DYNAMIC_SHARED(float, values);
  for (int i = 0; i < 4; ++i) values[4 * threadIdx.x + i] = 1;
  __syncthreads();
  const float value = values[(4 * threadIdx.x + 4) % 1024];
  copy_async_16(values + 4 * threadIdx.x, out + 4 * threadIdx.x, true);
  copy_async_commit();
  copy_async_wait<0>();
  __syncthreads();
  out[4 * threadIdx.x] = value + n;
}
// The second block reads what the first writes, without waiting for its signal.
extern "C" __global__ void COOPERATIVE signal_not_awaited(float* out, int n) {
  if (blockIdx.x == 0) out[threadIdx.x] = n;
  if (blockIdx.x == 1) out[256 + threadIdx.x] = out[threadIdx.x];
}
extern "C" __global__ void free_of_bugs(float* out, int n) {
  SHARED_ARRAY(float, values, [256]);
  values[threadIdx.x] = threadIdx.x;
  __syncthreads();
  const float value = warp_sum(values[(threadIdx.x + 64) % 256]);
  __syncwarp();
  out[threadIdx.x] = value + n;
}
