// In: boxes and their scores. Out: NonMaxSuppressionV3, V4 and V5: the best ones, none of which overlaps another too much.
#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#include "base/check.h"
#include "engine/device/image_rules.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/array_args.h"
#include "engine/ops/element_type.h"
#include "engine/ops/elementwise.h"

namespace ninefold::ops {
namespace {

void check_scores(ShapeCtx& c) {
  const Shape &b = c.shape(0), &s = c.shape(1);
  c.check(!b.known_rank() || b.rank() == 2, "boxes must be 2-D{}", b.str());
  c.check(!s.known_rank() || s.rank() == 1, "scores must be 1-D{}", s.str());
  if (b.known_rank()) c.check(b[1] == 4 || b[1] < 0, "boxes must have 4 columns (Dimension must be 4 but is {})", b[1]);
  if (b.known_rank() && s.known_rank()) c.check(b[0] < 0 || s[0] < 0 || b[0] == s[0], "scores has incompatible shape (Dimensions must be equal, but are {} and {})", b[0], s[0]);
}

struct Chosen {
  std::vector<int32_t> at;
  std::vector<float> scores;
};
// Greedy, best first. sigma 0: what overlaps more than `most` is out; else its score fades by exp(-overlap^2 / (2 sigma)).
Chosen choose(const float* boxes, const float* scores, int64_t n, int64_t count, float most, float least, float sigma) {
  struct Candidate {
    float score;
    int64_t at, seen;
    bool operator<(const Candidate& o) const { return score < o.score || (score == o.score && at > o.at); }
  };
  std::priority_queue<Candidate> queue;
  for (int64_t i = 0; i < n; ++i)
    if (scores[i] > least) queue.push({scores[i], i, 0});
  const float slope = sigma > 0 ? -0.5f / sigma : 0;
  Chosen out;
  while (static_cast<int64_t>(out.at.size()) < count && !queue.empty()) {
    Candidate next = queue.top();
    queue.pop();
    const float before = next.score;
    bool out_of_it = false;
    for (auto j = static_cast<int64_t>(out.at.size()) - 1; j >= next.seen; --j) {
      const float shared = images::overlap(boxes + 4 * next.at, boxes + 4 * out.at[static_cast<size_t>(j)]);
      next.score *= sigma > 0 ? (shared <= most ? std::exp(slope * shared * shared) : 0.0f) : 1.0f;
      if (sigma == 0 && shared > most) {
        out_of_it = true;
        break;
      }
      if (next.score <= least) break;
    }
    if (out_of_it) continue;
    next.seen = static_cast<int64_t>(out.at.size());
    if (next.score == before) {
      out.at.push_back(static_cast<int32_t>(next.at));
      out.scores.push_back(next.score);
    } else if (next.score > least) {
      queue.push(next);
    }
  }
  return out;
}

std::vector<float> floats(const KernelCtx& k, int i) {
  std::vector<float> out(static_cast<size_t>(k.shape(i).size()));
  with_real(k.dtype(i), [&](auto zero) {
    using T = decltype(zero);
    for (size_t j = 0; j < out.size(); ++j) out[j] = static_cast<float>(k.in<T>(i)[j]);
  });
  return out;
}
Chosen chosen(KernelCtx& k, bool soft) {
  const auto scalar = [&](int i) { return floats(k, i).at(0); };
  const int64_t count = std::max<int64_t>(k.in(2).int_at(0), 0);
  const float most = scalar(3), least = scalar(4), sigma = soft ? scalar(5) : 0;
  k.check(most >= 0 && most <= 1, "iou_threshold must be in [0, 1]");
  k.check(sigma >= 0, "soft_nms_sigma_val must be >= 0");
  const std::vector<float> boxes = floats(k, 0), scores = floats(k, 1);
  return choose(boxes.data(), scores.data(), k.shape(0)[0], count, most, least, sigma);
}
template <class T>
void give(KernelCtx& k, int i, DType d, const std::vector<T>& values, int64_t size) {
  if (!k.has_output(i)) k.allocate(i, d, Shape({size}));
  with_real(d, [&](auto zero) {
    using U = decltype(zero);
    for (int64_t j = 0; j < size; ++j) k.out<U>(i)[j] = j < static_cast<int64_t>(values.size()) ? static_cast<U>(values[static_cast<size_t>(j)]) : U{};
  });
}
int64_t padded_size(KernelCtx& k, const Chosen& c) {
  return k.flag("pad_to_max_output_size") ? std::max<int64_t>(k.in(2).int_at(0), 0) : static_cast<int64_t>(c.at.size());
}

const Op version3 = {
    .name = "NonMaxSuppressionV3",
    .inputs = {"boxes: T", "scores: T", "max_output_size: int32", "iou_threshold: T_threshold", "score_threshold: T_threshold"},
    .outputs = {"selected_indices: int32"}, .attrs = {"T: {half, float} = float", "T_threshold: {half, float} = float"},
    .doc = "The places of the best boxes, none of which overlaps another by more than iou_threshold.",
    .shape = [](ShapeCtx& c) {
      check_scores(c);
      c.output(Shape({-1}));
    },
    .host = {"max_output_size", "iou_threshold", "score_threshold"}, .stops_gradient = true};
NINEFOLD_REGISTER(version3);
NINEFOLD_KERNEL(version3, "CPU", (Kernel{[](KernelCtx& k) {
  const Chosen c = chosen(k, false);
  give(k, 0, DType::i32, c.at, static_cast<int64_t>(c.at.size()));
}}));

const Op version5 = {
    .name = "NonMaxSuppressionV5",
    .inputs = {"boxes: T", "scores: T", "max_output_size: int32", "iou_threshold: T", "score_threshold: T", "soft_nms_sigma: T"},
    .outputs = {"selected_indices: int32", "selected_scores: T", "valid_outputs: int32"},
    .attrs = {"T: {half, float} = float", "pad_to_max_output_size: bool = false"},
    .doc = "NonMaxSuppressionV3 with scores, which fade with the overlap if soft_nms_sigma is more than 0.",
    .shape = [](ShapeCtx& c) {
      check_scores(c);
      const Tensor* count = c.flag("pad_to_max_output_size") ? c.value(2) : nullptr;
      const int64_t n = count ? std::max<int64_t>(count->int_at(0), 0) : -1;
      c.output(0, Shape({n}));
      c.output(1, Shape({n}));
      c.output(2, Shape({}));
    },
    .host = {"max_output_size", "iou_threshold", "score_threshold", "soft_nms_sigma"}, .stops_gradient = true};
NINEFOLD_REGISTER(version5);
NINEFOLD_KERNEL(version5, "CPU", (Kernel{[](KernelCtx& k) {
  const Chosen c = chosen(k, true);
  give(k, 0, DType::i32, c.at, padded_size(k, c));
  give(k, 1, k.dtype(0), c.scores, padded_size(k, c));
  if (!k.has_output(2)) k.allocate(2, DType::i32, Shape({}));
  *k.out<int32_t>(2) = static_cast<int32_t>(c.at.size());
}}));

const Function suppression = {
    .names = {"tf.image.non_max_suppression"},
    .signature = "(boxes: tensor, scores: tensor, max_output_size: tensor, iou_threshold: tensor = 0.5, score_threshold: tensor = None, name: str = None)",
    .doc = "The places, best first, of at most max_output_size boxes [y1, x1, y2, x2] whose scores are above score_threshold and of which none "
           "shares more than iou_threshold of its union with a better one. Raises InvalidArgumentError for a threshold outside [0, 1].",
    .body = [](Args& a) -> Value {
      const Tensor boxes = operand(a, "boxes", DType::f32);
      return op("NonMaxSuppressionV3", {boxes, operand(a, "scores", boxes.dtype()), operand(a, "max_output_size", DType::i32),
                                        cast(operand(a, "iou_threshold", DType::f32), DType::f32),
                                        a.none("score_threshold") ? Tensor(-INFINITY) : cast(operand(a, "score_threshold", DType::f32), DType::f32)});
    },
};
NINEFOLD_REGISTER(suppression);
const Function with_scores = {
    .names = {"tf.image.non_max_suppression_with_scores"},
    .signature = "(boxes: tensor, scores: tensor, max_output_size: tensor, iou_threshold: tensor = 0.5, score_threshold: tensor = None, "
                 "soft_nms_sigma: tensor = 0.0, name: str = None)",
    .doc = "non_max_suppression's places and scores; with soft_nms_sigma > 0 what overlaps loses score instead of being left out.",
    .body = [](Args& a) -> Value {
      const Tensor boxes = operand(a, "boxes", DType::f32);
      const auto number = [&](const char* name) { return cast(operand(a, name, DType::f32), boxes.dtype()); };
      const NamedAttr attrs[] = {{"pad_to_max_output_size", false}};
      const Tensor in[] = {boxes, operand(a, "scores", boxes.dtype()), operand(a, "max_output_size", DType::i32), number("iou_threshold"),
                           a.none("score_threshold") ? cast(Tensor(-INFINITY), boxes.dtype()) : number("score_threshold"), number("soft_nms_sigma")};
      const Tensors all = op_all("NonMaxSuppressionV5", in, attrs);
      return ValueList{all.at(0), all.at(1)};
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(with_scores);

}  // namespace
}  // namespace ninefold::ops
