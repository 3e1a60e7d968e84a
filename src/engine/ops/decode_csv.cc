// In: lines of comma-separated values (RFC 4180). Out: a tensor a column: DecodeCSV.
#include <charconv>

#include "base/check.h"
#include "base/text.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

using Types = std::vector<DType>;

const Op decode = {
    .name = "DecodeCSV", .inputs = {"records: string", "record_defaults: OUT_TYPE"}, .outputs = {"output: OUT_TYPE"},
    .attrs = {"OUT_TYPE: list(type) >= 1", "field_delim: string = \",\"", "use_quote_delim: bool = true", "na_value: string = \"\"",
              "select_cols: list(int) = []"},
    .doc = "The fields of each record, a tensor a column; a field that is empty has the column's default.",
    .shape = [](ShapeCtx& c) {
      for (int i = 1; i < c.num_inputs(); ++i) {
        const Shape& s = c.shape(i);
        c.check(!s.known_rank() || s.rank() <= 1, "Shape must be at most rank 1 but is rank {}", s.rank());
        c.check(!s.fully_known() || s.size() <= 1, "Shape of a default must be a length-0 or length-1 vector, or a scalar.");
        c.output(i - 1, c.shape(0));
      }
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(decode);

// The fields of one record; of `columns` (rising, empty: all) only.
std::vector<std::string> fields_of(KernelCtx& k, std::string_view s, const std::vector<int64_t>& columns) {
  const char by = k.text("field_delim")[0];
  const bool quotes = k.flag("use_quote_delim");
  std::vector<std::string> out;
  int64_t seen = 0;
  const auto wanted = [&] { return columns.empty() || columns[out.size()] == seen; };
  size_t at = 0;
  while (at < s.size()) {
    if (s[at] == '\n' || s[at] == '\r') {
      ++at;
      continue;
    }
    const bool take = wanted();
    std::string field;
    if (quotes && s[at] == '"') {
      for (++at; at + 1 < s.size() && (s[at] != '"' || s[at + 1] != by);) {
        if (s[at] == '"') {
          k.check(s[at + 1] == '"', "Quote inside a string has to be escaped by another quote");
          ++at;
        }
        field += s[at++];
      }
      k.check(at < s.size() && s[at] == '"' && (at + 1 == s.size() || s[at + 1] == by), "Quoted field has to end with quote followed by delim or end");
      at += 2;
    } else {
      for (; at < s.size() && s[at] != by; ++at) {
        k.check((!quotes || s[at] != '"') && s[at] != '\n' && s[at] != '\r', "Unquoted fields cannot have quotes/CRLFs inside");
        field += s[at];
      }
      ++at;
    }
    ++seen;
    if (!take) continue;
    out.push_back(std::move(field));
    if (out.size() == columns.size() && !columns.empty()) return out;
  }
  if (!s.empty() && s.back() == by && wanted()) out.emplace_back();   // the last one, of which nothing is there
  return out;
}

template <class T>
bool number(std::string_view s, T* v) {
  s = strip(s);
  if (s.starts_with('+') && !s.starts_with("+-")) s.remove_prefix(1);
  const auto [end, bad] = std::from_chars(s.data(), s.data() + s.size(), *v);
  return !s.empty() && bad == std::errc() && end == s.data() + s.size();
}

NINEFOLD_KERNEL(decode, "CPU", (Kernel{[](KernelCtx& k) {
  const auto& types = std::get<Types>(k.attr("OUT_TYPE"));
  k.check(k.text("field_delim").size() == 1, "field_delim should be only 1 char");
  for (size_t i = 0; i < types.size(); ++i)
    k.check(k.shape(static_cast<int>(i) + 1).size() < 2, "There should only be 1 default per field but field {} has {}", i, k.shape(static_cast<int>(i) + 1).size());
  for (int64_t r = 0, n = k.shape(0).size(); r < n; ++r) {
    const std::vector<std::string> fields = fields_of(k, k.in<std::string>(0)[r], k.ints("select_cols"));
    k.check(fields.size() == types.size(), "Expect {} fields but have {} in record {}", types.size(), fields.size(), r);
    for (size_t f = 0; f < fields.size(); ++f) {
      const std::string& text = fields[f];
      const int i = static_cast<int>(f);
      const bool missing = text.empty() || text == k.text("na_value");
      k.check(!missing || k.shape(i + 1).size() == 1, "Field {} is required but missing in record {}!", f, r);
      const auto store = [&]<class T>(T, const char* what) {
        T& to = k.out<T>(i)[r];
        if (missing) to = k.in<T>(i + 1)[0];
        else k.check(number(text, &to), "Field {} in record {} is not a valid {}: {}", f, r, what, text);
      };
      switch (types[f]) {
        case DType::i32: store(int32_t{}, "int32"); break;
        case DType::i64: store(int64_t{}, "int64"); break;
        case DType::f32: store(float{}, "float"); break;
        case DType::f64: store(double{}, "double"); break;
        case DType::string: k.out<std::string>(i)[r] = missing ? k.in<std::string>(i + 1)[0] : text; break;
        default: k.raise(fmt::format("csv: data type {} not supported in field {}", short_name(types[f]), f));
      }
    }
  }
}}));

const Function decode_csv = {
    .names = {"tf.io.decode_csv"},
    .signature = "(records: tensor, record_defaults: value, field_delim: str = ',', use_quote_delim: bool = True, na_value: str = '', "
                 "select_cols: value = None, name: str = None)",
    .doc = "The fields of each record, a tensor a column. record_defaults says each column's dtype and what an empty field means: [] "
           "that it must not be empty. Of select_cols (rising) only these columns.",
    .body = [](Args& a) -> Value {
      const ValueList* defaults = a["record_defaults"].get<ValueList>();
      check(defaults, Code::type, "tf.io.decode_csv: record_defaults must be a list, one default a column");
      std::vector<int64_t> columns;
      if (!a.none("select_cols")) {
        columns = a.ints("select_cols");
        for (size_t i = 1; i < columns.size(); ++i) check(columns[i] > columns[i - 1], Code::value, "select_cols is not strictly increasing.");
        check(columns.empty() || columns[0] >= 0, Code::value, "select_cols contains negative values.");
        check(columns.size() == defaults->size(), Code::value, "Length of select_cols and record_defaults do not match.");
      }
      Tensors in{operand(a, "records", DType::string)};
      Types types;
      for (const Value& v : *defaults) {
        in.push_back(to_tensor(v));
        types.push_back(in.back().dtype());
      }
      const NamedAttr attrs[] = {{"OUT_TYPE", types}, {"field_delim", a.text("field_delim")}, {"use_quote_delim", a.flag("use_quote_delim")},
                                 {"na_value", a.text("na_value")}, {"select_cols", columns}};
      return op_all("DecodeCSV", in, attrs);
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(decode_csv);

}  // namespace
}  // namespace ninefold::ops
