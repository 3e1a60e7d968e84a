// In: a layout of chunks and its filters. Out: the data set's bytes, as the file orders them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "train/io/hdf5/object.h"

namespace ninefold::io::hdf5 {

struct Chunk {
  std::uint64_t address = kNowhere, size = 0;  // as stored
  std::uint32_t mask = 0;                      // bit i: filter i was left out
  std::vector<std::uint64_t> at;               // its first element
};

// Every chunk that was written and holds elements of the data set; each place at most once.
void each_chunk(Source& source, const Layout& layout, const Dataspace& space, bool filtered,
                const std::function<void(const Chunk&)>& each);
// Undoes the filters: `size` bytes, or an error.
std::string unfiltered(const Source& source, std::string stored, const std::vector<Filter>& filters, std::uint32_t mask,
                       std::uint64_t size);
// Fills in what was written; `into` holds space.count elements of layout.element bytes.
void read_chunks(Source& source, const Layout& layout, const Dataspace& space, const std::vector<Filter>& filters,
                 const std::string& name, std::string& into, const std::string& fill);

}  // namespace ninefold::io::hdf5
