// Products of matrices whose elements are numbers of each cell, by blocks of sums that stay in registers.
//
// The sizes are arguments and only a block's are the compiler's, so that all layers share a few compiled blocks.
#pragma once
#include "vector.hpp"

// A matrix in memory: element (i, k) is at[i * row + k * column].
struct Matrix {
  const V* at;
  long row, column;
};
struct Result {
  V* at;
  long row, column;
};

constexpr int MB = SUMS >= 20 ? 4 : SUMS >= 12 ? 3 : SUMS >= 6 ? 2 : 1;  // rows of a block
constexpr int NB = larger(1, SUMS / MB);                                  // the most columns of a block

// c[i * cs + j] = start[j], or itself, or 0, + sum over k of a[i][k] b[j][k], added in the order of k
template <int M, int N, bool ADD>
INLINE void product_block(Matrix a, Matrix b, const V* start, Result c, int terms) {
  V sums[M][N];
  UNROLL for (int i = 0; i < M; i++)
    UNROLL for (int j = 0; j < N; j++) sums[i][j] = start ? start[j] : number(0);
  for (int k = 0; k < terms; k++, a.at += a.column, b.at += b.column) {
    V factors[N];
    UNROLL for (int j = 0; j < N; j++) {
      factors[j] = b.at[j * b.row];
      hold_factor(factors[j]);
    }
    UNROLL for (int i = 0; i < M; i++) {
      V value = a.at[i * a.row];
      hold_factor(value);
      UNROLL for (int j = 0; j < N; j++) add_product(sums[i][j], factors[j], value);
    }
  }
  UNROLL for (int i = 0; i < M; i++)
    UNROLL for (int j = 0; j < N; j++) {
      V& to = c.at[i * c.row + j * c.column];
      to = ADD ? to + sums[i][j] : sums[i][j];
    }
}

template <int M, int N, int REST, bool ADD>
INLINE void product_row(Matrix a, Matrix b, const V* start, Result c, int columns, int terms) {
  int j = 0;
  for (; j + N <= columns; j += N)
    product_block<M, N, ADD>(a, {b.at + j * b.row, b.row, b.column}, start ? start + j : start, {c.at + j * c.column, c.row, c.column}, terms);
  if constexpr (REST > 0)
    product_block<M, REST, ADD>(a, {b.at + j * b.row, b.row, b.column}, start ? start + j : start, {c.at + j * c.column, c.row, c.column}, terms);
}

// c = a b^T: `rows` rows of a, and of b a multiple of N and REST more.
template <int N, int REST, bool ADD>
OUTLINE void product(Matrix a, Matrix b, const V* start, Result c, int rows, int columns, int terms) {
  int i = 0;
  for (; i + MB <= rows; i += MB)
    product_row<MB, N, REST, ADD>({a.at + i * a.row, a.row, a.column}, b, start, {c.at + i * c.row, c.row, c.column}, columns, terms);
  for (; i < rows; i++)
    product_row<1, N, REST, ADD>({a.at + i * a.row, a.row, a.column}, b, start, {c.at + i * c.row, c.row, c.column}, columns, terms);
}

// The same where the number of columns is the compiler's.
template <int COLUMNS, bool ADD>
INLINE void product_of(Matrix a, Matrix b, const V* start, Result c, int rows, int terms) {
  constexpr int N = COLUMNS > 64 ? block_size(COLUMNS, NB) : even_block(COLUMNS, NB);
  product<N, COLUMNS % N, ADD>(a, b, start, c, rows, COLUMNS, terms);
}
