// GRU cell: everything of a step but the matrix products, fused.
//
//   sums_x [B][3H] = x W_ih^T, sums_h [B][3H] = h_prev W_hh^T, gates in the order r, z, n (as PyTorch)
//
//   r = sigmoid(sums_x_r + b_ih_r + sums_h_r + b_hh_r)      z = sigmoid(sums_x_z + b_ih_z + sums_h_z + b_hh_z)
//   a = sums_h_n + b_hh_n      n = tanh(sums_x_n + b_ih_n + r * a)      h = (1 - z) * n + z * h_prev
//
//   row b:  | r: 0 .. H-1 | z: 0 .. H-1 | n: 0 .. H-1 |     thread (b, u) owns element u of each
//
// The forward pass keeps r, z, n and a [B][4H] for the backward pass.
// Bytes per thread (float32): forward 28 read, 20 written; backward 28 read, 28 written. 3 exponentials or hyperbolic
// tangents. Bound by memory.
#include "common.cuh"

// Grid: x over H, y over B.
extern "C" __global__ void __launch_bounds__(256, 4)
gru_cell_forward(const real* __restrict__ sums_x, const real* __restrict__ sums_h,
                 const real* __restrict__ bias_ih_or_null, const real* __restrict__ bias_hh_or_null,
                 const real* __restrict__ h_prev, real* __restrict__ kept, real* __restrict__ h, int batch,
                 int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  real bias_x[3], bias_h[3];
  for (int gate = 0; gate < 3; ++gate) {
    bias_x[gate] = bias_ih_or_null ? bias_ih_or_null[gate * hidden + unit] : real(0);
    bias_h[gate] = bias_hh_or_null ? bias_hh_or_null[gate * hidden + unit] : real(0);
  }
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    const real* x = sums_x + (i64)row * 3 * hidden + unit;
    const real* s = sums_h + (i64)row * 3 * hidden + unit;
    const i64 state = (i64)row * hidden + unit;
    const real r = sigmoid(x[0] + bias_x[0] + s[0] + bias_h[0]);
    const real z = sigmoid(x[hidden] + bias_x[1] + s[hidden] + bias_h[1]);
    const real a = s[2 * hidden] + bias_h[2];
    const real n = tanh(x[2 * hidden] + bias_x[2] + r * a);
    real* keep = kept + (i64)row * 4 * hidden + unit;
    keep[0] = r;
    keep[hidden] = z;
    keep[2 * hidden] = n;
    keep[3 * hidden] = a;
    h[state] = (1 - z) * n + z * h_prev[state];
  }
}

// dh, dh_next: the gradients of h from outside and from the next step. Writes the gradients of both sums, and the part of
// the gradient of h_prev that does not pass through sums_h. Grid: x over H, y over B.
extern "C" __global__ void __launch_bounds__(256, 4)
gru_cell_backward(const real* __restrict__ kept, const real* __restrict__ h_prev, const real* __restrict__ dh,
                  const real* __restrict__ dh_next_or_null, real* __restrict__ dsums_x, real* __restrict__ dsums_h,
                  real* __restrict__ dh_prev, int batch, int hidden) {
  const int unit = blockIdx.x * blockDim.x + threadIdx.x;
  if (unit >= hidden) return;
  for (int row = blockIdx.y; row < batch; row += gridDim.y) {
    const real* keep = kept + (i64)row * 4 * hidden + unit;
    const i64 state = (i64)row * hidden + unit, first = (i64)row * 3 * hidden + unit;
    const real r = keep[0], z = keep[hidden], n = keep[2 * hidden], a = keep[3 * hidden];
    const real gradient = dh[state] + (dh_next_or_null ? dh_next_or_null[state] : real(0));
    const real dn = gradient * (1 - z) * (1 - n * n);
    const real dz = gradient * (h_prev[state] - n) * z * (1 - z);
    const real dr = dn * a * r * (1 - r);
    dsums_x[first] = dr;
    dsums_h[first] = dr;
    dsums_x[first + hidden] = dz;
    dsums_h[first + hidden] = dz;
    dsums_x[first + 2 * hidden] = dn;
    dsums_h[first + 2 * hidden] = dn * r;
    dh_prev[state] = gradient * z;
  }
}
