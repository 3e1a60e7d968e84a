// In: a step, sequences, states. Out: the step called once for each time, in a loop or one after another.
#include "train/layers/recurrent/loop.h"

#include <algorithm>

#include "base/check.h"
#include "ninefold/function.h"
#include "train/layers/nest.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

Tensors leaves(const Value& v) {
  Tensors out;
  for (const Value& leaf : nest::flatten(v)) out.push_back(nest::tensor(leaf, "rnn"));
  return out;
}
Value packed(const Value& like, std::span<const Tensor> tensors) { return nest::pack(like, {tensors.begin(), tensors.end()}); }

Tensor index(const Tensor& x, int64_t at) {   // x[at], at -1: the last
  return op("StridedSlice", {x, ints({at}), ints({at + 1}), ints({1})},
            {{"shrink_axis_mask", 1}, {"end_mask", at == -1 ? 1 : 0}});
}
Tensor expanded(Tensor mask, int rank) {
  while (mask.rank() < rank) mask = op("ExpandDims", {mask, Tensor(int32_t{-1})});
  return mask;
}
// mask ? a : b, leaf by leaf.
Tensors chosen(const Tensor& mask, const Tensors& a, const Tensors& b) {
  Tensors out;
  for (size_t i = 0; i < a.size(); ++i) out.push_back(op("SelectV2", {expanded(mask, a[i].rank()), a[i], b[i]}));
  return out;
}
Tensors zeros_like(const Tensors& xs) {
  Tensors out;
  for (const Tensor& x : xs) out.push_back(op("ZerosLike", {x}));
  return out;
}
Tensors unstacked(const Tensor& x, bool reversed) {
  Tensors out = op_all("Unpack", {&x, 1}, std::array{NamedAttr("num", x.dim(0)), NamedAttr("axis", 0)});
  if (reversed) std::reverse(out.begin(), out.end());
  return out;
}
Tensor stacked(const Tensors& xs) { return op_all("Pack", xs, std::array{NamedAttr("axis", 0)}).at(0); }

// What a step gives, flat, in the order of the states that came in.
struct Flat {
  Value output_form;
  Tensors output, states;
};
Flat called(const Step& step, const Value& inputs, const ValueList& form, const Tensors& states) {
  const Value given = packed(form, states);
  const Stepped s = step(inputs, *given.get<ValueList>());
  Flat f{s.output, leaves(s.output), leaves(s.states)};
  check(f.states.size() == states.size(), Code::value, "rnn: a step was given {} states and returned {}", states.size(), f.states.size());
  // What a step makes of a state has the state's shape, which ops alone may not know.
  for (size_t i = 0; i < states.size(); ++i) f.states[i] = with_static_shape(f.states[i], states[i].shape());
  return f;
}

Looped unrolled(const Step& step, const Value& form, const Tensors& inputs, const ValueList& initial, const LoopOptions& o, const Tensor& mask) {
  const int64_t steps = inputs[0].dim(0);
  check(steps > 0, Code::value, "Unrolling requires a fixed number of timesteps.");
  std::vector<Tensors> each;
  for (const Tensor& x : inputs) each.push_back(unstacked(x, o.go_backwards));
  const Tensors masks = mask ? unstacked(mask, o.go_backwards) : Tensors();
  Tensors states = leaves(initial);
  std::vector<Tensors> outputs;
  Value output_form;
  for (size_t t = 0; t < static_cast<size_t>(steps); ++t) {
    Tensors now;
    for (const Tensors& x : each) now.push_back(x[t]);
    Flat f = called(step, packed(form, now), initial, states);
    output_form = f.output_form;
    if (mask) {
      f.output = chosen(masks[t], f.output, outputs.empty() ? zeros_like(f.output) : outputs.back());
      f.states = chosen(masks[t], f.states, states);
    }
    states = f.states;
    if (!o.all_outputs) outputs.clear();
    outputs.push_back(std::move(f.output));
  }
  Tensors last = outputs.back(), all;
  for (size_t i = 0; i < last.size(); ++i) {
    Tensors of;
    for (const Tensors& out : outputs) of.push_back(out[i]);
    all.push_back(stacked(of));
  }
  if (mask && o.zero_output_for_mask) {
    last = chosen(masks.back(), last, zeros_like(last));
    all = chosen(o.all_outputs ? mask : expanded(stacked({masks.back()}), 3), all, zeros_like(all));
  }
  return {packed(output_form, last), packed(output_form, all), *packed(initial, states).get<ValueList>()};
}

Tensor element_shape(const Shape& s) {
  if (!s.known_rank()) return Tensor(int32_t{-1});
  return ints(s.vector());
}
Tensor list_of_rows(const Tensor& x) {
  return op("TensorListFromTensor", {x, element_shape(x.shape().slice(1, x.rank()))});
}
Tensor item(const Tensor& list, const Tensor& at, DType dtype, const Shape& shape) {
  return op("TensorListGetItem", {list, at, element_shape(shape)}, {{"element_dtype", dtype}});
}

Looped looped(const Step& step, const Value& form, const Tensors& inputs, const ValueList& initial, const LoopOptions& o, Tensor mask) {
  const Tensor steps = dim_of(inputs[0], 0);
  const auto in_order = [&](const Tensor& x) { return o.go_backwards ? op("ReverseV2", {x, ints({0})}) : x; };
  Tensors lists, first;
  for (const Tensor& x : inputs) {
    lists.push_back(list_of_rows(in_order(x)));
    first.push_back(index(x, 0));
  }
  // A step whose results are not used tells the form of the outputs. Random ops in it count, as in Keras' rnn and in
  // tf.vectorized_map; tf.map_fn knows the form beforehand and takes no such step.
  const Tensors begin = leaves(initial);
  const Flat sample = o.like_inputs ? Flat{form, first, begin} : called(step, packed(form, first), initial, begin);
  const size_t outputs = sample.output.size(), states = begin.size();
  const Tensor masks = mask ? list_of_rows(in_order(mask)) : Tensor();

  Tensors variables = {Tensor(int32_t{0})};
  for (const Tensor& y : sample.output)
    variables.push_back(op("TensorListReserve", {element_shape(y.shape()), o.all_outputs ? steps : Tensor(int32_t{1})},
                           {{"element_dtype", y.dtype()}}));
  const Tensors zeros = mask ? zeros_like(sample.output) : Tensors();
  variables.insert(variables.end(), zeros.begin(), zeros.end());
  variables.insert(variables.end(), begin.begin(), begin.end());
  const size_t before = 1 + outputs, state = before + zeros.size();
  const auto part = [](const Tensors& all, size_t from, size_t count) {
    return Tensors(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(from + count));
  };
  const auto body = [&](const Tensors& v) {
    const Tensor time = v[0];
    Tensors now;
    for (size_t i = 0; i < lists.size(); ++i)
      now.push_back(item(lists[i], time, inputs[i].dtype(), inputs[i].shape().slice(1, inputs[i].rank())));
    const Tensor here = mask ? item(masks, time, DType::boolean, mask.shape().slice(1, mask.rank())) : Tensor();
    const Tensors old = part(v, state, states);
    Flat f = called(step, packed(form, now), initial, old);
    if (mask) {
      f.output = chosen(here, f.output, o.zero_output_for_mask ? zeros : part(v, before, outputs));
      f.states = chosen(here, f.states, old);
    }
    Tensors next = {time + Tensor(int32_t{1})};
    for (size_t i = 0; i < outputs; ++i)
      next.push_back(op("TensorListSetItem", {v[1 + i], o.all_outputs ? time : Tensor(int32_t{0}), f.output[i]},
                        {{"element_dtype", f.output[i].dtype()}}));
    if (mask)
      for (size_t i = 0; i < outputs; ++i) next.push_back(with_static_shape(f.output[i], zeros[i].shape()));
    for (size_t i = 0; i < states; ++i) next.push_back(with_static_shape(f.states[i], old[i].shape()));
    return next;
  };
  const Tensors end = while_loop([&](const Tensors& v) { return op("Less", {v[0], steps}); }, body, variables);
  Tensors all, last;
  for (size_t i = 0; i < outputs; ++i) {
    const Tensor& y = sample.output[i];
    const Tensor rows = op("TensorListStack", {end[1 + i], element_shape(y.shape())}, {{"element_dtype", y.dtype()}});
    last.push_back(index(rows, -1));
    all.push_back(with_static_shape(rows, Shape{o.all_outputs ? inputs[0].dim(0) : 1}.concat(y.shape())));
  }
  return {packed(sample.output_form, last), packed(sample.output_form, all),
          *packed(initial, part(end, state, states)).get<ValueList>()};
}

}  // namespace

Tensor swapped(const Tensor& x) {
  std::vector<int64_t> axes = all_axes(x);
  std::swap(axes[0], axes[1]);
  return transpose(x, axes);
}

Looped run_steps(const Step& step, const Value& given, const ValueList& initial, const LoopOptions& o) {
  Tensors inputs = leaves(given);
  for (Tensor& x : inputs) {
    check(x.rank() >= 3, Code::value, "rnn: expected inputs of rank 3 or more, [batch, steps, ...], got shape {}", x.shape().tuple());
    if (!o.time_major) x = swapped(x);
  }
  Tensor mask = o.mask;
  if (mask) {
    mask = cast(mask, DType::boolean);
    if (mask.rank() == 2) mask = op("ExpandDims", {mask, Tensor(int32_t{-1})});
    if (!o.time_major) mask = swapped(mask);
  }
  Looped out = o.unroll ? unrolled(step, given, inputs, initial, o, mask) : looped(step, given, inputs, initial, o, mask);
  const int64_t batch = inputs[0].dim(1);
  out.outputs = nest::map(out.outputs, [&](const Value& leaf) -> Value {
    const Tensor y = *leaf.get<Tensor>();
    Shape known = y.shape();
    if (batch >= 0 && known.known_rank() && known.rank() > 1) known.set(1, batch);
    const Tensor told = with_static_shape(y, known);
    return o.time_major ? told : swapped(told);
  });
  return out;
}

}  // namespace ninefold::keras
