// nn.Linear of M examples: x (M, IN), w (OUT, IN), y (M, OUT), each number one of every cell.
#pragma once
#include "vector.hpp"

constexpr int MB = SUMS >= 20 ? 4 : SUMS >= 6 ? 2 : 1;  // rows of a block

// c[i * cs + j] = start[j] + sum over k of a[i * as + k * ak] b[j * bs + k * bk], added in the order of k
template <int M, int N, bool START, bool ADD>
INLINE void product_block(const V* a, long as, long ak, const V* b, long bs, long bk, const V* start, V* c, long cs, int terms) {
  V sums[M][N];
  UNROLL for (int i = 0; i < M; i++)
    UNROLL for (int j = 0; j < N; j++) sums[i][j] = START ? start[j] : number(0);
  for (int k = 0; k < terms; k++) {
    V factors[N];
    UNROLL for (int j = 0; j < N; j++) factors[j] = b[j * bs + k * bk];
    UNROLL for (int i = 0; i < M; i++) {
      const V value = a[i * as + k * ak];
      UNROLL for (int j = 0; j < N; j++) add_product(sums[i][j], factors[j], value);
    }
  }
  UNROLL for (int i = 0; i < M; i++)
    UNROLL for (int j = 0; j < N; j++) c[i * cs + j] = ADD ? c[i * cs + j] + sums[i][j] : sums[i][j];
}

template <int M, int N, int COLUMNS, bool START, bool ADD>
INLINE void product_row(const V* a, long as, long ak, const V* b, long bs, long bk, const V* start, V* c, long cs, int terms) {
  int j = 0;
  for (; j + N <= COLUMNS; j += N)
    product_block<M, N, START, ADD>(a, as, ak, b + j * bs, bs, bk, START ? start + j : start, c + j, cs, terms);
  if constexpr (COLUMNS % N)
    product_block<M, COLUMNS % N, START, ADD>(a, as, ak, b + j * bs, bs, bk, START ? start + j : start, c + j, cs, terms);
}

// The product of `rows` rows of a and COLUMNS rows of b.
template <int COLUMNS, bool START, bool ADD>
void product(int rows, const V* a, long as, long ak, const V* b, long bs, long bk, const V* start, V* c, long cs, int terms) {
  constexpr int N = block_size(COLUMNS, larger(1, SUMS / MB));
  int i = 0;
  for (; i + MB <= rows; i += MB) product_row<MB, N, COLUMNS, START, ADD>(a + i * as, as, ak, b, bs, bk, start, c + i * cs, cs, terms);
  for (; i < rows; i++) product_row<1, N, COLUMNS, START, ADD>(a + i * as, as, ak, b, bs, bk, start, c + i * cs, cs, terms);
}

template <int INPUTS, int OUTPUTS, bool BIAS>
struct Linear {
  static constexpr long IN = INPUTS, OUT = OUTPUTS, WEIGHTS = long(INPUTS) * OUTPUTS;

  static void forward(const V* x, const V* w, const V* bias, V* y, int examples) {
    product<OUTPUTS, BIAS, false>(examples, x, IN, 1, w, IN, 1, bias, y, OUT, INPUTS);
  }

  // dw = dy x, db = dy, summed over the examples
  static void weight_gradient(const V* x, const V* dy, V* dw, V* db, int examples) {
    product<INPUTS, false, false>(OUTPUTS, dy, 1, OUT, x, 1, IN, nullptr, dw, IN, examples);
    if constexpr (BIAS)
      for (int o = 0; o < OUTPUTS; o++) {
        V sum = number(0);
        for (int m = 0; m < examples; m++) sum += dy[m * OUT + o];
        db[o] = sum;
      }
  }

  static void input_gradient(const V* w, const V* dy, V* dx, int examples, bool add) {
    if (add)
      product<INPUTS, false, true>(examples, dy, OUT, 1, w, 1, IN, nullptr, dx, IN, OUTPUTS);
    else
      product<INPUTS, false, false>(examples, dy, OUT, 1, w, 1, IN, nullptr, dx, IN, OUTPUTS);
  }
};
