// The indices of the k largest or smallest elements of each row of x [rows][width], the first in order first.
//
// One element comes before another if it is larger (or smaller), or equal at a smaller index; NaN counts as larger than
// all numbers. That order has no ties: round j looks for the first element that comes after the one of round j - 1. A
// team of threads owns a row: each finds the best of its own elements, then lanes and warps exchange theirs.
//
//   row:   | 3 | 7 | 7 | 1 |     round 0: 7 at 1     round 1: 7 at 2     round 2: 3 at 0
//
// Bytes: x, which the k rounds find in the cache, and k indices a row. Meant for small k: k * width comparisons.
#include "row_team.cuh"

template <class T>
struct Candidate {
  T value;
  int index;  // -1: none
};

template <class T>
__device__ __forceinline__ bool comes_before(const Candidate<T>& a, const Candidate<T>& b, bool largest) {
  if (b.index < 0) return a.index >= 0;
  if (a.index < 0) return false;
  const bool a_nan = a.value != a.value, b_nan = b.value != b.value;
  if (a_nan || b_nan) return a_nan && b_nan ? a.index < b.index : a_nan == largest;
  if (a.value == b.value) return a.index < b.index;
  return (a.value > b.value) == largest;
}

template <class T>
__device__ __forceinline__ Candidate<T> team_first(const RowTeam& team, Candidate<T> mine, bool largest, T* values,
                                                   int* indices) {
  for (int flip = 16; flip > 0; flip /= 2) {
    Candidate<T> other;
    other.value = __shfl_xor_sync(ALL_LANES, mine.value, flip);
    other.index = __shfl_xor_sync(ALL_LANES, mine.index, flip);
    if (comes_before(other, mine, largest)) mine = other;
  }
  if (team.warps == 1) return mine;
  if (threadIdx.x % 32 == 0) {
    values[threadIdx.x / 32] = mine.value;
    indices[threadIdx.x / 32] = mine.index;
  }
  __syncthreads();
  const int first = threadIdx.x / team.threads * team.warps;
  mine = {values[first], indices[first]};
  for (int i = 1; i < team.warps; ++i) {
    const Candidate<T> other = {values[first + i], indices[first + i]};
    if (comes_before(other, mine, largest)) mine = other;
  }
  __syncthreads();
  return mine;
}

template <class T>
__device__ __forceinline__ void find_top(const T* x, i64* found, int rows, int width, int k, int largest, int warps,
                                         T* values, int* indices) {
  const RowTeam team(warps);
  const int size = team.row < rows ? width : 0;
  const T* row = x + (i64)team.row * width;
  Candidate<T> last = {T(0), -1};
  for (int j = 0; j < k; ++j) {
    Candidate<T> best = {T(0), -1};
    for (int i = team.thread; i < size; i += team.threads) {
      const Candidate<T> here = {row[i], i};
      if ((last.index < 0 || comes_before(last, here, largest)) && comes_before(here, best, largest)) best = here;
    }
    last = team_first(team, best, largest, values, indices);
    if (team.row < rows && team.thread == 0) found[(i64)team.row * k + j] = last.index;
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
top_real(const real* __restrict__ x, i64* __restrict__ found, int rows, int width, int k, int largest, int warps) {
  SHARED_ARRAY(real, values, [TEAM_WARPS]);
  SHARED_ARRAY(int, indices, [TEAM_WARPS]);
  find_top(x, found, rows, width, k, largest, warps, values, indices);
}

extern "C" __global__ void __launch_bounds__(256, 4)
top_integer(const i64* __restrict__ x, i64* __restrict__ found, int rows, int width, int k, int largest, int warps) {
  SHARED_ARRAY(i64, values, [TEAM_WARPS]);
  SHARED_ARRAY(int, indices, [TEAM_WARPS]);
  find_top(x, found, rows, width, k, largest, warps, values, indices);
}
