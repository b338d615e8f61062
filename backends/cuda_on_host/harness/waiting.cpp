// What CUDA threads call: barriers, warp collectives, shared memory, asynchronous copies. A thread that must wait is
// parked: control goes to the scheduler until another thread has made it ready.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "block.h"

namespace host {

thread_local Thread* current;
thread_local Block* block;
std::atomic<bool> failed;
static std::mutex error_lock;
static char error_text[2048];

const char* error() { return error_text; }

void set_error(const char* text) {
  std::lock_guard<std::mutex> guard(error_lock);
  if (!failed.exchange(true)) snprintf(error_text, sizeof error_text, "%s", text);
}

void clear_error() {
  failed = false;
  error_text[0] = 0;
}

static void park(State state, int line) {
  Fiber* self = block->running;
  self->state = state;
  self->line = line;
  switch_context(self->context, block->scheduler);
}

void fail(const char* format, ...) {
  char reason[800], text[1000];
  va_list values;
  va_start(values, format);
  vsnprintf(reason, sizeof reason, format, values);
  va_end(values);
  snprintf(text, sizeof text, "block (%u,%u,%u) thread (%u,%u,%u): %s", current->block.x, current->block.y,
           current->block.z, current->index.x, current->index.y, current->index.z, reason);
  set_error(text);
  for (;;) park(FINISHED, 0);  // the scheduler sees `failed` and never resumes this fiber
}

static void wake(State state) {
  for (unsigned i = 0; i < block->threads; ++i)
    if (block->fibers[i]->state == state) block->fibers[i]->state = READY;
}

void block_barrier(int line) {
  char* order = &block->order_barrier[block->round & 1];
  if (block->arrived == 0) block->barrier_line = line;
  if (block->barrier_line != line)
    fail("barrier divergence: __syncthreads at line %d while others of the block wait at line %d", line,
         block->barrier_line);
  release(order);
  if (++block->arrived == block->threads) {
    block->arrived = 0;
    block->round++;
    wake(AT_BARRIER);
  } else {
    park(AT_BARRIER, line);
  }
  acquire(order);
}

const uint32_t* exchange(Collective what, int line, const uint32_t* words, int count) {
  Fiber* self = block->running;
  Warp& warp = block->warps[self->warp];
  if (self->warp * 32 + 32 > block->threads) fail("warp collective at line %d in an incomplete warp", line);
  uint32_t* round = warp.words[warp.round & 1];
  for (int i = 0; i < count; ++i) round[self->lane * WORDS_PER_LANE + i] = words[i];  // memcpy would show in tsan
  if (warp.arrived == 0) {
    warp.what = what;
    warp.line = line;
  }
  if (warp.what != what || warp.line != line)
    fail("warp divergence: a collective at line %d while others of the warp wait at line %d", line, warp.line);
  warp.arrived |= 1u << self->lane;
  if (warp.arrived == 0xffffffffu) {
    warp.arrived = 0;
    warp.round++;
    for (unsigned i = self->warp * 32; i < self->warp * 32 + 32; ++i)
      if (block->fibers[i]->state == AT_COLLECTIVE) block->fibers[i]->state = READY;
  } else {
    park(AT_COLLECTIVE, line);
  }
  return round;
}

void warp_barrier(int line) {
  Warp& warp = block->warps[current->warp];
  char* order = &warp.order[warp.round & 1];
  release(order);
  exchange(Collective::barrier, line, nullptr, 0);
  acquire(order);
}

// Exactly as many bytes as declared, so that the address sanitizer sees the first one beyond.
void* poisoned(size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 128, bytes)) abort();
  memset(memory, 0xff, bytes);  // NaN in every float type
  return memory;
}

void* shared_array(const void* declaration, size_t bytes) {
  for (SharedArray& known : block->shared)
    if (known.declaration == declaration) {
      acquire(known.memory);
      return known.memory;
    }
  block->shared.push_back({declaration, poisoned(bytes), bytes});
  release(block->shared.back().memory);
  return block->shared.back().memory;
}

bool copies_at_once() { return block->order == 1; }
void queue_copy(Copy copy) { block->running->open_group.push_back(copy); }
void close_copy_group() {
  Fiber* self = block->running;
  self->groups.push_back(std::move(self->open_group));
  self->open_group.clear();
}
bool next_due_copy(int groups_left, Copy* copy) {
  Fiber* self = block->running;
  while (static_cast<int>(self->groups.size()) > groups_left) {
    std::vector<Copy>& group = self->groups.front();
    if (!group.empty()) {
      *copy = group.back();
      group.pop_back();
      return true;
    }
    self->groups.pop_front();
  }
  return false;
}

void let_others_run() { park(WAITING_FOR_BLOCK, 0); }

}  // namespace host

extern "C" const char* xdl_error() { return host::error(); }
