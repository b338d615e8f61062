// Running results along the middle dimension of x [outer][width][inner].
//
//   sum      y_i = x_0 + ... + x_i, or x_i + ... + x_(width - 1) in reverse; all but `best` can go in reverse
//   product  y_i = x_0 ... x_i
//   log_sum  y_i = log(e^x_0 + ... + e^x_i)
//   linear   y_i = b_i + a_(i-1) y_(i-1), or b_i + a_i y_(i+1) in reverse, with a [outer][width - 1][inner]
//   best     the index of the largest (or smallest) of x_0 ... x_i: the last of equal ones, and the last nan if there is one
//
// A row is one scan: rows = outer * inner, and its element i lies i * inner elements behind its first. All operations
// are associative: `join(earlier, later)` is the result for two neighbouring stretches.
//
//   rows      a team of threads takes `threads` elements at a time: lanes join over distances 1, 2, 4, 8, 16 (Hillis
//             and Steele, Data Parallel Algorithms, 1986), then warps, then what came before (carry)
//   columns   a thread takes a row: neighbouring threads read neighbouring elements where inner is large
//
// The order of additions depends on the shape alone. Bytes: x read once, y written once. Bound by memory.
#include "row_team.cuh"

struct RunningSum {
  typedef real Item;
  const real* x;
  real* y;
  __device__ __forceinline__ Item load(i64 at, int) const { return x[at]; }
  __device__ __forceinline__ void store(i64 at, Item item) const { y[at] = item; }
  __device__ __forceinline__ Item join(Item earlier, Item later) const { return earlier + later; }
  __device__ __forceinline__ Item from_lane_before(Item item, int distance) const {
    return __shfl_up_sync(ALL_LANES, item, distance);
  }
};

struct RunningProduct : RunningSum {
  __device__ __forceinline__ Item join(Item earlier, Item later) const { return earlier * later; }
};

struct RunningLogSum : RunningSum {
  __device__ __forceinline__ Item join(Item earlier, Item later) const {
    if (earlier == later) return earlier + log(real(2));  // infinite ones, too
    const bool larger = earlier > later;
    const real high = larger ? earlier : later, low = larger ? later : earlier;
    return high + log1p(exp(low - high));
  }
};

template <class T>
struct Candidate {
  T value;
  int index;
};

template <class T>
struct RunningBest {
  typedef Candidate<T> Item;
  const T* x;
  i64* found;
  bool largest;
  __device__ __forceinline__ Item load(i64 at, int i) const { return {x[at], i}; }
  __device__ __forceinline__ void store(i64 at, Item item) const { found[at] = item.index; }
  __device__ __forceinline__ Item join(Item earlier, Item later) const {
    const bool better = largest ? later.value >= earlier.value : later.value <= earlier.value;
    return better || later.value != later.value ? later : earlier;
  }
  __device__ __forceinline__ Item from_lane_before(Item item, int distance) const {
    return {__shfl_up_sync(ALL_LANES, item.value, distance), __shfl_up_sync(ALL_LANES, item.index, distance)};
  }
};

// Where the elements of a row lie, in the order of its scan.
struct ScanRow {
  i64 begin;
  int width, inner, reverse;
  __device__ __forceinline__ ScanRow(int row, int width_, int inner_, int reverse_) {
    width = width_;
    inner = inner_;
    reverse = reverse_;
    begin = (i64)(row / inner) * width * inner + row % inner;
  }
  __device__ __forceinline__ i64 at(int i) const { return begin + (i64)(reverse ? width - 1 - i : i) * inner; }
};

// Stretches of the recurrence: what came before counts `factor` times.
struct Stretch {
  real factor, sum;
};

struct LinearScan {
  typedef Stretch Item;
  ScanRow factors;
  const real* a;
  const real* b;
  real* y;
  __device__ __forceinline__ Item load(i64 at, int i) const { return {i > 0 ? a[factors.at(i - 1)] : real(0), b[at]}; }
  __device__ __forceinline__ void store(i64 at, Item item) const { y[at] = item.sum; }
  __device__ __forceinline__ Item join(Item earlier, Item later) const {
    return {earlier.factor * later.factor, later.sum + later.factor * earlier.sum};
  }
  __device__ __forceinline__ Item from_lane_before(Item item, int distance) const {
    return {__shfl_up_sync(ALL_LANES, item.factor, distance), __shfl_up_sync(ALL_LANES, item.sum, distance)};
  }
};

// shared [TEAM_WARPS]: the result of each warp.
template <class Scan>
__device__ __forceinline__ void scan_row(const Scan& scan, int rows, int width, int inner, int reverse, int warps,
                                         typename Scan::Item* shared) {
  typedef typename Scan::Item Item;
  const RowTeam team(warps);
  const ScanRow row(team.row, width, inner, reverse);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, first_warp = warp / warps * warps;
  const int size = team.row < rows ? width : 0;
  Item carry = Item();
  for (int first = 0; first < width; first += team.threads) {  // of every row, since all threads meet inside
    const int i = first + team.thread;
    Item item = i < size ? scan.load(row.at(i), i) : Item();
    for (int distance = 1; distance < 32; distance *= 2) {
      const Item before = scan.from_lane_before(item, distance);
      if (lane >= distance) item = scan.join(before, item);
    }
    if (lane == 31) shared[warp] = item;
    __syncthreads();
    for (int w = first_warp; w < first_warp + warps; ++w) {
      const bool begun = first > 0 || w > first_warp;
      if (begun && w == warp) item = scan.join(carry, item);
      carry = begun ? scan.join(carry, shared[w]) : shared[w];
    }
    __syncthreads();
    if (i < size) scan.store(row.at(i), item);
  }
}

template <class Scan>
__device__ __forceinline__ void scan_column(const Scan& scan, int rows, int width, int inner, int reverse) {
  const int index = blockIdx.x * blockDim.x + threadIdx.x;
  if (index >= rows || width == 0) return;
  const ScanRow row(index, width, inner, reverse);
  typename Scan::Item item = scan.load(row.at(0), 0);
  scan.store(row.at(0), item);
  for (int i = 1; i < width; ++i) {
    item = scan.join(item, scan.load(row.at(i), i));
    scan.store(row.at(i), item);
  }
}

extern "C" __global__ void __launch_bounds__(256, 4)
sum_rows(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse, int warps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  scan_row(RunningSum{x, y}, rows, width, inner, reverse, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
sum_columns(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse) {
  scan_column(RunningSum{x, y}, rows, width, inner, reverse);
}

extern "C" __global__ void __launch_bounds__(256, 4)
product_rows(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse,
             int warps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  scan_row(RunningProduct{{x, y}}, rows, width, inner, reverse, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
product_columns(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse) {
  scan_column(RunningProduct{{x, y}}, rows, width, inner, reverse);
}

extern "C" __global__ void __launch_bounds__(256, 4)
log_sum_rows(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse,
             int warps) {
  SHARED_ARRAY(real, shared, [TEAM_WARPS]);
  scan_row(RunningLogSum{{x, y}}, rows, width, inner, reverse, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
log_sum_columns(const real* __restrict__ x, real* __restrict__ y, int rows, int width, int inner, int reverse) {
  scan_column(RunningLogSum{{x, y}}, rows, width, inner, reverse);
}

extern "C" __global__ void __launch_bounds__(256, 4)
linear_rows(const real* __restrict__ a, const real* __restrict__ b, real* __restrict__ y, int rows, int width, int inner,
            int reverse, int warps) {
  SHARED_ARRAY(Stretch, shared, [TEAM_WARPS]);
  const ScanRow factors(RowTeam(warps).row, width - 1, inner, reverse);
  scan_row(LinearScan{factors, a, b, y}, rows, width, inner, reverse, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
linear_columns(const real* __restrict__ a, const real* __restrict__ b, real* __restrict__ y, int rows, int width,
               int inner, int reverse) {
  const ScanRow factors(blockIdx.x * blockDim.x + threadIdx.x, width - 1, inner, reverse);
  scan_column(LinearScan{factors, a, b, y}, rows, width, inner, reverse);
}

extern "C" __global__ void __launch_bounds__(256, 4)
best_rows_real(const real* __restrict__ x, i64* __restrict__ found, int rows, int width, int inner, int largest,
               int warps) {
  SHARED_ARRAY(Candidate<real>, shared, [TEAM_WARPS]);
  scan_row(RunningBest<real>{x, found, largest != 0}, rows, width, inner, 0, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
best_columns_real(const real* __restrict__ x, i64* __restrict__ found, int rows, int width, int inner, int largest) {
  scan_column(RunningBest<real>{x, found, largest != 0}, rows, width, inner, 0);
}

extern "C" __global__ void __launch_bounds__(256, 4)
best_rows_integer(const i64* __restrict__ x, i64* __restrict__ found, int rows, int width, int inner, int largest,
                  int warps) {
  SHARED_ARRAY(Candidate<i64>, shared, [TEAM_WARPS]);
  scan_row(RunningBest<i64>{x, found, largest != 0}, rows, width, inner, 0, warps, shared);
}

extern "C" __global__ void __launch_bounds__(256, 4)
best_columns_integer(const i64* __restrict__ x, i64* __restrict__ found, int rows, int width, int inner,
                     int largest) {
  scan_column(RunningBest<i64>{x, found, largest != 0}, rows, width, inner, 0);
}
