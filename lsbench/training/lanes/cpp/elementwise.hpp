// What is done to each of N numbers alone.
#pragma once
#include "activations.hpp"

template <class F, long N>
struct Elementwise {
  static void forward(const V* x, V* y) {
    for (long i = 0; i < N; i++) y[i] = F::of(x[i]);
  }
  // `values` are what the slope of F is a function of: its outputs or its inputs
  static void backward(const V* values, const V* dy, V* dx, bool add) {
    if (add)
      for (long i = 0; i < N; i++) dx[i] += F::slope(values[i], dy[i]);
    else
      for (long i = 0; i < N; i++) dx[i] = F::slope(values[i], dy[i]);
  }
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
