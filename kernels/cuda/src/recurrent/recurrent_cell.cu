// Any recurrent cell: everything of a step but the matrix products. One kernel each for forward and backward; what a cell
// computes is in recurrent_cells.cuh, -DCELL=lstm_coupled names the one that is compiled.
//
//   a [B][ALL H] = x W_ih^T     b [B][GATES H] = h W_hh^T, or what a gate lets pass, by W_hh^T     B sequences, H units
//
//   row of a:  | gate 0: 0 .. H-1 | gate 1: 0 .. H-1 | ... |      thread (row, u) owns element u of each
//
// A thread loads all that its unit needs into registers, calls the cell, and stores. What the cell keeps for the backward
// pass may lie over a: it is written after a has been read.
//
// A cell with a second product is two parts, a launch each, with the product between them: part FIRST, GATES computes
// gates FIRST .. FIRST + GATES - 1. The first part returns as h what goes into the second product; backwards the second
// part is first.
//
// Bytes per thread (float32, one part): forward 8 for each gate and 4 for c read, 4 for each kept, h and c written;
// backward 4 for each kept, dh, dy, c and c' read, 4 for each gate and dc written. Bound by memory.
#include "recurrent_cells.cuh"

// h_before [B][H], or null where h is projected (no such cell reads it). c: null for cells without. Grid: x over H, y
// over B.
extern "C" __global__ void __launch_bounds__(256, 4)
recurrent_cell_forward(const real* a, const real* __restrict__ b, const real* __restrict__ bias_ih_or_null,
                       const real* __restrict__ bias_hh_or_null, const real* __restrict__ p_or_null,
                       const real* __restrict__ h_before_or_null, const real* __restrict__ c_before_or_null, real* kept,
                       real* __restrict__ h, real* __restrict__ c_or_null, int batch, int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    const i64 state = (i64)row * hidden + unit;
    real* keep = kept + (i64)row * CELL::KEPT * hidden + unit;
    Unit u = {};
    for (int k = 0; k < CELL::FIRST; ++k) u.kept[k] = keep[k * hidden];
    for (int k = 0; k < CELL::GATES; ++k) {
      const int gate = CELL::FIRST + k, column = gate * hidden + unit;
      u.a[gate] = a[(i64)row * CELL::ALL * hidden + column];
      u.b[gate] = b[((i64)row * CELL::GATES + k) * hidden + unit];
      if (bias_ih_or_null) u.a[gate] += bias_ih_or_null[column];
      if (bias_hh_or_null) u.b[gate] += bias_hh_or_null[column];
    }
    for (int k = 0; k < 3; ++k) u.p[k] = p_or_null ? p_or_null[k * hidden + unit] : real(0);
    if (h_before_or_null) u.h = h_before_or_null[state];
    if (c_before_or_null) u.c = c_before_or_null[state];
    CELL::forward(u);
    for (int k = CELL::FIRST; k < CELL::END; ++k) keep[k * hidden] = u.kept[k];
    h[state] = u.new_h;
    if (c_or_null) c_or_null[state] = u.new_c;
  }
}

// dh: the gradient of h from the next step, dy from outside; dc: of c from the next step, becomes that of c before;
// dpassed: of what the first part let pass. Where db is not da, both are written, and dh becomes the gradient of h before
// without what comes through the products. dp [B][3][H] is added to. Grid: x over H, y over B.
extern "C" __global__ void __launch_bounds__(256, 4)
recurrent_cell_backward(const real* __restrict__ kept, const real* __restrict__ p_or_null,
                        const real* __restrict__ h_before_or_null, const real* __restrict__ c_before_or_null,
                        const real* __restrict__ c_or_null, const real* __restrict__ dy_or_null,
                        const real* __restrict__ dpassed_or_null, real* __restrict__ dh, real* __restrict__ dc_or_null,
                        real* __restrict__ da, real* __restrict__ db_or_null, real* __restrict__ dp_or_null, int batch,
                        int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    const i64 state = (i64)row * hidden + unit;
    Unit u = {};
    for (int k = 0; k < CELL::KEPT; ++k) u.kept[k] = kept[((i64)row * CELL::KEPT + k) * hidden + unit];
    for (int k = 0; k < 3; ++k) u.p[k] = p_or_null ? p_or_null[k * hidden + unit] : real(0);
    u.dh = dh[state];
    if (dy_or_null) u.dh += dy_or_null[state];
    if (h_before_or_null) u.h = h_before_or_null[state];
    if (c_before_or_null) u.c = c_before_or_null[state];
    if (c_or_null) u.new_c = c_or_null[state];
    if (dc_or_null) u.dc = dc_or_null[state];
    if (dpassed_or_null) u.dpassed = dpassed_or_null[state];
    CELL::backward(u);
    for (int k = 0; k < CELL::GATES; ++k) {
      const int gate = CELL::FIRST + k;
      da[((i64)row * CELL::ALL + gate) * hidden + unit] = u.da[gate];
      if (db_or_null) db_or_null[((i64)row * CELL::GATES + k) * hidden + unit] = u.db[gate];
    }
    if (db_or_null) dh[state] = u.dh;
    if (dc_or_null) dc_or_null[state] = u.dc;
    if (dp_or_null)
      for (int k = 0; k < 3; ++k) dp_or_null[((i64)row * 3 + k) * hidden + unit] += u.dp[k];
  }
}
