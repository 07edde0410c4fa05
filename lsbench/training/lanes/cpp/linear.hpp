// nn.Linear of M examples: x (M, IN), w (OUT, IN), y (M, OUT), each number one of every cell.
#pragma once
#include "product.hpp"

template <int INPUTS, int OUTPUTS, bool BIAS>
struct Linear {
  static constexpr long IN = INPUTS, OUT = OUTPUTS, WEIGHTS = long(INPUTS) * OUTPUTS;

  static void forward(const V* x, const V* w, const V* bias, V* y, int examples) {
    product_of<OUTPUTS, false>({x, IN, 1}, {w, IN, 1}, BIAS ? bias : nullptr, {y, OUT, 1}, examples, INPUTS);
  }

  // dw = dy x, db = dy, summed over the examples
  static void weight_gradient(const V* x, const V* dy, V* dw, V* db, int examples) {
    product_of<INPUTS, false>({dy, 1, OUT}, {x, 1, IN}, nullptr, {dw, IN, 1}, OUTPUTS, examples);
    if constexpr (BIAS)
      for (int o = 0; o < OUTPUTS; o++) {
        V sum = number(0);
        for (int m = 0; m < examples; m++) sum += dy[m * OUT + o];
        db[o] = sum;
      }
  }

  static void input_gradient(const V* w, const V* dy, V* dx, int examples, bool add) {
    if (add)
      product_of<INPUTS, true>({dy, OUT, 1}, {w, 1, IN}, nullptr, {dx, IN, 1}, examples, OUTPUTS);
    else
      product_of<INPUTS, false>({dy, OUT, 1}, {w, 1, IN}, nullptr, {dx, IN, 1}, examples, OUTPUTS);
  }
};
