// In: nothing. Out: descriptors as the emulated cuDNN keeps them, numbers of every dtype by their places; attention from descriptors.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/float16.h"
#include "engine/device/cuda/dnn_interface.h"

namespace ninefold::cuda {

using namespace dnn;

struct Value {
  int type = 0;
  int64_t count = 0;
  std::vector<char> bytes;
};
struct Fake {
  int kind;
  bool finished = false;
  std::map<int, Value> values;
  const Fake* graph = nullptr;                   // of engines and what is made of them
  int engine = -1;
  std::vector<int> notes;

  template <class T> std::vector<T> all(int name) const {
    const Value& v = values.at(name);
    std::vector<T> out(static_cast<size_t>(v.count));
    std::memcpy(out.data(), v.bytes.data(), v.bytes.size());
    return out;
  }
  template <class T> T one(int name) const { return all<T>(name)[0]; }
  const Fake& part(int name) const { return *static_cast<const Fake*>(one<Descriptor>(name)); }
};

inline double load(const void* at, int64_t i, int type) {
  switch (type) {
    case kDouble: return static_cast<const double*>(at)[i];
    case kHalf: return static_cast<double>(half_to_float(static_cast<const uint16_t*>(at)[i]));
    case kBfloat16: return static_cast<double>(bfloat16_to_float(static_cast<const uint16_t*>(at)[i]));
    default: return static_cast<double>(static_cast<const float*>(at)[i]);
  }
}
inline void store(void* at, int64_t i, int type, double x) {
  switch (type) {
    case kDouble: static_cast<double*>(at)[i] = x; break;
    case kHalf: static_cast<uint16_t*>(at)[i] = float_to_half(static_cast<float>(x)); break;
    case kBfloat16: static_cast<uint16_t*>(at)[i] = float_to_bfloat16(static_cast<float>(x)); break;
    default: static_cast<float*>(at)[i] = static_cast<float>(x);
  }
}
// Calls the body with every place within the sizes.
template <class Body>
void each(const std::vector<int64_t>& size, Body body) {
  std::vector<int64_t> at(size.size());
  for (;;) {
    body(at);
    size_t i = size.size();
    while (i > 0 && ++at[i - 1] == size[i - 1]) at[--i] = 0;
    if (i == 0) return;
  }
}
inline int64_t offset(const std::vector<int64_t>& at, const std::vector<int64_t>& stride) {
  int64_t sum = 0;
  for (size_t i = 0; i < at.size(); ++i) sum += at[i] * stride[i];
  return sum;
}

struct Laid {
  std::vector<int64_t> size, stride;
  void* memory;
  int type;
};

// ---- attention (dnn_attention.cc) ----

using Place = std::function<Laid(const Fake& tensor)>;   // its memory

// Whether the sizes of one of its operations go together; true of others.
bool attention_fits(const Fake& operation);
// "attend", "attend back", "attend back, the same bits": what cuDNN's engines know these operations by; "" where they know none.
std::string attention_of(const std::vector<const Fake*>& operations);
// Whether an engine takes tensors of such dtypes and layouts.
bool attention_taken(const std::vector<const Fake*>& operations);
// One operation behind the other, in double, rounded as each tensor says.
void attended(const std::vector<const Fake*>& operations, const Place&);

}  // namespace ninefold::cuda
