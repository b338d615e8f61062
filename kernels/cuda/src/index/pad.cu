// Padding of x [planes][n0][n1][n2] to y [planes][m0][m1][m2], and its adjoint: in each dimension of size n
//
//   constant   v v | a b c d | v v          reflect    c b | a b c d | c b
//   replicate  a a | a b c d | d d          circular   c d | a b c d | a b
//
// A place p counts from the first element of x, so y holds p = -low ... m - low - 1; a negative low cuts elements off.
// Of every place there is one source, the element of x that it shows; an element i of x has several places:
//
//   constant   p = i                  reflect    p = -i, i, 2 (n - 1) - i
//   circular   p = i + k period       replicate  p = i, and for the first and the last element all places beyond it
//
// Backward, dx[i] is the sum of g over the places of i, in their order: no atomics, every run gives the same bits.
// Bytes: x (or g) is read about once, y (or dx) written once. Bound by memory.
#include "common.cuh"

#define CONSTANT 0
#define REFLECT 1
#define REPLICATE 2
#define CIRCULAR 3
#define NOWHERE (-1)

struct Side {
  int n, low, end, mode, start, period;  // places: -low ... end - 1; circular goes around [start, start + period)
  __device__ __forceinline__ Side(int size, int padded, int low_amount, int padding_mode) {
    n = size;
    low = low_amount;
    end = padded - low;
    mode = padding_mode;
    start = max(-low, 0);
    period = min(n, end) - start;
  }

  // The element of x at a place, NOWHERE in constant padding.
  __device__ __forceinline__ int source(int place) const {
    if (mode == REFLECT) return n - 1 - abs(n - 1 - abs(place));
    if (mode == REPLICATE) return min(max(place, 0), n - 1);
    if (mode == CIRCULAR) {
      const int around = (place - start) % period;
      return start + around + (around < 0 ? period : 0);
    }
    return place >= 0 && place < n ? place : NOWHERE;
  }

  // The first place of an element; `end` where it has none.
  __device__ __forceinline__ int first_place(int element) const {
    int place = element;
    if (mode == REFLECT) place = -element;
    if (mode == REPLICATE && element == 0) place = min(-low, 0);
    if (mode == CIRCULAR) {
      if (element < start || element >= start + period) return end;
      place -= (element + low) / period * period;
    }
    while (place < -low) place = next_place(element, place);
    return min(place, end);
  }

  // The place after one of an element; `end` or beyond after its last.
  __device__ __forceinline__ int next_place(int element, int place) const {
    if (mode == REFLECT && place < element) return element;
    if (mode == REFLECT && place == element && element < n - 1) return 2 * (n - 1) - element;
    if (mode == REPLICATE && (place < element || element == n - 1)) return place + 1;
    return mode == CIRCULAR ? place + period : max(end, -low);
  }
};

// A thread owns one element of y in every plane that its block walks. Grid: x over m0*m1*m2, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
pad_forward(const real* __restrict__ x, real* __restrict__ y, int planes, int n0, int n1, int n2, int m0, int m1,
            int m2, int low0, int low1, int low2, int mode, real value) {
  const int padded = m0 * m1 * m2, element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= padded) return;
  const int i0 = Side(n0, m0, low0, mode).source(element / m2 / m1 - low0);
  const int i1 = Side(n1, m1, low1, mode).source(element / m2 % m1 - low1);
  const int i2 = Side(n2, m2, low2, mode).source(element % m2 - low2);
  const bool inside = i0 != NOWHERE && i1 != NOWHERE && i2 != NOWHERE;
  const i64 size = (i64)n0 * n1 * n2, source = ((i64)i0 * n1 + i1) * n2 + i2;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y)
    y[(i64)plane * padded + element] = inside ? x[plane * size + source] : value;
}

// A thread owns one element of x in every plane that its block walks. Grid: x over n0*n1*n2, y over planes.
extern "C" __global__ void __launch_bounds__(256, 4)
pad_backward(const real* __restrict__ g, real* __restrict__ dx, int planes, int n0, int n1, int n2, int m0, int m1,
             int m2, int low0, int low1, int low2, int mode) {
  const int size = n0 * n1 * n2, element = blockIdx.x * blockDim.x + threadIdx.x;
  if (element >= size) return;
  const Side side0(n0, m0, low0, mode), side1(n1, m1, low1, mode), side2(n2, m2, low2, mode);
  const int i0 = element / n2 / n1, i1 = element / n2 % n1, i2 = element % n2;
  const int first0 = side0.first_place(i0), first1 = side1.first_place(i1), first2 = side2.first_place(i2);
  const i64 padded = (i64)m0 * m1 * m2;
  for (int plane = blockIdx.y; plane < planes; plane += gridDim.y) {
    real sum = 0;
    for (int p0 = first0; p0 < side0.end; p0 = side0.next_place(i0, p0))
      for (int p1 = first1; p1 < side1.end; p1 = side1.next_place(i1, p1))
        for (int p2 = first2; p2 < side2.end; p2 = side2.next_place(i2, p2))
          sum += g[plane * padded + ((i64)(p0 + low0) * m1 + p1 + low1) * m2 + p2 + low2];
    dx[(i64)plane * size + element] = sum;
  }
}
