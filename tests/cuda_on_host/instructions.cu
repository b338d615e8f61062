// One instruction of common.cuh per kernel, so that a GPU can be asked whether the harness emulates it rightly.
// One warp each, except where noted.
#include "../../kernels/common.cuh"

// d [16][8] = a [16][8] b [8][8] on the tensor cores.
extern "C" __global__ void multiply_tile(const float* a, const float* b, float* d) {
  const int g = threadIdx.x / 4, c = threadIdx.x % 4;
  const u32 a_part[4] = {to_tf32(a[8 * g + c]), to_tf32(a[8 * (g + 8) + c]), to_tf32(a[8 * g + c + 4]),
                         to_tf32(a[8 * (g + 8) + c + 4])};
  const u32 b_part[2] = {to_tf32(b[8 * c + g]), to_tf32(b[8 * (c + 4) + g])};
  float sums[4] = {0, 0, 0, 0};
  mma_m16n8k8_tf32(sums, a_part, b_part);
  d[8 * g + 2 * c] = sums[0];
  d[8 * g + 2 * c + 1] = sums[1];
  d[8 * (g + 8) + 2 * c] = sums[2];
  d[8 * (g + 8) + 2 * c + 1] = sums[3];
}

// words [32][4]: four matrices of 8 rows; result [32][4]: what each lane receives of each matrix.
extern "C" __global__ void load_matrices(const u32* words, u32* result) {
  DYNAMIC_SHARED(u32, rows);
  for (int i = 0; i < 4; ++i) rows[4 * threadIdx.x + i] = words[4 * threadIdx.x + i];
  __syncwarp();
  u32 received[4];
  ldmatrix_x4(received, rows + 4 * threadIdx.x);
  for (int i = 0; i < 4; ++i) result[4 * threadIdx.x + i] = received[i];
}

// target [256][4]: the 16 bytes of source that the neighbouring thread copied, of which the first `valid` threads may.
extern "C" __global__ void copy_in_background(const float* source, float* target, int valid) {
  DYNAMIC_SHARED(float, values);
  copy_async_16(values + 4 * threadIdx.x, source + 4 * threadIdx.x, (int)threadIdx.x < valid);
  copy_async_commit();
  copy_async_wait<0>();
  __syncthreads();
  const int neighbour = (threadIdx.x + 1) % 256;
  for (int i = 0; i < 4; ++i) target[4 * threadIdx.x + i] = values[4 * neighbour + i];
}

// bits [32]: x in TF32; the 13 bits below its fraction mean nothing.
extern "C" __global__ void round_to_tf32(const float* x, u32* bits) {
  bits[threadIdx.x] = to_tf32(x[threadIdx.x]) & 0xffffe000u;
}

// Every block writes its number, then reads all of them: sums [blocks]. finished: one counter, 0 before.
extern "C" __global__ void COOPERATIVE wait_for_all(float* values, float* sums, u32* finished) {
  if (threadIdx.x == 0) {
    store_to_l2(values + 4 * blockIdx.x, float(blockIdx.x + 1));
    signal_add(finished, 1);
    while (load_acquire(finished) < gridDim.x) while_waiting();
    float sum = 0;
    for (int block = 0; block < (int)gridDim.x; ++block) sum += load_float4_from_l2(values + 4 * block).x;
    sums[blockIdx.x] = sum;
  }
}
