// The recurrent cells, for recurrent_cell.cu and recurrent_persistent.cu: what a unit computes of a step once the products
// are there. A cell is a struct of a few lines. The letters are those of xdl/functional/recurrent/cells.py.
#pragma once
#include "common.cuh"

// What a thread knows of its unit: forward reads a, b, kept of earlier parts, p, h, c and writes kept, new_h, new_c;
// backward reads kept, p, h, c, new_c, dh, dc, dpassed and writes da, db, dp, and into dh and dc the gradients of h and c
// before; for dh only what does not come through the product.
struct Unit {
  real a[4], b[4], kept[4], p[3], h, c, new_h, new_c;
  real da[4], db[4], dp[3], dh, dc, dpassed;
};

// FIRST, GATES: which gates; ALL: how many the cell has; KEPT: how many values a unit keeps, END: the last of this part.
template <int first, int gates, int all, int kept>
struct Part {
  enum { FIRST = first, GATES = gates, ALL = all, KEPT = kept, END = first + gates == all ? kept : first + gates };
};

__device__ __forceinline__ real slope(real sigmoid_z) { return sigmoid_z * (1 - sigmoid_z); }

struct rnn_tanh : Part<0, 1, 1, 1> {
  __device__ static void forward(Unit& u) { u.new_h = u.kept[0] = tanh(u.a[0] + u.b[0]); }
  __device__ static void backward(Unit& u) { u.da[0] = u.dh * (1 - u.kept[0] * u.kept[0]); }
};

struct rnn_relu : Part<0, 1, 1, 1> {
  __device__ static void forward(Unit& u) {
    const real z = u.a[0] + u.b[0];
    u.new_h = u.kept[0] = z < 0 ? real(0) : z;
  }
  __device__ static void backward(Unit& u) { u.da[0] = u.kept[0] != 0 ? u.dh : real(0); }
};

// i f g o; looks: i and f look at c, o at c'
template <bool looks>
struct lstm_that : Part<0, 4, 4, 4> {
  __device__ static real look(const Unit& u, int k, real c) { return looks ? u.p[k] * c : real(0); }
  __device__ static void forward(Unit& u) {
    const real i = sigmoid(u.a[0] + u.b[0] + look(u, 0, u.c)), f = sigmoid(u.a[1] + u.b[1] + look(u, 1, u.c));
    const real g = tanh(u.a[2] + u.b[2]);
    u.new_c = f * u.c + i * g;
    const real o = sigmoid(u.a[3] + u.b[3] + look(u, 2, u.new_c));
    u.new_h = o * tanh(u.new_c);
    u.kept[0] = i, u.kept[1] = f, u.kept[2] = g, u.kept[3] = o;
  }
  __device__ static void backward(Unit& u) {
    const real i = u.kept[0], f = u.kept[1], g = u.kept[2], o = u.kept[3], t = tanh(u.new_c);
    const real d_o = u.dh * t * slope(o);
    const real dc = u.dc + u.dh * o * (1 - t * t) + look(u, 2, d_o);
    const real di = dc * g * slope(i), df = dc * u.c * slope(f);
    u.da[0] = di, u.da[1] = df, u.da[2] = dc * i * (1 - g * g), u.da[3] = d_o;
    u.dp[0] = di * u.c, u.dp[1] = df * u.c, u.dp[2] = d_o * u.new_c;
    u.dc = dc * f + look(u, 0, di) + look(u, 1, df);
  }
};
typedef lstm_that<false> lstm;
typedef lstm_that<true> lstm_peephole;

// f g o, with i = 1 - f
struct lstm_coupled : Part<0, 3, 3, 3> {
  __device__ static void forward(Unit& u) {
    const real f = sigmoid(u.a[0] + u.b[0]), g = tanh(u.a[1] + u.b[1]), o = sigmoid(u.a[2] + u.b[2]);
    u.new_c = f * u.c + (1 - f) * g;
    u.new_h = o * tanh(u.new_c);
    u.kept[0] = f, u.kept[1] = g, u.kept[2] = o;
  }
  __device__ static void backward(Unit& u) {
    const real f = u.kept[0], g = u.kept[1], o = u.kept[2], t = tanh(u.new_c);
    const real dc = u.dc + u.dh * o * (1 - t * t);
    u.da[0] = dc * (u.c - g) * slope(f), u.da[1] = dc * (1 - f) * (1 - g * g), u.da[2] = u.dh * t * slope(o);
    u.dc = dc * f;
  }
};

// i f g, with o = 1
struct lstm_no_output : Part<0, 3, 3, 3> {
  __device__ static void forward(Unit& u) {
    const real i = sigmoid(u.a[0] + u.b[0]), f = sigmoid(u.a[1] + u.b[1]), g = tanh(u.a[2] + u.b[2]);
    u.new_c = f * u.c + i * g;
    u.new_h = tanh(u.new_c);
    u.kept[0] = i, u.kept[1] = f, u.kept[2] = g;
  }
  __device__ static void backward(Unit& u) {
    const real i = u.kept[0], f = u.kept[1], g = u.kept[2], t = tanh(u.new_c);
    const real dc = u.dc + u.dh * (1 - t * t);
    u.da[0] = dc * g * slope(i), u.da[1] = dc * u.c * slope(f), u.da[2] = dc * i * (1 - g * g);
    u.dc = dc * f;
  }
};

// r z n; keeps the product of n too, which r multiplies
struct gru : Part<0, 3, 3, 4> {
  __device__ static void forward(Unit& u) {
    const real r = sigmoid(u.a[0] + u.b[0]), z = sigmoid(u.a[1] + u.b[1]), n = tanh(u.a[2] + r * u.b[2]);
    u.new_h = (1 - z) * n + z * u.h;
    u.kept[0] = r, u.kept[1] = z, u.kept[2] = n, u.kept[3] = u.b[2];
  }
  __device__ static void backward(Unit& u) {
    const real r = u.kept[0], z = u.kept[1], n = u.kept[2], dn = u.dh * (1 - z) * (1 - n * n);
    u.da[0] = u.db[0] = dn * u.kept[3] * slope(r);
    u.da[1] = u.db[1] = u.dh * (u.h - n) * slope(z);
    u.da[2] = dn;
    u.db[2] = dn * r;
    u.dh *= z;
  }
};

// r z, which let r h pass to the second product ...
struct gru_before_gates : Part<0, 2, 3, 3> {
  __device__ static void forward(Unit& u) {
    u.kept[0] = sigmoid(u.a[0] + u.b[0]), u.kept[1] = sigmoid(u.a[1] + u.b[1]);
    u.new_h = u.kept[0] * u.h;
  }
  __device__ static void backward(Unit& u) {
    const real r = u.kept[0], z = u.kept[1], n = u.kept[2];
    u.da[0] = u.db[0] = u.dpassed * u.h * slope(r);
    u.da[1] = u.db[1] = u.dh * (u.h - n) * slope(z);
    u.dh = u.dh * z + u.dpassed * r;
  }
};
// ... and n
struct gru_before_state : Part<2, 1, 3, 3> {
  __device__ static void forward(Unit& u) {
    const real z = u.kept[1], n = u.kept[2] = tanh(u.a[2] + u.b[2]);
    u.new_h = (1 - z) * n + z * u.h;
  }
  __device__ static void backward(Unit& u) {
    const real z = u.kept[1], n = u.kept[2];
    u.da[2] = u.db[2] = u.dh * (1 - z) * (1 - n * n);
  }
};
