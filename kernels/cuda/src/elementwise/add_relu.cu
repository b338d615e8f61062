// The end of a residual block: y = max(a + b, 0), nan where the sum is.
//
// A thread reads and writes 16 bytes at once. Bytes per element (float32): a and b read, y written: 12, where an
// addition and a ReLU of their own take 20. Bound by memory. The backward pass is that of ReLU, in activation.cu.
#include "packs.cuh"

extern "C" __global__ void __launch_bounds__(256, 4)
add_relu(const real* __restrict__ a, const real* __restrict__ b, real* __restrict__ y, i64 count) {
  each_pack(count, [=](i64 i, auto size) {
    auto sum = load_pack<size>(a + i);
    const auto others = load_pack<size>(b + i);
    for (int k = 0; k < size; ++k) {
      sum.item[k] += others.item[k];
      if (sum.item[k] < 0) sum.item[k] = 0;
    }
    store_pack(y + i, sum);
  });
}
