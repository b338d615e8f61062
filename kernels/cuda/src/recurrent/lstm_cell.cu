// LSTM cell: everything of a step but the matrix products, fused.
//
//   sums [B][4H] = x W_ih^T + h_prev W_hh^T, gates in the order i, f, g, o (as PyTorch)
//
//   i = sigmoid(sums_i + b_i)   f = sigmoid(sums_f + b_f)   g = tanh(sums_g + b_g)   o = sigmoid(sums_o + b_o)
//   c = f * c_prev + i * g      h = o * tanh(c)
//
//   row b of sums:  | i: 0 .. H-1 | f: 0 .. H-1 | g: 0 .. H-1 | o: 0 .. H-1 |     thread (b, u) owns element u of each
//
// The forward pass writes the activated gates over the sums, for the backward pass.
// Bytes per thread (float32): forward 16 + 4 read, 16 + 8 written; backward 36 read, 20 written. 5 exponentials or
// hyperbolic tangents. Bound by memory.
#include "common.cuh"

// b = b_ih + b_hh. Grid: x over H, y over B.
extern "C" __global__ void __launch_bounds__(256, 4)
lstm_cell_forward(real* __restrict__ gates, const real* __restrict__ bias_ih_or_null,
                  const real* __restrict__ bias_hh_or_null, const real* __restrict__ c_prev, real* __restrict__ c,
                  real* __restrict__ h, int batch, int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  real bias[4];
  for (int gate = 0; gate < 4; ++gate) {
    const int column = gate * hidden + unit;
    bias[gate] = (bias_ih_or_null ? bias_ih_or_null[column] : real(0)) +
                 (bias_hh_or_null ? bias_hh_or_null[column] : real(0));
  }
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    real* mine = gates + (i64)row * 4 * hidden + unit;
    const i64 state = (i64)row * hidden + unit;
    const real i = sigmoid(mine[0] + bias[0]), f = sigmoid(mine[hidden] + bias[1]);
    const real g = tanh(mine[2 * hidden] + bias[2]), o = sigmoid(mine[3 * hidden] + bias[3]);
    const real cell = f * c_prev[state] + i * g;
    mine[0] = i;
    mine[hidden] = f;
    mine[2 * hidden] = g;
    mine[3 * hidden] = o;
    c[state] = cell;
    h[state] = o * tanh(cell);
  }
}

// dh, dh_next: the gradients of h from outside and from the next step; dc: the gradient of c from the next step. Writes
// the gradients of the sums, and turns dc into the gradient of c_prev. Grid: x over H, y over B.
extern "C" __global__ void __launch_bounds__(256, 4)
lstm_cell_backward(const real* __restrict__ gates, const real* __restrict__ c_prev, const real* __restrict__ c,
                   const real* __restrict__ dh, const real* __restrict__ dh_next_or_null, real* __restrict__ dc,
                   real* __restrict__ dsums, int batch, int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    const i64 first = (i64)row * 4 * hidden + unit, state = (i64)row * hidden + unit;
    const real i = gates[first], f = gates[first + hidden], g = gates[first + 2 * hidden];
    const real o = gates[first + 3 * hidden], tanh_c = tanh(c[state]);
    const real gradient = dh[state] + (dh_next_or_null ? dh_next_or_null[state] : real(0));
    const real dcell = dc[state] + gradient * o * (1 - tanh_c * tanh_c);
    dsums[first] = dcell * g * i * (1 - i);
    dsums[first + hidden] = dcell * c_prev[state] * f * (1 - f);
    dsums[first + 2 * hidden] = dcell * i * (1 - g * g);
    dsums[first + 3 * hidden] = gradient * tanh_c * o * (1 - o);
    dc[state] = dcell * f;
  }
}
