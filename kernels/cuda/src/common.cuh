// What every kernel shares: type names, the wrappers around PTX instructions, and a few device functions.
//
// The kernels include no CUDA header (pip installs lack them). This file is the only one that knows PTX; each wrapper
// has a twin for the CPU in backends/cuda_on_host/harness/device_ops.h, which XDL_ON_HOST selects.
#pragma once
typedef unsigned char u8;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

#ifndef REAL
#define REAL float
#endif
typedef REAL real;  // -DREAL=double compiles a file for float64
#define INFINITE (real(1) / real(0))
#define NOT_A_NUMBER (real(0) / real(0))

// Marks a kernel whose blocks wait for each other: all of them must be on the device at the same time. The launcher
// reads it.
#define COOPERATIVE

#ifdef XDL_ON_HOST
#include "cuda_on_host.h"
#else

#define ALL_LANES 0xffffffffu
#define SHARED_ARRAY(type, name, dimensions) __shared__ type name dimensions
#define DYNAMIC_SHARED(type, name)                      \
  extern __shared__ __align__(128) u8 dynamic_shared[]; \
  type* name = reinterpret_cast<type*>(dynamic_shared)

// Rounds to TF32 (10 fraction bits), halves away from zero.
__device__ __forceinline__ u32 to_tf32(float value) {
  u32 bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
  return bits;
}

// Lets the optimizer believe that the value changes here: what is computed from it in a loop stays in the loop, instead
// of taking a register throughout.
__device__ __forceinline__ float computed_anew(float value) {
  asm volatile("" : "+f"(value));
  return value;
}

// a + b by itself: a product that one of them is does not become a part of the sum (fma), so that two steps in one
// kernel have the bits of two kernels.
__device__ __forceinline__ float add_apart(float a, float b) { return __fadd_rn(a, b); }
__device__ __forceinline__ double add_apart(double a, double b) { return __dadd_rn(a, b); }

// D[16][8] += A[16][8] B[8][8] by one warp on the tensor cores. With g = lane / 4 and c = lane % 4 a lane holds
//   a: A[g][c], A[g+8][c], A[g][c+4], A[g+8][c+4]     b: B[c][g], B[c+4][g]
//   d: D[g][2c], D[g][2c+1], D[g+8][2c], D[g+8][2c+1]
__device__ __forceinline__ void mma_m16n8k8_tf32(float (&d)[4], const u32 (&a)[4], const u32 (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Loads four 8 x 4 matrices of 32-bit words: lane l names (16-byte aligned) row l % 8 of matrix l / 8 and receives
// word l % 4 of row l / 4 of every matrix.
__device__ __forceinline__ void ldmatrix_x4(u32 (&result)[4], const void* row) {
  const u32 address = static_cast<u32>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(result[0]), "=r"(result[1]), "=r"(result[2]), "=r"(result[3])
               : "r"(address)
               : "memory");
}

// Copies 16 bytes from global to shared memory in the background, or writes zeros where `valid` is false.
__device__ __forceinline__ void copy_async_16(void* target, const void* source, bool valid) {
  const u32 address = static_cast<u32>(__cvta_generic_to_shared(target));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(source), "r"(valid ? 16 : 0)
               : "memory");
}
__device__ __forceinline__ void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most `groups_left` of this thread's groups are under way.
template <int groups_left>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(groups_left) : "memory");
}

// Signals between blocks: what a thread wrote before signal_next is seen by whoever then reads with load_acquire. The
// counter goes from 0 up to `last`, and then to 0 again.
__device__ __forceinline__ void signal_next(u32* counter, u32 last) {
  asm volatile("red.release.gpu.global.inc.u32 [%0], %1;" ::"l"(counter), "r"(last) : "memory");
}
__device__ __forceinline__ u32 load_acquire(const u32* counter) {
  u32 value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(counter) : "memory");
  return value;
}
__device__ __forceinline__ void while_waiting() {}  // the body of a loop that waits for a signal
// Memory that other blocks write during the kernel: past the L1 cache, which may hold an old copy.
__device__ __forceinline__ float4 load_float4_from_l2(const float* address) {
  return __ldcg(reinterpret_cast<const float4*>(address));
}
__device__ __forceinline__ void store_to_l2(float* address, float value) { __stcg(address, value); }

// One load of 16 bytes, from an address that is a multiple of 16.
__device__ __forceinline__ float4 load_float4(const float* address) {
  return *reinterpret_cast<const float4*>(address);
}
// One store of 8 bytes, to an address that is a multiple of 8.
__device__ __forceinline__ void store_pair(float* address, float first, float second) {
  *reinterpret_cast<float2*>(address) = make_float2(first, second);
}
// One load or store of all bytes of a T, from an address that is a multiple of them.
template <class T>
__device__ __forceinline__ T load_whole(const void* address) {
  return *reinterpret_cast<const T*>(address);
}
template <class T>
__device__ __forceinline__ void store_whole(void* address, T value) {
  *reinterpret_cast<T*>(address) = value;
}

#endif

__device__ __forceinline__ real sigmoid(real x) { return real(1) / (real(1) + exp(-x)); }

// Sum and maximum over the 32 lanes of a warp; every lane receives it.
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
  for (int flip = 16; flip > 0; flip /= 2) value += __shfl_xor_sync(ALL_LANES, value, flip);
  return value;
}
template <class T>
__device__ __forceinline__ T warp_max(T value) {
  for (int flip = 16; flip > 0; flip /= 2) value = fmax(value, __shfl_xor_sync(ALL_LANES, value, flip));
  return value;
}

// Walks over the elements of one channel of x [images][channels][positions] in steps of 256 elements, without a
// division per step. `index` is where the element lies in x.
#define CHANNEL_THREADS 256
struct ChannelWalk {
  i64 index, image_size, step_images;
  int position, positions, step_positions;
  __device__ __forceinline__ ChannelWalk(i64 element, int channel, int channels, int positions_per_plane) {
    positions = positions_per_plane;
    image_size = (i64)channels * positions;
    position = element % positions;
    index = element / positions * image_size + (i64)channel * positions + position;
    step_images = CHANNEL_THREADS / positions * image_size;
    step_positions = CHANNEL_THREADS % positions;
  }
  __device__ __forceinline__ void advance() {
    index += step_images + step_positions;
    position += step_positions;
    if (position >= positions) {  // into the next image
      position -= positions;
      index += image_size - positions;
    }
  }
};
