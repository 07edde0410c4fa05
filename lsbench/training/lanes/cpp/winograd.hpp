// nn.Conv2d of a 3x3 kernel and stride 1 by 16 products for each 2x2 outputs in place of 36: F(2x2, 3x3) of Lavin and
// Gray (2016), "Fast algorithms for convolutional neural networks".
//
//   y = A^T [(G w G^T) * (B^T x B)] A    for each tile of 4x4 inputs, * element by element and summed over the channels
//
// Of gradients the same 16 products are transposed: dy goes through A, and dx and dw come out through B and G. The 16
// are matrix products over channels and tiles. What a tile has beyond the image is zero, and is not written.
#pragma once
#include "product.hpp"

// One side of each transform: four or fewer numbers in, four or fewer out.
INLINE void through_b(const V* d, V* e) { e[0] = d[0] - d[2], e[1] = d[1] + d[2], e[2] = d[2] - d[1], e[3] = d[1] - d[3]; }
INLINE void back_through_b(const V* e, V* d) {
  d[0] = e[0], d[1] = (e[1] - e[2]) + e[3], d[2] = (e[1] + e[2]) - e[0], d[3] = number(0) - e[3];
}
INLINE void through_a(const V* y, V* m) { m[0] = y[0], m[1] = y[0] + y[1], m[2] = y[0] - y[1], m[3] = number(0) - y[1]; }
INLINE void back_through_a(const V* m, V* y) { y[0] = (m[0] + m[1]) + m[2], y[1] = (m[1] - m[2]) - m[3]; }
INLINE void through_g(const V* w, V* u) {
  const V ends = w[0] + w[2];
  u[0] = w[0], u[1] = 0.5f * (ends + w[1]), u[2] = 0.5f * (ends - w[1]), u[3] = w[2];
}
INLINE void back_through_g(const V* u, V* w) {
  const V sum = 0.5f * (u[1] + u[2]);
  w[0] = u[0] + sum, w[1] = 0.5f * (u[1] - u[2]), w[2] = sum + u[3];
}

// F on the columns of (IN, IN) numbers, then on the rows: (OUT, OUT).
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

template <int C, int H, int W, int O, int PH, int PW, bool BIAS>
struct Winograd {
  static constexpr int OH = H + 2 * PH - 2, OW = W + 2 * PW - 2, TH = (OH + 1) / 2, TW = (OW + 1) / 2;
  static constexpr int N = block_size(16, NB), T = round_up(block_size(TH * TW, 16), N);  // tiles of a block
  static constexpr long X_STEP = long(C) * T + 1, Y_STEP = long(O) * T + 1;                // odd: 16 cache sets, not one
  static constexpr long TRANSFORMED = 16L * O * C, SCRATCH = 16 * (X_STEP + Y_STEP);       // of V
  static constexpr long IN = long(C) * H * W, OUT = long(O) * OH * OW;

  // u (16, O, C) of w (O, C, 3, 3)
  static void transform_weights(const V* w, V* u) {
    for (long i = 0; i < long(O) * C; i++) {
      V from[3][3], to[4][4];
      copy(from[0], w + 9 * i, 9);
      both_sides(from, to, through_g);
      UNROLL for (int p = 0; p < 16; p++) u[p * O * C + i] = to[p / 4][p % 4];
    }
  }

  // dw = G^T du G, of which du is the sum of the shares' own
  static void join_gradient(const V* partial, long share_size, int shares, V* dw) {
    for (long i = 0; i < long(O) * C; i++) {
      V from[4][4], to[3][3];
      UNROLL for (int p = 0; p < 16; p++) {
        V sum = partial[p * O * C + i];
        for (int share = 1; share < shares; share++) sum += partial[share * share_size + p * O * C + i];
        from[p / 4][p % 4] = sum;
      }
      both_sides(from, to, back_through_g);
      copy(dw + 9 * i, to[0], 9);
    }
  }

  static void forward(const V* x, const V* u, const V* bias, V* y, V* scratch) {
    V* const inputs = scratch;
    V* const outputs = scratch + 16 * X_STEP;
    for (int first = 0; first < TH * TW; first += T) {
      transform_inputs(x, first, inputs);
      const int tiles = tiles_from(first);
      for (int p = 0; p < 16; p++)
        product<N, 0, false>({u + p * O * C, C, 1}, {inputs + p * X_STEP, 1, T}, nullptr, outputs + p * Y_STEP, T, O, tiles, C);
      write_outputs(outputs, first, bias, y);
    }
  }

  // Of both gradients, and of dx only where it is wanted: du += , db += ; dx = or dx +=
  static void backward(const V* x, const V* u, const V* dy, V* du, V* db, V* dx, V* scratch, bool add) {
    V* const inputs = scratch;
    V* const outputs = scratch + 16 * X_STEP;
    if (dx && !add) zero(dx, IN);
    for (int first = 0; first < TH * TW; first += T) {
      const int tiles = tiles_from(first);
      transform_inputs(x, first, inputs);
      transform_slopes(dy, first, outputs);
      for (int p = 0; p < 16; p++)
        product_of<C, true>({outputs + p * Y_STEP, T, 1}, {inputs + p * X_STEP, T, 1}, nullptr, du + p * O * C, C, O, tiles);
      if (!dx) continue;
      for (int p = 0; p < 16; p++)
        product<N, 0, false>({u + p * O * C, 1, C}, {outputs + p * Y_STEP, 1, T}, nullptr, inputs + p * X_STEP, T, C, tiles, O);
      add_to_inputs(inputs, first, dx);
    }
    if constexpr (BIAS)
      for (int o = 0; o < O; o++) {
        V sum = number(0);
        for (int i = 0; i < OH * OW; i++) sum += dy[long(o) * OH * OW + i];
        db[o] += sum;
      }
  }

  // Those of a block, with some of nothing that fill a block of sums.
  static INLINE int tiles_from(int first) { return smaller(T, round_up(TH * TW - first, N)); }

  static void transform_inputs(const V* x, int first, V* to) {
    const int tiles = tiles_from(first);
    for (int c = 0; c < C; c++) {
      const V* from = x + long(c) * H * W;
      for (int t = 0; t < tiles; t++) {
        const int top = (first + t) / TW * 2 - PH, left = (first + t) % TW * 2 - PW;
        const bool is_inside = top >= 0 && left >= 0 && top + 4 <= H && left + 4 <= W;
        V d[4][4], e[4][4];
        if (is_inside)
          UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) d[i][j] = from[(top + i) * W + left + j];
        else
          for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
              const int h = top + i, w = left + j;
              d[i][j] = h >= 0 && h < H && w >= 0 && w < W ? from[h * W + w] : number(0);
            }
        both_sides(d, e, through_b);
        UNROLL for (int p = 0; p < 16; p++) to[p * X_STEP + long(c) * T + t] = e[p / 4][p % 4];
      }
    }
  }

  static void add_to_inputs(const V* from, int first, V* dx) {
    const int tiles = smaller(T, TH * TW - first);
    for (int c = 0; c < C; c++) {
      V* to = dx + long(c) * H * W;
      for (int t = 0; t < tiles; t++) {
        const int top = (first + t) / TW * 2 - PH, left = (first + t) % TW * 2 - PW;
        const bool is_inside = top >= 0 && left >= 0 && top + 4 <= H && left + 4 <= W;
        V e[4][4], d[4][4];
        UNROLL for (int p = 0; p < 16; p++) e[p / 4][p % 4] = from[p * X_STEP + long(c) * T + t];
        both_sides(e, d, back_through_b);
        if (is_inside)
          UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) to[(top + i) * W + left + j] += d[i][j];
        else
          for (int i = 0; i < 4; i++)
            for (int j = 0; j < 4; j++) {
              const int h = top + i, w = left + j;
              if (h >= 0 && h < H && w >= 0 && w < W) to[h * W + w] += d[i][j];
            }
      }
    }
  }

  static void write_outputs(const V* from, int first, const V* bias, V* y) {
    const int tiles = smaller(T, TH * TW - first);
    for (int o = 0; o < O; o++)
      for (int t = 0; t < tiles; t++) {
        const int top = (first + t) / TW * 2, left = (first + t) % TW * 2;
        V m[4][4], made[2][2];
        UNROLL for (int p = 0; p < 16; p++) m[p / 4][p % 4] = from[p * Y_STEP + long(o) * T + t];
        both_sides(m, made, back_through_a);
        V* to = y + (long(o) * OH + top) * OW + left;
        UNROLL for (int i = 0; i < 2; i++)
          UNROLL for (int j = 0; j < 2; j++)
            if (top + i < OH && left + j < OW) to[i * OW + j] = BIAS ? made[i][j] + bias[o] : made[i][j];
      }
  }

  static void transform_slopes(const V* dy, int first, V* to) {
    const int tiles = tiles_from(first);
    for (int o = 0; o < O; o++)
      for (int t = 0; t < tiles; t++) {
        const int top = (first + t) / TW * 2, left = (first + t) % TW * 2;
        const V* from = dy + (long(o) * OH + top) * OW + left;
        V d[2][2], m[4][4];
        UNROLL for (int i = 0; i < 2; i++)
          UNROLL for (int j = 0; j < 2; j++) d[i][j] = top + i < OH && left + j < OW ? from[i * OW + j] : number(0);
        both_sides(d, m, through_a);
        UNROLL for (int p = 0; p < 16; p++) to[p * Y_STEP + long(o) * T + t] = m[p / 4][p % 4];
      }
  }
};
