// Kernels over up to 16 arrays at once: a launch has a pointer (or two) and a size for each. A block finds its array by
// its y index in `switch (blockIdx.y) { EACH_PART(PART) }`, where PART(j) is a case that the kernel's file defines.
#pragma once
#include "common.cuh"

#define EACH_PART(PART) \
  PART(0)               \
  PART(1)               \
  PART(2)               \
  PART(3)               \
  PART(4)               \
  PART(5)               \
  PART(6)               \
  PART(7)               \
  PART(8)               \
  PART(9)               \
  PART(10)              \
  PART(11)              \
  PART(12)              \
  PART(13)              \
  PART(14)              \
  PART(15)
