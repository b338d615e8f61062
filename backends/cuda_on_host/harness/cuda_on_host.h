// CUDA's language for g++: enough of it to run the files of kernels/cuda/src unchanged on the CPU.
// common.cuh includes this file where XDL_ON_HOST is defined.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "runtime.h"

// ---------------------------------------------------------------- keywords, indices, vectors
#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define threadIdx (host::current->index)
#define blockIdx (host::current->block)
#define blockDim (host::current->block_size)
#define gridDim (host::current->grid_size)

struct alignas(16) float4 {
  float x, y, z, w;
};

// ---------------------------------------------------------------- shared memory
#define SHARED_ARRAY(type, name, dimensions)                                                            \
  using name##_shared_type = type dimensions;                                                           \
  static const char name##_declaration = 0;                                                             \
  name##_shared_type& name = *static_cast<name##_shared_type*>(                                         \
      host::shared_array(&name##_declaration, sizeof(name##_shared_type)))
#define DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(host::current->dynamic_shared)

// ---------------------------------------------------------------- barriers and shuffles
constexpr unsigned ALL_LANES = 0xffffffffu;
#define CALLED_FROM int line = __builtin_LINE()

inline void __syncthreads(CALLED_FROM) { host::block_barrier(line); }

inline void require_all_lanes(unsigned mask, int line) {
  if (mask != ALL_LANES) host::fail("line %d: xdl's kernels name all 32 lanes in warp collectives", line);
}

inline void __syncwarp(unsigned mask = ALL_LANES, CALLED_FROM) {
  require_all_lanes(mask, line);
  host::warp_barrier(line);
}

namespace host {
template <class T>
T shuffle(T value, unsigned source_lane, int line) {
  uint32_t words[2] = {0, 0};
  memcpy(words, &value, sizeof(T));
  const uint32_t* given = exchange(Collective::shuffle, line, words, 2);
  memcpy(&value, given + source_lane * WORDS_PER_LANE, sizeof(T));
  return value;
}
}  // namespace host

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, CALLED_FROM) {
  require_all_lanes(mask, line);
  return host::shuffle(value, lane & 31, line);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int flip, CALLED_FROM) {
  require_all_lanes(mask, line);
  return host::shuffle(value, (host::current->lane ^ flip) & 31, line);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned distance, CALLED_FROM) {
  require_all_lanes(mask, line);
  const unsigned lane = host::current->lane;
  return host::shuffle(value, lane < distance ? lane : lane - distance, line);
}

// ---------------------------------------------------------------- atomics
inline int atomicAdd(int* address, int value) { return __atomic_fetch_add(address, value, __ATOMIC_RELAXED); }
inline int atomicMax(int* address, int value) {
  int seen = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (seen < value && !__atomic_compare_exchange_n(address, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return seen;
}
inline unsigned atomicOr(unsigned* address, unsigned value) {
  return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}

// ---------------------------------------------------------------- arithmetic
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned __float_as_uint(float value) {
  unsigned bits;
  memcpy(&bits, &value, 4);
  return bits;
}
inline float __uint_as_float(unsigned bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>((static_cast<unsigned __int128>(a) * b) >> 64);
}

#include "device_ops.h"

// ---------------------------------------------------------------- how Python calls a kernel
namespace host {
// f float, d double, b byte, i and u 32 bits, l and v 64 bits (signed and unsigned); capital: a pointer to it.
template <class T>
constexpr char type_code() {
  if constexpr (std::is_pointer_v<T>)
    return type_code<std::remove_cv_t<std::remove_pointer_t<T>>>() - 'a' + 'A';
  else if constexpr (std::is_floating_point_v<T>)
    return sizeof(T) == 4 ? 'f' : 'd';
  else if constexpr (sizeof(T) == 1)
    return 'b';
  else
    return std::is_signed_v<T> ? (sizeof(T) == 4 ? 'i' : 'l') : (sizeof(T) == 4 ? 'u' : 'v');
}
template <class... A>
const char* type_codes(void (*)(A...)) {
  static const char codes[] = {type_code<A>()..., 0};
  return codes;
}
template <class... A, size_t... I>
void call(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_reference_t<A>*>(arguments[I])...);
}
template <class... A>
void call_kernel(void (*kernel)(A...), void** arguments) {
  call(kernel, arguments, std::index_sequence_for<A...>());
  copy_async_commit();
  copy_async_wait<0>();  // hardware finishes copies that nobody waited for
}
}  // namespace host

#define EXPORT_KERNEL(kernel)                                                                     \
  extern "C" const char* xdl_types_##kernel() { return host::type_codes(&kernel); }               \
  static void xdl_entry_##kernel(void** arguments) { host::call_kernel(&kernel, arguments); }     \
  extern "C" int xdl_run_##kernel(void** arguments, const host::Launch* launch) {                 \
    return host::run(&xdl_entry_##kernel, arguments, launch);                                     \
  }
