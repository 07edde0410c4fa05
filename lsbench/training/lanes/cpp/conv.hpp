// nn.Conv2d of one example: x (C, H, W), w (O, C, KH, KW), y (O, OH, OW), each number one of every cell.
//
// Blocks of sums stay in registers. A sum's terms are added in an order that does not depend on the blocks.
#pragma once
#include "vector.hpp"

template <int C, int H, int W, int O, int KH, int KW, int SH, int SW, int PH, int PW, bool BIAS>
struct Conv {
  static constexpr int HH = H + 2 * PH, WW = W + 2 * PW;  // with the border of zeros
  static constexpr int OH = (HH - KH) / SH + 1, OW = (WW - KW) / SW + 1;
  static constexpr bool BORDER = PH > 0 || PW > 0;
  static constexpr long IN = long(C) * H * W, OUT = long(O) * OH * OW, WEIGHTS = long(O) * C * KH * KW;
  static constexpr long SCRATCH = BORDER ? long(C) * HH * WW : 0;  // of V
  static constexpr int OB = block_size(O, smaller(O, SUMS >= 20 ? 5 : SUMS >= 6 ? 3 : 2));
  static constexpr int XB = block_size(OW, larger(1, SUMS / OB));

  static const V* with_border(const V* x, V* scratch) {
    if constexpr (!BORDER) return x;
    zero(scratch, SCRATCH);
    for (int c = 0; c < C; c++)
      for (int y = 0; y < H; y++) copy(scratch + (long(c) * HH + y + PH) * WW + PW, x + (long(c) * H + y) * W, W);
    return scratch;
  }

  static void forward(const V* x, const V* w, const V* bias, V* y, V* scratch) {
    x = with_border(x, scratch);
    for (int o = 0; o + OB <= O; o += OB) rows<OB>(x, w, bias, y, o);
    if constexpr (O % OB) rows<O % OB>(x, w, bias, y, O - O % OB);
  }

  template <int B>
  static INLINE void rows(const V* x, const V* w, const V* bias, V* y, int o) {
    for (int row = 0; row < OH; row++) {
      for (int at = 0; at + XB <= OW; at += XB) block<B, XB>(x, w, bias, y, o, row, at);
      if constexpr (OW % XB) block<B, OW % XB>(x, w, bias, y, o, row, OW - OW % XB);
    }
  }

  template <int B, int N>
  static INLINE void block(const V* x, const V* w, const V* bias, V* y, int o, int row, int at) {
    V sums[B][N];
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int j = 0; j < N; j++) sums[i][j] = BIAS ? bias[o + i] : number(0);
    for (int c = 0; c < C; c++)
      for (int ky = 0; ky < KH; ky++) {
        const V* from = x + (long(c) * HH + row * SH + ky) * WW + at * SW;
        const V* weights = w + ((long(o) * C + c) * KH + ky) * KW;
        UNROLL for (int kx = 0; kx < KW; kx++) {
          V factors[B];
          UNROLL for (int i = 0; i < B; i++) factors[i] = weights[long(i) * C * KH * KW + kx], hold_factor(factors[i]);
          UNROLL for (int j = 0; j < N; j++) {
            V value = from[j * SW + kx];
            hold_factor(value);
            UNROLL for (int i = 0; i < B; i++) add_product(sums[i][j], factors[i], value);
          }
        }
      }
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int j = 0; j < N; j++) y[(long(o + i) * OH + row) * OW + at + j] = sums[i][j];
  }

  // dw += dy x, db += dy
  static constexpr int KB = smaller(KW, ROW_SUMS), CB = KW == 1 ? smaller(C, SUMS >= 20 ? 4 : 2) : 1;
  static constexpr int DB = block_size(O, larger(1, smaller(O, SUMS / (KB * CB))));

  static void weight_gradient(const V* x, const V* dy, V* dw, V* db, V* scratch) {
    x = with_border(x, scratch);
    for (int c = 0; c + CB <= C; c += CB) filters<CB>(x, dy, dw, c);
    if constexpr (C % CB) filters<C % CB>(x, dy, dw, C - C % CB);
    if constexpr (BIAS)
      for (int o = 0; o < O; o++) {
        V sum = number(0);
        for (int i = 0; i < OH * OW; i++) sum += dy[long(o) * OH * OW + i];
        db[o] += sum;
      }
  }

  template <int CN>
  static INLINE void filters(const V* x, const V* dy, V* dw, int c) {
    for (int o = 0; o + DB <= O; o += DB) filter_rows<CN, DB>(x, dy, dw, c, o);
    if constexpr (O % DB) filter_rows<CN, O % DB>(x, dy, dw, c, O - O % DB);
  }

  template <int CN, int B>
  static INLINE void filter_rows(const V* x, const V* dy, V* dw, int c, int o) {
    for (int ky = 0; ky < KH; ky++) {
      for (int kx = 0; kx + KB <= KW; kx += KB) filter<CN, B, KB>(x, dy, dw, c, o, ky, kx);
      if constexpr (KW % KB) filter<CN, B, KW % KB>(x, dy, dw, c, o, ky, KW - KW % KB);
    }
  }

  template <int CN, int B, int K>
  static INLINE void filter(const V* x, const V* dy, V* dw, int c, int o, int ky, int kx0) {
    V sums[B][CN][K];
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int n = 0; n < CN; n++)
        UNROLL for (int k = 0; k < K; k++) sums[i][n][k] = number(0);
    for (int row = 0; row < OH; row++) {
      const V* from = x + (long(c) * HH + row * SH + ky) * WW + kx0;
      const V* slopes = dy + (long(o) * OH + row) * OW;
      for (int at = 0; at < OW; at++)
        UNROLL for (int i = 0; i < B; i++) {
          const V slope = slopes[long(i) * OH * OW + at];
          UNROLL for (int n = 0; n < CN; n++)
            UNROLL for (int k = 0; k < K; k++)
              add_product(sums[i][n][k], slope, from[long(n) * HH * WW + at * SW + k]);
        }
    }
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int n = 0; n < CN; n++)
        UNROLL for (int k = 0; k < K; k++) dw[((long(o + i) * C + c + n) * KH + ky) * KW + kx0 + k] += sums[i][n][k];
  }

  // dx = w dy, or dx += w dy. A tile of a row of dy spreads over ROW numbers of a row of dx, which stay in registers. Where
  // tiles meet the order of a sum follows from their size, so that does not follow from the number of lanes.
  static constexpr int ONE_PART = ROW_SUMS * PARTS;
  static constexpr int TILE = block_size(OW, larger(1, ((ONE_PART - KW) / SW + 1) / (KW <= 3 && REGISTERS == 32 ? 2 : 1)));
  static constexpr int IB = smaller(C, larger(1, ROW_SUMS / ((TILE - 1) * SW + KW)));

  static void input_gradient(const V* w, const V* dy, V* dx, V* scratch, bool add) {
    V* to = BORDER ? scratch : dx;
    if (BORDER || !add) zero(to, long(C) * HH * WW);
    for (int c = 0; c + IB <= C; c += IB) input_rows<IB>(w, dy, to, c);
    if constexpr (C % IB) input_rows<C % IB>(w, dy, to, C - C % IB);
    if constexpr (BORDER) without_border(to, dx, add);
  }

  static void without_border(const V* from, V* dx, bool add) {
    for (int c = 0; c < C; c++)
      for (int y = 0; y < H; y++) {
        const V* row = from + (long(c) * HH + y + PH) * WW + PW;
        V* to = dx + (long(c) * H + y) * W;
        if (!add) copy(to, row, W);
        else
          for (int i = 0; i < W; i++) to[i] += row[i];
      }
  }

  template <int B>
  static INLINE void input_rows(const V* w, const V* dy, V* dx, int c) {
    for (int row = 0; row < HH; row++) {
      for (int at = 0; at + TILE <= OW; at += TILE) spread<B, TILE>(w, dy, dx, c, row, at);
      if constexpr (OW % TILE) spread<B, OW % TILE>(w, dy, dx, c, row, OW - OW % TILE);
    }
  }

  template <int B, int N>
  static INLINE void spread(const V* w, const V* dy, V* dx, int c, int row, int at) {
    constexpr int ROW = (N - 1) * SW + KW;
    V sums[B][ROW];
    V* to = dx + (long(c) * HH + row) * WW + at * SW;
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int j = 0; j < ROW; j++) sums[i][j] = to[long(i) * HH * WW + j];
    for (int o = 0; o < O; o++)
      for (int ky = 0; ky < KH; ky++) {
        const int above = row - ky;
        if (above < 0 || above % SH || above / SH >= OH) continue;
        const V* slopes = dy + (long(o) * OH + above / SH) * OW + at;
        UNROLL for (int i = 0; i < B; i++) {
          const V* weights = w + ((long(o) * C + c + i) * KH + ky) * KW;
          UNROLL for (int k = 0; k < KW; k++) {
            const V weight = weights[k];
            UNROLL for (int j = 0; j < N; j++) add_product(sums[i][j * SW + k], weight, slopes[j]);
          }
        }
      }
    UNROLL for (int i = 0; i < B; i++)
      UNROLL for (int j = 0; j < ROW; j++) to[long(i) * HH * WW + j] = sums[i][j];
  }
};
