// Counts memory transactions as a GPU would, without one.
//
// Kernels are compiled with -fsanitize=thread, which calls a function before every access, and are linked with the
// functions below instead of the sanitizer. The n-th execution of one instruction by the lanes of a warp is one request.
// A request to global memory costs 32-byte sectors; one to shared memory costs passes over the 32 banks of 4 bytes
// (wide accesses go by half or quarter warps). Ideal is what as many different bytes would cost side by side. Other
// accesses are to registers and local arrays, which lie on a fiber's stack.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <vector>

#include "block.h"

namespace {

struct Access {
  uintptr_t address;
  unsigned lane, bytes;
};
struct Request {
  std::vector<Access> accesses;
  bool write = false, shared = false;
};
using Instruction = uintptr_t;  // its return address
using ThreadKey = std::tuple<Instruction, unsigned, unsigned>;             // block, thread
using RequestKey = std::tuple<Instruction, unsigned, unsigned, unsigned>;  // block, warp, how often it has run there
struct Range {
  uintptr_t begin, end;
  bool holds(uintptr_t address) const { return address >= begin && address < end; }
};
struct Totals {
  uint64_t instruction, shared, write, requests, bytes, units, ideal;
};

std::vector<Range> global_arrays;
std::mutex lock;  // blocks of a cooperative launch run at the same time
std::map<ThreadKey, unsigned> executions;
std::map<RequestKey, Request> requests;
std::map<std::pair<Instruction, bool>, Totals> totals;

uint64_t sectors(const std::set<uintptr_t>& words) {
  std::set<uintptr_t> touched;
  for (uintptr_t word : words) touched.insert(word / 8);
  return touched.size();
}

// Passes over the banks, and how many would do if no two words of a pass shared a bank.
std::pair<uint64_t, uint64_t> bank_passes(const std::vector<Access>& accesses) {
  const unsigned lanes = accesses[0].bytes == 16 ? 8 : accesses[0].bytes == 8 ? 16 : 32;
  uint64_t passes = 0, ideal = 0;
  for (unsigned first = 0; first < 32; first += lanes) {
    std::map<uintptr_t, std::set<uintptr_t>> words_of_bank;
    std::set<uintptr_t> words;
    for (const Access& access : accesses)
      if (access.lane >= first && access.lane < first + lanes)
        for (uintptr_t word = access.address / 4; word <= (access.address + access.bytes - 1) / 4; ++word) {
          words_of_bank[word % 32].insert(word);
          words.insert(word);
        }
    size_t most = 0;
    for (const auto& bank : words_of_bank) most = std::max(most, bank.second.size());
    passes += most;
    ideal += (words.size() + 31) / 32;
  }
  return {passes, ideal};
}

void add_up() {
  for (const auto& [key, request] : requests) {
    std::set<uintptr_t> words;
    for (const Access& access : request.accesses)
      for (uintptr_t word = access.address / 4; word <= (access.address + access.bytes - 1) / 4; ++word)
        words.insert(word);
    Totals& total = totals[{std::get<0>(key), request.shared}];
    total.instruction = std::get<0>(key);
    total.shared = request.shared;
    total.write = request.write;
    total.requests++;
    total.bytes += 4 * words.size();
    if (!request.shared) {
      total.units += sectors(words);
      total.ideal += (words.size() + 7) / 8;
    } else {
      const auto [passes, ideal] = bank_passes(request.accesses);
      total.units += passes;
      total.ideal += ideal;
    }
  }
  requests.clear();
  executions.clear();
}

bool is_global(uintptr_t address) {
  return std::any_of(global_arrays.begin(), global_arrays.end(), [&](const Range& a) { return a.holds(address); });
}
bool is_shared(uintptr_t address) {
  return std::any_of(host::block->shared.begin(), host::block->shared.end(), [&](const host::SharedArray& array) {
    const uintptr_t begin = reinterpret_cast<uintptr_t>(array.memory);
    return Range{begin, begin + array.bytes}.holds(address);
  });
}

void record(const void* pointer, unsigned bytes, bool write, void* instruction) {
  const host::Thread* thread = host::current;
  if (!thread || global_arrays.empty()) return;
  const uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  const bool shared = is_shared(address);
  if (!shared && !is_global(address)) return;
  const Instruction where = reinterpret_cast<Instruction>(instruction);
  const dim3 blocks = thread->grid_size, at = thread->block;
  const unsigned block = (at.z * blocks.y + at.y) * blocks.x + at.x;
  std::lock_guard<std::mutex> guard(lock);
  const unsigned before = executions[{where, block, thread->warp * 32 + thread->lane}]++;
  Request& request = requests[{where, block, thread->warp, before}];
  request.write = write;
  request.shared = shared;
  request.accesses.push_back({address, thread->lane, bytes});
}

}  // namespace

// Called by Python: starts a profile of accesses to these arrays and to shared memory.
extern "C" void xdl_profile_start(int count, const uint64_t* begin, const uint64_t* bytes) {
  global_arrays.clear();
  for (int i = 0; i < count; ++i) global_arrays.push_back({begin[i], begin[i] + bytes[i]});
  totals.clear();
}
// Ends it and returns how many rows of Totals there are, of which it copies as many as fit.
extern "C" int xdl_profile_stop(Totals* rows, int capacity) {
  add_up();
  int count = 0;
  for (const auto& entry : totals)
    if (count++ < capacity) rows[count - 1] = entry.second;
  global_arrays.clear();
  return count;
}

// The functions that -fsanitize=thread calls.
#define CALLER __builtin_return_address(0)
#define ACCESSES_OF(bytes)                                                                          \
  extern "C" void __tsan_read##bytes(void* p) { record(p, bytes, false, CALLER); }                  \
  extern "C" void __tsan_write##bytes(void* p) { record(p, bytes, true, CALLER); }                  \
  extern "C" void __tsan_unaligned_read##bytes(void* p) { record(p, bytes, false, CALLER); }        \
  extern "C" void __tsan_unaligned_write##bytes(void* p) { record(p, bytes, true, CALLER); }
ACCESSES_OF(1)
ACCESSES_OF(2)
ACCESSES_OF(4)
ACCESSES_OF(8)
ACCESSES_OF(16)
extern "C" void __tsan_read_range(void* p, size_t bytes) { record(p, bytes, false, CALLER); }
extern "C" void __tsan_write_range(void* p, size_t bytes) { record(p, bytes, true, CALLER); }
extern "C" void __tsan_init() {}
extern "C" void __tsan_func_entry(void*) {}
extern "C" void __tsan_func_exit() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
extern "C" int __tsan_atomic32_load(const volatile int* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }
extern "C" int __tsan_atomic32_fetch_add(volatile int* p, int value, int) {
  return __atomic_fetch_add(p, value, __ATOMIC_SEQ_CST);
}
extern "C" int __tsan_atomic32_fetch_or(volatile int* p, int value, int) {
  return __atomic_fetch_or(p, value, __ATOMIC_SEQ_CST);
}
extern "C" int __tsan_atomic32_compare_exchange_weak(volatile int* p, int* expected, int value, int, int) {
  return __atomic_compare_exchange_n(p, expected, value, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
