// Runs a grid on the CPU: one fiber a CUDA thread, one scheduler loop a block.
//
// Blocks run one after another on one OS thread. A cooperative launch runs every block on an OS thread of its own, at
// the same time, since they wait for each other. So does the thread-sanitizer build, but in turns that the sanitizer
// cannot see, so that it takes blocks for concurrent.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "pool.h"

namespace host {

constexpr unsigned MAX_THREADS_PER_BLOCK = 1024, MAX_SHARED_BYTES = 227 << 10, MAX_CONCURRENT_BLOCKS = 512;
constexpr unsigned POLL_MICROSECONDS = 20;   // between two looks at another block's signal
constexpr unsigned TURN_MICROSECONDS = 200;  // between two looks at whose turn it is
const char* const STATE_NAMES[STATES] = {"ready", "at __syncthreads", "at a warp collective", "waiting for a block",
                                         "finished"};

struct Grid {
  Entry entry;
  void** arguments;
  const Launch* launch;
  std::vector<unsigned> block_order;
  std::atomic<long> turn;  // position in block_order that may run; -1: all at once
};

static void fiber_main() {
  arrived_on_new_stack(block->scheduler);
  Fiber* self = block->running;
  acquire(&block->order_start);
  self->entry(self->arguments);
  release(&block->order_end);
  self->state = FINISHED;
  block->alive--;
  switch_context(self->context, block->scheduler, true);
  abort();
}

static void resume(Fiber* fiber) {
  block->running = fiber;
  current = fiber;
  fiber->state = READY;
  switch_context(block->scheduler, fiber->context);
  current = nullptr;
  block->running = nullptr;
}

static void report_deadlock(dim3 where) {
  char text[1000];
  int used = snprintf(text, sizeof text, "deadlock in block (%u,%u,%u):", where.x, where.y, where.z);
  for (int state = AT_BARRIER; state < STATES; ++state) {
    unsigned count = 0;
    int line = 0;
    for (unsigned i = 0; i < block->threads; ++i)
      if (block->fibers[i]->state == state) {
        count++;
        line = block->fibers[i]->line;
      }
    if (count && state == FINISHED)
      used += snprintf(text + used, sizeof text - used, " %u threads finished;", count);
    else if (count)
      used += snprintf(text + used, sizeof text - used, " %u threads %s (line %d);", count, STATE_NAMES[state], line);
  }
  set_error(text);
}

template <class T>
static void shuffle(std::vector<T>& items, uint64_t& seed) {
  for (size_t i = items.size(); i > 1; --i) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    std::swap(items[i - 1], items[(seed >> 33) % i]);
  }
}

static std::vector<unsigned> ordered(unsigned count, uint64_t order) {
  std::vector<unsigned> result(count);
  for (unsigned i = 0; i < count; ++i) result[i] = order == 1 ? count - 1 - i : i;
  uint64_t seed = order;
  if (order > 1) shuffle(result, seed);
  return result;
}

static void run_threads(dim3 where) {
  std::vector<unsigned> order = ordered(block->threads, block->order);
  uint64_t seed = block->order;
  while (block->alive > 0 && !failed) {
    if (block->order > 1) shuffle(order, seed);
    bool progress = false, waiting = false;
    for (unsigned i : order) {
      Fiber* fiber = block->fibers[i];
      progress |= fiber->state == READY;
      waiting |= fiber->state == WAITING_FOR_BLOCK;
      if (fiber->state == READY || fiber->state == WAITING_FOR_BLOCK) resume(fiber);
      if (failed) return;
    }
    if (!progress && waiting) usleep(POLL_MICROSECONDS);
    if (!progress && !waiting) report_deadlock(where);
  }
}

static void run_block(Block& mine, const Grid& grid, unsigned number) {
  const Launch& launch = *grid.launch;
  const dim3 size = {launch.block[0], launch.block[1], launch.block[2]};
  const dim3 blocks = {launch.grid[0], launch.grid[1], launch.grid[2]};
  const dim3 where = {number % blocks.x, number / blocks.x % blocks.y, number / blocks.x / blocks.y};
  block = &mine;
  mine.threads = mine.alive = size.x * size.y * size.z;
  mine.arrived = 0;
  mine.order = launch.order;
  mine.warps.assign((mine.threads + 31) / 32, Warp());
  while (mine.fibers.size() < mine.threads) mine.fibers.push_back(new_fiber());
  void* dynamic_shared = launch.shared_bytes ? poisoned(launch.shared_bytes) : nullptr;
  if (dynamic_shared) mine.shared.push_back({nullptr, dynamic_shared, launch.shared_bytes});
  adopt_os_thread(mine.scheduler);
  release(&mine.order_start);
  for (unsigned i = 0; i < mine.threads; ++i) {
    Fiber& fiber = *mine.fibers[i];
    fiber.index = {i % size.x, i / size.x % size.y, i / (size.x * size.y)};
    fiber.block = where;
    fiber.block_size = size;
    fiber.grid_size = blocks;
    fiber.lane = i % 32;
    fiber.warp = i / 32;
    fiber.dynamic_shared = dynamic_shared;
    fiber.state = READY;
    fiber.entry = grid.entry;
    fiber.arguments = grid.arguments;
    fiber.groups.clear();
    fiber.open_group.clear();
    prepare(fiber.context, fiber.stack, STACK_BYTES, fiber_main);
  }
  run_threads(where);
  acquire(&mine.order_end);
  for (unsigned i = 0; i < mine.threads; ++i) discard(mine.fibers[i]->context);
  for (SharedArray& array : mine.shared) free(array.memory);
  mine.shared.clear();
  block = nullptr;
}

static void run_in_sequence(Grid& grid) {
  Block mine;
  take_kept(mine.fibers);
  for (unsigned number : grid.block_order)
    if (!failed) run_block(mine, grid, number);
  keep(mine.fibers);
}

struct Seat {  // one block of a launch with an OS thread per block
  Grid* grid;
  long position;
};

static void* run_on_own_thread(void* argument) {
  Seat& seat = *static_cast<Seat*>(argument);
  Grid& grid = *seat.grid;
  const bool in_turns = grid.turn.load() >= 0;
  while (in_turns && grid.turn.load(std::memory_order_relaxed) != seat.position) usleep(TURN_MICROSECONDS);
  Block mine;
  if (!failed) run_block(mine, grid, grid.block_order[seat.position]);
  free_fibers(mine.fibers);
  if (in_turns) grid.turn.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

static void run_on_own_threads(Grid& grid) {
  const long count = grid.block_order.size();
  std::vector<pthread_t> threads(count);
  std::vector<Seat> seats(count);
  for (long i = 0; i < count; ++i) {
    seats[i] = {&grid, i};
    if (pthread_create(&threads[i], nullptr, run_on_own_thread, &seats[i])) abort();
  }
  for (pthread_t& thread : threads) pthread_join(thread, nullptr);
}

int run(Entry entry, void** arguments, const Launch* launch) {
  clear_error();
  const unsigned *g = launch->grid, *b = launch->block;
  const unsigned long threads = static_cast<unsigned long>(b[0]) * b[1] * b[2];
  const unsigned long blocks = static_cast<unsigned long>(g[0]) * g[1] * g[2];
#ifdef XDL_TSAN
  const bool own_threads = true;
#else
  const bool own_threads = launch->cooperative;
#endif
  if (threads == 0 || threads > MAX_THREADS_PER_BLOCK || b[2] > 64)
    set_error("invalid launch: a block has 1 to 1024 threads, at most 64 of them along z");
  else if (blocks == 0 || g[1] > 65535 || g[2] > 65535)
    set_error("invalid launch: a grid has at least one block, at most 65535 along y and z");
  else if (launch->shared_bytes > MAX_SHARED_BYTES)
    set_error("invalid launch: more dynamic shared memory than a block can have");
  else if (own_threads && blocks > MAX_CONCURRENT_BLOCKS)
    set_error("invalid launch: more blocks than the harness runs at the same time");
  if (failed) return 1;
  Grid grid = {entry, arguments, launch, ordered(blocks, launch->order), {-1}};
  if (own_threads) {
    if (!launch->cooperative) grid.turn = 0;
    run_on_own_threads(grid);
  } else {
    run_in_sequence(grid);
  }
  return failed;
}

}  // namespace host
