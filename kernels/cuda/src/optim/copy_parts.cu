// Copies up to 16 arrays to other places, such as the gradients of all parameters into one buffer, in one launch.
//
//   to_j[i] = from_j[i] for every i below size_j
//
// Parts that are not used have size 0. Grid: x over the elements of the largest part, y over the parts; a thread walks
// its part in strides of the grid. Bytes per element (float32): 8. Bound by memory, or by the launch that it saves.
#include "parts.cuh"

#define PART(j)          \
  case j:                \
    to = to##j##_or_null;     \
    from = from##j##_or_null; \
    size = size##j;      \
    break;

extern "C" __global__ void __launch_bounds__(256, 4)
copy_parts(real* to0_or_null, const real* from0_or_null, i64 size0,
           real* to1_or_null, const real* from1_or_null, i64 size1,
           real* to2_or_null, const real* from2_or_null, i64 size2,
           real* to3_or_null, const real* from3_or_null, i64 size3,
           real* to4_or_null, const real* from4_or_null, i64 size4,
           real* to5_or_null, const real* from5_or_null, i64 size5,
           real* to6_or_null, const real* from6_or_null, i64 size6,
           real* to7_or_null, const real* from7_or_null, i64 size7,
           real* to8_or_null, const real* from8_or_null, i64 size8,
           real* to9_or_null, const real* from9_or_null, i64 size9,
           real* to10_or_null, const real* from10_or_null, i64 size10,
           real* to11_or_null, const real* from11_or_null, i64 size11,
           real* to12_or_null, const real* from12_or_null, i64 size12,
           real* to13_or_null, const real* from13_or_null, i64 size13,
           real* to14_or_null, const real* from14_or_null, i64 size14,
           real* to15_or_null, const real* from15_or_null, i64 size15) {
  real* to = nullptr;
  const real* from = nullptr;
  i64 size = 0;
  switch (blockIdx.y) {
    EACH_PART(PART)
  }
  for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < size; i += (i64)gridDim.x * blockDim.x) to[i] = from[i];
}
