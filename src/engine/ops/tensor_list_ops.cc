// In: variants that hold lists. Out: TensorFlow's TensorList ops; loops keep what their gradients read in them.
#include <array>
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/library.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/place.h"
#include "engine/op/plan_forms.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/tensor_list.h"

namespace ninefold::ops {
namespace {

const TensorList& list(KernelCtx& k, int i = 0) { return resource_as<TensorList>(k.in(i), k.op().name.c_str()); }
void give(KernelCtx& k, std::shared_ptr<TensorList> l) { k.set_output(0, resource_tensor(std::move(l), DType::variant)); }

// -1 alone means that nothing is known.
Shape shape_from(const Tensor& t) {
  if (t.rank() == 0) return Shape::unknown();
  std::array<int64_t, 8> few;
  const auto n = static_cast<size_t>(t.size());
  if (n > few.size() || t.dtype() != DType::i32) return Shape(t.ints());
  for (size_t i = 0; i < n; ++i) few[i] = t.as<int32_t>()[i];
  return Shape(std::span<const int64_t>(few.data(), n));
}
Shape merged(KernelCtx& k, const TensorList& l, const Shape& asked) {
  k.check(l.element_shape.compatible(asked), "Tried to read from a TensorList with element_shape {} as {}",
          l.element_shape.str(), asked.str());
  return l.element_shape.merge(asked);
}
// Element i as an output. A row of a block is copied: who held a part of the block would make each change a copy.
void give_element(KernelCtx& k, int output, const TensorList& l, int64_t i, int shape_input) {
  const Tensor& slot = k.out(output);
  if (const void* row = l.row(i); row && !l.home().host()) {
    k.set_output(output, l.copied(i));
  } else if (row && (!slot || slot.shape() == l.row_shape())) {
    std::memcpy(k.allocate(output, l.dtype, l.row_shape()).impl()->data, row, l.row_bytes());
  } else if (l.has(i)) {
    k.set_output(output, l.item(i));
  } else {
    const Shape s = merged(k, l, shape_from(k.in(shape_input)));
    k.check(s.fully_known(), "Trying to read an uninitialized tensor from a list, but element_shape is not fully "
            "defined: {}", s.str());
    k.set_output(output, zeros_on(l.home(), l.dtype, s));
  }
}
void check_index(KernelCtx& k, const TensorList& l, int64_t i) {
  k.check(i >= 0 && i < l.size(), "Trying to access element {} in a list with {} elements.", i, l.size());
}
constexpr Abilities kAnyShapes{.any_shapes = true}, kChanges{.any_shapes = true, .changes_input = true};

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
  const int64_t n = k.in(1).int_at(0);
  k.check(n >= 0, "The num_elements to reserve must be a non negative number, but got {}", n);
  give(k, std::make_shared<TensorList>(k.type("element_dtype"), shape_from(k.in(0)), n));
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
  k.check(is_plain(k.dtype(0)) || k.dtype(0) == DType::string, "lists of {} are not split from tensors", name_of(k.dtype(0)));
  give(k, std::make_shared<TensorList>(k.in(0), shape_from(k.in(1)).merge(s.slice(1, s.rank()))));
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
  TensorList& l = changed_list(k);
  k.check(l.dtype == k.dtype(1), "Invalid data types; list elements {} but tried to append {}", short_name(l.dtype), short_name(k.dtype(1)));
  k.check(l.element_shape.compatible(k.shape(1)), "Tried to append a tensor with incompatible shape to a list. Op element shape: {} list shape: {}",
          k.shape(1).str(), l.element_shape.str());
  l.push(k.in(1));
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
  TensorList& l = changed_list(k);
  k.check(l.size() > 0, "Trying to pop from an empty list.");
  give_element(k, 1, l, l.size() - 1, 1);
  l.drop_last();
}
NINEFOLD_KERNEL(pop_back, "CPU", Kernel{pop_cpu});

// ---- by index ----
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
  const int64_t i = k.in(1).int_at(0);
  check_index(k, l, i);
  give_element(k, 0, l, i, 2);
}
NINEFOLD_KERNEL(get_item, "CPU", Kernel{get_cpu});

const Op set_item = {
    .name = "TensorListSetItem", .inputs = {"input_handle: variant", "index: int32", "item: element_dtype"},
    .outputs = {"output_handle: variant"}, .attrs = {"element_dtype: type"}, .doc = "The list with one element replaced.",
    .shape = scalar,
    .grad = [](GradCtx& g) {
      // Read first: who changes a list that is read afterwards must copy it.
      g.to(2, one("TensorListGetItem", {g.dy(), g.in(1), shape_of(g.in(2))}, {{"element_dtype", g.in(2).dtype()}}));
      g.to(0, one("TensorListSetItem", {g.dy(), g.in(1), op("ZerosLike", {g.in(2)})}));
    },
    .host = {"index"}, .foldable = false,
};
NINEFOLD_REGISTER(set_item);
void set_cpu(KernelCtx& k) {
  TensorList& l = changed_list(k);
  k.check(l.element_shape.compatible(k.shape(2)), "Tried to set a tensor with incompatible shape at a list index. Item element shape: {} list shape: {}",
          k.shape(2).str(), l.element_shape.str());
  const int64_t i = k.in(1).int_at(0);
  check_index(k, l, i);
  l.set(i, k.in(2));
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
  const int64_t n = k.in(1).int_at(0);
  k.check(n >= 0, "TensorListSlice expects size to be non-negative. Got: {}", n);
  changed_list(k).resize(n);
}
NINEFOLD_KERNEL(resize, "CPU", Kernel{resize_cpu});

// ---- all of it ----
const Op length = {
    .name = "TensorListLength", .inputs = {"input_handle: variant"}, .outputs = {"length: int32"}, .attrs = {},
    .doc = "The number of elements.", .shape = scalar, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(length);
void length_cpu(KernelCtx& k) {
  if (!k.has_output(0)) k.allocate(0, DType::i32, Shape{});
  *k.out<int32_t>(0) = static_cast<int32_t>(list(k).size());
}
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
  Shape row = merged(k, l, shape_from(k.in(1)));
  if (Tensor block = l.block()) {
    row.merge(l.row_shape());   // raises if they differ
    return k.set_output(0, std::move(block));
  }
  Tensors items;
  for (int64_t i = 0; i < l.size(); ++i) items.push_back(l.item(i));
  for (const Tensor& t : items)
    if (t.defined()) row = row.merge(t.shape());
  k.check(row.fully_known(), "Tried to stack elements of {} list with non-fully-defined element_shape: {}",
          items.empty() ? "an empty" : "a", row.str());
  k.check(is_plain(l.dtype) || l.dtype == DType::string, "lists of {} are not stacked", name_of(l.dtype));
  Device& home = l.home();
  Tensor& out = home.host() ? k.allocate(0, l.dtype, Shape{l.size()}.concat(row)) : k.out(0);
  if (!home.host()) out = zeros_on(home, l.dtype, Shape{l.size()}.concat(row));
  const size_t bytes = static_cast<size_t>(row.size()) * size_of(l.dtype);
  for (size_t i = 0; i < items.size(); ++i) {
    if (l.dtype == DType::string) {
      if (items[i].defined()) std::copy_n(items[i].as<std::string>(), row.size(), static_cast<std::string*>(out.impl()->data) + static_cast<int64_t>(i) * row.size());
      continue;
    }
    char* to = static_cast<char*>(out.impl()->data) + i * bytes;
    if (items[i].defined()) put_bytes(home, to, items[i]);
    else if (home.host()) std::memset(to, 0, bytes);
  }
}
NINEFOLD_KERNEL(stack, "CPU", Kernel{stack_cpu});

// Lists lie with the host, their elements anywhere.
const cuda::AtStart lists_start([] {
  for (const Op* o : {&empty_list, &reserve, &from_tensor, &push_back, &pop_back, &get_item, &set_item, &resize, &length, &stack})
    runs_anywhere(o->name);
  constexpr DType list = DType::variant;
  add_gpu_kernel("AddN", Kernel{add_lists}, {&list, 1});
  add_gpu_kernel("ZerosLike", Kernel{[](KernelCtx& k) { k.set_output(0, zeros_of_list(k.in(0))); }}, {&list, 1});
});

const PlanForm forms[] = {
    {empty_list, kAnyShapes}, {reserve, kAnyShapes}, {from_tensor, kAnyShapes}, {get_item, kAnyShapes},
    {length, kAnyShapes},     {stack, kAnyShapes},   {push_back, kChanges},     {pop_back, kChanges},
    {set_item, kChanges},     {resize, kChanges},
};

}  // namespace
}  // namespace ninefold::ops
