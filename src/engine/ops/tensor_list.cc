// In: variants that hold lists. Out: TensorFlow's TensorList ops; loops keep what their gradients read in them.
#include "engine/ops/tensor_list.h"

#include <cstring>

#include "base/check.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"

namespace ninefold::ops {

// A long list must not end in as many nested destructors.
TensorList::Cell::~Cell() {
  std::shared_ptr<Cell> next = std::move(below);
  while (next && next.use_count() == 1) next = std::move(next->below);
}

std::vector<Tensor> TensorList::items() const {
  std::vector<Tensor> all(static_cast<size_t>(size()));
  for (int64_t i = 0; i < base_size_; ++i) all[static_cast<size_t>(i)] = (*base_)[static_cast<size_t>(i)];
  size_t at = all.size();
  for (const Cell* c = top_.get(); c; c = c->below.get()) all[--at] = c->item;
  return all;
}

const Tensor& TensorList::item(int64_t i) const {
  if (i < base_size_) return (*base_)[static_cast<size_t>(i)];
  const Cell* c = top_.get();
  for (int64_t down = size() - 1 - i; down > 0; --down) c = c->below.get();
  return c->item;
}

std::shared_ptr<TensorList> TensorList::pushed(Tensor item) const {
  auto l = std::make_shared<TensorList>(*this);
  l->top_ = std::make_shared<Cell>(Cell{std::move(item), top_});
  ++l->pushed_;
  return l;
}

std::shared_ptr<TensorList> TensorList::popped(Tensor* item) const {
  auto l = std::make_shared<TensorList>(*this);
  if (pushed_) {
    *item = top_->item;
    l->top_ = top_->below;
    --l->pushed_;
  } else {
    *item = (*base_)[static_cast<size_t>(base_size_ - 1)];
    --l->base_size_;
  }
  return l;
}

std::shared_ptr<TensorList> TensorList::with_items(std::vector<Tensor> items) const {
  auto l = std::make_shared<TensorList>(dtype, element_shape);
  l->base_size_ = static_cast<int64_t>(items.size());
  l->base_ = std::make_shared<const std::vector<Tensor>>(std::move(items));
  return l;
}

Tensor add_lists(const Tensor& a, const Tensor& b) {
  const auto& x = resource_as<TensorList>(a, "AddN");
  const auto& y = resource_as<TensorList>(b, "AddN");
  // A gradient that lacks the elements below those that were read: they had none.
  if (x.size() < y.size()) return add_lists(b, a);
  std::vector<Tensor> sum = x.items();
  const std::vector<Tensor> other = y.items();
  const size_t offset = sum.size() - other.size();
  NoRecording quiet;
  Pushed<Tracer*> eager(scope().tracers, nullptr);
  for (size_t i = 0; i < other.size(); ++i)
    if (other[i].defined()) sum[offset + i] = sum[offset + i].defined() ? sum[offset + i] + other[i] : other[i];
  return resource_tensor(x.with_items(std::move(sum)), DType::variant);
}

Tensor zeros_of_list(const Tensor& list) {
  const auto& l = resource_as<TensorList>(list, "ZerosLike");
  std::vector<Tensor> zeros = l.items();
  for (Tensor& t : zeros)
    if (t.defined()) t = Tensor::zeros(t.dtype(), t.shape());
  return resource_tensor(l.with_items(std::move(zeros)), DType::variant);
}

namespace {

TensorList& list(KernelCtx& k, int i = 0) { return resource_as<TensorList>(k.in(i), k.op().name.c_str()); }
void give(KernelCtx& k, std::shared_ptr<TensorList> l) { k.set_output(0, resource_tensor(std::move(l), DType::variant)); }

// What a list keeps must not lie in a plan's slab, which is used again.
Tensor kept(const Tensor& t) {
  if (!t.impl()->buffer->borrowed()) return t;
  Tensor c = Tensor::empty(t.dtype(), t.shape());
  std::memcpy(c.writable(), t.impl()->data, t.bytes());
  return c;
}

// -1 alone means that nothing is known.
Shape shape_from(const Tensor& t) { return t.rank() == 0 ? Shape::unknown() : Shape(t.ints()); }
Shape merged(KernelCtx& k, const TensorList& l, const Shape& asked) {
  k.check(l.element_shape.compatible(asked), "Tried to read from a TensorList with element_shape {} as {}",
          l.element_shape.str(), asked.str());
  return l.element_shape.merge(asked);
}
Tensor element(KernelCtx& k, const TensorList& l, const Tensor& item, const Shape& asked) {
  if (item.defined()) return item;
  const Shape s = merged(k, l, asked);
  k.check(s.fully_known(), "Trying to read an uninitialized tensor from a list, but element_shape is not fully "
          "defined: {}", s.str());
  return Tensor::zeros(l.dtype, s);
}

void scalar(ShapeCtx& c) { c.output(Shape{}); }
void element_at(ShapeCtx& c, int output, int shape_input) {
  const Tensor* s = c.value(shape_input);
  c.output(output, s ? shape_from(*s) : Shape::unknown());
}
Tensor any_shape() { return Tensor(-1); }
Tensor shape_of(const Tensor& t) {
  const Shape& s = t.shape();
  if (!s.fully_known()) return op("Shape", {t});
  return Tensor::of<int32_t>({s.rank()}, std::vector<int32_t>(s.begin(), s.end()));
}
Tensor one(std::string_view name, std::initializer_list<Tensor> in, AttrList attrs = {}) { return op(name, in, attrs); }

// ---- making ----
const Op empty_list = {
    .name = "EmptyTensorList", .inputs = {"element_shape: shape_type", "max_num_elements: int32"},
    .outputs = {"handle: variant"}, .attrs = {"element_dtype: type", "shape_type: index"},
    .doc = "An empty list; with at most `max_num_elements` if that is not -1.", .shape = scalar,
    .host = {"element_shape", "max_num_elements"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(empty_list);
void empty_cpu(KernelCtx& k) { give(k, std::make_shared<TensorList>(k.type("element_dtype"), shape_from(k.in(0)))); }
NINEFOLD_KERNEL(empty_list, "CPU", Kernel{empty_cpu});

const Op reserve = {
    .name = "TensorListReserve", .inputs = {"element_shape: shape_type", "num_elements: int32"},
    .outputs = {"handle: variant"}, .attrs = {"element_dtype: type", "shape_type: index"},
    .doc = "A list of `num_elements` elements, none of them set.", .shape = scalar,
    .host = {"element_shape", "num_elements"}, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(reserve);
void reserve_cpu(KernelCtx& k) {
  const int32_t n = *k.in<int32_t>(1);
  k.check(n >= 0, "The num_elements to reserve must be a non negative number, but got {}", n);
  give(k, TensorList(k.type("element_dtype"), shape_from(k.in(0))).with_items(std::vector<Tensor>(static_cast<size_t>(n))));
}
NINEFOLD_KERNEL(reserve, "CPU", Kernel{reserve_cpu});

const Op from_tensor = {
    .name = "TensorListFromTensor", .inputs = {"tensor: element_dtype", "element_shape: shape_type"},
    .outputs = {"output_handle: variant"}, .attrs = {"element_dtype: type", "shape_type: index"},
    .doc = "The rows of a tensor as a list.", .shape = scalar,
    .grad = [](GradCtx& g) {
      const Shape& s = g.in(0).shape();
      const bool known = s.known_rank() && s.slice(1, s.rank()).fully_known();
      const Shape rest = known ? s.slice(1, s.rank()) : Shape{};
      const Tensor shape = known ? Tensor::of<int32_t>({rest.rank()}, std::vector<int32_t>(rest.begin(), rest.end())) : any_shape();
      g.to(0, one("TensorListStack", {g.dy(), shape}, {{"element_dtype", g.in(0).dtype()}}));
    },
    .host = {"element_shape"}, .foldable = false,
};
NINEFOLD_REGISTER(from_tensor);
void from_tensor_cpu(KernelCtx& k) {
  const Shape& s = k.shape(0);
  k.check(s.rank() > 0, "Tensor must be at least a vector, but saw shape: {}", s.str());
  const Shape row = s.slice(1, s.rank());
  std::vector<Tensor> items;
  const size_t bytes = static_cast<size_t>(row.size()) * size_of(k.dtype(0));
  k.check(is_plain(k.dtype(0)), "lists of {} are not split from tensors", name_of(k.dtype(0)));
  for (int64_t i = 0; i < s[0]; ++i) {
    Tensor t = Tensor::empty(k.dtype(0), row);
    if (bytes) std::memcpy(t.writable(), k.in<char>(0) + static_cast<size_t>(i) * bytes, bytes);
    items.push_back(std::move(t));
  }
  give(k, TensorList(k.dtype(0), shape_from(k.in(1)).merge(row)).with_items(std::move(items)));
}
NINEFOLD_KERNEL(from_tensor, "CPU", Kernel{from_tensor_cpu});

// ---- at the end ----
const Op push_back = {
    .name = "TensorListPushBack", .inputs = {"input_handle: variant", "tensor: element_dtype"},
    .outputs = {"output_handle: variant"}, .attrs = {"element_dtype: type"}, .doc = "The list with one more element.",
    .shape = scalar,
    .grad = [](GradCtx& g) {
      const Tensor in[] = {g.dy(), shape_of(g.in(1))};
      const NamedAttr dtype("element_dtype", g.in(1).dtype());
      const Tensors both = op_all("TensorListPopBack", in, {&dtype, 1});
      g.to(0, both[0]);
      g.to(1, both[1]);
    },
    .foldable = false,
};
NINEFOLD_REGISTER(push_back);
void push_cpu(KernelCtx& k) {
  const TensorList& l = list(k);
  k.check(l.dtype == k.dtype(1), "Invalid data types; list elements {} but tried to append {}", short_name(l.dtype), short_name(k.dtype(1)));
  k.check(l.element_shape.compatible(k.shape(1)), "Tried to append a tensor with incompatible shape to a list. Op element shape: {} list shape: {}",
          k.shape(1).str(), l.element_shape.str());
  give(k, l.pushed(kept(k.in(1))));
}
NINEFOLD_KERNEL(push_back, "CPU", Kernel{push_cpu});

const Op pop_back = {
    .name = "TensorListPopBack", .inputs = {"input_handle: variant", "element_shape: int32"},
    .outputs = {"output_handle: variant", "tensor: element_dtype"}, .attrs = {"element_dtype: type"},
    .doc = "The list without its last element, and that element.",
    .shape = [](ShapeCtx& c) { c.output(Shape{}); element_at(c, 1, 1); },
    .grad = [](GradCtx& g) {
      const Tensor below = g.has_dy(0) ? g.dy(0) : one("EmptyTensorList", {any_shape(), Tensor(-1)}, {{"element_dtype", g.out(1).dtype()}});
      g.to(0, one("TensorListPushBack", {below, g.dy(1)}));
    },
    .host = {"element_shape"}, .foldable = false,
};
NINEFOLD_REGISTER(pop_back);
void pop_cpu(KernelCtx& k) {
  const TensorList& l = list(k);
  k.check(l.size() > 0, "Trying to pop from an empty list.");
  Tensor item;
  std::shared_ptr<TensorList> rest = l.popped(&item);
  k.set_output(1, element(k, l, item, shape_from(k.in(1))));
  give(k, std::move(rest));
}
NINEFOLD_KERNEL(pop_back, "CPU", Kernel{pop_cpu});

// ---- by index ----
int64_t index(KernelCtx& k, const TensorList& l) {
  const int64_t i = *k.in<int32_t>(1);
  k.check(i >= 0 && i < l.size(), "Trying to access element {} in a list with {} elements.", i, l.size());
  return i;
}
const Op get_item = {
    .name = "TensorListGetItem", .inputs = {"input_handle: variant", "index: int32", "element_shape: int32"},
    .outputs = {"item: element_dtype"}, .attrs = {"element_dtype: type"}, .doc = "One element of a list.",
    .shape = [](ShapeCtx& c) { element_at(c, 0, 2); },
    .grad = [](GradCtx& g) {
      const Tensor length = one("TensorListLength", {g.in(0)});
      const Tensor zeros = one("TensorListReserve", {shape_of(g.out()), length}, {{"element_dtype", g.out().dtype()}});
      g.to(0, one("TensorListSetItem", {zeros, g.in(1), g.dy()}));
    },
    .host = {"index", "element_shape"}, .foldable = false,
};
NINEFOLD_REGISTER(get_item);
void get_cpu(KernelCtx& k) {
  const TensorList& l = list(k);
  k.set_output(0, element(k, l, l.item(index(k, l)), shape_from(k.in(2))));
}
NINEFOLD_KERNEL(get_item, "CPU", Kernel{get_cpu});

const Op set_item = {
    .name = "TensorListSetItem", .inputs = {"input_handle: variant", "index: int32", "item: element_dtype"},
    .outputs = {"output_handle: variant"}, .attrs = {"element_dtype: type"}, .doc = "The list with one element replaced.",
    .shape = scalar,
    .grad = [](GradCtx& g) {
      g.to(0, one("TensorListSetItem", {g.dy(), g.in(1), op("ZerosLike", {g.in(2)})}));
      g.to(2, one("TensorListGetItem", {g.dy(), g.in(1), shape_of(g.in(2))}, {{"element_dtype", g.in(2).dtype()}}));
    },
    .host = {"index"}, .foldable = false,
};
NINEFOLD_REGISTER(set_item);
void set_cpu(KernelCtx& k) {
  const TensorList& l = list(k);
  k.check(l.element_shape.compatible(k.shape(2)), "Tried to set a tensor with incompatible shape at a list index. Item element shape: {} list shape: {}",
          k.shape(2).str(), l.element_shape.str());
  const int64_t i = index(k, l);
  std::vector<Tensor> items = l.items();
  items[static_cast<size_t>(i)] = kept(k.in(2));
  give(k, l.with_items(std::move(items)));
}
NINEFOLD_KERNEL(set_item, "CPU", Kernel{set_cpu});

const Op resize = {
    .name = "TensorListResize", .inputs = {"input_handle: variant", "size: int32"}, .outputs = {"output_handle: variant"},
    .attrs = {}, .doc = "The list cut or lengthened to `size` elements.", .shape = scalar,
    .grad = [](GradCtx& g) { g.to(0, one("TensorListResize", {g.dy(), one("TensorListLength", {g.in(0)})})); },
    .host = {"size"}, .foldable = false,
};
NINEFOLD_REGISTER(resize);
void resize_cpu(KernelCtx& k) {
  const int32_t n = *k.in<int32_t>(1);
  k.check(n >= 0, "TensorListSlice expects size to be non-negative. Got: {}", n);
  std::vector<Tensor> items = list(k).items();
  items.resize(static_cast<size_t>(n));
  give(k, list(k).with_items(std::move(items)));
}
NINEFOLD_KERNEL(resize, "CPU", Kernel{resize_cpu});

// ---- all of it ----
const Op length = {
    .name = "TensorListLength", .inputs = {"input_handle: variant"}, .outputs = {"length: int32"}, .attrs = {},
    .doc = "The number of elements.", .shape = scalar, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(length);
void length_cpu(KernelCtx& k) { *k.out<int32_t>(0) = static_cast<int32_t>(list(k).size()); }
NINEFOLD_KERNEL(length, "CPU", Kernel{length_cpu});

const Op stack = {
    .name = "TensorListStack", .inputs = {"input_handle: variant", "element_shape: int32"}, .outputs = {"tensor: element_dtype"},
    .attrs = {"element_dtype: type", "num_elements: int = -1"}, .doc = "All elements as the rows of one tensor.",
    .shape = [](ShapeCtx& c) {
      const Tensor* s = c.value(1);
      const Shape row = s ? shape_from(*s) : Shape::unknown();
      c.output(row.known_rank() ? Shape{c.integer("num_elements")}.concat(row) : Shape::unknown());
    },
    .grad = [](GradCtx& g) { g.to(0, one("TensorListFromTensor", {g.dy(), any_shape()})); },
    .host = {"element_shape"}, .foldable = false,
};
NINEFOLD_REGISTER(stack);
void stack_cpu(KernelCtx& k) {
  const TensorList& l = list(k);
  const int64_t want = k.integer("num_elements");
  k.check(want < 0 || want == l.size(), "Operation expected a list with {} elements but got a list with {} elements.", want, l.size());
  const std::vector<Tensor> items = l.items();
  Shape row = merged(k, l, shape_from(k.in(1)));
  for (const Tensor& t : items)
    if (t.defined()) row = row.merge(t.shape());
  k.check(row.fully_known(), "Tried to stack elements of {} list with non-fully-defined element_shape: {}",
          items.empty() ? "an empty" : "a", row.str());
  Tensor& out = k.allocate(0, l.dtype, Shape{l.size()}.concat(row));
  const size_t bytes = static_cast<size_t>(row.size()) * size_of(l.dtype);
  for (size_t i = 0; i < items.size(); ++i) {
    if (l.dtype == DType::string) {
      if (items[i].defined()) std::copy_n(items[i].as<std::string>(), row.size(), static_cast<std::string*>(out.impl()->data) + static_cast<int64_t>(i) * row.size());
      continue;
    }
    k.check(is_plain(l.dtype), "lists of {} are not stacked", name_of(l.dtype));
    char* to = static_cast<char*>(out.impl()->data) + i * bytes;
    if (items[i].defined()) std::memcpy(to, items[i].data(), bytes);
    else std::memset(to, 0, bytes);
  }
}
NINEFOLD_KERNEL(stack, "CPU", Kernel{stack_cpu});

}  // namespace
}  // namespace ninefold::ops
