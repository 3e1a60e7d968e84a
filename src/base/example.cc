// In: bytes of tf.train.Example. Out: its features and their values, or that the bytes are none.
#include "ninefold/example.h"

#include <bit>
#include <cstring>

namespace ninefold::wire {

bool Fields::varint(uint64_t* v) {
  *v = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    *v |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (!(byte & 0x80)) return true;
  }
  return false;
}

bool Fields::next() {
  if (rest_.empty() || !good_) return false;
  uint64_t tag = 0;
  good_ = false;
  if (!varint(&tag) || tag > UINT32_MAX || tag >> 3 == 0) return false;
  number_ = static_cast<uint32_t>(tag >> 3);
  type_ = static_cast<int>(tag & 7);
  const auto take = [&](uint64_t n) {
    if (n > rest_.size()) return false;
    bytes_ = rest_.substr(0, static_cast<size_t>(n));
    rest_.remove_prefix(static_cast<size_t>(n));
    return true;
  };
  switch (type_) {
    case 0: good_ = varint(&integer_); break;
    case 2: good_ = varint(&integer_) && take(integer_); break;
    case 1: case 5:
      good_ = take(type_ == 1 ? 8 : 4);
      integer_ = 0;
      for (size_t i = 0; good_ && i < bytes_.size(); ++i) integer_ |= static_cast<uint64_t>(static_cast<unsigned char>(bytes_[i])) << (8 * i);
      break;
    default: break;   // groups, and what is nothing
  }
  return good_;
}

bool read_feature(std::string_view feature, FeatureView& out) {
  if (feature.empty()) return true;
  const int tag = static_cast<unsigned char>(feature[0]);
  const bool known = tag == 0x0A || tag == 0x12 || tag == 0x1A;   // fields 1 to 3, with a length
  out.kind = known ? static_cast<ListKind>(tag >> 3) : ListKind::other;
  Fields f(feature);
  if (!known || !f.next()) return !known;
  out.list = f.bytes();
  return true;
}

bool read_example(std::string_view example, FeatureBytes& out) {
  Fields e(example);
  while (e.next()) {
    if (e.number() != 1 || e.type() != 2) continue;
    Fields features(e.bytes());
    while (features.next()) {
      if (features.number() != 1 || features.type() != 2) return false;
      std::string_view key, feature;
      Fields entry(features.bytes());
      while (entry.next()) {
        if (entry.type() != 2 || entry.number() > 2) return false;
        if (entry.number() == 1) key = entry.bytes();
        if (entry.number() == 2) feature = entry.bytes();
      }
      if (!entry.good()) return false;
      out.emplace_back(key, feature);
    }
    if (!features.good()) return false;
  }
  return e.good();
}

bool read_list(std::string_view list, std::vector<std::string_view>& out) {
  Fields f(list);
  while (f.next()) {
    if (f.number() != 1 || f.type() != 2) return false;
    out.push_back(f.bytes());
  }
  return f.good();
}

bool read_list(std::string_view list, std::vector<float>& out) {
  Fields f(list);
  while (f.next()) {
    if (f.number() != 1) return false;
    if (f.type() == 5) {
      out.push_back(std::bit_cast<float>(static_cast<uint32_t>(f.integer())));
    } else if (f.type() == 2 && f.bytes().size() % 4 == 0) {
      const size_t before = out.size(), n = f.bytes().size() / 4;
      out.resize(before + n);
      if (n) std::memcpy(out.data() + before, f.bytes().data(), n * 4);
    } else {
      return false;
    }
  }
  return f.good();
}

bool read_list(std::string_view list, std::vector<int64_t>& out) {
  Fields f(list);
  while (f.next()) {
    if (f.number() != 1) return false;
    if (f.type() == 0) {
      out.push_back(static_cast<int64_t>(f.integer()));
    } else if (f.type() == 2) {
      std::string_view s = f.bytes();
      while (!s.empty()) {
        uint64_t v = 0;
        int shift = 0;
        bool more = true;
        for (; more && shift < 64 && !s.empty(); shift += 7, s.remove_prefix(1)) {
          const auto byte = static_cast<unsigned char>(s.front());
          v |= static_cast<uint64_t>(byte & 0x7F) << shift;
          more = byte & 0x80;
        }
        if (more) return false;
        out.push_back(static_cast<int64_t>(v));
      }
    } else {
      return false;
    }
  }
  return f.good();
}

void append_varint(std::string& into, uint64_t v) {
  for (; v >= 0x80; v >>= 7) into += static_cast<char>(v | 0x80);
  into += static_cast<char>(v);
}
void append_bytes(std::string& into, uint32_t field, std::string_view bytes) {
  append_varint(into, field << 3 | 2);
  append_varint(into, bytes.size());
  into.append(bytes);
}
std::string list_bytes(const std::vector<float>& values) {
  std::string out;
  if (!values.empty()) append_bytes(out, 1, {reinterpret_cast<const char*>(values.data()), values.size() * 4});
  return out;
}
std::string list_bytes(const std::vector<int64_t>& values) {
  std::string packed, out;
  for (int64_t v : values) append_varint(packed, static_cast<uint64_t>(v));
  if (!values.empty()) append_bytes(out, 1, packed);
  return out;
}

}  // namespace ninefold::wire
