// In: bytes of protobuf messages, lists of Python numbers. Out: the messages' fields, lists; and back: for messages.py.
#include "convert.h"
#include "ninefold/example.h"
#include "sparse.h"

namespace ninefold::python {
namespace {

[[noreturn]] void malformed() { raise(PyExc_ValueError, "Error parsing message"); }

nb::object bytes_object(std::string_view s) { return checked(PyBytes_FromStringAndSize(s.data(), static_cast<Py_ssize_t>(s.size()))); }
std::string_view bytes_of(nb::handle o) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(o.ptr(), &data, &size) < 0) throw nb::python_error();
  return {data, static_cast<size_t>(size)};
}

}  // namespace

void add_messages(nb::module_& m) {
  // [(field, its bytes, or its number)]
  m.def("message_fields", [](nb::handle message) {
    nb::list out;
    wire::Fields f(bytes_of(message));
    while (f.next()) out.append(nb::make_tuple(f.number(), f.type() == 2 ? bytes_object(f.bytes()) : nb::object(nb::int_(f.integer()))));
    if (!f.good()) malformed();
    return out;
  });
  // The values of a BytesList ("bytes"), a FloatList ("float") or an Int64List ("int64").
  m.def("message_list", [](const std::string& kind, nb::handle list) {
    nb::list out;
    const std::string_view from = bytes_of(list);
    bool good = false;
    if (kind == "bytes") {
      std::vector<std::string_view> values;
      good = wire::read_list(from, values);
      for (std::string_view s : values) out.append(bytes_object(s));
    } else if (kind == "float") {
      std::vector<float> values;
      good = wire::read_list(from, values);
      for (float v : values) out.append(nb::float_(static_cast<double>(v)));
    } else {
      std::vector<int64_t> values;
      good = wire::read_list(from, values);
      for (int64_t v : values) out.append(nb::int_(v));
    }
    if (!good) malformed();
    return out;
  });
  m.def("message_list_bytes", [](const std::string& kind, nb::list values) {
    std::string out;
    if (kind == "bytes") {
      for (nb::handle v : values) wire::append_bytes(out, 1, bytes_of(v));
    } else if (kind == "float") {
      std::vector<float> all;
      for (nb::handle v : values) all.push_back(static_cast<float>(nb::cast<double>(v)));
      out = wire::list_bytes(all);
    } else {
      std::vector<int64_t> all;
      for (nb::handle v : values) all.push_back(nb::cast<int64_t>(v));
      out = wire::list_bytes(all);
    }
    return bytes_object(out);
  });
  // Messages as fields of another: [(number, bytes)].
  m.def("message_bytes", [](nb::list fields) {
    std::string out;
    for (nb::handle f : fields) wire::append_bytes(out, nb::cast<uint32_t>(f[0]), bytes_of(f[1]));
    return bytes_object(out);
  });
}

}  // namespace ninefold::python
