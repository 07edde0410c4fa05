// nn.Conv2d of a 3x3 kernel and stride 1 by fewer products: for each MxM outputs (M + 2)^2 in place of 9 M^2, which is
// F(MxM, 3x3) of Lavin and Gray (2016), "Fast algorithms for convolutional neural networks"; M is 4 or 2.
//
//   y = A^T [(G w G^T) * (B^T x B)] A    for each tile of inputs, * element by element and summed over the channels
//
// Of gradients the same products are transposed: dy goes through A, and dx and dw come out through B and G. Each of the
// (M + 2)^2 is a matrix product over channels and tiles. What a tile has beyond the image is zero, and is not written.
#pragma once
#include "product.hpp"
#include "transforms.hpp"

// Maps of (channels, height, width), and a block of their tiles in memory: number p of tile t of channel c is at
// tiles[(c * across + t) * step + p].
struct Tiles {
  int channels, height, width, per_column, per_row, across;
};

// Some of the tiles of all examples, which are counted on from one example to the next. What is beyond the last one is
// below its map.
struct Span {
  int first, count, examples;
};

// F of each tile's values, of which the first is at (row * M - up, column * M - left) of the map.
template <int M, class F>
INLINE void over_tiles(const Tiles& g, const Span& span, int up, int left, F work) {
  const int tiles = g.per_column * g.per_row, start = smaller(span.first / tiles, span.examples - 1);
  for (int c = 0; c < g.channels; c++) {
    int example = start, row = (span.first - start * tiles) / g.per_row, column = span.first % g.per_row;
    for (int t = 0; t < span.count; t++) {
      const long map = (long(example) * g.channels + c) * g.height * g.width;
      work(map, row * M - up, column * M - left, long(c) * g.across + t);
      if (++column < g.per_row) continue;
      column = 0, row++;
      if (row == g.per_column && example + 1 < span.examples) row = 0, example++;
    }
  }
}

template <int SIZE>
INLINE bool is_within(const Tiles& g, int top, int left) {
  return top >= 0 && left >= 0 && top + SIZE <= g.height && left + SIZE <= g.width;
}

// SIZExSIZE numbers of a map, zero beyond it.
template <int SIZE>
INLINE void read_tile(const Tiles& g, const V* map, int top, int left, V (&to)[SIZE][SIZE]) {
  if (is_within<SIZE>(g, top, left)) {
    UNROLL for (int i = 0; i < SIZE; i++)
      UNROLL for (int j = 0; j < SIZE; j++) to[i][j] = map[(top + i) * g.width + left + j];
    return;
  }
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      const int h = top + i, w = left + j;
      to[i][j] = h >= 0 && h < g.height && w >= 0 && w < g.width ? map[h * g.width + w] : number(0);
    }
}

// Writes those that are on the map, or adds them.
template <int SIZE, bool ADD>
INLINE void write_tile(const Tiles& g, V* map, int top, int left, const V (&from)[SIZE][SIZE]) {
  if (is_within<SIZE>(g, top, left)) {
    UNROLL for (int i = 0; i < SIZE; i++)
      UNROLL for (int j = 0; j < SIZE; j++) {
        V& to = map[(top + i) * g.width + left + j];
        to = ADD ? to + from[i][j] : from[i][j];
      }
    return;
  }
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      const int h = top + i, w = left + j;
      if (h < 0 || h >= g.height || w < 0 || w >= g.width) continue;
      V& to = map[h * g.width + w];
      to = ADD ? to + from[i][j] : from[i][j];
    }
}

template <int ALL>
INLINE void scatter(const V (&from)[ALL][ALL], V* to, long step = 1) {
  UNROLL for (int i = 0; i < ALL; i++)
    UNROLL for (int j = 0; j < ALL; j++) to[(i * ALL + j) * step] = from[i][j];
}

template <int ALL>
INLINE void collect(const V* from, V (&to)[ALL][ALL], long step = 1) {
  UNROLL for (int i = 0; i < ALL; i++)
    UNROLL for (int j = 0; j < ALL; j++) to[i][j] = from[(i * ALL + j) * step];
}

// The four ways between maps and tiles, compiled once for all layers.
template <int M>
struct Ways {
  using S = Side<M>;
  static constexpr int ALL = S::ALL, STEP = ALL * ALL + 1;  // of tiles in memory: an odd one, for other sets of the cache

  static OUTLINE void inputs_to(const Tiles& g, const V* x, const Span& span, int up, int left, V* to) {
    over_tiles<M>(g, span, up, left, [&](long map, int top, int start, long at) {
      V d[ALL][ALL], e[ALL][ALL];
      read_tile(g, x + map, top, start, d);
      both_sides(d, e, S::b);
      scatter(e, to + STEP * at);
    });
  }

  static OUTLINE void back_to_inputs(const Tiles& g, const V* from, const Span& span, int up, int left, V* dx) {
    over_tiles<M>(g, span, up, left, [&](long map, int top, int start, long at) {
      V e[ALL][ALL], d[ALL][ALL];
      collect(from + STEP * at, e);
      both_sides(e, d, S::back_b);
      write_tile<ALL, true>(g, dx + map, top, start, d);
    });
  }

  static OUTLINE void slopes_to(const Tiles& g, const V* dy, const Span& span, V* to) {
    over_tiles<M>(g, span, 0, 0, [&](long map, int top, int start, long at) {
      V d[M][M], m[ALL][ALL];
      read_tile(g, dy + map, top, start, d);
      both_sides(d, m, S::a);
      scatter(m, to + STEP * at);
    });
  }

  static OUTLINE void back_to_outputs(const Tiles& g, const V* from, const Span& span, const V* bias, V* y) {
    over_tiles<M>(g, span, 0, 0, [&](long map, int top, int start, long at) {
      V m[ALL][ALL], made[M][M];
      collect(from + STEP * at, m);
      both_sides(m, made, S::back_a);
      const V level = bias ? bias[at / g.across] : number(0);
      if (bias)
        UNROLL for (int i = 0; i < M; i++) UNROLL for (int j = 0; j < M; j++) made[i][j] += level;
      write_tile<M, false>(g, y + map, top, start, made);
    });
  }

  // u (P, weights) of w (weights, 3, 3)
  static OUTLINE void weights_to(const V* w, long weights, V* u) {
    for (long i = 0; i < weights; i++) {
      V from[3][3], to[ALL][ALL];
      copy(from[0], w + 9 * i, 9);
      both_sides(from, to, S::g);
      scatter(to, u + i, weights);
    }
  }

  // dw = G^T du G, of which du is the sum of the shares' own
  static OUTLINE void back_to_weights(const V* partial, long share_size, int shares, long weights, V* dw) {
    for (long i = 0; i < weights; i++) {
      V from[ALL][ALL], own[ALL][ALL], to[3][3];
      collect(partial + i, from, weights);
      for (int share = 1; share < shares; share++) {
        collect(partial + share * share_size + i, own, weights);
        UNROLL for (int j = 0; j < ALL; j++) UNROLL for (int k = 0; k < ALL; k++) from[j][k] += own[j][k];
      }
      both_sides(from, to, S::back_g);
      copy(dw + 9 * i, to[0], 9);
    }
  }
};

// Of `examples` examples, one after the other in memory; those of few tiles share a block, which the weights are read for.
template <int M, int C, int H, int W, int O, int PH, int PW, bool BIAS>
struct Winograd {
  using Way = Ways<M>;
  static constexpr int P = Way::ALL * Way::ALL, OH = H + 2 * PH - 2, OW = W + 2 * PW - 2;
  static constexpr int TH = (OH + M - 1) / M, TW = (OW + M - 1) / M, TILES = TH * TW;  // of an example
  static constexpr int N = block_size(16, NB), T = round_up(TILES < 16 ? 16 : block_size(TILES, 16), N);  // of a block
  static constexpr long WEIGHTS = long(O) * C, IN = long(C) * H * W, OUT = long(O) * OH * OW;
  static constexpr Tiles X = {C, H, W, TH, TW, T}, Y = {O, OH, OW, TH, TW, T};
  static constexpr long S = Way::STEP, SCRATCH = S * T * (C + O);  // of V

  static void transform_weights(const V* w, V* u) { Way::weights_to(w, WEIGHTS, u); }
  static void join_gradient(const V* partial, long share_size, int shares, V* dw) {
    Way::back_to_weights(partial, share_size, shares, WEIGHTS, dw);
  }

  // The tiles of a block: those there are, and with some of nothing that fill a block of sums.
  static INLINE Span there(int first, int examples) { return {first, smaller(T, TILES * examples - first), examples}; }
  static INLINE Span filled(Span span) { return {span.first, round_up(span.count, N), span.examples}; }

  static void forward(const V* x, const V* u, const V* bias, V* y, V* scratch, int examples) {
    V* const inputs = scratch;
    V* const outputs = scratch + S * T * C;
    for (int first = 0; first < TILES * examples; first += T) {
      const Span own = there(first, examples), all = filled(own);
      Way::inputs_to(X, x, all, PH, PW, inputs);
      for (int p = 0; p < P; p++)
        product<N, 0, false>({u + p * WEIGHTS, C, 1}, {inputs + p, S, S * T}, nullptr, {outputs + p, S * T, S}, O,
                             all.count, C);
      Way::back_to_outputs(Y, outputs, own, BIAS ? bias : nullptr, y);
    }
  }

  // Of both gradients, and of dx only where it is wanted: du += , db += ; dx = or dx +=
  static void backward(const V* x, const V* u, const V* dy, V* du, V* db, V* dx, V* scratch, int examples, bool add) {
    V* const inputs = scratch;
    V* const outputs = scratch + S * T * C;
    if (dx && !add) zero(dx, IN * examples);
    for (int first = 0; first < TILES * examples; first += T) {
      const Span own = there(first, examples), all = filled(own);
      Way::inputs_to(X, x, all, PH, PW, inputs);
      Way::slopes_to(Y, dy, all, outputs);
      for (int p = 0; p < P; p++)
        product_of<C, true>({outputs + p, S * T, S}, {inputs + p, S * T, S}, nullptr, {du + p * WEIGHTS, C, 1}, O,
                            all.count);
      if (!dx) continue;
      for (int p = 0; p < P; p++)
        product<N, 0, false>({u + p * WEIGHTS, 1, C}, {outputs + p, S, S * T}, nullptr, {inputs + p, S * T, S}, C,
                             all.count, O);
      Way::back_to_inputs(X, inputs, own, PH, PW, dx);
    }
    if constexpr (BIAS)
      for (int o = 0; o < O; o++) {
        V sum = number(0);
        for (int example = 0; example < examples; example++)
          for (int i = 0; i < OH * OW; i++) sum += dy[example * OUT + long(o) * OH * OW + i];
        db[o] += sum;
      }
  }
};
