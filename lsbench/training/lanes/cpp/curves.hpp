// exp, tanh, erf and what follows from them, on registers: no branches, no calls. Errors are below 3 units in the last
// place. A NaN stays one.
#pragma once
#include "vector.hpp"

typedef uint32_t Unsigned __attribute__((vector_size(4 * PART)));

INLINE Register all(float value) { return value - Register{}; }
INLINE Register absolute(Register x) { return Register(Unsigned(x) & 0x7fffffffu); }
INLINE Register with_sign_of(Register value, Register sign) {
  return Register((Unsigned(value) & 0x7fffffffu) | (Unsigned(sign) & 0x80000000u));
}

// exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1) with x = n ln 2 + r, |r| < 0.35; and 2^n.
struct Powers {
  Register part, scale;  // exp(r) - 1, 2^n

  explicit INLINE Powers(Register x) {
    x = x < -87.0f ? all(-87.0f) : x;  // where exp is below 2e-38, which no sum with 1 shows
    x = x > 88.0f ? all(88.0f) : x;
    const Register shifted = x * 1.44269504f + 12582912.0f;  // 1.5 2^23: its last bits are n
    const Register n = shifted - 12582912.0f;
    Register r = x - n * 0.693145752f;
    r = r - n * 1.42860677e-6f;
    Register p = r * 1.98756984e-4f + 1.39819995e-3f;  // Cephes' expf
    p = p * r + 8.33345205e-3f;
    p = p * r + 4.16657962e-2f;
    p = p * r + 1.66666657e-1f;
    p = p * r + 0.5f;
    part = (p * r) * r + r;
    scale = Register((Unsigned(shifted) << 23) + 0x3f800000u);
  }
};

INLINE Register exponential(Register x) {
  const Powers own(x);
  return own.part * own.scale + own.scale;
}

INLINE Register exponential_minus_1(Register x) {
  const Powers own(x);
  return own.part * own.scale + (own.scale - 1.0f);
}

INLINE Register sigmoid(Register x) { return 1.0f / (1.0f + exponential(-x)); }

INLINE Register hyperbolic_tangent(Register x) {
  const Register e = exponential_minus_1(-2.0f * absolute(x));
  return with_sign_of(-e / (2.0f + e), x);
}

// By two polynomials: of x near 0, of log(1 - erf(|x|)) elsewhere.
INLINE Register error_function(Register x) {
  const Register t = absolute(x), s = x * x;
  Register far = t * -1.72853470e-5f + 3.83197126e-4f;
  const Register other = t * -3.88396438e-3f + 2.42546219e-2f;
  far = far * s + other;
  far = far * t + -1.06777877e-1f;
  far = far * t + -6.34846687e-1f;
  far = far * t + -1.28717512e-1f;
  far = far * t - t;
  far = with_sign_of(1.0f - exponential(far), x);
  Register near = s * -5.96761703e-4f + 4.99119423e-3f;
  near = near * s + -2.67681349e-2f;
  near = near * s + 1.12819925e-1f;
  near = near * s + -3.76125336e-1f;
  near = near * s + 1.28379166e-1f;
  near = near * x + x;
  return t > 0.927734375f ? far : near;
}
