// After a generated network: one forward pass and its gradient, from a file to a file, for a processor that is emulated.
#include <cstdio>
#include <cstdlib>

static FILE* in;

static void read_to(void* to, size_t bytes) {
  if (std::fread(to, 1, bytes, in) != bytes) std::exit(3);
}

static int64_t integer() {
  int64_t value;
  read_to(&value, sizeof value);
  return value;
}

static V* room(int64_t count) { return static_cast<V*>(std::aligned_alloc(64, (count * sizeof(V) / 64 + 1) * 64)); }

static V* tensor(int64_t* count) {  // how many numbers of each cell, and these
  *count = integer();
  V* values = room(*count);
  read_to(values, *count * sizeof(V));
  return values;
}

int main(int, char** names) {
  in = std::fopen(names[1], "rb");
  FILE* out = std::fopen(names[2], "wb");
  V* lists[4][64];  // parameters, gradients, buffers, masks
  int64_t counts[64], buffer_counts[64], rest;
  Call c{};
  c.threads = 2;
  c.examples = int32_t(integer());
  c.row_stride = integer();
  for (int l = 0; l < LANES; l++) c.rows[l] = l;
  c.images = reinterpret_cast<float*>(tensor(&rest));
  const int64_t parameters = integer();
  for (int64_t i = 0; i < parameters; i++) {
    lists[0][i] = tensor(&counts[i]);
    lists[1][i] = room(counts[i]);
  }
  const int64_t buffers = integer();
  for (int64_t i = 0; i < buffers; i++) lists[2][i] = tensor(&buffer_counts[i]);
  const int64_t masks = integer();
  for (int64_t i = 0; i < masks; i++) lists[3][i] = tensor(&rest);
  c.parameters = lists[0];
  c.gradients = lists[1];
  c.buffers = lists[2];
  c.masks = lists[3];
  c.kept = room(c.examples * KEPT + STATISTICS);
  c.slopes = room(c.examples * SLOPES);
  c.partial = room(SHARES * WEIGHTS);
  c.scratch = room(c.threads * SCRATCH);
  V* slopes = tensor(&rest);  // of the logits
  c.logits = room(rest);
  forward(&c);
  std::fwrite(c.logits, sizeof(V), rest, out);
  c.logits = slopes;
  backward(&c);
  for (int64_t i = 0; i < parameters; i++) std::fwrite(lists[1][i], sizeof(V), counts[i], out);
  for (int64_t i = 0; i < buffers; i++) std::fwrite(lists[2][i], sizeof(V), buffer_counts[i], out);
  return std::fclose(out);
}
