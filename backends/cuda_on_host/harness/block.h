// The state of one block of CUDA threads: shared by the threads' side (waiting.cpp) and the scheduler (scheduler.cpp).
#pragma once
#include <atomic>
#include <deque>
#include <vector>

#include "fiber.h"
#include "runtime.h"

namespace host {

enum State { READY, AT_BARRIER, AT_COLLECTIVE, WAITING_FOR_BLOCK, FINISHED, STATES };

struct Fiber : Thread {
  Context context;
  char* stack = nullptr;
  State state = READY;
  int line = 0;
  Entry entry = nullptr;
  void** arguments = nullptr;
  std::vector<Copy> open_group;
  std::deque<std::vector<Copy>> groups;  // closed, not yet copied
};

struct Warp {
  unsigned arrived = 0, round = 0;
  Collective what = Collective::barrier;
  int line = 0;
  char order[2];                                  // addresses for acquire and release
  uint32_t words[2][32 * WORDS_PER_LANE];         // by round: a lane that runs ahead writes the other half
};

struct SharedArray {
  const void* declaration;  // null: the dynamic one
  void* memory;
  size_t bytes;
};

struct Block {
  std::vector<Fiber*> fibers;
  std::vector<Warp> warps;
  std::vector<SharedArray> shared;
  unsigned threads = 0, alive = 0, arrived = 0, round = 0;
  int barrier_line = 0;
  uint64_t order = 0;
  Context scheduler;
  Fiber* running = nullptr;
  char order_start, order_end, order_barrier[2];
};

extern thread_local Block* block;   // that the calling OS thread runs
extern std::atomic<bool> failed;    // set by the first error; ends the launch
void set_error(const char* text);   // keeps the first
void clear_error();
void* poisoned(size_t bytes);       // exactly as many bytes, all 0xff

}  // namespace host
