// In: paths inside an HDF5 file. Out: its contents. Objects are read when a path asks for them, and kept.
#include "train/io/hdf5/reader.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>

#include "train/io/hdf5/chunks.h"
#include "train/io/hdf5/group.h"
#include "train/io/hdf5/heaps.h"

namespace ninefold::io {

using namespace hdf5;

namespace {

constexpr std::uint64_t kPerDataSet = 128;  // what one takes of a file at least
constexpr int kMostSoftLinks = 16;  // followed for one path, as in the library

struct Node {
  Object object;
  std::optional<Links> links;
  std::optional<Attributes> attributes;
};

// What an attribute or a data set holds, as the file orders its bytes.
struct Contents {
  Datatype type;
  Dataspace space;
  std::string bytes;
  bool placed = false;  // the bytes are elsewhere
};

std::uint64_t bytes_of(const Source& source, const Datatype& type, const Dataspace& space) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(space.count, type.size, &bytes)) source.damaged("a data set has more than 2^64 bytes");
  return bytes;
}

// Little-endian, and 0 or 1 for a bool.
void in_our_order(const Datatype& type, char* bytes, std::uint64_t size) {
  for (std::uint64_t at = 0; type.big_endian && at < size; at += type.size) {
    std::reverse(bytes + at, bytes + at + type.size);
  }
  for (std::uint64_t at = 0; type.dtype == 10 && at < size; ++at) bytes[at] = bytes[at] != 0;
}

std::vector<std::int64_t> dims_of(const Dataspace& space) {
  if (space.null) return {0};  // an empty one, which is no scalar
  return {space.dims.begin(), space.dims.end()};
}

}  // namespace

struct Hdf5Reader::State {
  State(const std::string& operation, const std::string& path) : source(operation, path), texts(source) {
    if (source.extension() != kNowhere && find(read_object(source, source.extension()), kCacheImage) != nullptr) {
      source.unsupported("files with an image of the library's cache are not supported; write it with h5py's defaults");
    }
    (void)node(source.root());
  }

  Node& node(std::uint64_t address) {
    const auto known = nodes.find(address);
    if (known != nodes.end()) return known->second;
    return nodes[address] = Node{read_object(source, address), {}, {}};
  }
  Links& links_of(Node& of) {
    if (!of.links) of.links = read_links(source, of.object);
    return *of.links;
  }
  Attributes& attributes_of(Node& of) {
    if (!of.attributes) of.attributes = read_attributes(source, of.object);
    return *of.attributes;
  }

  // The object of a path, or null. `from`: where a path without a slash in front begins.
  Node* find_node(std::string_view path, std::uint64_t from, int& soft_links) {
    std::uint64_t address = path.starts_with('/') ? source.root() : from;
    while (true) {
      path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
      if (path.empty()) return &node(address);
      const std::string_view name = path.substr(0, path.find('/'));
      path.remove_prefix(name.size());
      if (name == ".") continue;
      const Links& links = links_of(node(address));
      const auto link = links.find(std::string(name));
      if (link == links.end()) return nullptr;
      if (link->second.outside) source.unsupported("'{}' is a link into another file; such links are not followed", name);
      if (link->second.to.empty()) {
        address = link->second.address;
        continue;
      }
      if (++soft_links > kMostSoftLinks) source.damaged("the link '{}' leads to itself", name);
      const std::string whole = link->second.to + std::string(path);  // what is left begins with a slash
      source.charge(whole.size());
      return find_node(whole, address, soft_links);
    }
  }
  Node* find_node(const std::string& path) {
    int soft_links = 0;
    return find_node(path, source.root(), soft_links);
  }

  std::string message(const Object& object, int type, const std::string& path) {
    const Message* found = find(object, type);
    if (found == nullptr) source.damaged("'{}' is no data set", path);
    return body_of(source, type, found->shared, found->body);
  }

  Attribute attribute(const std::string& path, const std::string& name) {
    Node* of = find_node(path);
    const std::string* body = nullptr;
    if (of != nullptr) {
      const Attributes& all = attributes_of(*of);
      if (const auto found = all.find(name); found != all.end()) body = &found->second;
    }
    check(body != nullptr, Code::value, "{}: {} holds no '{}@{}'; it was written by another program or is damaged",
          source.operation(), source.path(), path, name);
    return read_attribute(source, *body);
  }

  // `place`: asked where plain numbers go that lie in one piece; null leaves them in `bytes`.
  Contents data_set(const std::string& path, const std::function<char*(const Contents&, std::uint64_t)>& place) {
    Node* of = find_node(path);
    check(of != nullptr, Code::value, "{}: {} holds no '{}'; it was written by another program or is damaged",
          source.operation(), source.path(), path);
    const Object& object = of->object;
    source.charge(kPerDataSet);
    Contents c{read_datatype(source, message(object, kDatatype, path)),
               read_dataspace(source, message(object, kDataspace, path)), {}};
    if (c.type.kind == Datatype::other) return c;  // is told by what it is
    const Layout layout = read_layout(source, message(object, kLayout, path));
    const std::uint64_t bytes = bytes_of(source, c.type, c.space);
    if (find(object, kExternalFiles) != nullptr) source.unsupported("'{}' lies in another file; such data are not read", path);
    std::string fill;
    for (const int type : {kFill, kOldFill}) {
      const Message* told = find(object, type);
      if (told != nullptr && fill.empty()) fill = read_fill(source, type, body_of(source, type, told->shared, told->body));
    }
    if (layout.kind == Layout::chunked) {
      if (layout.chunk.size() != c.space.dims.size() || layout.element != c.type.size) {
        source.damaged("'{}' has chunks of {} dimensions and elements of {} bytes, and is of {} and {}", path,
                       layout.chunk.size(), layout.element, c.space.dims.size(), c.type.size);
      }
      std::vector<Filter> filters;
      if (const Message* packed = find(object, kFilters)) {
        filters = read_filters(source, body_of(source, kFilters, packed->shared, packed->body));
      }
      read_chunks(source, layout, c.space, filters, path, c.bytes, fill);
      return c;
    }
    if (layout.kind == Layout::compact) {
      if (layout.data.size() < bytes) source.damaged("'{}' has {} bytes of {}", path, layout.data.size(), bytes);
      c.bytes = layout.data.substr(0, bytes);
    } else if (layout.address == kNowhere) {
      source.charge_unwritten(bytes, path);
      source.charge_contents(bytes, path);
      c.bytes.assign(bytes, '\0');
      for (std::uint64_t at = 0; fill.size() == c.type.size && at < bytes; at += fill.size()) {
        std::memcpy(c.bytes.data() + at, fill.data(), fill.size());
      }
    } else {
      if (layout.size != kNowhere && layout.size < bytes) source.damaged("'{}' has {} bytes of {}", path, layout.size, bytes);
      if (!source.holds(layout.address, bytes)) source.damaged("'{}' with {} bytes is not inside the file", path, bytes);
      source.charge_contents(bytes, path);
      char* to = place && c.type.kind == Datatype::numbers ? place(c, bytes) : nullptr;
      if (to == nullptr) {
        c.bytes.resize(bytes);
        to = c.bytes.data();
      } else {
        c.placed = true;
      }
      source.read_into(layout.address, bytes, to, "data set");
    }
    return c;
  }

  void check_numbers(const Contents& c, const std::string& path) const {
    check(c.type.kind == Datatype::numbers, Code::type, "{}: {}: '{}' is {}, not an array of numbers", source.operation(),
          source.path(), path, c.type.name);
  }

  Contents contents(const std::string& path, const std::string& name) {
    if (name.empty()) return data_set(path, {});
    Attribute read = attribute(path, name);
    source.charge(read.data.size());
    return {std::move(read.type), std::move(read.space), std::string(read.data)};
  }

  Source source;
  GlobalHeaps texts;
  std::map<std::uint64_t, Node> nodes;
};

// What the machine cannot give is an error of the file's reader, not the end of the process.
template <class F>
static auto guarded(const Source& source, F&& read) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    fail(Code::resource_exhausted, "{}: {}: there is not enough memory for what it holds", source.operation(), source.path());
  } catch (const std::length_error&) {
    fail(Code::resource_exhausted, "{}: {}: there is not enough memory for what it holds", source.operation(), source.path());
  }
}

Hdf5Reader::Hdf5Reader(const std::string& operation, const std::string& path)
    : state_(std::make_unique<State>(operation, path)) {}
Hdf5Reader::Hdf5Reader(Hdf5Reader&&) noexcept = default;
Hdf5Reader::~Hdf5Reader() = default;

bool Hdf5Reader::has(const std::string& path) const {
  return guarded(state_->source, [&] { return state_->find_node(path) != nullptr; });
}

bool Hdf5Reader::has(const std::string& path, const std::string& attribute) const {
  return guarded(state_->source, [&] {
    Node* of = state_->find_node(path);
    return of != nullptr && state_->attributes_of(*of).contains(attribute);
  });
}

bool Hdf5Reader::is_text(const std::string& path, const std::string& attribute) const {
  return guarded(state_->source, [&] { return state_->attribute(path, attribute).type.dtype == 7; });
}

Hdf5Data Hdf5Reader::get(const std::string& path, const std::string& attribute) const {
  return guarded(state_->source, [&] {
    Contents c = state_->contents(path, attribute);
    state_->check_numbers(c, path);
    in_our_order(c.type, c.bytes.data(), c.bytes.size());
    return Hdf5Data{c.type.dtype, dims_of(c.space), std::move(c.bytes)};
  });
}

Hdf5Data Hdf5Reader::get_into(const std::string& path, const Place& place) const {
  return guarded(state_->source, [&] {
    char* to = nullptr;
    std::uint64_t size = 0;
    Contents c = state_->data_set(path, [&](const Contents& found, std::uint64_t bytes) {
      size = bytes;
      return to = place({found.type.dtype, dims_of(found.space), {}}, bytes);
    });
    state_->check_numbers(c, path);
    Hdf5Data data{c.type.dtype, dims_of(c.space), {}};
    if (!c.placed) {
      size = c.bytes.size();
      to = place(data, size);
      if (size > 0) std::memcpy(to, c.bytes.data(), size);
    }
    in_our_order(c.type, to, size);
    return data;
  });
}

std::vector<std::string> Hdf5Reader::get_strings(const std::string& path, const std::string& attribute) const {
  Source& source = state_->source;
  return guarded(source, [&] {
    const Contents c = state_->contents(path, attribute);
    check(c.type.dtype == 7, Code::type, "{}: {}: '{}' of '{}' is {}, not texts", source.operation(), source.path(), attribute,
          path, c.type.name);
    source.charge_contents(c.space.count * sizeof(std::string), path);
    std::vector<std::string> texts;
    Cursor in(source, c.bytes, "list of texts");
    for (std::uint64_t i = 0; i < c.space.count; ++i) {
      std::string_view text;
      if (c.type.kind == Datatype::text) {
        text = in.take(c.type.size);
      } else {
        const std::uint64_t size = in.number(4), heap = in.address(), index = in.number(4);
        if (size > 0) text = state_->texts.object(heap, index);
        if (size > text.size()) source.damaged("a text of {} bytes has {}", size, text.size());
        text = text.substr(0, size);
      }
      text = text.substr(0, text.find('\0'));
      source.charge(text.size());
      texts.emplace_back(text);
    }
    return texts;
  });
}

}  // namespace ninefold::io
