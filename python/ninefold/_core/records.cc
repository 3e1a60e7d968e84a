// In: paths, records, tensors with tags. Out: TFRecords and event files: _core.records, what records.py and summaries.py stand on.
#include "records.h"

#include <nanobind/stl/string.h>

#include "convert.h"
#include "ninefold/io.h"

namespace ninefold::python {
namespace {

std::string_view bytes_of(nb::handle o) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyUnicode_Check(o.ptr())) {
    const char* text = PyUnicode_AsUTF8AndSize(o.ptr(), &size);
    if (!text) throw nb::python_error();
    return {text, static_cast<size_t>(size)};
  }
  if (PyBytes_AsStringAndSize(o.ptr(), &data, &size) < 0) throw nb::python_error();
  return {data, static_cast<size_t>(size)};
}

}  // namespace

void add_records(nb::module_& core) {
  nb::module_ m = core.def_submodule("records");
  nb::class_<TFRecordWriter>(m, "TFRecordWriter")
      .def(nb::init<const std::string&, const std::string&, int>())
      .def("write", [](TFRecordWriter& w, nb::handle record) { w.write(bytes_of(record)); })
      .def("flush", &TFRecordWriter::flush)
      .def("close", &TFRecordWriter::close);
  nb::class_<TFRecordReader>(m, "TFRecordReader")
      .def(nb::init<const std::string&, const std::string&>())
      .def("next", [](TFRecordReader& r) -> nb::object {
        std::string record;
        if (!r.next(record)) return nb::none();
        return nb::bytes(record.data(), record.size());
      });
  using Text = const std::string&;
  nb::class_<SummaryWriter>(m, "SummaryWriter")
      .def(nb::init<const std::string&, int, int64_t, const std::string&>())
      .def("write", [](SummaryWriter& w, Text tag, nb::handle value, int64_t step, Text plugin, nb::bytes content, Text shown, Text said) {
        w.write(tag, to_tensor_object(value.ptr()), step, {plugin, std::string(content.c_str(), content.size()), shown, said});
      })
      .def("histogram", [](SummaryWriter& w, Text tag, nb::handle data, int64_t step, int64_t buckets, Text said) {
        w.histogram(tag, to_tensor_object(data.ptr()), step, buckets, said);
      })
      .def("image", [](SummaryWriter& w, Text tag, nb::handle data, int64_t step, int64_t most, Text said) {
        w.image(tag, to_tensor_object(data.ptr()), step, most, said);
      })
      .def("audio", [](SummaryWriter& w, Text tag, nb::handle data, int64_t rate, int64_t step, int64_t most, Text said) {
        w.audio(tag, to_tensor_object(data.ptr()), rate, step, most, said);
      })
      .def("graph", [](SummaryWriter& w, nb::handle graph, int64_t step) { w.graph(bytes_of(graph), step); })
      .def("raw", [](SummaryWriter& w, nb::handle event) { w.raw(bytes_of(event)); })
      .def("flush", &SummaryWriter::flush)
      .def("close", &SummaryWriter::close)
      .def("path", &SummaryWriter::path);
}

}  // namespace ninefold::python
