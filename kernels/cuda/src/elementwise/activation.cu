// Activations: y = f(x) and dx = g f'(x), element by element, one launch each way. activations.cuh has the formulas.
//
// A thread reads and writes 16 bytes at once, and walks on in steps of the grid; what is left at the end goes one by
// one. Bytes per element (float32): x read, y written: 8; backward 12. At most about 60 operations. Bound by memory.
#include "activations.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
activation_forward(const real* __restrict__ x, real* __restrict__ y, i64 count, int kind, real a, real b, real c) {
  with_formula(kind, [=](auto formula) {
    each_pack(count, [=](i64 i, auto size) {
      auto pack = load_pack<size>(x + i);
      for (real& v : pack.item) v = formula.value(v, {a, b, c});
      store_pack(y + i, pack);
    });
  });
}

// x: the input, or y where the formula says so.
extern "C" __global__ void __launch_bounds__(256, 4)
activation_backward(const real* __restrict__ g, const real* __restrict__ x, real* __restrict__ dx, i64 count, int kind,
                    real a, real b, real c) {
  with_formula(kind, [=](auto formula) {
    each_pack(count, [=](i64 i, auto size) {
      auto pack = load_pack<size>(x + i);
      const auto gradients = load_pack<size>(g + i);
      for (int k = 0; k < size; ++k) pack.item[k] = formula.gradient(gradients.item[k], pack.item[k], {a, b, c});
      store_pack(dx + i, pack);
    });
  });
}
