// A number of each cell: LANES floats, one per cell, in as many registers as the processor needs for them.
//
// All arithmetic is lane by lane and in one order, so a cell's bits depend neither on its lane nor on its neighbours.
// A product that a sum takes up is written by `add_product` and its kin, or is held: else the compiler would choose, by
// the number of registers, whether it is rounded. A sum of two products is never written.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#ifndef LANES
#define LANES 16
#endif

#if defined(__AVX512F__) && defined(__AVX512VL__)
constexpr int NATIVE = 16, REGISTERS = 32;
#elif defined(__AVX__)
constexpr int NATIVE = 8, REGISTERS = 16;
#elif defined(__aarch64__)
constexpr int NATIVE = 4, REGISTERS = 32;
#else
constexpr int NATIVE = 4, REGISTERS = 16;
#endif

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define OUTLINE __attribute__((noinline))
#else
#define UNROLL _Pragma("GCC unroll 64")
#define OUTLINE __attribute__((noinline, noclone))  // compiled once, whoever calls it
#endif
#define INLINE inline __attribute__((always_inline))

constexpr int PART = LANES < NATIVE ? LANES : NATIVE;                        // floats in a register
constexpr int PARTS = LANES / PART;                                          // registers for a number of each cell
constexpr int SUMS = (REGISTERS == 32 ? 20 : 12) / PARTS;                    // running sums that stay in registers
constexpr int ROW_SUMS = (REGISTERS == 32 ? 24 : 12) / PARTS;                // the same where one factor is in memory

typedef float Register __attribute__((vector_size(4 * PART)));
typedef int32_t Integers __attribute__((vector_size(4 * PART)));
typedef int8_t Bytes __attribute__((vector_size(PART)));

struct V {
  Register part[PARTS];
};

struct Mask {
  Integers part[PARTS];
};

template <class F>
INLINE V each(F f) {
  V result;
  UNROLL for (int i = 0; i < PARTS; i++) result.part[i] = f(i);
  return result;
}

INLINE V number(float value) { return each([&](int) { return value - Register{}; }); }
INLINE V operator+(V a, V b) { return each([&](int i) { return a.part[i] + b.part[i]; }); }
INLINE V operator-(V a, V b) { return each([&](int i) { return a.part[i] - b.part[i]; }); }
INLINE V operator*(V a, V b) { return each([&](int i) { return a.part[i] * b.part[i]; }); }
INLINE V operator/(V a, V b) { return each([&](int i) { return a.part[i] / b.part[i]; }); }
INLINE V operator*(float a, V b) { return number(a) * b; }
INLINE void operator+=(V& a, V b) { a = a + b; }
INLINE V if_positive(V x, V yes, V no) {
  return each([&](int i) { return x.part[i] > 0 ? yes.part[i] : no.part[i]; });
}
INLINE V if_negative(V x, V yes, V no) {  // a NaN is not negative
  return each([&](int i) { return x.part[i] < 0 ? yes.part[i] : no.part[i]; });
}
INLINE V square_root(V a) {
  V result;
  float values[LANES];
  std::memcpy(values, &a, sizeof values);
  for (int i = 0; i < LANES; i++) values[i] = std::sqrt(values[i]);
  std::memcpy(&result, values, sizeof values);
  return result;
}

// sum += a b, rounded once where the processor has such an instruction
INLINE void add_product(V& sum, const V& a, const V& b) {
  UNROLL for (int i = 0; i < PARTS; i++) sum.part[i] += a.part[i] * b.part[i];
}

// sum + a b and sum - a b, as `add_product` rounds them
INLINE V plus_product(V sum, V a, V b) {
  add_product(sum, a, b);
  return sum;
}
INLINE V minus_product(V sum, V a, V b) {
  return each([&](int i) { return sum.part[i] - a.part[i] * b.part[i]; });
}

// A number as it is rounded, in registers: the compiler neither joins what made it with what it is for, nor reads it again.
INLINE void hold([[maybe_unused]] V& value) {
#if defined(__x86_64__) && defined(__GNUC__)
  UNROLL for (int i = 0; i < PARTS; i++) __asm__("" : "+v"(value.part[i]));
#elif defined(__aarch64__) && defined(__GNUC__)
  UNROLL for (int i = 0; i < PARTS; i++) __asm__("" : "+w"(value.part[i]));
#endif
}

// The same of a factor of several products, where there are registers enough; else they read it from memory.
INLINE void hold_factor(V& value) {
  if constexpr (REGISTERS == 32) hold(value);
}

INLINE void zero(V* values, long count) { std::memset(static_cast<void*>(values), 0, count * sizeof(V)); }
INLINE void copy(V* to, const V* from, long count) {
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(from), count * sizeof(V));
}

constexpr int round_up(int a, int b) { return (a + b - 1) / b * b; }
// The size of blocks of at most `most`, as few and as equal as can be, that cover `count`.
constexpr int block_size(int count, int most) {
  const int limit = most < 1 ? 1 : most, blocks = (count + limit - 1) / limit;
  return (count + blocks - 1) / blocks;
}
// The same, or one less than `most` where that leaves no rest.
constexpr int even_block(int count, int most) {
  return count % most == 0 ? most : most > 2 && count % (most - 1) == 0 ? most - 1 : block_size(count, most);
}
constexpr int smaller(int a, int b) { return a < b ? a : b; }
constexpr int larger(int a, int b) { return a > b ? a : b; }
