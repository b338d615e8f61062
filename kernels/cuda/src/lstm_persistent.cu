// All T steps of an LSTM layer in one launch: the recurrent weights stay in registers from the first step to the last.
//
//   sums_x [T][B][4H] = x W_ih^T (one matrix product before), W_hh [4H][H], gates in the order i, f, g, o (as PyTorch)
//   states h, c [T+1][B][H]: h[0], c[0] given, h[t+1] = o * tanh(c[t+1]),  c[t+1] = f * c[t] + i * g
//   gates [T][B][4H]: the activated gates, for the backward pass
//
//   grid: x over H / 16, y over B / 16                      a block: 16 rows of the batch x 16 units, that is
//                                                           64 columns (4 gates x 16 units) of h W_hh^T
//         units 0-15   16-31   32-47  ...
//   rows  +--------+--------+--------+                      its 8 warps split H, the depth of the product:
//   0-15  | block  | block  | block  |  wait only for       warp w holds W_hh[64 columns][H/8 of the depth] in
//         +--------+--------+--------+  each other          registers (4 * H / 16 per thread), multiplies it with its
//   16-31 | block  | block  | block  |                      part of h, and the eight partial sums meet in shared memory
//         +--------+--------+--------+
//
// h of a step goes through the L2 cache to the H / 16 blocks of the same rows. A counter per row of blocks says how
// many blocks have finished: step t starts when it has reached t * H / 16. Blocks of other rows are never waited for.
// All blocks must be on the device at the same time (a cooperative launch; the launcher checks it).
//
// PRODUCTS=1: products in TF32. PRODUCTS=3: each factor as the sum of two TF32 numbers and the three largest of the four
// products, about as exact as float32, three times the tensor-core work.
// Per step a block reads 16 * H * 4 bytes of h and 4 KB of sums_x, writes 6 KB, and does 2 * 16 * 64 * H operations.
// Bound by the latency of the exchange between blocks.
#include "common.cuh"

#ifndef HIDDEN
#define HIDDEN 128  // H, a multiple of 128
#endif
#ifndef PRODUCTS
#define PRODUCTS 1
#endif
#define UNITS 16
#define BATCH_ROWS 16
#define WARPS 8
#define DEPTH (HIDDEN / WARPS)  // of one warp
#define COLUMN_TILES 8          // of 8 columns
#define STRIDE 72               // floats between rows of partial sums: spreads rows over the banks

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
__device__ __forceinline__ void multiply(float (&sum)[4], const Parts (&a)[4], const float (&b)[2]) {
  // With three products the weights are split in every step: both parts of all of them would not fit the registers.
  const Parts b0 = split(PRODUCTS == 3 ? computed_anew(b[0]) : b[0]);
  const Parts b1 = split(PRODUCTS == 3 ? computed_anew(b[1]) : b[1]);
  const u32 a_high[4] = {a[0].high, a[1].high, a[2].high, a[3].high}, b_high[2] = {b0.high, b1.high};
  if (PRODUCTS == 3) {  // the small products first
    const u32 a_low[4] = {a[0].low, a[1].low, a[2].low, a[3].low}, b_low[2] = {b0.low, b1.low};
    mma_m16n8k8_tf32(sum, a_low, b_high);
    mma_m16n8k8_tf32(sum, a_high, b_low);
  }
  mma_m16n8k8_tf32(sum, a_high, b_high);
}

extern "C" __global__ void __launch_bounds__(256, 1) COOPERATIVE
lstm_persistent_forward(const float* __restrict__ sums_x, const float* __restrict__ w_hh,
                        const float* __restrict__ bias_ih_or_null, const float* __restrict__ bias_hh_or_null, float* h,
                        float* c, float* __restrict__ gates, u32* finished, int steps, int batch) {
  DYNAMIC_SHARED(float, partial);  // [WARPS][BATCH_ROWS][STRIDE]
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, group = lane / 4, member = lane % 4;
  const int first_unit = blockIdx.x * UNITS, first_row = blockIdx.y * BATCH_ROWS;
  const i64 state_size = (i64)batch * HIDDEN;

  // The right operand of every product of this warp. Lane (group, member) holds column `group` of each tile; in depth it
  // takes 4 neighbours of every 16, so that its part of h is one float4. Both operands use the same order.
  float w[DEPTH / 8][COLUMN_TILES][2];
#pragma unroll
  for (int tile = 0; tile < COLUMN_TILES; ++tile) {
    const int column = tile * 8 + group, row = column / UNITS * HIDDEN + first_unit + column % UNITS;
    const float* source = w_hh + (i64)row * HIDDEN + warp * DEPTH + 4 * member;
#pragma unroll
    for (int s = 0; s < DEPTH / 16; ++s) {
      const float4 four = load_float4(source + 16 * s);
      w[2 * s][tile][0] = four.x;
      w[2 * s][tile][1] = four.y;
      w[2 * s + 1][tile][0] = four.z;
      w[2 * s + 1][tile][1] = four.w;
    }
  }

  // The element of h and c that this thread owns: a warp has 4 rows x 8 units.
  const int my_row = warp / 2 * 4 + lane / 8, my_unit = warp % 2 * 8 + lane % 8;
  const bool owner = first_row + my_row < batch;
  const i64 state = (i64)(first_row + my_row) * HIDDEN + first_unit + my_unit;
  float cell = owner ? c[state] : 0.0f, bias[4];
  for (int gate = 0; gate < 4; ++gate) {
    const int column = gate * HIDDEN + first_unit + my_unit;
    bias[gate] = (bias_ih_or_null ? bias_ih_or_null[column] : 0.0f) + (bias_hh_or_null ? bias_hh_or_null[column] : 0.0f);
  }

  for (int step = 0; step < steps; ++step) {
    const i64 first_gate = ((i64)step * batch + first_row + my_row) * 4 * HIDDEN + first_unit + my_unit;
    float sum_x[4] = {};
    if (owner)  // does not depend on the other blocks: on its way while waiting
      for (int gate = 0; gate < 4; ++gate) sum_x[gate] = sums_x[first_gate + gate * HIDDEN] + bias[gate];

    if (threadIdx.x == 0)
      while (load_acquire(finished + blockIdx.y) < gridDim.x * step) while_waiting();
    __syncthreads();

    const float* h_now = h + step * state_size + warp * DEPTH + 4 * member;
    const int low_row = first_row + group, high_row = low_row + 8;
    float sum[COLUMN_TILES][4] = {};
#pragma unroll
    for (int s = 0; s < DEPTH / 16; ++s) {
      const float4 none = {0, 0, 0, 0};
      const float4 low = low_row < batch ? load_float4_from_l2(h_now + (i64)low_row * HIDDEN + 16 * s) : none;
      const float4 high = high_row < batch ? load_float4_from_l2(h_now + (i64)high_row * HIDDEN + 16 * s) : none;
      const Parts first[4] = {split(low.x), split(high.x), split(low.y), split(high.y)};
      const Parts second[4] = {split(low.z), split(high.z), split(low.w), split(high.w)};
#pragma unroll
      for (int tile = 0; tile < COLUMN_TILES; ++tile) {
        multiply(sum[tile], first, w[2 * s][tile]);
        multiply(sum[tile], second, w[2 * s + 1][tile]);
      }
    }
#pragma unroll
    for (int tile = 0; tile < COLUMN_TILES; ++tile)
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int row = warp * BATCH_ROWS + group + 8 * half;
        store_pair(partial + row * STRIDE + tile * 8 + 2 * member, sum[tile][2 * half], sum[tile][2 * half + 1]);
      }
    __syncthreads();

    if (owner) {
#pragma unroll
      for (int gate = 0; gate < 4; ++gate)
        for (int part = 0; part < WARPS; ++part)
          sum_x[gate] += partial[(part * BATCH_ROWS + my_row) * STRIDE + gate * UNITS + my_unit];
      const float i = sigmoid(sum_x[0]), f = sigmoid(sum_x[1]), g = tanh(sum_x[2]), o = sigmoid(sum_x[3]);
      cell = f * cell + i * g;
      store_to_l2(h + (step + 1) * state_size + state, o * tanh(cell));
      c[(step + 1) * state_size + state] = cell;
      gates[first_gate] = i;
      gates[first_gate + HIDDEN] = f;
      gates[first_gate + 2 * HIDDEN] = g;
      gates[first_gate + 3 * HIDDEN] = o;
    }
    __syncthreads();  // every thread of the block has written its h
    if (threadIdx.x == 0) signal_add(finished + blockIdx.y, 1);
  }
}
