// Loads and stores of 16 bytes: as many numbers as fit in them, from addresses that are multiples of 16.
//
//   each_pack(count, body) calls body(i, size) for every pack of PACK numbers i .. i + PACK - 1 that this thread owns,
//   with size = PACK, and for every single number after the last whole pack with size = 1
//
// Sizes are types (`Size<4>`), so that what a body does with them is known when it is compiled. Neighbouring threads own
// neighbouring packs; a thread goes on in steps of the grid, so any grid along x will do.
#pragma once
#include "common.cuh"

#define PACK (16 / (int)sizeof(real))

template <int n>
struct Size {
  __device__ constexpr operator int() const { return n; }
};

template <int n>
struct alignas(n * sizeof(real)) Pack {
  real item[n];
};

template <int n>
__device__ __forceinline__ Pack<n> load_pack(const real* address) {
  return load_whole<Pack<n>>(address);
}
template <int n>
__device__ __forceinline__ void store_pack(real* address, Pack<n> pack) {
  store_whole(address, pack);
}

template <class Body>
__device__ __forceinline__ void each_pack(i64 count, Body body) {
  const i64 thread = (i64)blockIdx.x * blockDim.x + threadIdx.x, threads = (i64)gridDim.x * blockDim.x;
  const i64 packs = count / PACK;
#pragma unroll 1
  for (i64 i = thread; i < packs; i += threads) body(i * PACK, Size<PACK>());
#pragma unroll 1
  for (i64 i = packs * PACK + thread; i < count; i += threads) body(i, Size<1>());
}
