// Switching between stacks inside one OS thread: assembly on x86-64, ucontext elsewhere, and the calls that keep the
// address and thread sanitizers informed.
#pragma once
#include <cstddef>
#include <cstdint>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#ifdef XDL_ASAN
extern "C" void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, size_t bytes);
extern "C" void __sanitizer_finish_switch_fiber(void* fake_stack, const void** old_bottom, size_t* old_bytes);
#endif
#ifdef XDL_TSAN
extern "C" void* __tsan_get_current_fiber();
extern "C" void* __tsan_create_fiber(unsigned flags);
extern "C" void __tsan_destroy_fiber(void* fiber);
extern "C" void __tsan_switch_to_fiber(void* fiber, unsigned flags);
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

#if defined(__x86_64__)
// Pushes the registers that a function must preserve, stores the stack pointer, and does the reverse on the other
// stack. `.weak` lets every object that includes this header carry the same copy.
extern "C" void xdl_switch_stack(void** save, void* load);
asm(R"(
.text
.weak xdl_switch_stack
.type xdl_switch_stack,@function
xdl_switch_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size xdl_switch_stack,.-xdl_switch_stack
)");
#endif

namespace host {

struct Context {
#if defined(__x86_64__)
  void* stack_pointer = nullptr;
#else
  ucontext_t registers;
#endif
  const void* stack_bottom = nullptr;
  size_t stack_bytes = 0;
  void* fake_stack = nullptr;  // address sanitizer's
  void* tsan_fiber = nullptr;
};

inline void prepare(Context& context, char* stack, size_t bytes, void (*entry)()) {
  context.stack_bottom = stack;
  context.stack_bytes = bytes;
#if defined(__x86_64__)
  void** top = reinterpret_cast<void**>(stack + bytes - 64);
  *--top = nullptr;  // the return address that `entry` never uses; it also aligns the stack
  *--top = reinterpret_cast<void*>(entry);
  for (int preserved = 0; preserved < 6; ++preserved) *--top = nullptr;
  context.stack_pointer = top;
#else
  getcontext(&context.registers);
  context.registers.uc_stack.ss_sp = stack;
  context.registers.uc_stack.ss_size = bytes;
  context.registers.uc_link = nullptr;
  makecontext(&context.registers, entry, 0);
#endif
#ifdef XDL_TSAN
  context.tsan_fiber = __tsan_create_fiber(0);
#endif
}

// Switches stacks; returns when somebody switches back to `from`. `from_ends`: nobody ever will.
inline void switch_context(Context& from, Context& to, bool from_ends = false) {
  (void)from_ends;
#ifdef XDL_ASAN
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from.fake_stack, to.stack_bottom, to.stack_bytes);
#endif
#ifdef XDL_TSAN
  __tsan_switch_to_fiber(to.tsan_fiber, 1);  // 1: a switch orders nothing
#endif
#if defined(__x86_64__)
  xdl_switch_stack(&from.stack_pointer, to.stack_pointer);
#else
  swapcontext(&from.registers, &to.registers);
#endif
#ifdef XDL_ASAN
  __sanitizer_finish_switch_fiber(from.fake_stack, nullptr, nullptr);
#endif
}

// The first thing on a new stack; tells where the stack lies that control came from.
inline void arrived_on_new_stack(Context& came_from) {
  (void)came_from;
#ifdef XDL_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &came_from.stack_bottom, &came_from.stack_bytes);
#endif
}

inline void adopt_os_thread(Context& context) {
  (void)context;
#ifdef XDL_TSAN
  context.tsan_fiber = __tsan_get_current_fiber();
#endif
}

inline void discard(Context& context) {
  (void)context;
#ifdef XDL_TSAN
  __tsan_destroy_fiber(context.tsan_fiber);
#endif
}

// "Everything before release(a) happens before what follows acquire(a)", for the thread sanitizer.
inline void acquire(void* address) {
  (void)address;
#ifdef XDL_TSAN
  __tsan_acquire(address);
#endif
}
inline void release(void* address) {
  (void)address;
#ifdef XDL_TSAN
  __tsan_release(address);
#endif
}

}  // namespace host
