// In: a DType. Out: its size, names and kind, from one table.
#include "ninefold/tensor.h"

namespace ninefold {
namespace {

enum Kind : uint8_t { none, floating, integer, unsigned_integer, complex, other };
struct Row { const char *name, *brief; uint8_t bytes; Kind kind; DType real; };
constexpr Row kRows[kDTypes] = {
    {"invalid", "invalid", 0, none, DType::invalid},
    {"float32", "float", 4, floating, DType::f32},
    {"float64", "double", 8, floating, DType::f64},
    {"int32", "int32", 4, integer, DType::i32},
    {"uint8", "uint8", 1, unsigned_integer, DType::u8},
    {"int16", "int16", 2, integer, DType::i16},
    {"int8", "int8", 1, integer, DType::i8},
    {"string", "string", sizeof(std::string), other, DType::string},
    {"complex64", "complex64", 8, complex, DType::f32},
    {"int64", "int64", 8, integer, DType::i64},
    {"bool", "bool", 1, other, DType::boolean},
    {"qint8", "qint8", 1, other, DType::qi8},
    {"quint8", "quint8", 1, other, DType::qu8},
    {"qint32", "qint32", 4, other, DType::qi32},
    {"bfloat16", "bfloat16", 2, floating, DType::bf16},
    {"qint16", "qint16", 2, other, DType::qi16},
    {"quint16", "quint16", 2, other, DType::qu16},
    {"uint16", "uint16", 2, unsigned_integer, DType::u16},
    {"complex128", "complex128", 16, complex, DType::f64},
    {"float16", "half", 2, floating, DType::f16},
    {"resource", "resource", sizeof(std::shared_ptr<void>), other, DType::resource},
    {"variant", "variant", sizeof(std::shared_ptr<void>), other, DType::variant},
    {"uint32", "uint32", 4, unsigned_integer, DType::u32},
    {"uint64", "uint64", 8, unsigned_integer, DType::u64},
};
const Row& row(DType d) { return kRows[static_cast<int>(d) < kDTypes ? static_cast<int>(d) : 0]; }

}  // namespace

size_t size_of(DType d) { return row(d).bytes; }
const char* name_of(DType d) { return row(d).name; }
const char* short_name(DType d) { return row(d).brief; }
bool is_floating(DType d) { return row(d).kind == floating; }
bool is_integer(DType d) { return row(d).kind == integer || row(d).kind == unsigned_integer; }
bool is_unsigned(DType d) { return row(d).kind == unsigned_integer; }
bool is_complex(DType d) { return row(d).kind == complex; }
DType real_part_of(DType d) { return row(d).real; }
DType dtype_named(std::string_view name) {
  for (int i = 1; i < kDTypes; ++i)
    if (name == kRows[i].name || name == kRows[i].brief) return static_cast<DType>(i);
  return DType::invalid;
}

}  // namespace ninefold
