// Embedding: rows of a table by token, and the gradient of the table.
//
//   tokens [n]    weight [V][D]    y [n][D] = weight[tokens]         dweight[v] = sum of g[i] over all i with
//                                                                                 tokens[i] = v
// Bytes: forward reads n rows and writes n rows; backward reads n rows (each once) and writes V rows. Bound by memory.
#include "common.cuh"

// A thread owns one column of every row that its block walks. Grid: x over D, y over the n tokens.
// A token outside [0, V) gives a row of NaN and sets the flag, which the host reads when it next waits anyway.
extern "C" __global__ void __launch_bounds__(256, 4)
embedding_forward(const real* __restrict__ weight, const i64* __restrict__ tokens, real* __restrict__ y,
                  u32* __restrict__ bad_token, int count, int vocabulary, int width) {
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= width) return;
  for (int i = blockIdx.y; i < count; i += gridDim.y) {
    const i64 token = tokens[i];
    const bool known = token >= 0 && token < vocabulary;
    if (!known) atomicOr(bad_token, 1u);
    y[(i64)i * width + column] = known ? weight[token * width + column] : NOT_A_NUMBER;
  }
}

// The first place in `order`, which sorts the tokens, whose token is at least `wanted`.
__device__ __forceinline__ int first_place(const i64* tokens, const int* order, int count, int wanted) {
  int low = 0, high = count;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    const i64 token = tokens[order[middle]];
    const bool before = token >= 0 && token < wanted;  // tokens outside [0, V) lie at the end
    if (before)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// A block owns row v = blockIdx.x of dweight, a thread some of its columns. order: from sort.cu, so that the rows of g
// are added in the order of their positions: no atomics, the same sum in every run.
extern "C" __global__ void __launch_bounds__(256, 4)
embedding_backward(const real* __restrict__ g, const i64* __restrict__ tokens, const int* __restrict__ order,
                   real* __restrict__ dweight, int count, int width) {
  const int row = blockIdx.x;
  const int begin = first_place(tokens, order, count, row);
  const int end = first_place(tokens, order, count, row + 1);
  for (int column = threadIdx.x; column < width; column += blockDim.x) {
    real sum = 0;
    for (int i = begin; i < end; ++i) sum += g[(i64)order[i] * width + column];
    dweight[(i64)row * width + column] = sum;
  }
}
