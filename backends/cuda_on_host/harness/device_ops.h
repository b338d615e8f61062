// The host twins of common.cuh's wrappers around PTX instructions: tensor cores, ldmatrix, asynchronous copies,
// signals between blocks. Fragment layouts: PTX ISA, "Matrix fragments for mma.m16n8k8" and "ldmatrix".
#pragma once

// Rounds to the 10 fraction bits of TF32, halves away from zero, as cvt.rna does.
inline uint32_t to_tf32(float value) {
  uint32_t bits = __float_as_uint(value);
  const bool finite = (bits & 0x7f800000u) != 0x7f800000u;
  if (finite) bits += 0x1000u;
  return bits & ~0x1fffu;
}

inline float computed_anew(float value) { return value; }
inline float add_apart(float a, float b) { return a + b; }
inline double add_apart(double a, double b) { return a + b; }

// D[16][8] += A[16][8] B[8][8]. Lane 4 g + c holds A[g][c], A[g+8][c], A[g][c+4], A[g+8][c+4]; B[c][g], B[c+4][g];
// D[g][2c], D[g][2c+1], D[g+8][2c], D[g+8][2c+1]. The unit ignores the 13 low bits of A and B.
inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], CALLED_FROM) {
  const uint32_t mine[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  const uint32_t* given = host::exchange(host::Collective::mma, line, mine, 6);
  auto operand = [&](int lane, int word) {
    return static_cast<double>(__uint_as_float(given[lane * host::WORDS_PER_LANE + word] & ~0x1fffu));
  };
  const int g = host::current->lane / 4, c = host::current->lane % 4;
  double sum[4] = {d[0], d[1], d[2], d[3]};
  for (int k = 0; k < 8; ++k) {
    const int column = k % 4, upper = k / 4;
    const double a_low = operand(4 * g + column, 2 * upper), a_high = operand(4 * g + column, 2 * upper + 1);
    const double b_even = operand(4 * (2 * c) + column, 4 + upper);
    const double b_odd = operand(4 * (2 * c + 1) + column, 4 + upper);
    sum[0] += a_low * b_even;
    sum[1] += a_low * b_odd;
    sum[2] += a_high * b_even;
    sum[3] += a_high * b_odd;
  }
  for (int i = 0; i < 4; ++i) d[i] = static_cast<float>(sum[i]);
}

// Four 8 x 4 matrices of 32-bit words: lane l names row l % 8 of matrix l / 8 and receives word l % 4 of row l / 4 of
// every matrix.
inline void ldmatrix_x4(uint32_t (&result)[4], const void* row, CALLED_FROM) {
  if (reinterpret_cast<uintptr_t>(row) % 16) host::fail("line %d: ldmatrix row not aligned to 16 bytes", line);
  uint32_t words[2];
  memcpy(words, &row, sizeof row);
  const uint32_t* given = host::exchange(host::Collective::ldmatrix, line, words, 2);
  const unsigned lane = host::current->lane;
  for (unsigned matrix = 0; matrix < 4; ++matrix) {
    const uint32_t* source;
    memcpy(&source, given + (8 * matrix + lane / 4) * host::WORDS_PER_LANE, sizeof source);
    result[matrix] = source[lane % 4];
  }
}

struct alignas(16) SixteenBytes {
  uint32_t words[4];
};
inline void copy_now(const host::Copy& copy) {
  const SixteenBytes zeros = {{0, 0, 0, 0}};
  *static_cast<SixteenBytes*>(copy.target) = copy.source ? *static_cast<const SixteenBytes*>(copy.source) : zeros;
}
inline void copy_async_16(void* target, const void* source, bool valid, CALLED_FROM) {
  if ((reinterpret_cast<uintptr_t>(target) | reinterpret_cast<uintptr_t>(source)) % 16)
    host::fail("line %d: asynchronous copy not aligned to 16 bytes", line);
  const host::Copy copy = {target, valid ? source : nullptr};
  if (host::copies_at_once())
    copy_now(copy);
  else
    host::queue_copy(copy);
}
inline void copy_async_commit() { host::close_copy_group(); }
template <int groups_left>
inline void copy_async_wait() {
  host::Copy copy;
  while (host::next_due_copy(groups_left, &copy)) copy_now(copy);
}

inline void signal_next(uint32_t* counter, uint32_t last) {
  uint32_t count = __atomic_load_n(counter, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(counter, &count, count >= last ? 0 : count + 1, true, __ATOMIC_RELEASE,
                                      __ATOMIC_RELAXED)) {
  }
}
inline uint32_t load_acquire(const uint32_t* counter) { return __atomic_load_n(counter, __ATOMIC_ACQUIRE); }
inline void while_waiting() { host::let_others_run(); }
inline float4 load_float4(const float* address, CALLED_FROM) {
  if (reinterpret_cast<uintptr_t>(address) % 16) host::fail("line %d: load of 16 bytes from an address not aligned", line);
  typedef float Four __attribute__((vector_size(16)));  // one access of 16 bytes also where a part of it is not used
  const Four four = *reinterpret_cast<const Four*>(address);
  return {four[0], four[1], four[2], four[3]};
}
inline float4 load_float4_from_l2(const float* address, CALLED_FROM) { return load_float4(address, line); }
inline void store_to_l2(float* address, float value) { *address = value; }
inline void store_pair(float* address, float first, float second, CALLED_FROM) {
  if (reinterpret_cast<uintptr_t>(address) % 8) host::fail("line %d: store of 8 bytes to an address not aligned", line);
  typedef float Pair __attribute__((vector_size(8)));
  *reinterpret_cast<Pair*>(address) = Pair{first, second};
}

// All bytes of a T as one access, also where a part of it is not used.
template <class T>
struct Whole {
  typedef char Bytes __attribute__((vector_size(sizeof(T)), may_alias));
};
inline void require_aligned(const void* address, int bytes, int line) {
  if (reinterpret_cast<uintptr_t>(address) % bytes) host::fail("line %d: %d bytes at an address not aligned", line, bytes);
}
template <class T>
inline T load_whole(const void* address, CALLED_FROM) {
  require_aligned(address, sizeof(T), line);
  const typename Whole<T>::Bytes bytes = *static_cast<const typename Whole<T>::Bytes*>(address);
  T value;
  memcpy(&value, &bytes, sizeof(T));
  return value;
}
template <class T>
inline void store_whole(void* address, T value, CALLED_FROM) {
  require_aligned(address, sizeof(T), line);
  typename Whole<T>::Bytes bytes;
  memcpy(&bytes, &value, sizeof(T));
  *static_cast<typename Whole<T>::Bytes*>(address) = bytes;
}
