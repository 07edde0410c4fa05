// Smoothed cross-entropy on a CPU, a row at a time: the loss, and the gradient while the row is still in the cache.
//
//   loss = s (A lse - sum_c q_c z_c + z_loss lse^2),   gradient = s ((A + 2 z_loss lse) p - q),   A = sum_c q_c
//   q_c = w_c ((1 - eps) t_c + eps / K), with t one-hot at the label or a distribution
//
// Logits enter shifted by the row's largest, so that a large offset costs no digits.

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/cpu/vec/functional.h>
#include <ATen/cpu/vec/vec.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <c10/util/intrusive_ptr.h>
#include <torch/csrc/utils/pybind.h>

#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace {

using at::Tensor;
using at::vec::Vectorized;

constexpr int64_t kBlock = 1024; // summed in one precision, then added up in double
constexpr int64_t kGrain = 8192; // elements that are worth a thread

template <typename T>
struct Numbers { // one number per row, or one for all
  const T* at = nullptr;
  int64_t stride = 0;
  double value = 0;

  Numbers(const std::optional<Tensor>& tensor, double number) : value(number) {
    if (tensor) {
      at = tensor->const_data_ptr<T>();
      stride = tensor->dim() ? tensor->stride(0) : 0;
    }
  }
  double operator[](int64_t row) const {
    return at ? double(at[row * stride]) : value;
  }
};

struct Sums {
  double exps = 0;     // sum_c exp(z_c - m)
  double floors = 0;   // sum_c w_c (z_c - m)
  double peaks = 0;    // sum_c w_c t_c (z_c - m)
  double masses = 0;   // sum_c w_c t_c
};

template <typename T>
Vectorized<T> times(Vectorized<T> weight, Vectorized<T> value) { // 0 * inf is 0
  const Vectorized<T> zero(0);
  return Vectorized<T>::blendv(weight * value, zero, weight == zero);
}

template <typename T>
double total(Vectorized<T> sums) {
  return at::vec::vec_reduce_all([](Vectorized<T>& a, Vectorized<T>& b) { return a + b; }, sums);
}

template <typename T>
T largest(const T* z, int64_t num_classes) {
  using Vec = Vectorized<T>;
  const T lowest = -std::numeric_limits<T>::infinity();
  Vec top(lowest), other(lowest);
  int64_t c = 0;
  for (; c + 2 * Vec::size() <= num_classes; c += 2 * Vec::size()) {
    top = at::vec::maximum(top, Vec::loadu(z + c));
    other = at::vec::maximum(other, Vec::loadu(z + c + Vec::size()));
  }
  for (; c < num_classes; c += Vec::size()) {
    const int64_t size = std::min<int64_t>(Vec::size(), num_classes - c);
    top = at::vec::maximum(top, Vec::set(Vec(lowest), Vec::loadu(z + c, size), size));
  }
  return at::vec::vec_reduce_all(
      [](Vec& a, Vec& b) { return at::vec::maximum(a, b); }, at::vec::maximum(top, other));
}

// Exponentials, into `exps` where it is given, and the row's sums.
template <typename T, bool kWeight, bool kTargets>
Sums exponentials(const T* z, const T* w, const T* t, T m, T* exps, bool floors_wanted, int64_t num_classes) {
  using Vec = Vectorized<T>;
  const Vec shift(m), zero(0);
  Sums sums;
  for (int64_t start = 0; start < num_classes; start += kBlock) {
    const int64_t stop = std::min(start + kBlock, num_classes);
    Vec e_sum(0), floor_sum(0), peak_sum(0), mass_sum(0);
    const auto step = [&](int64_t c, int64_t size) {
      const bool whole = size == Vec::size();
      const auto load = [&](const T* from) { return whole ? Vec::loadu(from + c) : Vec::loadu(from + c, size); };
      const auto keep = [&](Vec v) { return whole ? v : Vec::set(zero, v, size); };
      const Vec d = load(z) - shift;
      const Vec e = keep(d.exp_u20());
      e_sum = e_sum + e;
      if (exps) {
        whole ? e.store(exps + c) : e.store(exps + c, size);
      }
      const Vec weight = kWeight ? load(w) : Vec(1);
      if (floors_wanted) {
        floor_sum = floor_sum + keep(kWeight ? times(weight, d) : d);
      }
      if constexpr (kTargets) {
        const Vec q = keep(kWeight ? weight * load(t) : load(t));
        mass_sum = mass_sum + q;
        peak_sum = peak_sum + keep(times(q, d));
      }
    };
    int64_t c = start;
    for (; c + Vec::size() <= stop; c += Vec::size()) {
      step(c, Vec::size());
    }
    if (c < stop) {
      step(c, stop - c);
    }
    sums.exps += total(e_sum);
    sums.floors += total(floor_sum);
    if constexpr (kTargets) {
      sums.peaks += total(peak_sum);
      sums.masses += total(mass_sum);
    }
  }
  return sums;
}

// exps <- factor exps - w (floor + peak t), in place
template <typename T, bool kWeight, bool kTargets>
void to_gradient(T* exps, const T* w, const T* t, T factor, T floor, T peak, int64_t num_classes) {
  using Vec = Vectorized<T>;
  const Vec factors(factor), floors(floor), peaks(peak);
  for (int64_t c = 0; c < num_classes; c += Vec::size()) {
    const int64_t size = std::min<int64_t>(Vec::size(), num_classes - c);
    const auto load = [&](const T* from) {
      return size == Vec::size() ? Vec::loadu(from + c) : Vec::loadu(from + c, size);
    };
    Vec q = floors;
    if constexpr (kTargets) {
      q = q + peaks * load(t);
    }
    if constexpr (kWeight) {
      q = q * load(w);
    }
    const Vec gradient = factors * load(exps) - q;
    size == Vec::size() ? gradient.store(exps + c) : gradient.store(exps + c, size);
  }
}

struct Problem {
  Tensor logits, losses, gradient;
  std::optional<Tensor> labels, targets, eps, scale, weight;
  double eps_value, scale_value, z_loss, mean_weight;
  int64_t ignore_index;
  bool wanted;
};

template <typename scalar_t, typename T, bool kWeight, bool kTargets>
void run(const Problem& x) {
  const int64_t rows = x.logits.size(0), num_classes = x.logits.size(1);
  const int64_t z_stride = x.logits.stride(0), t_stride = kTargets ? x.targets->stride(0) : 0;
  constexpr bool kSame = std::is_same_v<scalar_t, T>;
  const scalar_t* z_all = x.logits.const_data_ptr<scalar_t>();
  const int64_t* labels = kTargets ? nullptr : x.labels->const_data_ptr<int64_t>();
  const T* t_all = kTargets ? x.targets->const_data_ptr<T>() : nullptr;
  const T* w = kWeight ? x.weight->const_data_ptr<T>() : nullptr;
  const Numbers<T> eps_all(x.eps, x.eps_value), scale_all(x.scale, x.scale_value);
  T* losses = x.losses.mutable_data_ptr<T>();
  scalar_t* gradients = x.wanted ? x.gradient.mutable_data_ptr<scalar_t>() : nullptr;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  at::parallel_for(0, rows, std::max<int64_t>(1, kGrain / num_classes), [&](int64_t begin, int64_t end) {
    std::vector<T> wide(kSame ? 0 : num_classes);
    for (int64_t row = begin; row < end; ++row) {
      const scalar_t* narrow = z_all + row * z_stride;
      scalar_t* gradient = x.wanted ? gradients + row * num_classes : nullptr;
      const int64_t y = kTargets ? 0 : labels[row];
      if (!kTargets && y == x.ignore_index) {
        losses[row] = 0;
        if (gradient) {
          std::fill_n(gradient, num_classes, scalar_t(0));
        }
        continue;
      }
      const bool inside = kTargets || (0 <= y && y < num_classes);
      const T* z;
      T* exps;
      if constexpr (kSame) {
        z = narrow;
        exps = gradient;
      } else {
        at::vec::convert(narrow, wide.data(), num_classes);
        z = wide.data();
        exps = gradient ? wide.data() : nullptr;
      }
      const double eps = eps_all[row], scale = scale_all[row], peak = 1 - eps, floor = eps / double(num_classes);
      const T m = largest(z, num_classes);
      const double at_label = inside && !kTargets ? double(z[y]) - double(m) : nan; // before exps overwrite it
      const T* t = kTargets ? t_all + row * t_stride : nullptr;
      Sums sums = exponentials<T, kWeight, kTargets>(z, w, t, m, exps, eps != 0, num_classes);
      if (!std::isfinite(m)) {
        sums.exps = nan; // exp_u20 gives a number for NaN
      }
      if constexpr (!kTargets) {
        sums.masses = inside ? (kWeight ? double(w[y]) : 1.0) : nan;
        sums.peaks = sums.masses == 0 ? 0 : sums.masses * at_label;
      }
      const double above = std::log(sums.exps), lse = double(m) + above;
      const double mass =
          !kWeight && !kTargets ? (inside ? 1.0 : nan) : peak * sums.masses + eps * (kWeight ? x.mean_weight : 1.0);
      double loss = mass * above - (peak == 0 ? 0 : peak * sums.peaks) - (eps == 0 ? 0 : floor * sums.floors);
      double on_p = mass;
      if (x.z_loss != 0) {
        loss += x.z_loss * lse * lse;
        on_p += 2 * x.z_loss * lse;
      }
      losses[row] = T(scale * loss);
      if (gradient) {
        const T factor = T(scale * on_p / sums.exps);
        const double p_y = kTargets || !inside ? 0 : double(exps[y]) / sums.exps;
        to_gradient<T, kWeight, kTargets>(exps, w, t, factor, T(scale * floor), T(scale * peak), num_classes);
        if (!kTargets && inside) { // in double, as this is the largest
          exps[y] = T(scale * (on_p * p_y - (floor + peak) * sums.masses));
        }
        if constexpr (!kSame) {
          at::vec::convert(wide.data(), gradient, num_classes);
        }
      }
    }
  });
}

template <typename scalar_t, typename T>
void with_options(const Problem& x) {
  if (x.weight) {
    x.targets ? run<scalar_t, T, true, true>(x) : run<scalar_t, T, true, false>(x);
  } else {
    x.targets ? run<scalar_t, T, false, true>(x) : run<scalar_t, T, false, false>(x);
  }
}

std::tuple<Tensor, std::optional<Tensor>> forward(
    Tensor logits, std::optional<Tensor> labels, std::optional<Tensor> targets, std::optional<Tensor> eps,
    double eps_value, std::optional<Tensor> scale, double scale_value, std::optional<Tensor> weight,
    int64_t ignore_index, double z_loss, bool wanted) {
  const auto dtype = logits.scalar_type();
  const auto compute = dtype == at::kDouble ? at::kDouble : at::kFloat;
  at::NoGradGuard no_grad;
  if (logits.stride(1) != 1) {
    logits = logits.contiguous();
  }
  if (labels) {
    labels = labels->contiguous();
  }
  if (targets) {
    targets = targets->to(compute);
    targets = targets->stride(1) == 1 ? targets : targets->contiguous();
  }
  if (weight) {
    weight = weight->to(compute).contiguous();
  }
  if (eps) {
    eps = eps->to(compute);
  }
  if (scale) {
    scale = scale->to(compute);
  }
  Problem x{
      logits, at::empty({logits.size(0)}, logits.options().dtype(compute)),
      wanted ? at::empty(logits.sizes(), logits.options()) : Tensor(),
      labels, targets, eps, scale, weight, eps_value, scale_value, z_loss,
      weight ? weight->mean(at::kDouble).item<double>() : 1.0, ignore_index, wanted};
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kBFloat16, at::kHalf, dtype, "smoothed_cross_entropy", [&] {
    with_options<scalar_t, std::conditional_t<std::is_same_v<scalar_t, double>, double, float>>(x);
  });
  return {x.losses, wanted ? std::optional<Tensor>(x.gradient) : std::nullopt};
}

// What eager.py does in Python, as a node of autograd: at a batch of a thousand numbers Python is most of the time.

pybind11::object* differentiable = nullptr; // formula.gradient, for second derivatives; never freed, as it outlives us

bool is_half(const Tensor& logits) {
  return logits.scalar_type() == at::kHalf || logits.scalar_type() == at::kBFloat16;
}

struct LossBackward : torch::autograd::Node {
  torch::autograd::SavedVariable logits, labels, targets, eps, scale, weight;
  double eps_value = 0, scale_value = 0, z_loss = 0;
  int64_t ignore_index = 0;
  Tensor gradient;

  std::string name() const override {
    return "SmoothedCrossEntropyBackward";
  }

  void release_variables() override {
    for (auto* saved : {&logits, &labels, &targets, &eps, &scale, &weight}) {
      saved->reset_data();
    }
    gradient.reset();
  }

  static std::optional<Tensor> unpacked(const torch::autograd::SavedVariable& saved) {
    auto tensor = saved.unpack();
    return tensor.defined() ? std::optional<Tensor>(tensor) : std::nullopt;
  }

  Tensor again(const Tensor& upstream) const { // with what comes from above in the scale: rounded once
    const auto factor = unpacked(scale);
    const auto z = logits.unpack();
    return *std::get<1>(forward(
        z, unpacked(labels), unpacked(targets), unpacked(eps), eps_value,
        factor ? upstream * *factor : upstream * scale_value, 0.0, unpacked(weight), ignore_index, z_loss, true));
  }

  Tensor by_formula(const Tensor& upstream) const {
    pybind11::gil_scoped_acquire with_python;
    const auto number = [](const std::optional<Tensor>& tensor, double value) {
      return tensor ? pybind11::cast(*tensor) : pybind11::cast(value);
    };
    return (*differentiable)(
               logits.unpack(), unpacked(labels), unpacked(targets), number(unpacked(eps), eps_value),
               number(unpacked(scale), scale_value), unpacked(weight), ignore_index, z_loss, upstream)
        .cast<Tensor>();
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& upstreams) override {
    const Tensor& upstream = upstreams[0];
    if (!upstream.defined()) {
      return {Tensor()};
    }
    Tensor mine;
    std::swap(mine, gradient); // given away once: whoever gets it may write into it
    if (at::GradMode::is_enabled()) {
      return {by_formula(upstream)};
    }
    if (!mine.defined()) {
      return {again(upstream)};
    }
    if (upstream.dim() == 0 && upstream.item<double>() == 1.0) {
      return {mine};
    }
    if (is_half(mine)) {
      return {again(upstream)};
    }
    return {mine.mul_(upstream.dim() ? upstream.unsqueeze(-1) : upstream)};
  }
};

template <typename T>
auto make_node() { // torch has changed how it counts the owners of a node
  if constexpr (std::is_base_of_v<c10::intrusive_ptr_target, torch::autograd::Node>) {
    return c10::make_intrusive<T>();
  } else {
    return std::make_shared<T>();
  }
}

Tensor losses(
    const Tensor& logits, const std::optional<Tensor>& labels, const std::optional<Tensor>& targets,
    const std::optional<Tensor>& eps, double eps_value, const std::optional<Tensor>& scale, double scale_value,
    const std::optional<Tensor>& weight, int64_t ignore_index, double z_loss, bool total) {
  const bool learned = at::GradMode::is_enabled() && logits.requires_grad();
  const bool wanted = learned && logits.scalar_type() != at::kHalf && (total || !is_half(logits));
  Tensor result;
  std::optional<Tensor> gradient;
  {
    at::NoGradGuard no_grad;
    std::tie(result, gradient) = forward(
        logits, labels, targets, eps, eps_value, scale, scale_value, weight, ignore_index, z_loss, wanted);
    result = total ? result.sum() : result;
  }
  if (learned) {
    using torch::autograd::SavedVariable;
    const auto save = [](const std::optional<Tensor>& tensor) { return SavedVariable(tensor.value_or(Tensor()), false); };
    const auto node = make_node<LossBackward>();
    node->set_next_edges(torch::autograd::collect_next_edges(logits));
    node->logits = SavedVariable(logits, false);
    node->labels = save(labels);
    node->targets = save(targets);
    node->eps = save(eps);
    node->scale = save(scale);
    node->weight = save(weight);
    node->eps_value = eps_value;
    node->scale_value = scale_value;
    node->z_loss = z_loss;
    node->ignore_index = ignore_index;
    node->gradient = gradient.value_or(Tensor());
    torch::autograd::set_history(result, node);
  }
  return result;
}

} // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
  using unlocked = pybind11::call_guard<pybind11::gil_scoped_release>; // autograd has let go of Python already
  m.def("forward", &forward, "losses (N) and, where wanted, their gradient (N, K)", unlocked());
  m.def("losses", &losses, "losses (N), or their sum (), as a node of autograd", unlocked());
  m.def("differentiate_by", [](pybind11::object formula) { differentiable = new pybind11::object(std::move(formula)); });
}
