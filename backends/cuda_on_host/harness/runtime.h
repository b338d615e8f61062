// What the emulated CUDA language (cuda_on_host.h) asks of the runtime (waiting.cpp, scheduler.cpp).
//
// One fiber runs each CUDA thread; the fibers of a block share one OS thread and switch only where CUDA threads
// wait for each other. The runtime is compiled without sanitizer instrumentation, the kernels with it.
#pragma once
#include <cstddef>
#include <cstdint>

struct dim3 {
  unsigned x, y, z;
};

namespace host {

// What a CUDA thread knows about itself.
struct Thread {
  dim3 index, block, block_size, grid_size;
  unsigned lane, warp;
  void* dynamic_shared;
};
extern thread_local Thread* current;

// Waits that involve the whole block or the whole warp. `line` is the line in the kernel: threads of a block must
// meet at the same one, as on a GPU.
void block_barrier(int line);
void warp_barrier(int line);

// Warp collectives: every lane gives `count` words and then reads the words of all 32 lanes, lane by lane,
// WORDS_PER_LANE apart. They order no memory accesses: only warp_barrier and block_barrier do.
enum class Collective { barrier, shuffle, mma, ldmatrix };
constexpr int WORDS_PER_LANE = 6;
const uint32_t* exchange(Collective what, int line, const uint32_t* words, int count);

// The shared array of this block for one declaration in the source (identified by the address of a static),
// filled with NaN when the block's first thread reaches it.
void* shared_array(const void* declaration, size_t bytes);

// cp.async: copies wait in the thread's open group until the group is closed and waited for. In backward thread
// order they happen at once instead: hardware may do either.
struct Copy {
  void* target;
  const void* source;  // null: fill with zeros
};
bool copies_at_once();
void queue_copy(Copy copy);
void close_copy_group();
bool next_due_copy(int groups_left, Copy* copy);

void let_others_run();  // inside a loop that waits for another block
[[noreturn]] void fail(const char* format, ...);

using Entry = void (*)(void** arguments);
struct Launch {
  unsigned grid[3], block[3];
  unsigned shared_bytes, cooperative;
  uint64_t order;  // of threads and blocks: 0 forward, 1 backward, else the seed of a random order
};
int run(Entry entry, void** arguments, const Launch* launch);  // 0, or 1 with the reason in error()
const char* error();

}  // namespace host
