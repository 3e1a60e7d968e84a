// In: the header of a group or data set. Out: its links and its attributes by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "train/io/hdf5/object.h"

namespace ninefold::io::hdf5 {

struct Link {
  std::uint64_t address = kNowhere;  // of an object's header
  std::string to;                    // a soft link's path
  bool outside = false;              // names something in another file
};
using Links = std::unordered_map<std::string, Link>;
// Empty for what is no group.
Links read_links(Source& source, const Object& object);

struct Attribute {
  Datatype type;
  Dataspace space;
  std::string_view data;  // in the body
};
// Bodies of attribute messages by name; read_attribute takes one apart.
using Attributes = std::unordered_map<std::string, std::string>;
Attributes read_attributes(Source& source, const Object& object);
Attribute read_attribute(Source& source, const std::string& body);

}  // namespace ninefold::io::hdf5
