// In: logits through time. Out: CTCGreedyDecoder and CTCBeamSearchDecoder: the labels that they most likely say.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/threads.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {
namespace {

using Sequence = std::vector<int64_t>;

void check_logits(ShapeCtx& c, int64_t& batch) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 3, "inputs is not a 3-Tensor");
  c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 1, "sequence_length is not a vector");
  batch = c.shape(0).known_rank() ? c.shape(0)[1] : -1;
  if (!c.shape(1).known_rank()) return;
  if (batch >= 0 && c.shape(1)[0] >= 0 && c.shape(1)[0] != batch)
    fail(Code::failed_precondition, "len(sequence_length) != batch_size.  len(sequence_length):  {} batch_size: {} [Op:{}]", c.shape(1)[0], batch,
         c.op().name);
  if (batch < 0) batch = c.shape(1)[0];
}
void check_lengths(const KernelCtx& k) {
  const auto* lengths = k.in<int32_t>(1);
  k.check(k.shape(0).size() > 0, "inputs must not be empty");
  for (int64_t b = 0; b < k.shape(0)[1]; ++b)
    if (lengths[b] > k.shape(0)[0]) fail(Code::failed_precondition, "sequence_length({}) <= {} [Op:{}]", b, k.shape(0)[0], k.op().name);
}
// One path of every sequence as a sparse matrix: outputs i, j and l.
void give_sparse(KernelCtx& k, const std::vector<Sequence>& paths, int i, int j, int l) {
  int64_t count = 0, longest = 0;
  for (const Sequence& p : paths) {
    count += static_cast<int64_t>(p.size());
    longest = std::max(longest, static_cast<int64_t>(p.size()));
  }
  if (!k.has_output(i)) k.allocate(i, DType::i64, Shape({count, 2}));
  if (!k.has_output(j)) k.allocate(j, DType::i64, Shape({count}));
  if (!k.has_output(l)) k.allocate(l, DType::i64, Shape({2}));
  int64_t *at = k.out<int64_t>(i), *values = k.out<int64_t>(j);
  for (size_t b = 0; b < paths.size(); ++b)
    for (size_t t = 0; t < paths[b].size(); ++t) {
      *at++ = static_cast<int64_t>(b);
      *at++ = static_cast<int64_t>(t);
      *values++ = paths[b][t];
    }
  k.out<int64_t>(l)[0] = static_cast<int64_t>(paths.size());
  k.out<int64_t>(l)[1] = longest;
}

// ---- the best class of every step ----

template <class T>
void greedy(KernelCtx& k) {
  check_lengths(k);
  const int64_t batch = k.shape(0)[1], classes = k.shape(0)[2], given = k.integer("blank_index");
  k.check(given >= -classes && given < classes, "blank_index expected to be between {} and {} but was {}", -classes, classes - 1, given);
  const int64_t blank = given < 0 ? given + classes : given;
  const bool merge = k.flag("merge_repeated");
  const auto* lengths = k.in<int32_t>(1);
  std::vector<Sequence> paths(static_cast<size_t>(batch));
  if (!k.has_output(3)) k.allocate(3, k.dtype(0), Shape({batch, 1}));
  for (int64_t b = 0; b < batch; ++b) {
    T sum = 0;
    int64_t before = -1;
    for (int64_t t = 0; t < lengths[b]; ++t) {
      const T* x = k.in<T>(0) + (t * batch + b) * classes;
      const int64_t best = std::max_element(x, x + classes) - x;
      sum -= x[best];
      if (best != blank && !(merge && best == before)) paths[static_cast<size_t>(b)].push_back(best);
      before = best;
    }
    k.out<T>(3)[b] = sum;
  }
  give_sparse(k, paths, 0, 1, 2);
}

const Op greedy_decoder = {
    .name = "CTCGreedyDecoder", .inputs = {"inputs: T", "sequence_length: int32"},
    .outputs = {"decoded_indices: int64", "decoded_values: int64", "decoded_shape: int64", "log_probability: T"},
    .attrs = {"merge_repeated: bool = false", "blank_index: int = -1", "T: {float, double} = float"},
    .doc = "The best class of every step of logits [time, batch, classes] without blanks, as the parts of a sparse matrix, and the negative sum of "
           "those logits [batch, 1].",
    .shape = [](ShapeCtx& c) {
      int64_t batch;
      check_logits(c, batch);
      c.output(0, Shape({-1, 2}));
      c.output(1, Shape({-1}));
      c.output(2, Shape({2}));
      c.output(3, Shape({batch, 1}));
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(greedy_decoder);
NINEFOLD_KERNEL(greedy_decoder, "CPU", Kernel{greedy<float>}, DType::f32);
NINEFOLD_KERNEL(greedy_decoder, "CPU", Kernel{greedy<double>}, DType::f64);

// ---- beam search: prefixes in a tree, each with the probability that it ends in a blank and in its label ----

template <class T>
T sum_of_logs(T a, T b) {
  constexpr T none = -std::numeric_limits<T>::infinity();
  if (a == none) return b;
  if (b == none) return a;
  return a > b ? a + std::log1p(std::exp(b - a)) : b + std::log1p(std::exp(a - b));
}
template <class T>
struct Chance {
  static constexpr T none = -std::numeric_limits<T>::infinity();
  T total = none, blank = none, label = none;
};
template <class T>
struct Prefix {
  Prefix* parent;
  int64_t label;
  Chance<T> before = {}, now = {};
  std::map<int64_t, std::unique_ptr<Prefix>> children = {};
  bool active() const { return now.total != Chance<T>::none; }
  Prefix& child(int64_t l) {
    auto& c = children[l];
    if (!c) c.reset(new Prefix{this, l});
    return *c;
  }
};
// The best prefixes so far, the least probable one in front.
template <class T>
struct Beam {
  size_t width;
  std::vector<Prefix<T>*> heap = {};
  static bool better(const Prefix<T>* a, const Prefix<T>* b) { return a->now.total > b->now.total; }
  bool takes(const Chance<T>& c) const { return c.total > Chance<T>::none && (heap.size() < width || c.total > heap.front()->now.total); }
  void push(Prefix<T>* p) {
    if (heap.size() == width && width > 0) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back()->now = {};
      heap.pop_back();
    }
    heap.push_back(p);
    std::push_heap(heap.begin(), heap.end(), better);
  }
  std::vector<Prefix<T>*> taken() {
    std::sort(heap.begin(), heap.end(), better);
    return std::exchange(heap, {});
  }
};

template <class T>
void step(Beam<T>& beam, const T* x, int64_t classes) {
  T most = *std::max_element(x, x + classes), sum = 0;
  for (int64_t c = 0; c < classes; ++c) sum += std::exp(x[c] - most);
  const T norm = most + std::log(sum);
  const std::vector<Prefix<T>*> prefixes = beam.taken();
  for (Prefix<T>* p : prefixes) p->before = p->now;
  for (Prefix<T>* p : prefixes) {
    if (p->parent) {
      if (p->parent->active())
        p->now.label = sum_of_logs(p->now.label, p->label == p->parent->label ? p->parent->before.blank : p->parent->before.total);
      p->now.label += x[p->label] - norm;
    }
    p->now.blank = p->before.total + x[classes - 1] - norm;
    p->now.total = sum_of_logs(p->now.blank, p->now.label);
    beam.push(p);
  }
  for (Prefix<T>* p : prefixes) {
    if (!beam.takes(p->before)) continue;
    for (int64_t l = 0; l < classes - 1; ++l) {
      const T chance = x[l] - norm + (l == p->label ? p->before.blank : p->before.total);
      Prefix<T>* known = p->children.count(l) ? p->children[l].get() : nullptr;
      if (known && known->active()) continue;
      const Chance<T> made = {chance, Chance<T>::none, chance};
      if (!beam.takes(made)) {
        if (known) known->before = known->now = {};
        continue;
      }
      Prefix<T>& c = p->child(l);
      c.now = made;
      beam.push(&c);
    }
  }
}

template <class T>
void beam_search(KernelCtx& k) {
  check_lengths(k);
  const int64_t batch = k.shape(0)[1], classes = k.shape(0)[2], top = k.integer("top_paths"), width = k.integer("beam_width");
  k.check(top <= width, "requested more paths than the beam width.");
  const bool merge = k.flag("merge_repeated");
  const auto n = static_cast<int>(top);
  if (!k.has_output(3 * n)) k.allocate(3 * n, k.dtype(0), Shape({batch, top}));
  std::vector<std::vector<Sequence>> paths(static_cast<size_t>(top), std::vector<Sequence>(static_cast<size_t>(batch)));
  std::vector<char> few(static_cast<size_t>(batch));
  parallel_for(batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      Prefix<T> root{nullptr, -1};
      root.now.total = root.now.blank = 0;
      Beam<T> beam{static_cast<size_t>(width)};
      beam.push(&root);
      for (int64_t t = 0; t < k.in<int32_t>(1)[b]; ++t) step(beam, k.in<T>(0) + (t * batch + b) * classes, classes);
      const std::vector<Prefix<T>*> best = beam.taken();
      few[static_cast<size_t>(b)] = static_cast<int64_t>(best.size()) < top;
      for (size_t i = 0; i < std::min(best.size(), static_cast<size_t>(top)); ++i) {
        Sequence& path = paths[i][static_cast<size_t>(b)];
        for (const Prefix<T>* p = best[i]; p->parent; p = p->parent)
          if (!merge || path.empty() || path.back() != p->label) path.push_back(p->label);
        std::reverse(path.begin(), path.end());
        k.out<T>(3 * n)[b * top + static_cast<int64_t>(i)] = best[i]->now.total;
      }
    }
  });
  k.check(std::none_of(few.begin(), few.end(), [](char c) { return c != 0; }), "Less leaves in the beam search than requested.");
  for (int i = 0; i < n; ++i) give_sparse(k, paths[static_cast<size_t>(i)], i, n + i, 2 * n + i);
}

const Op beam_search_decoder = {
    .name = "CTCBeamSearchDecoder", .inputs = {"inputs: T", "sequence_length: int32"},
    .outputs = {"decoded_indices: top_paths * int64", "decoded_values: top_paths * int64", "decoded_shape: top_paths * int64", "log_probability: T"},
    .attrs = {"beam_width: int >= 1", "top_paths: int >= 1", "merge_repeated: bool = true", "T: {float, double} = float"},
    .doc = "The top_paths most probable labellings of logits [time, batch, classes], the last class of which is the blank, found with beam_width "
           "prefixes at once; their logarithms [batch, top_paths].",
    .shape = [](ShapeCtx& c) {
      int64_t batch;
      check_logits(c, batch);
      const auto n = static_cast<int>(c.integer("top_paths"));
      for (int i = 0; i < n; ++i) {
        c.output(i, Shape({-1, 2}));
        c.output(n + i, Shape({-1}));
        c.output(2 * n + i, Shape({2}));
      }
      c.output(3 * n, Shape({batch, n}));
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(beam_search_decoder);
NINEFOLD_KERNEL(beam_search_decoder, "CPU", Kernel{beam_search<float>}, DType::f32);
NINEFOLD_KERNEL(beam_search_decoder, "CPU", Kernel{beam_search<double>}, DType::f64);

}  // namespace
}  // namespace ninefold::ops
