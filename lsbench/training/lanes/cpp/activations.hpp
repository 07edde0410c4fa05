// Activations: `of` a number, and `slope`: the slope of its input. That is read from the output where it can be, so that
// the activation works in place; else from the input, see lsbench.training.lanes.activations.
#pragma once
#include <type_traits>

#include "curves.hpp"

INLINE float of_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

struct Same {
  static INLINE V of(V x) { return x; }
};

struct ReLU {
  static INLINE V of(V x) { return if_negative(x, number(0), x); }  // keeps NaN
  static INLINE V slope(V y, V dy) { return if_positive(y, dy, number(0)); }
};

template <uint32_t SLOPE>
struct LeakyReLU {
  static INLINE V of(V x) { return if_positive(x, x, of_bits(SLOPE) * x); }
  static INLINE V slope(V y, V dy) { return if_positive(y, dy, of_bits(SLOPE) * dy); }  // y: or the input
};

template <uint32_t LOW, uint32_t HIGH>
struct Clipped {
  static INLINE V of(V x) {
    const float low = of_bits(LOW), high = of_bits(HIGH);
    return each([&](int i) {
      const Register above = x.part[i] < low ? all(low) : x.part[i];
      return above > high ? all(high) : above;
    });
  }
  static INLINE V slope(V y, V dy) {
    const V inner = if_positive(y - number(of_bits(LOW)), dy, number(0));
    return if_positive(number(of_bits(HIGH)) - y, inner, number(0));
  }
};

template <uint32_t ALPHA>
struct ELU {
  static INLINE V of(V x) {
    return if_positive(x, x, of_bits(ALPHA) * each([&](int i) { return exponential_minus_1(x.part[i]); }));
  }
  static INLINE V slope(V y, V dy) { return if_positive(y, dy, dy * (y + number(of_bits(ALPHA)))); }
};

struct Tanh {
  static INLINE V of(V x) {
    return each([&](int i) { return hyperbolic_tangent(x.part[i]); });
  }
  static INLINE V slope(V y, V dy) { return dy * (number(1) - y * y); }
};

struct Sigmoid {
  static INLINE V of(V x) {
    return each([&](int i) { return sigmoid(x.part[i]); });
  }
  static INLINE V slope(V y, V dy) { return dy * (number(1) - y) * y; }
};

struct Hardsigmoid {  // (x + 3) / 6 between 0 and 1
  static INLINE V of(V x) { return (1 / 6.0f) * Clipped<0u, 0x40c00000u>::of(x + number(3)); }
  static INLINE V slope(V y, V dy) { return Clipped<0u, 0x3f800000u>::slope(y, (1 / 6.0f) * dy); }
};

struct SiLU {  // x sigmoid(x)
  static INLINE V of(V x) { return x * Sigmoid::of(x); }
  static INLINE V slope(V x, V dy) {
    const V s = Sigmoid::of(x);
    return dy * (s * (number(1) + x * (number(1) - s)));
  }
};

struct Hardswish {  // x times hardsigmoid(x)
  static INLINE V of(V x) { return x * Hardsigmoid::of(x); }
  static INLINE V slope(V x, V dy) {
    const V inner = dy * (number(0.5f) + (1 / 3.0f) * x);
    const V above = if_positive(x + number(3), inner, number(0));
    return if_positive(x - number(3), dy, above);
  }
};

struct GELU {  // x P(z < x), z standard normal
  static INLINE V below(V x) {
    return number(0.5f) + 0.5f * each([&](int i) { return error_function(x.part[i] * 0.707106781f); });
  }
  static INLINE V of(V x) { return x * below(x); }
  static INLINE V slope(V x, V dy) {
    const V density = 0.398942280f * each([&](int i) { return exponential(-0.5f * (x.part[i] * x.part[i])); });
    return dy * (below(x) + x * density);
  }
};

struct GELUByTanh {  // x (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3)
  static constexpr float ROOT = 0.797884561f, CUBE = 0.044715f;

  static INLINE V bend(V x) { return Tanh::of(ROOT * (x + x * ((CUBE * x) * x))); }
  static INLINE V of(V x) { return x * (number(0.5f) + 0.5f * bend(x)); }
  static INLINE V slope(V x, V dy) {
    const V t = bend(x), inner = ROOT * (number(1) + (3 * CUBE * x) * x);
    return dy * ((number(0.5f) + 0.5f * t) + (0.5f * x) * ((number(1) - t * t) * inner));
  }
};
