// In: logits through time, labels of each sequence. Out: CTCLoss: the negative logarithm of the labels' probability over all
// alignments (Graves et al., "Connectionist Temporal Classification", 2006, equations 6 to 16), and its derivative.
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/check.h"
#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/nn_common.h"

namespace ninefold::ops {
namespace {

template <class T> constexpr T nothing = -std::numeric_limits<T>::infinity();   // the logarithm of no probability
template <class T>
T log_sum(T a, T b) {
  if (a == nothing<T>) return b;
  if (b == nothing<T>) return a;
  return a > b ? a + std::log1p(std::exp(b - a)) : b + std::log1p(std::exp(a - b));
}

using Labels = std::vector<std::vector<int32_t>>;
struct LossRules {
  bool collapse, merge, ignore_longer;
};

// The labels of each sequence, from the rows of a sparse matrix.
Labels labels_of(const KernelCtx& k, int64_t batch) {
  const auto *at = k.in<int64_t>(1);
  const auto *values = k.in<int32_t>(2);
  Labels out(static_cast<size_t>(batch));
  for (int64_t i = 0; i < k.shape(2).size(); ++i) {
    k.check(at[2 * i] >= 0 && at[2 * i] < batch && at[2 * i + 1] >= 0,
            "label SparseTensor is not valid: indices[{}] = [{},{}] is out of bounds: need 0 <= index < [{},..]", i, at[2 * i], at[2 * i + 1], batch);
    k.check(i == 0 || at[2 * i] > at[2 * i - 2] || (at[2 * i] == at[2 * i - 2] && at[2 * i + 1] > at[2 * i - 1]),
            "label SparseTensor is not valid: indices[{}] = [{},{}] is out of order", i, at[2 * i], at[2 * i + 1]);
    out[static_cast<size_t>(at[2 * i])].push_back(values[i]);
  }
  return out;
}
std::string joined(const std::vector<int32_t>& values) { return fmt::format("{}", fmt::join(values, ",")); }

// The labels with a blank before, between and behind them.
std::vector<int32_t> with_blanks(const KernelCtx& k, const std::vector<int32_t>& label, int64_t b, int64_t classes, int64_t time, const LossRules& r) {
  k.check(!label.empty(), "Labels length is zero in batch {}", b);
  const auto blank = static_cast<int32_t>(classes - 1);
  std::vector<int32_t> kept, out{blank};
  bool ended = false;
  for (size_t i = 0; i < label.size(); ++i) {
    if (i > 0 && r.collapse && label[i] == label[i - 1]) continue;
    if (label[i] >= blank) {
      ended = true;
      continue;
    }
    k.check(!ended, "Saw a non-null label (index >= num_classes - 1) following a null label, batch: {} num_classes: {} labels: {} labels seen "
            "so far: {}", b, classes, joined(label), joined(kept));
    kept.push_back(label[i]);
  }
  for (const int32_t l : kept) {
    k.check(l >= 0, "All labels must be nonnegative integers, batch: {} labels: {}", b, joined(kept));
    out.push_back(l);
    out.push_back(blank);
  }
  k.check(r.ignore_longer || static_cast<int64_t>(label.size()) <= time,
          "Not enough time for target transition sequence (required: {}, available: {}){}You can turn this error into a warning by using the flag "
          "ignore_longer_outputs_than_inputs", label.size(), time, b);
  return out;
}

// One sequence. `logits` and `dx` step by `stride` a time step.
template <class T>
T align(const T* logits, T* dx, int64_t stride, int64_t time, int64_t classes, const std::vector<int32_t>& path, bool merge) {
  const auto states = static_cast<int64_t>(path.size());
  const auto blank = static_cast<int32_t>(classes - 1);
  const auto size = static_cast<size_t>(time * states);
  std::vector<T> logs(static_cast<size_t>(time * classes)), alpha(size, nothing<T>), beta(size, nothing<T>);
  for (int64_t t = 0; t < time; ++t) {   // log softmax
    const T* x = logits + t * stride;
    T most = x[0], sum = 0;
    for (int64_t c = 1; c < classes; ++c) most = std::max(most, x[c]);
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(x[c] - most);
    for (int64_t c = 0; c < classes; ++c) logs[static_cast<size_t>(t * classes + c)] = x[c] - most - std::log(sum);
  }
  const auto label = [&](int64_t u) { return path[static_cast<size_t>(u)]; };
  const auto log_y = [&](int64_t t, int64_t u) { return logs[static_cast<size_t>(t * classes + label(u))]; };
  const auto place = [&](std::vector<T>& of, int64_t t, int64_t u) -> T& { return of[static_cast<size_t>(t * states + u)]; };
  const auto stays = [&](int64_t u) { return merge || label(u) == blank; };
  // From label u over the blank to the next label, which must be another one where equal ones would merge.
  const auto skips = [&](int64_t from, int64_t to) { return label(from) != blank && !(merge && label(from) == label(to)); };
  for (int64_t u = 0; u < std::min<int64_t>(2, states); ++u) place(alpha, 0, u) = log_y(0, u);
  for (int64_t t = 1; t < time; ++t)
    for (int64_t u = 0; u < states; ++u) {
      T sum = stays(u) ? place(alpha, t - 1, u) : nothing<T>;
      if (u > 0) sum = log_sum(sum, place(alpha, t - 1, u - 1));
      if (u > 1 && skips(u, u - 2)) sum = log_sum(sum, place(alpha, t - 1, u - 2));
      place(alpha, t, u) = sum + log_y(t, u);
    }
  for (int64_t u = std::max<int64_t>(0, states - 2); u < states; ++u) place(beta, time - 1, u) = 0;
  for (int64_t t = time - 2; t >= 0; --t)
    for (int64_t u = 0; u < states; ++u) {
      const auto next = [&](int64_t v) { return place(beta, t + 1, v) + log_y(t + 1, v); };
      T sum = stays(u) ? next(u) : nothing<T>;
      if (u + 1 < states) sum = log_sum(sum, next(u + 1));
      if (u + 2 < states && skips(u, u + 2)) sum = log_sum(sum, next(u + 2));
      place(beta, t, u) = sum;
    }
  T total = nothing<T>;
  for (int64_t u = 0; u < states; ++u) total = log_sum(total, place(alpha, 0, u) + place(beta, 0, u));
  std::vector<T> share(static_cast<size_t>(classes));
  for (int64_t t = 0; t < time; ++t) {
    std::fill(share.begin(), share.end(), nothing<T>);
    for (int64_t u = 0; u < states; ++u) {
      T& s = share[static_cast<size_t>(label(u))];
      s = log_sum(s, place(alpha, t, u) + place(beta, t, u));
    }
    for (int64_t c = 0; c < classes; ++c) {
      const auto i = static_cast<size_t>(c);
      dx[t * stride + c] = std::exp(logs[static_cast<size_t>(t * classes) + i]) - (total == nothing<T> ? T{} : std::exp(share[i] - total));
    }
  }
  return -total;
}

template <class T>
void losses(KernelCtx& k) {
  const Shape& s = k.shape(0);
  const int64_t steps = s[0], batch = s[1], classes = s[2];
  const LossRules rules = {k.flag("preprocess_collapse_repeated"), k.flag("ctc_merge_repeated"), k.flag("ignore_longer_outputs_than_inputs")};
  k.check(steps != 0, "Max time or first dimension of input cannot be 0.");
  k.check(batch != 0, "batch_size must not be 0");
  const Labels labels = labels_of(k, batch);
  const auto* lengths = k.in<int32_t>(3);
  std::vector<std::vector<int32_t>> paths;
  for (int64_t b = 0; b < batch; ++b) {
    k.check(lengths[b] <= steps, "sequence_length({}) <= {}", b, steps);
    k.check(lengths[b] >= 0, "seq_len({}) < 0", b);
  }
  for (int64_t b = 0; b < batch; ++b) paths.push_back(with_blanks(k, labels[static_cast<size_t>(b)], b, classes, lengths[b], rules));
  T *loss = k.out<T>(0), *dx = k.out<T>(1);
  std::fill_n(dx, s.size(), T{});
  parallel_for(batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const auto i = static_cast<size_t>(b);
      loss[b] = 0;
      if (lengths[b] == 0 || (rules.ignore_longer && static_cast<int64_t>(labels[i].size()) > lengths[b])) continue;
      loss[b] = align<T>(k.in<T>(0) + b * classes, dx + b * classes, batch * classes, lengths[b], classes, paths[i], rules.merge);
    }
  });
}

const Op ctc_loss = {
    .name = "CTCLoss",
    .inputs = {"inputs: T", "labels_indices: int64", "labels_values: int32", "sequence_length: int32"},
    .outputs = {"loss: T", "gradient: T"},
    .attrs = {"preprocess_collapse_repeated: bool = false", "ctc_merge_repeated: bool = true",
              "ignore_longer_outputs_than_inputs: bool = false", "T: {float, double} = float"},
    .doc = "The CTC loss [batch] of logits [time, batch, classes], the last class of which is the blank, and its derivative by the logits. Raises "
           "InvalidArgumentError for labels that are negative, out of order, or too many for the time.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 3, "inputs is not a 3-Tensor");
      c.check(!c.shape(3).known_rank() || c.shape(3).rank() == 1, "sequence_length is not a vector");
      c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 2, "labels_indices is not a matrix");
      c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 1, "labels_values is not a vector");
      const auto differ = [](int64_t a, int64_t b) { return a >= 0 && b >= 0 && a != b; };
      if (c.shape(1).known_rank() && c.shape(2).known_rank())
        c.check(!differ(c.shape(1)[0], c.shape(2)[0]), "labels_indices and labels_values must contain the same number of rows, but saw shapes: {} vs. {}",
                c.shape(1).str(), c.shape(2).str());
      int64_t batch = c.shape(0).known_rank() ? c.shape(0)[1] : -1;
      if (c.shape(3).known_rank()) {
        c.check(!differ(batch, c.shape(3)[0]), "len(sequence_length) != batch_size.  len(sequence_length):  {} batch_size: {}", c.shape(3)[0], batch);
        if (batch < 0) batch = c.shape(3)[0];
      }
      c.output(0, Shape({batch}));
      c.output(1, c.shape(0).known_rank() ? Shape({c.shape(0)[0], batch, c.shape(0)[2]}) : Shape({-1, batch, -1}));
    },
    .grad = [](GradCtx& g) {
      // What is given as a derivative has none of its own, and as a result of its own it counts for nothing, as in TensorFlow.
      const Tensor once = op("PreventGradient", {g.out(1)}, {{"message", std::string("Currently there is no way to take the second  derivative of "
          "ctc_loss due to the fused implementation's interaction  with tf.gradients()")}});
      if (g.needs(0)) g.to(0, nn::reshape(g.dy(0), {1, -1, 1}) * once);
    },
    .grad_reads = {"gradient"},
};
NINEFOLD_REGISTER(ctc_loss);
NINEFOLD_KERNEL(ctc_loss, "CPU", Kernel{losses<float>}, DType::f32);
NINEFOLD_KERNEL(ctc_loss, "CPU", Kernel{losses<double>}, DType::f64);

}  // namespace
}  // namespace ninefold::ops
