// A product whose right operand stays in registers, 16 rows of the left one at a time, and the counters by which blocks
// wait for each other: for recurrent_persistent.cu.
//
//   left [rows][depth], from the L2 cache          right [depth][8 * tiles]: the weights w, from the first step to the last
//
// The 8 warps of a block split the depth: warp w has every eighth 16 of it, and the eight partial sums meet in shared
// memory.
//
// PRODUCTS=1: products in TF32. PRODUCTS=3: each factor as the sum of two TF32 numbers and the three largest of the four
// products, about as exact as float32, three times the tensor-core work.
#pragma once
#include "common.cuh"

#ifndef PRODUCTS
#define PRODUCTS 1
#endif
#define BATCH_ROWS 16
#define WARPS 8
#define CHUNKS(depth) (((depth) / 16 + WARPS - 1) / WARPS)  // of 16 in depth, of one warp
#define STRIDE(tiles) (8 * ((tiles) + 1 - (tiles) % 2))     // floats between rows of partial sums: spreads over the banks

// A float as TF32, and what is left of it as another.
struct Parts {
  u32 high, low;
};
__device__ __forceinline__ Parts split(float value) {
  Parts parts;
  parts.high = to_tf32(value);
  parts.low = PRODUCTS == 1 ? 0 : to_tf32(value - __uint_as_float(parts.high));
  return parts;
}

// sum += a b for 16 rows, 8 columns and 8 in depth.
__device__ __forceinline__ void multiply(float (&sum)[4], const Parts (&a)[4], float b_low, float b_high) {
  // With three products the weights are split in every step: both parts of all of them would not fit the registers.
  const Parts b0 = split(PRODUCTS == 3 ? computed_anew(b_low) : b_low);
  const Parts b1 = split(PRODUCTS == 3 ? computed_anew(b_high) : b_high);
  const u32 a_high[4] = {a[0].high, a[1].high, a[2].high, a[3].high}, both_high[2] = {b0.high, b1.high};
  if (PRODUCTS == 3) {  // the small products first
    const u32 a_low[4] = {a[0].low, a[1].low, a[2].low, a[3].low}, both_low[2] = {b0.low, b1.low};
    mma_m16n8k8_tf32(sum, a_low, both_high);
    mma_m16n8k8_tf32(sum, a_high, both_low);
  }
  mma_m16n8k8_tf32(sum, a_high, both_high);
}

// Where this warp's chunk s of 16 in depth begins. Lane (group, member) takes 4 neighbours of it, from 4 * member on, in
// both operands, so that its part of a row on the left is one float4.
__device__ __forceinline__ int chunk_start(int s) {
  return 16 * (WARPS * s + threadIdx.x / 32);
}

// partial [WARPS][16][STRIDE]: this warp's part of left [rows][depth], a row every `pitch` floats, times its weights w,
// 8 * tiles columns.
template <int depth, int tiles>
__device__ __forceinline__ void multiply_rows(const float* left, int pitch, int rows,
                                              const float (&w)[CHUNKS(depth)][tiles][4], float* partial) {
  const int lane = threadIdx.x % 32, group = lane / 4, member = lane % 4;
  const float* low_row = left + group * pitch + 4 * member;
  const float* high_row = low_row + 8 * pitch;
  float sum[tiles][4] = {};
#pragma unroll
  for (int s = 0; s < CHUNKS(depth); ++s) {
    const int start = chunk_start(s);
    if (depth % (16 * WARPS) && start >= depth) continue;
    const float4 none = {0, 0, 0, 0};
    const float4 low = group < rows ? load_float4_from_l2(low_row + start) : none;
    const float4 high = group + 8 < rows ? load_float4_from_l2(high_row + start) : none;
    const Parts first[4] = {split(low.x), split(high.x), split(low.y), split(high.y)};
    const Parts second[4] = {split(low.z), split(high.z), split(low.w), split(high.w)};
#pragma unroll
    for (int tile = 0; tile < tiles; ++tile) {
      multiply(sum[tile], first, w[s][tile][0], w[s][tile][1]);
      multiply(sum[tile], second, w[s][tile][2], w[s][tile][3]);
    }
  }
#pragma unroll
  for (int tile = 0; tile < tiles; ++tile)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = threadIdx.x / 32 * BATCH_ROWS + group + 8 * half;
      store_pair(partial + row * STRIDE(tiles) + tile * 8 + 2 * member, sum[tile][2 * half], sum[tile][2 * half + 1]);
    }
}

// The sum of the eight parts.
template <int tiles>
__device__ __forceinline__ float total(const float* partial, int row, int column) {
  float sum = 0;
  for (int part = 0; part < WARPS; ++part) sum += partial[(part * BATCH_ROWS + row) * STRIDE(tiles) + column];
  return sum;
}

__device__ __forceinline__ void wait_for(const u32* counter, u32 count) {
  if (threadIdx.x == 0)
    while (load_acquire(counter) < count) while_waiting();
  __syncthreads();
}
__device__ __forceinline__ void signal(u32* counter, u32 last) {
  __syncthreads();  // every thread of the block has written what others read
  if (threadIdx.x == 0) signal_next(counter, last);
}
