// Writes rows of a table by index: x[ids[i]] = values[i]. Of equal indices the last one stays, in every run.
//
//   ids [n]    values [n][D]    x [V][D]    writers [V]: the last i with ids[i] = v, -1 where there is none
//
// Threads run in any order, so the first kernel finds the last writer of each row by a maximum over integers, whose
// result does not depend on the order, and the second lets only that one write. Numbers are copied by their size.
// Bytes: the indices twice, values read and x written once. Bound by memory.
#include "common.cuh"

// An index outside [0, V) sets the flag, which the host reads when it next waits anyway, and writes nothing.
extern "C" __global__ void __launch_bounds__(256, 4)
find_writers(const i64* __restrict__ ids, int* __restrict__ writers, u32* __restrict__ bad_index, int count,
             i64 rows) {
  const i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const i64 row = ids[i];
  if (row < 0 || row >= rows)
    atomicOr(bad_index, 1u);
  else
    atomicMax(&writers[row], (int)i);
}

// A thread owns one column of every row that its block walks. Grid: x over D, y over the n values.
template <class T>
__device__ __forceinline__ void put_rows(const T* values, const i64* ids, const int* writers, T* x, int count,
                                         i64 rows, int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= width) return;
  for (int i = blockIdx.y; i < count; i += gridDim.y) {
    const i64 row = ids[i];
    if (row >= 0 && row < rows && writers[row] == i) x[row * width + column] = values[(i64)i * width + column];
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_rows_1(const u8* __restrict__ values, const i64* __restrict__ ids, const int* __restrict__ writers,
           u8* __restrict__ x, int count, i64 rows, int width) {
  put_rows(values, ids, writers, x, count, rows, width);
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_rows_4(const u32* __restrict__ values, const i64* __restrict__ ids, const int* __restrict__ writers,
           u32* __restrict__ x, int count, i64 rows, int width) {
  put_rows(values, ids, writers, x, count, rows, width);
}

extern "C" __global__ void __launch_bounds__(256, 4)
put_rows_8(const u64* __restrict__ values, const i64* __restrict__ ids, const int* __restrict__ writers,
           u64* __restrict__ x, int count, i64 rows, int width) {
  put_rows(values, ids, writers, x, count, rows, width);
}
