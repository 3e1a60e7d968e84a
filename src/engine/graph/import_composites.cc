// In: nodes of ops that TensorFlow has as one and Ninefold as a function of several. Out: what they give.
#include "base/check.h"
#include "engine/graph/import.h"
#include "engine/ops/moves.h"
#include "ninefold/composite.h"

namespace ninefold::graph {
namespace {

template <class T>
const T* attribute(const wire::NodeDef& node, const std::string& name) {
  const auto at = node.attr.find(name);
  return at == node.attr.end() ? nullptr : std::get_if<T>(&at->second.value);
}

Tensor einsum(const wire::NodeDef& node, const Tensors& in) {
  const auto* equation = attribute<std::string>(node, "equation");
  check(equation && !in.empty(), Code::invalid_argument, "import: node '{}' (Einsum): its equation or its inputs are missing", node.name);
  return *call("tf.einsum", {{"equation", *equation}, {"inputs", ValueList(in.begin(), in.end())}}).get<Tensor>();
}

// shape, values, default_value, the partitions from the outermost on, of the kinds that `row_partition_types` tells.
Tensor ragged_to_tensor(const wire::NodeDef& node, const Tensors& in) {
  const auto* list = attribute<wire::AttrList>(node, "row_partition_types");
  const std::string context = fmt::format("import: node '{}' (RaggedTensorToTensor)", node.name);
  check(list && !list->s.empty() && in.size() == list->s.size() + 3, Code::invalid_argument, "{}: expected {} partitions, got {} inputs", context,
        list ? list->s.size() : 0, in.size());
  const auto &kinds = list->s;
  const bool counted = kinds[0] == "FIRST_DIM_SIZE";
  Value rows = in[1];
  for (size_t i = kinds.size(); i-- > (counted ? 1 : 0);) {
    const Tensor& part = in[i + 3];
    if (kinds[i] == "ROW_SPLITS") {
      rows = Ragged::value(Ragged::from_row_splits(rows, part, false));
    } else {
      check(kinds[i] == "VALUE_ROWIDS", Code::invalid_argument, "{}: unknown kind of partition '{}'", context, kinds[i]);
      // Only the outermost level says how many rows there are; the next ones have as many as the level above has values.
      const bool outermost = i == 1;
      check(counted && (outermost || i > 1), Code::invalid_argument, "{}: value_rowids without a number of rows", context);
      const Tensor nrows = outermost ? in[3] : op("Size", {in[i + 2]}, {{"out_type", part.dtype()}});
      rows = Ragged::value(Ragged::from_value_rowids(rows, part, nrows, false));
    }
  }
  const RaggedRef ragged = Ragged::of(rows);
  check(ragged != nullptr, Code::invalid_argument, "{}: it has no partition into rows", context);
  Shape shape = Shape::unknown();
  const Tensor* asked = ops::known_value(in[0]);
  check(asked != nullptr, Code::unimplemented, "{}: its shape is computed in the graph; only shapes that the graph states are supported", context);
  if (asked->rank() == 1) {
    std::vector<int64_t> sizes;
    for (int64_t i = 0; i < asked->size(); ++i) sizes.push_back(std::max<int64_t>(-1, asked->int_at(i)));
    shape = Shape(sizes);
  }
  return ragged->to_tensor(in[2], shape);
}

}  // namespace

Tensors composite(const wire::NodeDef& node, const Tensors& in) {
  return {node.op == "Einsum" ? einsum(node, in) : ragged_to_tensor(node, in)};
}

}  // namespace ninefold::graph
