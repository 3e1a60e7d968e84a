// In: a variable and indices. Out: its rows, read (ResourceGather, embeddings) or changed in place
// (ResourceScatter*): only the rows that the indices name are touched.
#include <cstring>

#include "base/check.h"
#include "base/threads.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"
#include "engine/ops/nn_common.h"
#include "engine/ops/written_variables.h"

namespace ninefold::ops {
namespace {

// What the variable behind a handle is bound to; unknown if the trace does not know the handle.
Shape shape_behind(const Tensor* handle, const char* operation) {
  return handle ? resource_as<VariableResource>(*handle, operation).shape : Shape::unknown();
}
int64_t index_at(const KernelCtx& k, int input, int64_t i) {
  return k.dtype(input) == DType::i64 ? k.in<int64_t>(input)[i] : k.in<int32_t>(input)[i];
}
// All indices in [0, rows), or TensorFlow's error with the place of the first that is not.
void check_indices(const KernelCtx& k, int input, int64_t rows) {
  const Shape& s = k.shape(input);
  for (int64_t i = 0, n = s.size(); i < n; ++i) {
    const int64_t at = index_at(k, input, i);
    if (at >= 0 && at < rows) continue;
    std::string where;
    int64_t rest = i;
    for (int d = s.rank(); d-- > 0; rest /= s[d]) where = std::to_string(rest % s[d]) + (where.empty() ? "" : ",") + where;
    k.raise(fmt::format("indices{} = {} is not in [0, {})", where.empty() ? "" : "[" + where + "]", at, rows));
  }
}

// ---- ResourceGather ----

const Op resource_gather = {
    .name = "ResourceGather", .inputs = {"resource: resource", "indices: Tindices"}, .outputs = {"output: dtype"},
    .attrs = {"batch_dims: int = 0", "validate_indices: bool = true", "dtype: type", "Tindices: index"},
    .doc = "Rows of a variable, in the order of indices. The first batch_dims axes of both belong together.",
    .shape = [](ShapeCtx& c) {
      const Tensor* handle = c.value(0);
      // Eagerly the kernel allocates: the variable may be bound to a partial shape.
      const Shape p = handle && c.inputs()[0].symbolic() ? shape_behind(handle, "ResourceGather") : Shape::unknown();
      const Shape& n = c.shape(1);
      const auto batch = static_cast<int>(c.integer("batch_dims"));
      if (!p.known_rank() || !n.known_rank()) return c.unknown();
      c.check(p.rank() > 0, "params must be at least 1 dimensional");
      c.check(batch >= 0 && batch <= n.rank() && batch < p.rank(), "batch_dims ({}) must be less than rank(params) ({}).", batch, p.rank());
      c.output(p.slice(0, batch).concat(n.slice(batch, n.rank())).concat(p.slice(batch + 1, p.rank())));
    },
    .grad = [](GradCtx& g) {
      check(g.integer("batch_dims") == 0, Code::unimplemented,
            "ResourceGather: there is no gradient with batch_dims {}; gather from the variable's value instead", g.integer("batch_dims"));
      const Tensor* handle = known_value(g.in(0));
      const Shape s = shape_behind(handle, "ResourceGather");
      g.to(0, taken_rows(g.dy(), g.in(1), s, s.fully_known() ? Tensor() : op("VariableShape", {g.in(0)})));
    },
    .effect = Effect::reads, .foldable = false, .grad_reads = {"resource", "indices"},
};
NINEFOLD_REGISTER(resource_gather);
void gather_cpu(KernelCtx& k) {
  const Tensor params = resource_as<VariableResource>(k.in(0), "ResourceGather").read();
  const Shape &p = params.shape(), &n = k.shape(1);
  const auto batch = static_cast<int>(k.integer("batch_dims"));
  k.check(params.dtype() == k.type("dtype"), "Trying to read variable with wrong dtype. Expected {} got {}",
          short_name(k.type("dtype")), short_name(params.dtype()));
  k.check(p.rank() > 0, "params must be at least 1 dimensional");
  k.check(batch >= 0 && batch <= n.rank() && batch < p.rank(), "batch_dims ({}) must be less than rank(params) ({}).", batch, p.rank());
  for (int i = 0; i < batch; ++i)
    k.check(p[i] == n[i], "params.shape[{0}]: {1} should be equal to indices.shape[{0}]: {2}", i, p[i], n[i]);
  k.allocate(0, params.dtype(), p.slice(0, batch).concat(n.slice(batch, n.rank())).concat(p.slice(batch + 1, p.rank())));
  const int64_t rows = p[batch], inner = p.slice(batch + 1, p.rank()).size(), each = n.slice(batch, n.rank()).size();
  check_indices(k, 1, rows);
  const DType d = params.dtype();
  const void* from = params.impl()->data;
  void* to = k.out<void>(0);
  const size_t bytes = static_cast<size_t>(inner) * size_of(d);
  const int64_t grain = is_plain(d) ? std::max<int64_t>(1, (1 << 18) / std::max<int64_t>(1, static_cast<int64_t>(bytes))) : INT64_MAX;
  parallel_for(n.size(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = (batch ? i / each * rows : 0) + index_at(k, 1, i);
      if (is_plain(d)) std::memcpy(element(d, to, i * inner), element(d, from, row * inner), bytes);
      else move_run(d, element(d, to, i * inner), element(d, from, row * inner), inner);
    }
  });
}
NINEFOLD_KERNEL(resource_gather, "CPU", Kernel{gather_cpu});

const Op variable_shape = {
    .name = "VariableShape", .inputs = {"input: resource"}, .outputs = {"output: out_type"},
    .attrs = {"out_type: index = int32"}, .doc = "The shape of a variable's value.",
    .shape = [](ShapeCtx& c) {
      const Shape s = shape_behind(c.value(0), "VariableShape");
      c.output(s.known_rank() ? Shape{s.rank()} : Shape{-1});
    },
    .effect = Effect::reads, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(variable_shape);
void variable_shape_cpu(KernelCtx& k) {
  const Shape s = resource_as<VariableResource>(k.in(0), "VariableShape").read().shape();
  k.allocate(0, k.type("out_type"), {s.rank()});
  for (int i = 0; i < s.rank(); ++i)
    if (k.type("out_type") == DType::i64) k.out<int64_t>(0)[i] = s[i];
    else k.out<int32_t>(0)[i] = static_cast<int32_t>(s[i]);
}
NINEFOLD_KERNEL(variable_shape, "CPU", Kernel{variable_shape_cpu});

const Op is_initialized = {
    .name = "VarIsInitializedOp", .inputs = {"resource: resource"}, .outputs = {"is_initialized: bool"}, .attrs = {},
    .doc = "Whether a variable has a value.", .shape = shapes::scalar, .effect = Effect::reads, .foldable = false,
    .stops_gradient = true,
};
NINEFOLD_REGISTER(is_initialized);
void is_initialized_cpu(KernelCtx& k) {
  *k.out<bool>(0) = resource_as<VariableResource>(k.in(0), "VarIsInitializedOp").initialised();
}
NINEFOLD_KERNEL(is_initialized, "CPU", Kernel{is_initialized_cpu});

// ---- ResourceScatterAdd and its kin ----

// row = row op update for every index in turn; `with` null: the update itself.
void scatter(KernelCtx& k, const char* with) {
  WrittenVariables v(k, 1);
  const Shape &p = v.shape(0), &n = k.shape(1), &u = k.shape(2);
  const DType d = k.dtype(2);
  k.check(v.variable(0).dtype == d, "Trying to update a variable of dtype {} with values of dtype {}", name_of(v.variable(0).dtype), name_of(d));
  k.check(p.rank() >= 1, "params must be at least 1 dimensional");
  const bool one = u.rank() == 0;   // a scalar goes to every element
  k.check(one || (u.rank() >= n.rank() && u.slice(0, n.rank()) == n),
          "The shape of indices ({}) must be a prefix of the shape of updates ({})", n.str(), u.str());
  k.check(one || u == n.concat(p.slice(1, p.rank())),
          "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape {}, indices.shape {}, params.shape {}",
          u.str(), n.str(), p.str());
  check_indices(k, 1, p[0]);
  const int64_t inner = p.slice(1, p.rank()).size(), count = n.size();
  if (count == 0) return;
  const bool divides = with && std::strcmp(with, "Div") == 0;
  const elementwise::Body* body = with ? &elementwise::body(!divides ? with : is_integer(d) ? "TruncateDiv" : "RealDiv") : nullptr;
  if (divides && is_integer(d))
    for (int64_t i = 0; i < u.size(); ++i) k.check(k.in(2).int_at(i) != 0, "updates must not contain 0");
  void* rows = v.memory(0);
  for (int64_t i = 0; i < count; ++i) {
    void* to = element(d, rows, index_at(k, 1, i) * inner);
    const void* from = element(d, k.in<void>(2), one ? 0 : i * inner);
    if (body) {
      const void* in[] = {to, from};
      const uint8_t step[] = {1, static_cast<uint8_t>(!one)};
      body->run(static_cast<int>(d), to, in, inner, step);
    } else if (one) {
      fill_run(d, to, from, inner);
    } else {
      move_run(d, to, from, inner);
    }
  }
}
struct Scatter {
  Scatter(const char* name, const char* type, const char* doc, KernelFn run)
      : op{.name = name, .inputs = {"resource: resource", "indices: Tindices", "updates: dtype"}, .outputs = {},
           .attrs = {std::string("dtype: ") + type, "Tindices: index"}, .doc = doc, .shape = shapes::none,
           .effect = Effect::writes, .foldable = false, .stops_gradient = true},
        known(op), kernel(op, "CPU", Kernel{run}, {}) {}
  const Op op;
  const Registrar known, kernel;
};
const Scatter scatter_add("ResourceScatterAdd", "numeric", "Adds updates to the rows of a variable.", [](KernelCtx& k) { scatter(k, "AddV2"); });
const Scatter scatter_sub("ResourceScatterSub", "numeric", "Subtracts updates from the rows of a variable.", [](KernelCtx& k) { scatter(k, "Sub"); });
const Scatter scatter_mul("ResourceScatterMul", "numeric", "Multiplies the rows of a variable.", [](KernelCtx& k) { scatter(k, "Mul"); });
const Scatter scatter_div("ResourceScatterDiv", "numeric", "Divides the rows of a variable.", [](KernelCtx& k) { scatter(k, "Div"); });
const Scatter scatter_min("ResourceScatterMin", "real", "The lesser of a variable's rows and updates.", [](KernelCtx& k) { scatter(k, "Minimum"); });
const Scatter scatter_max("ResourceScatterMax", "real", "The greater of a variable's rows and updates.", [](KernelCtx& k) { scatter(k, "Maximum"); });
const Scatter scatter_update("ResourceScatterUpdate", "type", "Replaces rows of a variable.", [](KernelCtx& k) { scatter(k, nullptr); });

// ---- ResourceScatterNd*: the last axis of indices names a place in the variable's first axes ----

void scatter_nd(KernelCtx& k, const char* with) {
  WrittenVariables v(k, 1);
  const Shape &p = v.shape(0), &n = k.shape(1), &u = k.shape(2);
  const DType d = k.dtype(2);
  k.check(v.variable(0).dtype == d, "Trying to update a variable of dtype {} with values of dtype {}", name_of(v.variable(0).dtype), name_of(d));
  k.check(n.rank() >= 1, "Indices shape must have rank at least one. Found:{}", n.str());
  const auto depth = static_cast<int>(n.dim(-1));
  k.check(depth <= p.rank(), "The innermost dimension of indices, {}, must not exceed the rank of the variable, {}", depth, p.rank());
  k.check(u == n.slice(0, n.rank() - 1).concat(p.slice(depth, p.rank())),
          "updates must have shape indices.shape[:-1] + ref.shape[indices.shape[-1]:], got updates {}, indices {}, ref {}", u.str(), n.str(), p.str());
  const int64_t count = n.slice(0, n.rank() - 1).size(), inner = p.slice(depth, p.rank()).size();
  std::vector<int64_t> rows(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    bool inside = true;
    for (int j = 0; j < depth; ++j) {
      const int64_t at = index_at(k, 1, i * depth + j);
      inside = inside && at >= 0 && at < p[j];
      rows[static_cast<size_t>(i)] = rows[static_cast<size_t>(i)] * p[j] + at;
    }
    if (inside) continue;
    std::string place;
    for (int j = 0; j < depth; ++j) place += (j ? ", " : "") + std::to_string(index_at(k, 1, i * depth + j));
    std::string where;
    int64_t rest = i;
    for (int a = n.rank() - 1; a-- > 0; rest /= n[a]) where = std::to_string(rest % n[a]) + (where.empty() ? "" : ",") + where;
    k.raise(fmt::format("indices{} = [{}] does not index into shape {}", where.empty() ? "" : "[" + where + "]", place, p.str()));
  }
  if (count == 0) return;
  void* memory = v.memory(0);
  for (int64_t i = 0; i < count; ++i) {
    void* to = element(d, memory, rows[static_cast<size_t>(i)] * inner);
    const void* from = element(d, k.in<void>(2), i * inner);
    if (!with) {
      move_run(d, to, from, inner);
      continue;
    }
    const void* in[] = {to, from};
    elementwise::body(with).run(static_cast<int>(d), to, in, inner);
  }
}
struct ScatterNd {
  ScatterNd(const char* name, const char* doc, KernelFn run)
      : op{.name = name, .inputs = {"ref: resource", "indices: Tindices", "updates: T"}, .outputs = {},
           .attrs = {"T: type", "Tindices: index", "use_locking: bool = true"}, .doc = doc, .shape = shapes::none,
           .effect = Effect::writes, .foldable = false, .stops_gradient = true},
        known(op), kernel(op, "CPU", Kernel{run}, {}) {}
  const Op op;
  const Registrar known, kernel;
};
const ScatterNd nd_update("ResourceScatterNdUpdate", "Replaces slices of a variable.", [](KernelCtx& k) { scatter_nd(k, nullptr); });
const ScatterNd nd_add("ResourceScatterNdAdd", "Adds to slices of a variable.", [](KernelCtx& k) { scatter_nd(k, "AddV2"); });
const ScatterNd nd_sub("ResourceScatterNdSub", "Subtracts from slices of a variable.", [](KernelCtx& k) { scatter_nd(k, "Sub"); });
const ScatterNd nd_min("ResourceScatterNdMin", "The lesser of a variable's slices and updates.", [](KernelCtx& k) { scatter_nd(k, "Minimum"); });
const ScatterNd nd_max("ResourceScatterNdMax", "The greater of a variable's slices and updates.", [](KernelCtx& k) { scatter_nd(k, "Maximum"); });

// ---- tf.nn.embedding_lookup ----

Tensor rows_of(const Value& params, const Tensor& ids) {
  if (const Variable* v = params.get<Variable>()) return op("ResourceGather", {v->handle(), ids}, {{"dtype", v->dtype()}});
  return op("GatherV2", {to_tensor(params, DType::invalid, "tf.nn.embedding_lookup"), ids, int_scalar(0)});
}
const Function embedding_lookup = {
    .names = {"tf.nn.embedding_lookup"},
    .signature = "(params: value, ids: tensor, max_norm: value = None, name: str = None)",
    .doc = "Rows of params, one for each id. Several params are the parts of one table, split evenly along axis 0. With "
           "max_norm a row longer than that is scaled to it.",
    .body = [](Args& a) -> Value {
      const Tensor ids = a.tensor("ids");
      const Value& params = a["params"];
      Tensor rows;
      const ValueList* list = params.get<ValueList>();
      const bool parts = list && !list->empty() && (list->front().get<Tensor>() || list->front().get<Variable>());
      check(!list || !list->empty(), Code::value, "params should not be empty. Received params=[]");
      if (parts && list->size() == 1) {
        rows = rows_of(list->front(), ids);
      } else if (parts) {
        Tensors all = a.tensors("params");
        all.push_back(int_scalar(0));
        rows = op("GatherV2", {op_all("ConcatV2", all).at(0), ids, int_scalar(0)});
      } else {
        rows = rows_of(params, ids);
      }
      if (a.none("max_norm")) return rows;
      check(ids.shape().known_rank() && rows.shape().known_rank(), Code::value, "tf.nn.embedding_lookup: max_norm needs the ranks of params and ids");
      ValueList axes;
      for (int i = ids.rank(); i < rows.rank(); ++i) axes.emplace_back(i);
      return call("tf.clip_by_norm", {{"t", rows}, {"clip_norm", a["max_norm"]}, {"axes", axes}});
    },
};
NINEFOLD_REGISTER(embedding_lookup);

}  // namespace
}  // namespace ninefold::ops
