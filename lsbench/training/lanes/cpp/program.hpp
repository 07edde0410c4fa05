// What a generated network stands on: the arguments of a call, shares of a batch, and their threads.
#pragma once
#include <thread>
#include <vector>

#include "batch_norm.hpp"
#include "conv.hpp"
#include "elementwise.hpp"
#include "linear.hpp"
#include "pool.hpp"
#include "winograd.hpp"

// As lsbench.training.lanes.call has it; V are numbers of each cell, aligned to 64 bytes.
struct Call {
  int32_t examples;          // of each cell in this call
  int32_t threads;
  int32_t rows[LANES];       // which row of the images each cell sees
  int64_t row_stride;        // floats from one row of the images to the next
  const float* images;       // (rows, examples, inputs)
  V* const* parameters;
  V* const* gradients;       // those of a null pointer are not wanted
  V* const* buffers;         // running means and variances
  const V* const* masks;     // (examples, size) of each dropout
  V* kept;                   // KEPT per example, or PREDICTED of `predict`, and STATISTICS
  V* slopes;                 // SLOPES per example
  V* partial;                // WEIGHTS per share
  V* scratch;                // SCRATCH per thread
  V* logits;                 // (examples, outputs); of `backward` their slopes
};

// The batch is cut into SHARES, whatever the number of threads, and gradients are summed in their order.
constexpr int SHARES = 4;

constexpr long longer(long a, long b) { return a > b ? a : b; }

INLINE int share_start(int examples, int share) { return int(int64_t(examples) * share / SHARES); }

template <class F>
void over_shares(const Call& call, long scratch, F work) {
  const int threads = smaller(larger(call.threads, 1), SHARES);
  const auto run = [&](int thread) {
    for (int share = thread; share < SHARES; share += threads)
      work(call, share, share_start(call.examples, share), share_start(call.examples, share + 1), call.scratch + thread * scratch);
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; thread++) others.emplace_back(run, thread);
  run(0);
  for (auto& other : others) other.join();
}

// Example b of the images of each cell, into the cells' lanes.
INLINE void gather(const Call& call, int b, V* x, long count) {
  bool is_shared = true;
  for (int l = 1; l < LANES; l++) is_shared &= call.rows[l] == call.rows[0];
  const float* from[LANES];
  for (int l = 0; l < LANES; l++) from[l] = call.images + call.rows[l] * call.row_stride + b * count;
  if (is_shared) {
    for (long i = 0; i < count; i++) x[i] = number(from[0][i]);
    return;
  }
  for (long i = 0; i < count; i++) {
    float values[LANES];
    for (int l = 0; l < LANES; l++) values[l] = from[l][i];
    std::memcpy(static_cast<void*>(x + i), values, sizeof values);
  }
}

// gradient = the sum of the shares' own, in their order
INLINE void join_gradient(const Call& call, int parameter, long offset, long count, long weights) {
  V* to = call.gradients[parameter];
  if (!to) return;
  for (long i = 0; i < count; i++) {
    V sum = call.partial[offset + i];
    for (int share = 1; share < SHARES; share++) sum += call.partial[share * weights + offset + i];
    to[i] = sum;
  }
}
