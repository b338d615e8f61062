// Fibers with their stacks, kept from launch to launch: to map new stacks takes longer than most kernels run. Blocks with
// OS threads of their own keep none: handing them on would order the blocks in the thread sanitizer's eyes.
#pragma once
#include <pthread.h>
#include <sys/mman.h>

#include <cstdlib>

#include "block.h"

namespace host {

constexpr size_t STACK_BYTES = 256 << 10, GUARD_BYTES = 4096;
constexpr size_t MOST_KEPT = 1024;

struct Pool {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  std::vector<Fiber*> fibers;
};

// g++ makes a static variable of an inline function one for the whole process, whatever libraries it is in.
inline Pool& pool() {
  static Pool* every = new Pool();
  return *every;
}

static Fiber* new_fiber() {
  Fiber* fiber = new Fiber();
  void* memory = mmap(nullptr, STACK_BYTES + GUARD_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) abort();
  mprotect(memory, GUARD_BYTES, PROT_NONE);  // an overflowing stack faults instead of corrupting its neighbour
  fiber->stack = static_cast<char*>(memory) + GUARD_BYTES;
  return fiber;
}

static void free_fibers(std::vector<Fiber*>& fibers) {
  for (Fiber* fiber : fibers) {
    munmap(fiber->stack - GUARD_BYTES, STACK_BYTES + GUARD_BYTES);
    delete fiber;
  }
  fibers.clear();
}

static void take_kept(std::vector<Fiber*>& fibers) {
  Pool& kept = pool();
  pthread_mutex_lock(&kept.mutex);
  fibers.swap(kept.fibers);
  pthread_mutex_unlock(&kept.mutex);
}

static void keep(std::vector<Fiber*>& fibers) {
  Pool& kept = pool();
  pthread_mutex_lock(&kept.mutex);
  for (; !fibers.empty() && kept.fibers.size() < MOST_KEPT; fibers.pop_back()) kept.fibers.push_back(fibers.back());
  pthread_mutex_unlock(&kept.mutex);
  free_fibers(fibers);
}

}  // namespace host
