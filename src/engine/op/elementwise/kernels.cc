// In: the loops of every family and instruction set. Out: one table a set, and runs over any dtype.
#include "engine/op/elementwise/kernels.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>

#include "base/check.h"
#include "engine/op/elementwise/families.h"
#include "engine/op/elementwise/instantiate.h"
#include "engine/op/elementwise/tiles.h"

namespace ninefold::elementwise {

#define NINEFOLD_DECLARE(family) void add_##family(const Sink&);
#if defined(__x86_64__)
namespace sse4 { NINEFOLD_FAMILIES(NINEFOLD_DECLARE) void add_tiles(TileTable&); }
namespace avx2 { NINEFOLD_FAMILIES(NINEFOLD_DECLARE) void add_tiles(TileTable&); }
namespace avx512 { NINEFOLD_FAMILIES(NINEFOLD_DECLARE) void add_tiles(TileTable&); }
#else
namespace generic { NINEFOLD_FAMILIES(NINEFOLD_DECLARE) void add_tiles(TileTable&); }
#endif
#undef NINEFOLD_DECLARE
void add_complex(const Sink& sink);  // complex.cc

namespace {

void add_loop(void* table, const char* name, const char* formula, int operands, bool first_is_condition, int dtype,
              int out_dtype, Loop loop, FaultLoop fault, const char* fault_text) {
  auto& all = *static_cast<std::vector<Body>*>(table);
  auto it = std::find_if(all.begin(), all.end(), [&](const Body& b) { return std::strcmp(b.name, name) == 0; });
  if (it == all.end()) {
    Body fresh;
    fresh.name = name, fresh.formula = formula, fresh.operands = operands;
    fresh.first_is_condition = first_is_condition, fresh.index = static_cast<int>(all.size());
    it = all.insert(all.end(), fresh);
  }
  NINEFOLD_INVARIANT(it->operands == operands && !it->loop[dtype]);
  it->loop[dtype] = loop, it->out[dtype] = static_cast<uint8_t>(out_dtype), it->fault[dtype] = fault;
  if (fault) it->fault_text = fault_text;
}

struct Table {
  std::vector<Body> bodies;
  std::map<std::string_view, int> by_name;
  TileTable tiles{};
};

Table build(Isa isa) {
  Table t;
  const Sink sink{&t.bodies, add_loop};
#define NINEFOLD_ADD_SSE4(family) sse4::add_##family(sink);
#define NINEFOLD_ADD_AVX2(family) avx2::add_##family(sink);
#define NINEFOLD_ADD_AVX512(family) avx512::add_##family(sink);
#define NINEFOLD_ADD_GENERIC(family) generic::add_##family(sink);
#if defined(__x86_64__)
  switch (isa) {
    case Isa::avx512: NINEFOLD_FAMILIES(NINEFOLD_ADD_AVX512) avx512::add_tiles(t.tiles); break;
    case Isa::avx2: NINEFOLD_FAMILIES(NINEFOLD_ADD_AVX2) avx2::add_tiles(t.tiles); break;
    default: NINEFOLD_FAMILIES(NINEFOLD_ADD_SSE4) sse4::add_tiles(t.tiles);
  }
#else
  static_cast<void>(isa);
  NINEFOLD_FAMILIES(NINEFOLD_ADD_GENERIC) generic::add_tiles(t.tiles);
#endif
  add_complex(sink);
  for (Body& b : t.bodies) {
    t.by_name[b.name] = b.index;
    for (int d = 0; d < dtype_count; ++d) b.defined[d] = element_size(d) && b.loop[compute_dtype(d)];
  }
  return t;
}

const Table& table(Isa isa) {
  static const std::array<Table, simd::isa_count> all = [] {
    std::array<Table, simd::isa_count> made;
    for (int i = 0; i < simd::isa_count; ++i)
      if (has_isa(static_cast<Isa>(i))) made[i] = build(static_cast<Isa>(i));
    if (!has_isa(simd::best_isa())) made[static_cast<int>(simd::best_isa())] = build(simd::best_isa());
    return made;
  }();
  return all[static_cast<int>(isa)];
}
const Table& table() {
  static const Table& best = table(simd::best_isa());
  return best;
}

// Fills n elements with one value, by doubling.
void splat(void* to, const void* value, size_t size, int64_t n) {
  auto* p = static_cast<char*>(to);
  std::memcpy(p, value, size);
  for (size_t done = size, all = size * n; done < all; done *= 2) std::memcpy(p + done, p, std::min(done, all - done));
}

}  // namespace

const std::vector<Body>& bodies(Isa isa) { return table(isa).bodies; }

const Body* find_body(std::string_view name, Isa isa) {
  const Table& t = table(isa);
  const auto it = t.by_name.find(name);
  return it == t.by_name.end() ? nullptr : &t.bodies[it->second];
}
const Body* find_body(std::string_view name) { return find_body(name, simd::best_isa()); }

const Body& body(std::string_view name) {
  const Body* found = find_body(name);
  check(found, Code::internal, "ninefold bug: no element-wise op is called '{}'", name);
  return *found;
}

int compute_dtype(int dtype) {
  switch (dtype) {
    case dt_half: case dt_bfloat16: return dt_float;
    case dt_int8: case dt_uint8: case dt_int16: case dt_uint16: return dt_int32;
    case dt_uint32: return dt_int64;
    default: return dtype;
  }
}

size_t element_size(int dtype) {
  switch (dtype) {
    case dt_bool: case dt_int8: case dt_uint8: return 1;
    case dt_half: case dt_bfloat16: case dt_int16: case dt_uint16: return 2;
    case dt_float: case dt_int32: case dt_uint32: return 4;
    case dt_double: case dt_int64: case dt_uint64: case dt_complex64: return 8;
    case dt_complex128: return 16;
    default: return 0;
  }
}

void widen(int dtype, void* to, const void* from, int64_t n) { table().tiles.widen[dtype](to, from, n); }
void narrow(int dtype, void* to, const void* from, int64_t n) { table().tiles.narrow[dtype](to, from, n); }

int Body::out_dtype(int dtype) const {
  const int c = compute_dtype(dtype);
  return out[c] == c ? dtype : out[c];
}

namespace {

// A shift by more bits than an element has shifts by all but one: what has become wider has more bits.
template <class T>
void clamp_counts(char* counts, int64_t n, size_t bytes) {
  auto* at = reinterpret_cast<T*>(counts);
  const T top = static_cast<T>(bytes * 8 - 1);
  for (int64_t i = 0; i < n; ++i) at[i] = std::min(at[i], top);
}

}  // namespace

Fault Body::run(int dtype, void* to, const void* const* in, int64_t n, const uint8_t* step) const {
  NINEFOLD_INVARIANT(supports(dtype));
  const int c = compute_dtype(dtype);
  const bool narrow_dtype = c != dtype, shifts = narrow_dtype && std::string_view(name).ends_with("Shift");
  auto widened = [&](int operand, char* values, int64_t count) {
    if (!shifts || operand != 1) return;
    if (c == dt_int64) clamp_counts<int64_t>(values, count, element_size(dtype));
    else clamp_counts<int32_t>(values, count, element_size(dtype));
  };
  bool direct = !narrow_dtype;
  for (int i = 0; step && i < operands; ++i) direct = direct && step[i] == 1;
  if (n <= 0) return false;
  if (direct) {
    const Fault bad = fault[c] && fault[c](in, n);
    loop[c](to, in, n);
    return bad;
  }

  alignas(64) char buffer[max_operands][tile * 16 + 320];
  const void* tiles[max_operands];
  for (int i = 0; i < operands; ++i) {  // scalars are spread once
    tiles[i] = buffer[i];
    if (!step || step[i] == 1) continue;
    const int d = operand_dtype(i, dtype);
    if (compute_dtype(d) == d) {
      splat(buffer[i], in[i], element_size(d), std::min<int64_t>(n, tile));
    } else {
      alignas(8) char wide[16];
      widen(d, wide, in[i], 1);
      widened(i, wide, 1);
      splat(buffer[i], wide, element_size(c), std::min<int64_t>(n, tile));
    }
  }
  const bool narrow_out = narrow_dtype && out[c] == c;
  const size_t out_size = element_size(out_dtype(dtype));
  Fault bad = false;
  for (int64_t begin = 0; begin < n; begin += tile) {
    const int64_t count = std::min<int64_t>(tile, n - begin);
    for (int i = 0; i < operands; ++i) {
      if (step && step[i] == 0) continue;
      const int d = operand_dtype(i, dtype);
      const char* from = static_cast<const char*>(in[i]) + begin * element_size(d);
      if (compute_dtype(d) == d) {
        tiles[i] = from;
      } else {
        widen(d, buffer[i], from, count);
        widened(i, buffer[i], count);
      }
    }
    if (fault[c]) bad = fault[c](tiles, count) || bad;
    char* at = static_cast<char*>(to) + begin * out_size;
    if (narrow_out) {
      alignas(64) char result[tile * 8];
      loop[c](result, tiles, count);
      narrow(dtype, at, result, count);
    } else {
      loop[c](at, tiles, count);
    }
  }
  return bad;
}

}  // namespace ninefold::elementwise
