// In: what tf.function, tf.cond and tf.while_loop ask. Out: the engine's traces and control flow.
#include "convert.h"
#include "slots.h"

namespace ninefold::python {

namespace {
// init_scope as a with-block of Python's: closed by hand, not by a destructor.
struct Outside {
  std::unique_ptr<InitScope> scope = std::make_unique<InitScope>();
};
}  // namespace

void add_graphs(nb::module_& m) {
  m.def("executing_eagerly", &executing_eagerly);
  nb::class_<Outside>(m, "InitScope").def(nb::init<>()).def("close", [](Outside& o) { o.scope.reset(); });
}

}  // namespace ninefold::python
