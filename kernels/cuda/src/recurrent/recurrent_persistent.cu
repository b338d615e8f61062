// All T steps of a recurrent layer in one launch, forward or backward: the recurrent weights stay in registers from the
// first step to the last. -DCELL=gru names the cell of recurrent_cells.cuh (of one part, without p), -DHIDDEN its H,
// -DDIRECTIONS=2 makes it both directions, forwards and in reverse, which do not wait for each other.
//
//   a [T][B][D][G H] = x W_ih^T (matrix products before), W_hh [G H][H], G gates, B sequences, H units, D directions
//   states h, c [T+2][B][D][H]: t + 1 has those after step t, the outputs; before the first step comes 0, in reverse T + 1
//   kept [T][B][D][KEPT H] for the backward pass
//
//   grid: x over H / UNITS, y over B / 16, z over D         a block: 16 sequences x UNITS units, that is forward the
//                                                           G UNITS columns of h W_hh^T with H in depth, backward
//         units 0-15   16-31   32-47  ...                   the UNITS columns of db W_hh with G H in depth
//   rows  +--------+--------+--------+
//   0-15  | block  | block  | block  |  wait only for       its 8 warps split the depth: warp w holds the weights of
//         +--------+--------+--------+  each other          every eighth 16 in depth in registers (about G H UNITS / 256
//   16-31 | block  | block  | block  |                      a thread), and the eight partial sums meet in shared memory
//         +--------+--------+--------+
//
// Where the grid has fewer rows of blocks than there are tiles of 16 sequences, a block takes several in turn, and one's
// exchange hides behind another's product.
//
// What the next step multiplies, h or db, goes through the L2 cache to the H / UNITS blocks of the same tile. A counter
// per direction and tile says how many blocks have finished: step t starts when it has reached t * H / UNITS. All blocks
// must be on the device at the same time (a cooperative launch; the launcher checks it). After the last step the counters
// are 0 again.
//
// Per step and tile a block does 2 * 16 * UNITS * G H operations; it reads 64 H bytes of h forward, 64 G H of db backward,
// beside what recurrent_cell.cu has. Bound by the latency of the exchange between blocks.
#include "persistent_product.cuh"
#include "recurrent_cells.cuh"

#ifndef CELL
#define CELL lstm
#endif
#ifndef HIDDEN
#define HIDDEN 128  // H, a multiple of 16
#endif
#ifndef UNITS
#define UNITS 16  // 16 or 8
#endif
#ifndef DIRECTIONS
#define DIRECTIONS 1  // 1 or 2
#endif
#define GATES (CELL::GATES)
#define TILES_OF(batch) (((batch) + BATCH_ROWS - 1) / BATCH_ROWS)

// The direction of this block.
__device__ __forceinline__ int direction() { return DIRECTIONS == 2 ? blockIdx.z : 0; }
__device__ __forceinline__ const float* mine_of(const float* forwards, const float* backwards_or_null) {
  return direction() ? backwards_or_null : forwards;
}
// Which row a sequence has in [B][D][...]: of H, G H or KEPT H.
__device__ __forceinline__ i64 row_of(i64 sequence) { return sequence * DIRECTIONS + direction(); }

// The element of a tile that this thread owns, if any: a warp has 4 rows x 8 units.
struct Place {
  int row, unit;
  __device__ __forceinline__ Place() {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    row = warp / (UNITS / 8) * 4 + lane / 8;
    unit = warp % (UNITS / 8) * 8 + lane % 8;
  }
};

// kept may lie over a. h_last, c_last [D][B][H]: the states after all steps. reverse: of the one direction.
extern "C" __global__ void __launch_bounds__(256, 1) COOPERATIVE
recurrent_persistent_forward(const float* a, const float* __restrict__ w_hh, const float* __restrict__ w_hh_back_or_null,
                             const float* __restrict__ bias_ih_or_null, const float* __restrict__ bias_ih_back_or_null,
                             const float* __restrict__ bias_hh_or_null, const float* __restrict__ bias_hh_back_or_null,
                             const float* __restrict__ h_first, const float* __restrict__ h_first_back_or_null,
                             const float* __restrict__ c_first_or_null, const float* __restrict__ c_first_back_or_null,
                             float* h, float* c_or_null, float* kept, float* __restrict__ h_last,
                             float* __restrict__ c_last_or_null, u32* finished, int steps, int batch, int reverse) {
  enum { TILES = GATES * UNITS / 8 };
  SHARED_ARRAY(float, partial, [WARPS * BATCH_ROWS * STRIDE(TILES)]);
  const int group = threadIdx.x % 32 / 4, member = threadIdx.x % 4, first_unit = blockIdx.x * UNITS;
  const float* weights = mine_of(w_hh, w_hh_back_or_null);
  const float* bias_ih = mine_of(bias_ih_or_null, bias_ih_back_or_null);
  const float* bias_hh = mine_of(bias_hh_or_null, bias_hh_back_or_null);
  const float* h_given = mine_of(h_first, h_first_back_or_null);
  const float* c_given = mine_of(c_first_or_null, c_first_back_or_null);
  const int back = DIRECTIONS == 2 ? direction() : reverse;
  const i64 state_size = (i64)batch * DIRECTIONS * HIDDEN;
  const Place mine;
  finished += direction() * TILES_OF(batch);

  float w[CHUNKS(HIDDEN)][TILES][4];  // column 8 * tile + group is gate column / UNITS of unit column % UNITS
#pragma unroll
  for (int s = 0; s < CHUNKS(HIDDEN); ++s)
#pragma unroll
    for (int tile = 0; tile < TILES; ++tile) {
      const int start = chunk_start(s), column = tile * 8 + group;
      const i64 row = column / UNITS * HIDDEN + first_unit + column % UNITS;
      const float4 none = {0, 0, 0, 0};
      const float4 four = start < HIDDEN ? load_float4(weights + row * HIDDEN + start + 4 * member) : none;
      w[s][tile][0] = four.x, w[s][tile][1] = four.y, w[s][tile][2] = four.z, w[s][tile][3] = four.w;
    }

  for (int step = 0; step < steps; ++step) {
    const int t = back ? steps - 1 - step : step;
    const i64 before = (t + 2 * back) * state_size, after = (t + 1) * state_size;
    const float* h_now = step ? h + before + direction() * HIDDEN : h_given;
    const int pitch = step ? DIRECTIONS * HIDDEN : HIDDEN;
    for (int tile = blockIdx.y; tile * BATCH_ROWS < batch; tile += gridDim.y) {
      const int row = tile * BATCH_ROWS + mine.row, unit = first_unit + mine.unit;
      const bool owner = mine.row < BATCH_ROWS && row < batch;
      const i64 state = row_of(row) * HIDDEN + unit, now = row_of((i64)t * batch + row);
      const i64 given = (i64)row * HIDDEN + unit;
      Unit u = {};
      if (owner) {  // does not depend on the other blocks: on its way while waiting
#pragma unroll
        for (int gate = 0; gate < GATES; ++gate) {
          const int column = gate * HIDDEN + unit;
          u.a[gate] = a[now * GATES * HIDDEN + column] + (bias_ih ? bias_ih[column] : 0.0f);
          u.b[gate] = bias_hh ? bias_hh[column] : 0.0f;
        }
        u.h = h_now[(i64)row * pitch + unit];
        if (c_or_null) u.c = step ? c_or_null[before + state] : c_given[given];
      }
      const float* left = h_now + (i64)tile * BATCH_ROWS * pitch;
      wait_for(finished + tile, gridDim.x * step);
      multiply_rows<HIDDEN, TILES>(left, pitch, batch - tile * BATCH_ROWS, w, partial);
      __syncthreads();
      if (owner) {
#pragma unroll
        for (int gate = 0; gate < GATES; ++gate) u.b[gate] += total<TILES>(partial, mine.row, gate * UNITS + mine.unit);
        CELL::forward(u);
        if (step == 0) h[before + state] = u.h;
        store_to_l2(h + after + state, u.new_h);
        for (int k = 0; k < CELL::KEPT; ++k) kept[now * CELL::KEPT * HIDDEN + k * HIDDEN + unit] = u.kept[k];
        if (c_or_null && step == 0) c_or_null[before + state] = u.c;
        if (c_or_null) c_or_null[after + state] = u.new_c;
        const i64 last = (i64)direction() * batch * HIDDEN + given;
        if (step == steps - 1) h_last[last] = u.new_h;
        if (step == steps - 1 && c_or_null) c_last_or_null[last] = u.new_c;
      }
      signal(finished + tile, gridDim.x * steps - 1);
    }
  }
}

// The gradients da, db [T][B][D][G H] of the two products (db null where it is da), and dh, dc [D][B][H] of the states
// before the first step, which hold what one step gives the one before; dy [T][B][D][H], dh_last, dc_last [B][H]: of the
// results.
extern "C" __global__ void __launch_bounds__(256, 1) COOPERATIVE
recurrent_persistent_backward(const float* __restrict__ kept, const float* __restrict__ w_hh,
                              const float* __restrict__ w_hh_back_or_null, const float* __restrict__ h,
                              const float* __restrict__ c_or_null, const float* __restrict__ dy_or_null,
                              const float* __restrict__ dh_last_or_null, const float* __restrict__ dh_last_back_or_null,
                              const float* __restrict__ dc_last_or_null, const float* __restrict__ dc_last_back_or_null,
                              float* da, float* db_or_null, float* dh, float* dc_or_null, u32* finished, int steps,
                              int batch, int reverse) {
  enum { DEPTH = GATES * HIDDEN, TILES = UNITS / 8 };
  SHARED_ARRAY(float, partial, [WARPS * BATCH_ROWS * STRIDE(TILES)]);
  const int group = threadIdx.x % 32 / 4, member = threadIdx.x % 4, first_unit = blockIdx.x * UNITS;
  const float* weights = mine_of(w_hh, w_hh_back_or_null);
  const float* dh_given = mine_of(dh_last_or_null, dh_last_back_or_null);
  const float* dc_given = mine_of(dc_last_or_null, dc_last_back_or_null);
  const int back = DIRECTIONS == 2 ? direction() : reverse;
  const Place mine;
  finished += direction() * TILES_OF(batch);

  float w[CHUNKS(DEPTH)][TILES][4];
#pragma unroll
  for (int s = 0; s < CHUNKS(DEPTH); ++s)
#pragma unroll
    for (int tile = 0; tile < TILES; ++tile)
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const int row = chunk_start(s) + 4 * member + k;
        w[s][tile][k] = row < DEPTH ? weights[(i64)row * HIDDEN + first_unit + tile * 8 + group] : 0.0f;
      }

  float* multiplied = db_or_null ? db_or_null : da;
  for (int step = 0; step <= steps; ++step) {  // one more product after the last
    const int t = back ? step : steps - 1 - step, t_after = back ? t - 1 : t + 1;
    for (int tile = blockIdx.y; tile * BATCH_ROWS < batch; tile += gridDim.y) {
      const int row = tile * BATCH_ROWS + mine.row, unit = first_unit + mine.unit;
      const bool owner = mine.row < BATCH_ROWS && row < batch;
      const i64 given = (i64)row * HIDDEN + unit, state = (i64)direction() * batch * HIDDEN + given;
      const i64 now = row_of((i64)t * batch + row);
      Unit u = {};
      if (owner) {
        if (step == 0 && dh_given) u.dh = dh_given[given];
        if (step && db_or_null) u.dh = dh[state];
      }
      if (owner && step < steps) {
        const i64 before = row_of((i64)(t + 2 * back) * batch + row) * HIDDEN + unit;
        const i64 after = row_of((i64)(t + 1) * batch + row) * HIDDEN + unit;
#pragma unroll
        for (int k = 0; k < CELL::KEPT; ++k) u.kept[k] = kept[now * CELL::KEPT * HIDDEN + k * HIDDEN + unit];
        if (dy_or_null) u.dh += dy_or_null[now * HIDDEN + unit];
        u.h = h[before];
        if (c_or_null) {
          u.c = c_or_null[before];
          u.new_c = c_or_null[after];
          if (step) u.dc = dc_or_null[state];
          else if (dc_given) u.dc = dc_given[given];
        }
      }
      if (step) {
        const float* left = multiplied + row_of((i64)t_after * batch + tile * BATCH_ROWS) * DEPTH;
        wait_for(finished + tile, gridDim.x * step);
        multiply_rows<DEPTH, TILES>(left, DIRECTIONS * DEPTH, batch - tile * BATCH_ROWS, w, partial);
        __syncthreads();
        if (owner) u.dh += total<TILES>(partial, mine.row, mine.unit);
      }
      if (owner && step < steps) {
        CELL::backward(u);
#pragma unroll
        for (int gate = 0; gate < GATES; ++gate) {
          const i64 place = now * DEPTH + gate * HIDDEN + unit;
          store_to_l2(da + place, u.da[gate]);
          if (db_or_null) store_to_l2(db_or_null + place, u.db[gate]);
        }
        if (c_or_null) dc_or_null[state] = u.dc;
      }
      if (owner && (step == steps || db_or_null)) dh[state] = u.dh;
      signal(finished + tile, gridDim.x * (steps + 1) - 1);
    }
  }
}
