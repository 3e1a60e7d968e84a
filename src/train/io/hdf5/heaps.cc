// In: addresses of heaps. Out: names and texts of theirs, each within its heap.
#include "train/io/hdf5/heaps.h"

namespace ninefold::io::hdf5 {

LocalHeap::LocalHeap(Source& source, std::uint64_t address) : source_(source) {
  const auto lengths = static_cast<std::uint64_t>(source.length_bytes());
  const auto addresses = static_cast<std::uint64_t>(source.address_bytes());
  const std::string head = source.read(address, 8 + 2 * lengths + addresses, "heap of names");
  Cursor in(source, head, "heap of names");
  in.mark("HEAP");
  in.version(0);
  in.skip(3);
  const std::uint64_t size = in.length();
  in.skip(lengths);  // the list of free space
  data_ = source.read(in.address(), size, "heap of names");
}

std::string LocalHeap::text(std::uint64_t offset) const {
  if (offset >= data_.size()) source_.damaged("a name is at byte {} of a heap of {}", offset, data_.size());
  const std::size_t end = data_.find('\0', offset);
  if (end == std::string::npos) source_.damaged("a name has no end in its heap");
  source_.charge(end - offset);
  return data_.substr(offset, end - offset);
}

const GlobalHeaps::Heap& GlobalHeaps::heap(std::uint64_t address) {
  const auto known = heaps_.find(address);
  if (known != heaps_.end()) return known->second;
  constexpr const char* kWhat = "heap of texts";
  const auto lengths = static_cast<std::uint64_t>(source_.length_bytes());
  std::uint64_t size;
  {
    const std::string head = source_.read(address, 8 + lengths, kWhat);
    Cursor in(source_, head, kWhat);
    in.mark("GCOL");
    in.version(1);
    in.skip(3);
    size = in.length();
  }
  Heap& heap = heaps_[address];
  heap.data = source_.read(address, size, kWhat);
  Cursor in(source_, heap.data, kWhat);
  in.skip(8 + lengths);
  while (in.left() >= 8 + lengths) {
    const std::uint64_t index = in.number(2);
    in.skip(6);
    const std::uint64_t bytes = in.length();
    if (index == 0) break;  // free space, up to the end
    if (bytes > in.left()) source_.damaged("a text of {} bytes is not inside its heap", bytes);
    const std::string_view text = in.take(bytes);
    in.skip(std::min<std::uint64_t>((8 - bytes % 8) % 8, in.left()));
    if (!heap.objects.emplace(index, text).second) source_.damaged("two texts of a heap have number {}", index);
  }
  return heap;
}

std::string_view GlobalHeaps::object(std::uint64_t address, std::uint64_t index) {
  const Heap& found = heap(address);
  const auto object = found.objects.find(index);
  if (object == found.objects.end()) source_.damaged("a heap has no text number {}", index);
  return object->second;
}

}  // namespace ninefold::io::hdf5
