// One launch in a process of its own, for the sanitizer builds: a finding ends this process, not the tests.
//
// stdin:  library path, kernel, launch configuration, arguments: each a kind ('P' array, 'N' null, 'S' scalar), a size
//         and its bytes. Every array gets a heap block of exactly its size.
// stdout: the arrays after the launch.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime.h"

static void read_bytes(void* target, size_t bytes) {
  if (bytes && fread(target, 1, bytes, stdin) != bytes) {
    fprintf(stderr, "runner: input ends early\n");
    exit(3);
  }
}
template <class T>
static T read_value() {
  T value;
  read_bytes(&value, sizeof value);
  return value;
}
static std::string read_string() {
  std::string text(read_value<uint32_t>(), '\0');
  read_bytes(&text[0], text.size());
  return text;
}
template <class F>
static F find(void* library, const std::string& name) {
  void* symbol = dlsym(library, name.c_str());
  if (!symbol) {
    fprintf(stderr, "runner: no symbol %s\n", name.c_str());
    exit(4);
  }
  return reinterpret_cast<F>(symbol);
}

struct Argument {
  char kind;
  uint64_t bytes;
  void* memory;
};

int main() {
  const std::string path = read_string(), kernel = read_string();
  const host::Launch launch = read_value<host::Launch>();
  std::vector<Argument> arguments(read_value<uint32_t>());
  for (Argument& argument : arguments) {
    argument.kind = read_value<char>();
    argument.bytes = read_value<uint64_t>();
    argument.memory = nullptr;
    if (argument.kind != 'N' && posix_memalign(&argument.memory, 256, argument.bytes ? argument.bytes : 1)) abort();
    read_bytes(argument.memory, argument.bytes);
  }
  std::vector<void*> addresses;
  for (Argument& argument : arguments)
    addresses.push_back(argument.kind == 'S' ? argument.memory : &argument.memory);
  void* library = dlopen(path.c_str(), RTLD_NOW);
  if (!library) {
    fprintf(stderr, "runner: %s\n", dlerror());
    return 4;
  }
  auto run = find<int (*)(void**, const host::Launch*)>(library, "xdl_run_" + kernel);
  auto error = find<const char* (*)()>(library, "xdl_error");
  if (run(addresses.data(), &launch)) {
    fprintf(stderr, "%s\n", error());
    return 5;
  }
  for (const Argument& argument : arguments)
    if (argument.kind == 'P') fwrite(argument.memory, 1, argument.bytes, stdout);
  return fflush(stdout);
}
