// In: lists of tensors that differ in their first dimension. Out: those one below the other, and the way back.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/library.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/place.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/plan_forms.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/tensor_list.h"

namespace ninefold::ops {
namespace {

// -1 alone means that nothing is known.
Shape shape_from(const Tensor& t) { return t.rank() == 0 ? Shape::unknown() : Shape(t.ints()); }

// element_shape: of an element, its first dimension left open; leading_dims: of elements that were never written.
const Op concat = {
    .name = "TensorListConcatV2",
    .inputs = {"input_handle: variant", "element_shape: int32", "leading_dims: int64"},
    .outputs = {"tensor: element_dtype", "lengths: int64"}, .attrs = {"element_dtype: type"},
    .doc = "All elements one below the other, and how many rows each of them has.",
    .shape = [](ShapeCtx& c) {
      const Tensor* s = c.value(1);
      const Shape row = s ? shape_from(*s) : Shape::unknown();
      c.output(0, row.known_rank() && row.rank() > 0 ? Shape{-1}.concat(row.slice(1, row.rank())) : Shape::unknown());
      c.output(1, Shape{-1});
    },
    .grad = [](GradCtx& g) {
      g.to(0, op("TensorListSplit", {g.dy(0), Tensor(-1), g.out(1)}));
    },
    .host = {"element_shape", "leading_dims"}, .foldable = false,
};
NINEFOLD_REGISTER(concat);
void concat_cpu(KernelCtx& k) {
  const auto& l = resource_as<TensorList>(k.in(0), "TensorListConcatV2");
  Tensors items;
  for (int64_t i = 0; i < l.size(); ++i) items.push_back(l.item(i));
  const std::vector<int64_t> leading = k.in(2).ints();
  const Shape asked = shape_from(k.in(1));
  Shape rest = asked.known_rank() && asked.rank() > 0 ? asked.slice(1, asked.rank()) : Shape::unknown();
  if (l.element_shape.known_rank() && l.element_shape.rank() > 0)
    rest = rest.merge(l.element_shape.slice(1, l.element_shape.rank()));
  std::vector<int64_t> lengths;
  int64_t rows = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    int64_t length = i < leading.size() ? leading[i] : -1;
    if (items[i].defined()) {
      const Shape& s = items[i].shape();
      k.check(s.rank() > 0, "Concat saw a scalar shape at index {} but requires at least vectors.", i);
      const Shape tail = s.slice(1, s.rank());
      k.check(rest.compatible(tail), "Tried to concat tensors with unequal shapes: {} vs {}", rest.str(), tail.str());
      rest = rest.merge(tail);
      length = s[0];
    }
    k.check(length >= 0, "List contains uninitialized tensor at index {} but leading_dims has only {} elements.", i,
            leading.size());
    lengths.push_back(length);
    rows += length;
  }
  k.check(rest.fully_known(), "All except the first dimension must be fully defined when concating an empty tensor list. "
          "element_shape: {}", l.element_shape.str());
  Device& home = l.home();
  Tensor& out = home.host() ? k.allocate(0, l.dtype, Shape{rows}.concat(rest)) : k.out(0);
  if (!home.host()) out = zeros_on(home, l.dtype, Shape{rows}.concat(rest));
  Tensor& sizes = k.allocate(1, DType::i64, Shape{static_cast<int64_t>(lengths.size())});
  for (size_t i = 0; i < lengths.size(); ++i) static_cast<int64_t*>(sizes.impl()->data)[i] = lengths[i];
  const bool text = l.dtype == DType::string;
  k.check(text || is_plain(l.dtype), "lists of {} are not concatenated", name_of(l.dtype));
  const size_t row = static_cast<size_t>(rest.size()) * (text ? 1 : size_of(l.dtype));
  size_t at = 0;
  for (size_t i = 0; i < items.size(); ++i) {
    const size_t n = static_cast<size_t>(lengths[i]) * row;
    if (text) {
      if (items[i].defined()) std::copy_n(items[i].as<std::string>(), n, static_cast<std::string*>(out.impl()->data) + at);
    } else if (n) {
      char* to = static_cast<char*>(out.impl()->data) + at;
      if (items[i].defined()) put_bytes(home, to, items[i]);
      else if (home.host()) std::memset(to, 0, n);
    }
    at += n;
  }
}
NINEFOLD_KERNEL(concat, "CPU", Kernel{concat_cpu});

const Op split = {
    .name = "TensorListSplit", .inputs = {"tensor: element_dtype", "element_shape: int32", "lengths: int64"},
    .outputs = {"output_handle: variant"}, .attrs = {"element_dtype: type"},
    .doc = "A list of the rows of a tensor, lengths[i] of them in element i.",
    .shape = [](ShapeCtx& c) { c.output(Shape{}); },
    .grad = [](GradCtx& g) {
      g.to(0, op_all("TensorListConcatV2", std::array{g.dy(), Tensor(-1), g.in(2)},
                     std::array{NamedAttr("element_dtype", g.in(0).dtype())})[0]);
    },
    .host = {"element_shape", "lengths"}, .foldable = false,
};
NINEFOLD_REGISTER(split);
void split_cpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  k.check(s.rank() > 0, "Tensor must be at least a vector, but saw shape: {}", s.str());
  const std::vector<int64_t> lengths = k.in(2).ints();
  const DType d = k.dtype(0);
  const Shape rest = s.slice(1, s.rank());
  const bool text = d == DType::string;
  k.check(text || is_plain(d), "tensors of {} are not split into lists", name_of(d));
  const size_t row = static_cast<size_t>(rest.size()) * (text ? 1 : size_of(d));
  auto list = std::make_shared<TensorList>(d, shape_from(k.in(1)), static_cast<int64_t>(lengths.size()));
  int64_t first = 0, element = 0;
  for (const int64_t length : lengths) {
    k.check(length >= 0, "Invalid value in lengths: {}", length);
    k.check(first + length <= s[0], "Attempting to slice [{}, {}] from tensor with length {}", first, first + length, s[0]);
    Device& home = k.in(0).impl()->buffer->device();
    Tensor t = empty_on(home, d, Shape{length}.concat(rest));
    const size_t from = static_cast<size_t>(first) * row, n = static_cast<size_t>(length) * row;
    if (text) std::copy_n(k.in(0).as<std::string>() + from, n, static_cast<std::string*>(t.writable()));
    else if (n && !home.host()) static_cast<Accelerator&>(home).copy(t.impl()->data, k.in<char>(0) + from, n);
    else if (n) std::memcpy(t.writable(), k.in<char>(0) + from, n);
    list->set(element++, t);
    first += length;
  }
  k.check(first == s[0], "Unused values in tensor. Length of tensor: {} Values used: {}", s[0], first);
  k.set_output(0, resource_tensor(std::move(list), DType::variant));
}
NINEFOLD_KERNEL(split, "CPU", Kernel{split_cpu});

const cuda::AtStart list_parts_start([] {
  for (const Op* o : {&concat, &split}) runs_anywhere(o->name);
});
constexpr Abilities kAnyShapes{.any_shapes = true};
const PlanForm forms[] = {{concat, kAnyShapes}, {split, kAnyShapes}};

}  // namespace
}  // namespace ninefold::ops
