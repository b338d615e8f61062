// Elements along one dimension by an index of their own in every row, and their way back.
//
//   x [outer][n][inner]    indices [outer][k][inner]    y [outer][k][inner]
//
//   along        y[a][i][b] = x[a][indices[a][i][b]][b]
//   put_along    x[a][indices[a][i][b]][b] = y[a][i][b]     of zeros; no index occurs twice, so that no two threads meet
//
// A thread owns an element of y, and walks on in steps of the grid. Numbers are copied by their size. Bytes per element
// (float32): index and x read, y written: 16. Bound by memory.
#include "common.cuh"

struct Sizes {
  i64 n, k, inner;
  __device__ __forceinline__ i64 place(i64 element, i64 index) const {
    const i64 row = element / inner;
    return (row / k * n + index) * inner + (element - row * inner);
  }
};

template <class Body>
__device__ __forceinline__ void each(i64 count, Body body) {
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += (i64)gridDim.x * blockDim.x) body(i);
}

template <class T>
__device__ __forceinline__ void along(const T* x, const i64* indices, T* y, i64 count, Sizes sizes) {
  each(count, [=](i64 i) { y[i] = x[sizes.place(i, indices[i])]; });
}

template <class T>
__device__ __forceinline__ void put_along(const T* y, const i64* indices, T* x, i64 count, Sizes sizes) {
  each(count, [=](i64 i) { x[sizes.place(i, indices[i])] = y[i]; });
}

extern "C" __global__ void __launch_bounds__(256, 4)
along_1(const u8* __restrict__ x, const i64* __restrict__ indices, u8* __restrict__ y, i64 count, i64 n, i64 k,
        i64 inner) {
  along(x, indices, y, count, {n, k, inner});
}

extern "C" __global__ void __launch_bounds__(256, 4)
along_4(const u32* __restrict__ x, const i64* __restrict__ indices, u32* __restrict__ y, i64 count, i64 n, i64 k,
        i64 inner) {
  along(x, indices, y, count, {n, k, inner});
}

extern "C" __global__ void __launch_bounds__(256, 4)
along_8(const u64* __restrict__ x, const i64* __restrict__ indices, u64* __restrict__ y, i64 count, i64 n, i64 k,
        i64 inner) {
  along(x, indices, y, count, {n, k, inner});
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_along_1(const u8* __restrict__ y, const i64* __restrict__ indices, u8* __restrict__ x, i64 count, i64 n, i64 k,
            i64 inner) {
  put_along(y, indices, x, count, {n, k, inner});
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_along_4(const u32* __restrict__ y, const i64* __restrict__ indices, u32* __restrict__ x, i64 count, i64 n, i64 k,
            i64 inner) {
  put_along(y, indices, x, count, {n, k, inner});
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_along_8(const u64* __restrict__ y, const i64* __restrict__ indices, u64* __restrict__ x, i64 count, i64 n, i64 k,
            i64 inner) {
  put_along(y, indices, x, count, {n, k, inner});
}
