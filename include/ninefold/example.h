// In: bytes of tf.train.Example and the messages in it. Out: their features, without a copy; fields of any message; and
// lists of values as bytes. Field numbers are TensorFlow's (tensorflow/core/example/*.proto). Nothing here trusts bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ninefold/error.h"

namespace ninefold::wire {

enum class ListKind : uint8_t { none, bytes, floats, ints, other };   // the field numbers of a Feature's lists

// The fields of a message one after another. next() is false at the end, and where the bytes are no message: see good().
class NINEFOLD_API Fields {
 public:
  explicit Fields(std::string_view message) : rest_(message) {}
  bool next();
  bool good() const { return good_; }
  uint32_t number() const { return number_; }
  int type() const { return type_; }              // 0 varint, 1 eight bytes, 2 a length and bytes, 5 four bytes
  uint64_t integer() const { return integer_; }   // of types 0, 1, 5
  std::string_view bytes() const { return bytes_; }

 private:
  bool varint(uint64_t* v);
  std::string_view rest_, bytes_;
  uint64_t integer_ = 0;
  uint32_t number_ = 0;
  int type_ = 0;
  bool good_ = true;
};

struct FeatureView {
  ListKind kind = ListKind::none;
  std::string_view list;   // the bytes of its list
};
using FeatureBytes = std::vector<std::pair<std::string_view, std::string_view>>;

// Keys and the bytes of their features in the order of an Example's bytes; of a key that stands twice the last one
// counts. False where the bytes are no Example: as TensorFlow's own reader it takes no unknown fields among the features.
// What is in a feature is left to read_feature.
NINEFOLD_API bool read_example(std::string_view example, FeatureBytes& out);
// Its kind is told even where the list is cut off, which gives false; `other` where it begins with something else.
NINEFOLD_API bool read_feature(std::string_view feature, FeatureView& out);
// The values of a list, added to `out`; false where the bytes are no such list.
NINEFOLD_API bool read_list(std::string_view list, std::vector<std::string_view>& out);
NINEFOLD_API bool read_list(std::string_view list, std::vector<float>& out);
NINEFOLD_API bool read_list(std::string_view list, std::vector<int64_t>& out);

NINEFOLD_API void append_varint(std::string& into, uint64_t v);
NINEFOLD_API void append_bytes(std::string& into, uint32_t field, std::string_view bytes);
NINEFOLD_API std::string list_bytes(const std::vector<float>& values);     // packed
NINEFOLD_API std::string list_bytes(const std::vector<int64_t>& values);   // packed

}  // namespace ninefold::wire
