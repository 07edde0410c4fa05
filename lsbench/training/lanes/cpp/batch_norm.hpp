// nn.BatchNorm1d and 2d: C channels of AREA numbers each, per example.
//
// Statistics of a batch are joined example after example: means and sums of squared deviations (Chan et al., 1979).
#pragma once
#include "activations.hpp"

template <int C, int AREA, class F>
struct BatchNorm {
  static constexpr long SIZE = long(C) * AREA;

  // moments (2 C): of one example the mean of each channel, then the sum of squared deviations from it
  static void measure(const V* x, V* moments) {
    const V share = number(1.0f / AREA);
    for (int c = 0; c < C; c++) {
      V sum = number(0), squares = number(0);
      for (int i = 0; i < AREA; i++) sum += x[long(c) * AREA + i];
      V mean = sum * share;
      hold(mean);
      for (int i = 0; i < AREA; i++) {
        const V deviation = x[long(c) * AREA + i] - mean;
        add_product(squares, deviation, deviation);
      }
      moments[c] = mean;
      moments[C + c] = squares;
    }
  }

  static INLINE V inverse_sd(V variance, float tiny) { return number(1) / square_root(variance + number(tiny)); }

  // statistics (2 C): means and 1 / sd of the batch; the running ones follow
  static void join(const V* moments, int examples, V* statistics, V* running_mean, V* running_var, float momentum, float tiny) {
    for (int c = 0; c < C; c++) {
      V mean = moments[c], squares = moments[C + c];
      for (int b = 1; b < examples; b++) {
        const V* own = moments + long(b) * 2 * C;
        const float count = float(b) * AREA, share = AREA / (count + AREA);
        const V difference = own[c] - mean;
        add_product(mean, number(share), difference);
        squares += plus_product(own[C + c], count * share * difference, difference);
      }
      const float count = float(examples) * AREA;
      V variance = (1 / count) * squares, unbiased = (1 / (count - 1)) * squares;
      hold(variance), hold(unbiased);
      statistics[c] = mean;
      statistics[C + c] = inverse_sd(variance, tiny);
      add_product(running_mean[c], number(momentum), mean - running_mean[c]);
      add_product(running_var[c], number(momentum), unbiased - running_var[c]);
    }
  }

  static void use_running(const V* running_mean, const V* running_var, V* statistics, float tiny) {
    for (int c = 0; c < C; c++) {
      statistics[c] = running_mean[c];
      statistics[C + c] = inverse_sd(running_var[c], tiny);
    }
  }

  // y = F(normalised x + added), of which `added` may be a null pointer
  static void forward(const V* x, const V* statistics, const V* weight, const V* bias, const V* added, V* y) {
    for (int c = 0; c < C; c++) {
      const V factor = statistics[C + c] * weight[c], shift = minus_product(bias[c], statistics[c], factor);
      const long first = long(c) * AREA;
      if (added)
        for (long i = first; i < first + AREA; i++) y[i] = F::of(plus_product(shift, x[i], factor) + added[i]);
      else
        for (long i = first; i < first + AREA; i++) y[i] = F::of(plus_product(shift, x[i], factor));
    }
  }

  // dy becomes the slopes before F; sums (2 C): of one example, of these and of these times the normalised x
  static void measure_slopes(const V* x, const V* statistics, [[maybe_unused]] const V* y, V* dy, V* sums) {
    for (int c = 0; c < C; c++) {
      V slopes = number(0), products = number(0);
      for (long i = long(c) * AREA; i < long(c + 1) * AREA; i++) {
        if constexpr (!std::is_same_v<F, Same>) dy[i] = F::slope(y[i], dy[i]);
        slopes += dy[i];
        add_product(products, dy[i], x[i] - statistics[c]);
      }
      sums[c] = slopes;
      sums[C + c] = products * statistics[C + c];
    }
  }

  static void join_slopes(const V* sums, int examples, V* dweight, V* dbias) {
    zero(dweight, C);
    zero(dbias, C);
    for (int b = 0; b < examples; b++)
      for (int c = 0; c < C; c++) {
        dbias[c] += sums[long(b) * 2 * C + c];
        dweight[c] += sums[long(b) * 2 * C + C + c];
      }
  }

  static void backward(const V* x, const V* statistics, const V* weight, const V* dweight, const V* dbias, const V* dy,
                       V* dx, int examples, bool add) {
    const float share = 1 / (float(examples) * AREA);
    for (int c = 0; c < C; c++) {
      const V factor = weight[c] * statistics[C + c];
      V level = share * dbias[c];
      hold(level);
      const V slope = share * dweight[c] * statistics[C + c];
      for (long i = long(c) * AREA; i < long(c + 1) * AREA; i++) {
        const V own = minus_product(dy[i] - level, x[i] - statistics[c], slope);
        dx[i] = add ? plus_product(dx[i], factor, own) : factor * own;
      }
    }
  }
};
