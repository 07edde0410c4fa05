// The transforms of Winograd's convolutions of three weights, along one side of a tile: F(2, 3) and F(4, 3) of Lavin and
// Gray (2016), "Fast algorithms for convolutional neural networks".
//
// Factors that are no power of two stand alone or are held: so the bits don't depend on what the compiler joins.
#pragma once
#include "vector.hpp"

template <int M>
struct Side;

// Two outputs of four inputs, at the points 0, 1, -1 and infinity.
template <>
struct Side<2> {
  static constexpr int ALL = 4;
  static INLINE void b(const V* d, V* e) {
    e[0] = d[0] - d[2], e[1] = d[1] + d[2], e[2] = d[2] - d[1], e[3] = d[1] - d[3];
  }
  static INLINE void back_b(const V* e, V* d) {
    d[0] = e[0], d[1] = (e[1] - e[2]) + e[3], d[2] = (e[1] + e[2]) - e[0], d[3] = number(0) - e[3];
  }
  static INLINE void a(const V* y, V* m) {
    m[0] = y[0], m[1] = y[0] + y[1], m[2] = y[0] - y[1], m[3] = number(0) - y[1];
  }
  static INLINE void back_a(const V* m, V* y) { y[0] = (m[0] + m[1]) + m[2], y[1] = (m[1] - m[2]) - m[3]; }
  static INLINE void g(const V* w, V* u) {
    const V ends = w[0] + w[2];
    u[0] = w[0], u[1] = 0.5f * (ends + w[1]), u[2] = 0.5f * (ends - w[1]), u[3] = w[2];
  }
  static INLINE void back_g(const V* u, V* w) {
    const V sum = 0.5f * (u[1] + u[2]);
    w[0] = u[0] + sum, w[1] = 0.5f * (u[1] - u[2]), w[2] = sum + u[3];
  }
};

// Four outputs of six inputs, at the points 0, 1, -1, 2, -2 and infinity.
template <>
struct Side<4> {
  static constexpr int ALL = 6;
  static INLINE void b(const V* d, V* e) {
    const V p = d[4] - 4.0f * d[2], q = d[3] - 4.0f * d[1], r = d[4] - d[2], s = 2.0f * (d[3] - d[1]);
    e[0] = r + 4.0f * (d[0] - d[2]), e[1] = p + q, e[2] = p - q, e[3] = r + s, e[4] = r - s;
    e[5] = (d[5] - d[3]) + 4.0f * (d[1] - d[3]);
  }
  static INLINE void back_b(const V* e, V* d) {
    const V p = e[1] + e[2], q = e[1] - e[2], r = e[3] + e[4], s = e[3] - e[4];
    d[0] = 4.0f * e[0], d[1] = 4.0f * (e[5] - q) - 2.0f * s, d[2] = number(0) - ((e[0] + r) + 4.0f * (e[0] + p));
    d[3] = (q - e[5]) + (2.0f * s - 4.0f * e[5]), d[4] = (e[0] + p) + r, d[5] = e[5];
  }
  static INLINE void a(const V* y, V* m) {
    const V p = y[0] + y[2], q = y[1] + y[3], r = y[0] + 4.0f * y[2], s = 2.0f * (y[1] + 4.0f * y[3]);
    m[0] = y[0], m[1] = p + q, m[2] = p - q, m[3] = r + s, m[4] = r - s, m[5] = y[3];
  }
  static INLINE void back_a(const V* m, V* y) {
    const V p = m[1] + m[2], q = m[1] - m[2], r = m[3] + m[4], s = m[3] - m[4];
    y[0] = (m[0] + p) + r, y[1] = q + 2.0f * s, y[2] = p + 4.0f * r, y[3] = (q + 8.0f * s) + m[5];
  }
  static INLINE void g(const V* w, V* u) {
    const V p = w[0] + w[2], q = w[0] + 4.0f * w[2], r = 2.0f * w[1];
    u[0] = 0.25f * w[0], u[1] = (-1.0f / 6) * (p + w[1]), u[2] = (-1.0f / 6) * (p - w[1]);
    u[3] = (1.0f / 24) * (q + r), u[4] = (1.0f / 24) * (q - r), u[5] = w[2];
  }
  static INLINE void back_g(const V* u, V* w) {
    const V p = u[1] + u[2], q = u[3] + u[4];
    V first = (1.0f / 24) * (q - 4.0f * p), last = (1.0f / 6) * (q - p);
    hold(first), hold(last);
    w[0] = 0.25f * u[0] + first, w[1] = (1.0f / 12) * (2.0f * (u[2] - u[1]) + (u[3] - u[4])), w[2] = last + u[5];
  }
};

// A transform of the rows of (IN, IN) numbers, then of the columns: (OUT, OUT).
template <int IN, int OUT, class F>
INLINE void both_sides(const V (&from)[IN][IN], V (&to)[OUT][OUT], F side) {
  V half[IN][OUT];
  UNROLL for (int i = 0; i < IN; i++) side(from[i], half[i]);
  UNROLL for (int j = 0; j < OUT; j++) {
    V column[IN], made[OUT];
    UNROLL for (int i = 0; i < IN; i++) column[i] = half[i][j];
    side(column, made);
    UNROLL for (int i = 0; i < OUT; i++) to[i][j] = made[i];
  }
}
