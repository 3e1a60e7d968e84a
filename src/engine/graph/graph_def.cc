// In: a traced function. Out: TensorFlow's GraphDef.
#include "base/check.h"
#include "engine/graph/function.h"

namespace ninefold::graph {

std::string Concrete::graph_def() const {
  fail(Code::unimplemented, "{}: writing a function as a GraphDef is not there yet", name_);
}

}  // namespace ninefold::graph
