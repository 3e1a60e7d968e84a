// In: handles to variables. Out: their values; new values go in. Also Variable, the C++ face of a handle.
#include "base/check.h"
#include "base/threads.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "engine/tensor/resource.h"

namespace ninefold {
namespace ops {
namespace {

VariableResource& variable(KernelCtx& k) { return resource_as<VariableResource>(k.in(0), k.op().name.c_str()); }

const Op read_variable = {
    .name = "ReadVariableOp",
    .inputs = {"resource: resource"},
    .outputs = {"value: dtype"},
    .attrs = {"dtype: type"},
    .doc = "The value of a variable. It stays what it is when the variable is assigned later.",
    .shape = [](ShapeCtx& c) {
      // Eagerly the kernel hands over the memory itself; a trace learns the shape the variable is bound to.
      const Tensor* handle = c.value(0);
      c.output(handle && c.inputs()[0].symbolic() ? resource_as<VariableResource>(*handle, "ReadVariableOp").shape
                                                  : Shape::unknown());
    },
    .grad = [](GradCtx& g) { g.to(0, g.flow()); },
    .effect = Effect::reads,
    .foldable = false,
    .grad_reads = {},
};
NINEFOLD_REGISTER(read_variable);
void read_cpu(KernelCtx& k) { k.set_output(0, variable(k).read()); }
NINEFOLD_KERNEL(read_variable, "CPU", Kernel{read_cpu});

#define WRITES(record, op_name, says)                              \
  const Op record = {                                              \
      .name = op_name,                                             \
      .inputs = {"resource: resource", "value: dtype"},            \
      .outputs = {},                                               \
      .attrs = {"dtype: type"},                                    \
      .doc = says,                                                 \
      .shape = shapes::none,                                       \
      .effect = Effect::writes,                                    \
      .stops_gradient = true,                                      \
  };                                                               \
  NINEFOLD_REGISTER(record)
WRITES(assign_variable, "AssignVariableOp", "Replaces the value of a variable.");
WRITES(assign_add_variable, "AssignAddVariableOp", "Adds to the value of a variable.");
WRITES(assign_sub_variable, "AssignSubVariableOp", "Subtracts from the value of a variable.");
#undef WRITES

void assign_cpu(KernelCtx& k) { variable(k).assign(k.in(1)); }
NINEFOLD_KERNEL(assign_variable, "CPU", Kernel{assign_cpu});

// v = v op x: one element-wise pass over the variable's memory, or over a copy if a reader holds that.
void update(KernelCtx& k, const elementwise::Body& with) {
  VariableResource& v = variable(k);
  std::lock_guard hold(v.mutex);
  const Tensor& x = k.in(1);
  k.check(v.dtype == x.dtype(), "Trying to assign variable with wrong dtype. Expected {} got {}", short_name(v.dtype),
          short_name(x.dtype()));
  const Shape shape = v.shape.fully_known() && v.initialised() ? v.shape : v.read().shape();
  if (!(shape == x.shape())) [[unlikely]]   // texts cost time
    k.check(false, "Cannot update variable with shape {} using a Tensor with shape {}, shapes must be equal.",
            shape.str(), x.shape().str());
  const int dtype = static_cast<int>(v.dtype);
  if (!with.supports(dtype)) {   // text
    NoRecording quiet;
    Pushed<Tracer*> eager(scope().tracers, nullptr);
    return v.move_in(op(with.name, {v.read(), x}));
  }
  auto* to = static_cast<char*>(v.writable(nullptr));
  const auto* from = static_cast<const char*>(x.impl()->data);
  const auto size = static_cast<int64_t>(size_of(v.dtype));
  parallel_for(shape.size(), 32768, [&](int64_t begin, int64_t end) {
    const void* in[] = {to + begin * size, from + begin * size};
    with.run(dtype, to + begin * size, in, end - begin);
  });
  v.wrote();
}
void assign_add_cpu(KernelCtx& k) {
  static const elementwise::Body& add = elementwise::body("AddV2");
  update(k, add);
}
void assign_sub_cpu(KernelCtx& k) {
  static const elementwise::Body& sub = elementwise::body("Sub");
  update(k, sub);
}
NINEFOLD_KERNEL(assign_add_variable, "CPU", Kernel{assign_add_cpu});
NINEFOLD_KERNEL(assign_sub_variable, "CPU", Kernel{assign_sub_cpu});

}  // namespace
}  // namespace ops

Variable::Variable(const Tensor& initial, VariableOptions options) {
  check(initial.defined(), Code::value, "Variable: initial_value is missing");
  check(!initial.symbolic(), Code::value,
        "Variable: the initial value is a symbolic tensor; make variables outside the traced function");
  check(options.shape.compatible(initial.shape()), Code::value,
        "The initial value's shape ({}) is not compatible with the explicitly supplied `shape` argument ({}).",
        initial.shape().tuple(), options.shape.tuple());
  resource_ = std::make_shared<VariableResource>(
      options.name, initial.dtype(), options.shape.known_rank() ? options.shape : initial.shape(), options.trainable);
  resource_->assign(first_value(initial));
}

const VariableResource& Variable::made() const {
  check(resource_ != nullptr, Code::value, "Variable: expected one that was made, got one without a value; did a layer's build() not run?");
  return *resource_;
}
const std::string& Variable::name() const { return made().full_name; }
DType Variable::dtype() const { return made().dtype; }
const Shape& Variable::shape() const { return made().shape; }
bool Variable::trainable() const { return made().trainable; }
Tensor Variable::handle() const { return made(), handle_of(resource_); }
Tensor Variable::value() const { return made().read(); }
Tensor Variable::read() const { return op("ReadVariableOp", {handle()}, {{"dtype", dtype()}}); }

namespace {
void write(const char* with, const Variable& v, const Tensor& x) {
  check(x.defined() && x.dtype() == v.dtype(), Code::value,
        "{}: variable {} has dtype {}, the value has {}", with, v.name(), name_of(v.dtype()),
        x.defined() ? name_of(x.dtype()) : "none");
  check(v.shape().compatible(x.shape()), Code::value,
        "Cannot assign value to variable ' {}': Shape mismatch.The variable shape {}, and the assigned "
        "value shape {} are incompatible.", v.name(), v.shape().tuple(), x.shape().tuple());
  const NamedAttr dtype("dtype", v.dtype());
  const Tensor inputs[] = {v.handle(), x};
  op_all(with, inputs, {&dtype, 1});
}
}  // namespace
void Variable::assign(const Tensor& x) const { write("AssignVariableOp", *this, x); }
void Variable::assign_add(const Tensor& x) const { write("AssignAddVariableOp", *this, x); }
void Variable::assign_sub(const Tensor& x) const { write("AssignSubVariableOp", *this, x); }

}  // namespace ninefold
