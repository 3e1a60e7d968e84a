// In: elements some leaves of which are ragged or sparse tensors, as their parts. Out: batches of them, and their rows.
#include "train/data/composites.h"

#include "engine/op/scope.h"

namespace ninefold::data {
namespace {

// Rows of a ragged tensor that is no longer ragged within are tensors: they batch to one again.
bool is_rows(const std::optional<CompositeSpec>& f) { return f && !f->made && !f->sparse && f->rows.ragged_rank == 0; }
size_t parts_of(const std::optional<CompositeSpec>& f) { return !f || is_rows(f) ? 1 : f->parts().size(); }
Value value_of(const std::optional<CompositeSpec>& f, std::span<const Tensor> parts) {
  return !f || is_rows(f) ? Value(parts[0]) : f->value(parts);
}
void append(const Value& v, Tensors& out) {
  if (const Tensor* t = v.get<Tensor>()) return out.push_back(*t);
  for (Tensor& part : dynamic_cast<const Composite&>(**v.get<std::shared_ptr<Foreign>>()).parts()) out.push_back(std::move(part));
}
ElementForms changed(ElementForms forms, int by, int64_t first) {
  for (auto& f : forms) {
    if (!f) continue;
    Shape& s = f->rows.shape;
    if (s.known_rank()) s = by > 0 ? Shape({first}).concat(s) : s.slice(1, s.rank());
    if (!f->sparse) f->rows.ragged_rank += by;
  }
  return forms;
}
Structure structure_of(const Structure& in, const ElementForms& from, const ElementForms& to, int by, int64_t first) {
  Structure s;
  size_t at = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    TensorSpec leaf = in.leaves.at(at);
    at += parts_of(from[i]);
    if (to[i] && !is_rows(to[i])) {
      for (TensorSpec& part : to[i]->parts()) s.leaves.push_back(std::move(part));
      continue;
    }
    if (to[i]) leaf = {to[i]->rows.shape, to[i]->rows.dtype, {}};
    else if (leaf.shape.known_rank()) leaf.shape = by > 0 ? Shape({first}).concat(leaf.shape) : leaf.shape.slice(1, leaf.shape.rank());
    s.leaves.push_back(std::move(leaf));
  }
  ValueList numbers;
  for (size_t i = 0; i < s.leaves.size(); ++i) numbers.push_back(static_cast<int64_t>(i));
  s.nest = std::move(numbers);
  return s;
}

Tensor column(int64_t rows, int64_t value) {
  return Tensor::of<int64_t>({rows, 1}, std::vector<int64_t>(static_cast<size_t>(rows), value));
}
Tensor concat(Tensors parts, int axis) {
  if (parts.size() == 1) return parts[0];
  parts.push_back(Tensor(static_cast<int32_t>(axis)));
  return op_all("ConcatV2", parts).at(0);
}
Value stacked(const std::optional<CompositeSpec>& f, const std::vector<Value>& elements, size_t component) {
  Tensors plain;
  if (!f) {
    for (const Value& v : elements) plain.push_back(*v.get<Tensor>());
    return stack_rows(plain, "batch", component);
  }
  if (f->sparse) {
    Tensors indices, values;
    std::vector<int64_t> sizes;
    for (size_t i = 0; i < elements.size(); ++i) {
      const SparseRef s = Sparse::of(elements[i]);
      const std::vector<int64_t> mine = s->dense_shape().ints();
      check(i == 0 || mine.size() == sizes.size(), Code::invalid_argument,
            "batch: sparse elements must have one rank; element {} has rank {}, the first {}", i, mine.size(), sizes.size());
      if (i == 0) sizes = mine;
      for (size_t d = 0; d < sizes.size(); ++d) sizes[d] = std::max(sizes[d], mine[d]);
      indices.push_back(concat({column(s->values().size(), static_cast<int64_t>(i)), s->indices()}, 1));
      values.push_back(s->values());
    }
    sizes.insert(sizes.begin(), static_cast<int64_t>(elements.size()));
    return Sparse::value(Sparse::of(concat(indices, 0), concat(values, 0), Tensor::of<int64_t>({static_cast<int64_t>(sizes.size())}, sizes)));
  }
  std::vector<int64_t> splits = {0};
  ValueList rows;
  for (const Value& v : elements) {
    const RaggedRef r = Ragged::of(v);
    splits.push_back(splits.back() + (r ? r->nrows().int_at(0) : v.get<Tensor>()->dim(0)));
    rows.push_back(v);
  }
  const Tensor ends = op("Cast", {Tensor::of<int64_t>({static_cast<int64_t>(splits.size())}, splits)}, {{"DstT", f->rows.splits_dtype}});
  const Value all = rows.size() == 1 ? rows[0] : call("tf.concat", {{"values", rows}, {"axis", 0}});
  return Ragged::value(std::make_shared<Ragged>(all, ends));
}
Value row(const Value& v, int64_t i) {
  if (const Tensor* t = v.get<Tensor>()) return row_of(*t, i);
  if (const RaggedRef r = Ragged::of(v)) return r->index({{RaggedIndex::at, Tensor(static_cast<int32_t>(i)), {}, {}}});
  const SparseRef s = Sparse::of(v);
  std::vector<int64_t> mine, sizes = s->dense_shape().ints();
  const auto rank = static_cast<int64_t>(sizes.size());
  for (int64_t at = 0; at < s->values().size(); ++at)
    if (s->indices().int_at(at * rank) == i) mine.push_back(at);
  sizes.erase(sizes.begin());
  const Tensor places = gather_rows(s->indices(), mine);
  const Tensor without = op("Slice", {places, Tensor::of<int32_t>({2}, {0, 1}), Tensor::of<int32_t>({2}, {-1, -1})});
  return Sparse::value(Sparse::of(without, gather_rows(s->values(), mine), Tensor::of<int64_t>({rank - 1}, sizes)));
}
int64_t rows_of(const Value& v) {
  if (const Tensor* t = v.get<Tensor>()) {
    check(t->rank() > 0, Code::invalid_argument, "Input element must have at least one dimension in each component.");
    return t->dim(0);
  }
  if (const RaggedRef r = Ragged::of(v)) return r->nrows().int_at(0);
  return Sparse::of(v)->dense_shape().int_at(0);
}
std::vector<Value> values_of(const ElementForms& forms, const Tensors& element) {
  std::vector<Value> out;
  size_t at = 0;
  for (const auto& f : forms) {
    const size_t n = parts_of(f);
    out.push_back(value_of(f, std::span(element).subspan(at, n)));
    at += n;
  }
  return out;
}

}  // namespace

Tensors batch_of(const ElementForms& forms, const std::vector<Tensors>& elements) {
  std::vector<std::vector<Value>> columns(forms.size());
  for (const Tensors& element : elements) {
    std::vector<Value> values = values_of(forms, element);
    for (size_t i = 0; i < columns.size(); ++i) columns[i].push_back(std::move(values[i]));
  }
  Tensors out;
  for (size_t i = 0; i < columns.size(); ++i) append(stacked(forms[i], columns[i], i), out);
  return out;
}
int64_t rows_of(const ElementForms& forms, const Tensors& batch) {
  const std::vector<Value> values = values_of(forms, batch);
  const int64_t count = values.empty() ? 0 : rows_of(values[0]);
  for (const Value& v : values)
    check(rows_of(v) == count, Code::invalid_argument, "Input element must have the same batch size in each component.");
  return count;
}
Tensors row_of(const ElementForms& forms, const Tensors& batch, int64_t i) {
  Tensors out;
  for (const Value& v : values_of(forms, batch)) append(row(v, i), out);
  return out;
}
Structure batched(const Structure& s, const ElementForms& forms, int64_t first) { return structure_of(s, forms, changed(forms, 1, first), 1, first); }
Structure unbatched(const Structure& s, const ElementForms& forms) {
  size_t at = 0;
  for (const auto& f : forms) {
    const Shape& shape = f ? f->rows.shape : s.leaves.at(at).shape;
    check(!shape.known_rank() || shape.rank() > 0, Code::value, "Cannot unbatch an input with scalar components.");
    at += parts_of(f);
  }
  return structure_of(s, forms, changed(forms, -1, 0), -1, 0);
}

DatasetPtr with_forms(const DatasetPtr& input, const Value& nest, const ElementForms& forms) {
  std::vector<Value> leaves;
  size_t at = 0;
  for (const auto& f : forms) {
    if (!f || is_rows(f)) leaves.emplace_back(static_cast<int64_t>(at));
    else leaves.emplace_back(std::shared_ptr<Foreign>(std::make_shared<CompositeLeaf>(*f, at)));
    at += parts_of(f);
  }
  return input->with_nest(nest::map(nest, [&](const Value& leaf) {
    return leaf.none() ? Value() : leaves.at(static_cast<size_t>(*leaf.get<int64_t>()));
  }));
}

}  // namespace ninefold::data
