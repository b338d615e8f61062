// Clipping of gradients: the norm of up to 16 arrays at once, and their scaling by it, or limits of their elements.
//
//   parts_powers   partial[first + j][k] = sum of |x|^p over the elements of slice k of part j
//   parts_norm     norm = (sum of all partial)^(1/p)                      p infinite: the largest |x|, NaN if there is one
//   scale_parts    x = x min(1, limit / (norm + tiny))
//   limit_parts    x = min(max(x, -limit), limit), NaN where x is
//
// Parts that are not used have size 0. Grid: x over slices of the largest part, y over the parts; a thread walks its
// part in strides of the grid. Each block adds in a fixed order, and one block adds all of them: equal bits in every
// run. Bytes per element (float32): 4 for the norm, 8 for the others. Bound by memory, or by the launches that it saves.
#include "parts.cuh"

#define PART(j)            \
  case j:                  \
    x = part##j##_or_null; \
    size = size##j;        \
    break;
#define FIND_PART(type) \
  type* x = nullptr;    \
  i64 size = 0;         \
  switch (blockIdx.y) { EACH_PART(PART) }

template <class Body>
__device__ __forceinline__ void each_element(i64 size, Body body) {
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < size; i += (i64)gridDim.x * blockDim.x) body(i);
}

__device__ __forceinline__ real power(real x, real p) {
  const real size = fabs(x);
  if (p == 2) return size * size;
  return p == 1 || p == INFINITE ? size : pow(size, p);
}

__device__ __forceinline__ real joined(real a, real b, real p) {
  if (p == INFINITE) return b > a || b != b ? b : a;
  return a + b;
}

// Of the 256 threads of a block, each of which receives it. shared [8].
__device__ __forceinline__ real joined_over_block(real value, real p, real* shared) {
  for (int flip = 16; flip > 0; flip /= 2) value = joined(value, __shfl_xor_sync(ALL_LANES, value, flip), p);
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = shared[0];
  for (int i = 1; i < 8; ++i) value = joined(value, shared[i], p);
  return value;
}

extern "C" __global__ void __launch_bounds__(256, 4)
parts_powers(const real* part0_or_null, i64 size0, const real* part1_or_null, i64 size1,
             const real* part2_or_null, i64 size2, const real* part3_or_null, i64 size3,
             const real* part4_or_null, i64 size4, const real* part5_or_null, i64 size5,
             const real* part6_or_null, i64 size6, const real* part7_or_null, i64 size7,
             const real* part8_or_null, i64 size8, const real* part9_or_null, i64 size9,
             const real* part10_or_null, i64 size10, const real* part11_or_null, i64 size11,
             const real* part12_or_null, i64 size12, const real* part13_or_null, i64 size13,
             const real* part14_or_null, i64 size14, const real* part15_or_null, i64 size15,
             real* __restrict__ partial, int first, real p) {
  SHARED_ARRAY(real, shared, [8]);
  FIND_PART(const real)
  real value = 0;
  each_element(size, [&](i64 i) { value = joined(value, power(x[i], p), p); });
  value = joined_over_block(value, p, shared);
  if (threadIdx.x == 0) partial[(first + blockIdx.y) * gridDim.x + blockIdx.x] = value;
}

// One block.
extern "C" __global__ void __launch_bounds__(256, 4)
parts_norm(const real* __restrict__ partial, real* __restrict__ norm, int count, real p) {
  SHARED_ARRAY(real, shared, [8]);
  real value = 0;
  for (int i = threadIdx.x; i < count; i += blockDim.x) value = joined(value, partial[i], p);
  value = joined_over_block(value, p, shared);
  if (threadIdx.x == 0) norm[0] = p == 2 ? sqrt(value) : p == 1 || p == INFINITE ? value : pow(value, 1 / p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
scale_parts(real* part0_or_null, i64 size0, real* part1_or_null, i64 size1,
            real* part2_or_null, i64 size2, real* part3_or_null, i64 size3,
            real* part4_or_null, i64 size4, real* part5_or_null, i64 size5,
            real* part6_or_null, i64 size6, real* part7_or_null, i64 size7,
            real* part8_or_null, i64 size8, real* part9_or_null, i64 size9,
            real* part10_or_null, i64 size10, real* part11_or_null, i64 size11,
            real* part12_or_null, i64 size12, real* part13_or_null, i64 size13,
            real* part14_or_null, i64 size14, real* part15_or_null, i64 size15,
            const real* __restrict__ norm, real limit, real tiny) {
  FIND_PART(real)
  const real wanted = limit / (norm[0] + tiny), factor = wanted > 1 ? real(1) : wanted;
  each_element(size, [=](i64 i) { x[i] *= factor; });
}

extern "C" __global__ void __launch_bounds__(256, 4)
limit_parts(real* part0_or_null, i64 size0, real* part1_or_null, i64 size1,
            real* part2_or_null, i64 size2, real* part3_or_null, i64 size3,
            real* part4_or_null, i64 size4, real* part5_or_null, i64 size5,
            real* part6_or_null, i64 size6, real* part7_or_null, i64 size7,
            real* part8_or_null, i64 size8, real* part9_or_null, i64 size9,
            real* part10_or_null, i64 size10, real* part11_or_null, i64 size11,
            real* part12_or_null, i64 size12, real* part13_or_null, i64 size13,
            real* part14_or_null, i64 size14, real* part15_or_null, i64 size15,
            real limit) {
  FIND_PART(real)
  each_element(size, [=](i64 i) {
    const real value = x[i];
    if (fabs(value) > limit) x[i] = value > 0 ? limit : -limit;
  });
}
