// What is done to each of N numbers alone. Those whose slope follows from the output work in place.
#pragma once
#include "vector.hpp"

template <long N, class F>
INLINE void lanewise(const V* x, V* y, F f) {
  for (long i = 0; i < N; i++) {
    float values[LANES];
    std::memcpy(values, x + i, sizeof values);
    for (int l = 0; l < LANES; l++) values[l] = f(values[l]);
    std::memcpy(static_cast<void*>(y + i), values, sizeof values);
  }
}

struct ReLU {
  static INLINE V of(V x) { return if_negative(x, number(0), x); }  // keeps NaN
  static INLINE V slope(V y, V dy) { return if_positive(y, dy, number(0)); }
};

template <int MILLIONTHS>
struct LeakyReLU {
  static constexpr float SLOPE = MILLIONTHS * 1e-6f;
  static INLINE V of(V x) { return if_positive(x, x, SLOPE * x); }
  static INLINE V slope(V y, V dy) { return if_positive(y, dy, SLOPE * dy); }
};

template <class F, long N>
struct Elementwise {
  static void forward(const V* x, V* y) {
    for (long i = 0; i < N; i++) y[i] = F::of(x[i]);
  }
  static void backward(const V* y, const V* dy, V* dx, bool add) {
    for (long i = 0; i < N; i++) dx[i] = add ? dx[i] + F::slope(y[i], dy[i]) : F::slope(y[i], dy[i]);
  }
};

struct Tanh {
  static V of(V x) {
    V y;
    lanewise<1>(&x, &y, [](float value) { return std::tanh(value); });
    return y;
  }
  static INLINE V slope(V y, V dy) { return dy * (number(1) - y * y); }
};

struct Sigmoid {
  static V of(V x) {
    V y;
    lanewise<1>(&x, &y, [](float value) { return 1 / (1 + std::exp(-value)); });
    return y;
  }
  static INLINE V slope(V y, V dy) { return dy * (number(1) - y) * y; }
};

// The sum of two, of which the second is added in place: y += x.
template <long N>
struct Add {
  static void forward(const V* a, const V* b, V* y) {
    for (long i = 0; i < N; i++) y[i] = a[i] + b[i];
  }
  static void backward(const V* dy, V* dx, bool add) {
    for (long i = 0; i < N; i++) dx[i] = add ? dx[i] + dy[i] : dy[i];
  }
};

// Dropout by a mask of zeros and ones: y = x mask / (1 - p).
template <long N>
struct Dropout {
  static void forward(const V* x, const V* mask, V* y) {
    for (long i = 0; i < N; i++) y[i] = mask ? x[i] * mask[i] : x[i];
  }
  static void backward(const V* mask, const V* dy, V* dx, bool add) {
    for (long i = 0; i < N; i++) dx[i] = add ? dx[i] + dy[i] * mask[i] : dy[i] * mask[i];
  }
};
