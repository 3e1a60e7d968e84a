// In: the records of the library that it is linked with. Out: one line of JSON a public function and an op,
// from which tools/generate/generate.py writes what compilers, editors and readers need.
#include <cstdio>
#include <string>

#include <ninefold/function.h>

namespace nf = ninefold;

namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    char code[8];
    if (c == '"' || c == '\\') out += std::string("\\") + c;
    else if (u < 0x20) std::snprintf(code, sizeof(code), "\\u%04x", u), out += code;
    else out += c;
  }
  return out + "\"";
}
template <class List, class F>
std::string listed(const List& items, const F& f) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? ", " : "") + f(item);
  return out + "]";
}

void function(const nf::Function& f) {
  const std::string parameters = listed(nf::parameters_of(f), [](const nf::Parameter& p) {
    return "{\"name\": " + quoted(p.name) + ", \"type\": " + quoted(p.type) + ", \"required\": " +
           (p.required ? "true" : "false") + ", \"variadic\": " + (p.variadic ? "true" : "false") + ", \"default\": " +
           quoted(p.fallback_text) + "}";
  });
  std::printf("{\"function\": %s, \"names\": %s, \"parameters\": %s, \"result\": %s, \"doc\": %s}\n",
              quoted(f.names[0]).c_str(), listed(f.names, quoted).c_str(), parameters.c_str(), quoted(f.result).c_str(),
              quoted(f.doc).c_str());
}
void op(const nf::Op& o) {
  const nf::OpDescription d = nf::describe(o);
  const std::string dtypes = listed(d.dtypes, [](nf::DType t) { return quoted(nf::name_of(t)); });
  std::printf("{\"op\": %s, \"inputs\": %s, \"outputs\": %s, \"attrs\": %s, \"dtypes\": %s, \"effect\": %s, "
              "\"differentiable\": %s, \"doc\": %s}\n",
              quoted(nf::op_name(o)).c_str(), listed(d.inputs, quoted).c_str(), listed(d.outputs, quoted).c_str(),
              listed(d.attrs, quoted).c_str(), dtypes.c_str(), quoted(d.effect).c_str(), d.differentiable ? "true" : "false",
              quoted(d.doc).c_str());
}

}  // namespace

int main() {
  for (const nf::Function* f : nf::all_functions()) function(*f);
  for (const nf::Op* o : nf::all_ops()) op(*o);
}
