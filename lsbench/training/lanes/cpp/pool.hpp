// Pooling of one example, (C, H, W) -> (C, OH, OW).
#pragma once
#include "vector.hpp"

// Which number of its window each maximum was, as a byte per cell.
struct Places {
  Bytes part[PARTS];
};

template <int C, int H, int W, int KH, int KW, int SH, int SW, int PH, int PW>
struct MaxPool {
  static constexpr int OH = (H + 2 * PH - KH) / SH + 1, OW = (W + 2 * PW - KW) / SW + 1;
  static constexpr long IN = long(C) * H * W, OUT = long(C) * OH * OW;
  static constexpr long PLACES = (OUT * sizeof(Places) + sizeof(V) - 1) / sizeof(V);  // of V, to keep them in
  static constexpr bool BORDER = PH > 0 || PW > 0, COVERS = !BORDER && KH == SH && KW == SW && H % KH == 0 && W % KW == 0;
  static_assert(KH * KW <= 127, "a place is a byte");

  static INLINE bool is_inside(int y, int x) { return !BORDER || (y >= 0 && y < H && x >= 0 && x < W); }

  template <bool KEEP>
  static void forward(const V* x, V* y, Places* places) {
    for (int c = 0; c < C; c++)
      for (int row = 0; row < OH; row++)
        for (int at = 0; at < OW; at++) {
          V most = number(-INFINITY);
          Mask place = {};
          UNROLL for (int ky = 0; ky < KH; ky++)
            UNROLL for (int kx = 0; kx < KW; kx++) {
              const int h = row * SH + ky - PH, w = at * SW + kx - PW;
              if (!is_inside(h, w)) continue;
              const V value = x[(long(c) * H + h) * W + w];
              UNROLL for (int i = 0; i < PARTS; i++) {  // NaN is the largest, as torch has it
                const Integers larger = (value.part[i] > most.part[i]) | (value.part[i] != value.part[i]);
                most.part[i] = larger ? value.part[i] : most.part[i];
                if (KEEP) place.part[i] = larger ? (ky * KW + kx) - Integers{} : place.part[i];
              }
            }
          const long o = (long(c) * OH + row) * OW + at;
          y[o] = most;
          if (KEEP) UNROLL for (int i = 0; i < PARTS; i++) places[o].part[i] = __builtin_convertvector(place.part[i], Bytes);
        }
  }

  static void backward(const V* dy, V* dx, const Places* places, bool add) {
    if (!add && !COVERS) zero(dx, IN);
    for (int c = 0; c < C; c++)
      for (int row = 0; row < OH; row++)
        for (int at = 0; at < OW; at++) {
          const long o = (long(c) * OH + row) * OW + at;
          const V slope = dy[o];
          Mask place;
          UNROLL for (int i = 0; i < PARTS; i++) place.part[i] = __builtin_convertvector(places[o].part[i], Integers);
          UNROLL for (int ky = 0; ky < KH; ky++)
            UNROLL for (int kx = 0; kx < KW; kx++) {
              const int h = row * SH + ky - PH, w = at * SW + kx - PW;
              if (!is_inside(h, w)) continue;
              V* to = dx + (long(c) * H + h) * W + w;
              const V own = each([&](int i) { return place.part[i] == ky * KW + kx ? slope.part[i] : Register{}; });
              if (COVERS && !add) *to = own;
              else *to += own;
            }
        }
  }
};

// The mean of windows; those of nn.AdaptiveAvgPool2d are as it has them, others count the border of zeros.
template <int C, int H, int W, int OHEIGHT, int OWIDTH, bool ADAPTIVE, int KH, int KW, int SH, int SW, int PH, int PW>
struct AvgPool {
  static constexpr int OH = OHEIGHT, OW = OWIDTH;
  static constexpr long IN = long(C) * H * W, OUT = long(C) * OH * OW;

  struct Window {
    int top, bottom, left, right;
    float share;
  };

  static INLINE Window window(int row, int at) {
    if (ADAPTIVE) {
      const int top = row * H / OH, bottom = ((row + 1) * H + OH - 1) / OH;
      const int left = at * W / OW, right = ((at + 1) * W + OW - 1) / OW;
      return {top, bottom, left, right, 1.0f / float((bottom - top) * (right - left))};
    }
    const int top = row * SH - PH, left = at * SW - PW;
    return {larger(top, 0), smaller(top + KH, H), larger(left, 0), smaller(left + KW, W), 1.0f / float(KH * KW)};
  }

  static void forward(const V* x, V* y) {
    for (int row = 0; row < OH; row++)
      for (int at = 0; at < OW; at++) {
        const Window own = window(row, at);
        for (int c = 0; c < C; c++) {
          V sum = number(0);
          for (int h = own.top; h < own.bottom; h++)
            for (int w = own.left; w < own.right; w++) sum += x[(long(c) * H + h) * W + w];
          y[(long(c) * OH + row) * OW + at] = own.share * sum;
        }
      }
  }

  static void backward(const V* dy, V* dx, bool add) {
    if (!add) zero(dx, IN);
    for (int row = 0; row < OH; row++)
      for (int at = 0; at < OW; at++) {
        const Window own = window(row, at);
        for (int c = 0; c < C; c++) {
          const V slope = own.share * dy[(long(c) * OH + row) * OW + at];
          for (int h = own.top; h < own.bottom; h++)
            for (int w = own.left; w < own.right; w++) dx[(long(c) * H + h) * W + w] += slope;
        }
      }
  }
};
