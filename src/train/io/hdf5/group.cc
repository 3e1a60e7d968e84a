// In: messages of an object. Out: links of old groups (a B-tree and a heap of names) and of new ones (messages, or a
// fractal heap of them); attributes likewise.
#include "train/io/hdf5/group.h"

#include <utility>

#include "train/io/hdf5/heaps.h"

namespace ninefold::io::hdf5 {
namespace {

void add(const Source& source, Links& links, std::string name, Link link) {
  if (!links.emplace(name, std::move(link)).second) source.damaged("two links of a group are named '{}'", name);
}

// One leaf of an old group.
void symbols(Source& source, std::uint64_t address, const LocalHeap& names, Links& links) {
  constexpr const char* kWhat = "list of links";
  const auto addresses = static_cast<std::uint64_t>(source.address_bytes());
  const std::string head = source.read(address, 8, kWhat);
  Cursor in(source, head, kWhat);
  in.mark("SNOD");
  in.version(1);
  in.skip(1);
  const std::uint64_t count = in.number(2);
  const std::string bytes = source.read(address + 8, count * (2 * addresses + 24), kWhat);
  in = Cursor(source, bytes, kWhat);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t name = in.address();
    Link link;
    link.address = in.address();
    const std::uint64_t kind = in.number(4);
    in.skip(4);
    const std::uint64_t target = in.number(4);
    in.skip(12);
    if (kind > 2) source.damaged("a link is of kind {}", kind);
    if (kind == 2) link = {kNowhere, names.text(target), false};
    add(source, links, names.text(name), std::move(link));
  }
}

void old_group(Source& source, std::uint64_t address, int level, const LocalHeap& names, Links& links) {
  constexpr const char* kWhat = "tree of links";
  const auto addresses = static_cast<std::uint64_t>(source.address_bytes());
  const auto lengths = static_cast<std::uint64_t>(source.length_bytes());
  const std::string head = source.read(address, 8 + 2 * addresses, kWhat);
  Cursor in(source, head, kWhat);
  in.mark("TREE");
  const int type = in.byte(), here = in.byte();
  const std::uint64_t entries = in.number(2);
  if (type != 0 || (level >= 0 && here != level)) source.damaged("a {} has a node of another kind or level", kWhat);
  const std::string bytes = source.read(address + 8 + 2 * addresses, entries * (lengths + addresses), kWhat);
  in = Cursor(source, bytes, kWhat);
  for (std::uint64_t i = 0; i < entries; ++i) {
    in.skip(lengths);
    const std::uint64_t child = in.address();
    if (here == 0) symbols(source, child, names, links);
    else old_group(source, child, here - 1, names, links);
  }
}

void link_message(const Source& source, std::string_view body, Links& links) {
  Cursor in(source, body, "link");
  in.version(1);
  const int flags = in.byte(), kind = (flags & 8) != 0 ? in.byte() : 0;
  if ((flags & 4) != 0) in.skip(8);
  if ((flags & 16) != 0) in.skip(1);
  std::string name(in.take(in.number(1 << (flags & 3))));
  Link link;
  if (kind == 0) {
    link.address = in.address();
  } else if (kind == 1) {
    link.to = in.take(in.number(2));
  } else {
    link.outside = true;
  }
  add(source, links, std::move(name), std::move(link));
}

// Where many links or attributes are: a heap of them and a tree of their names.
template <class F>
void dense(Source& source, int info, std::string_view body, int record_type, F&& each) {
  Cursor in(source, body, info == kLinkInfo ? "list of links" : "list of attributes");
  in.version(0);
  if ((in.byte() & 1) != 0) in.skip(info == kLinkInfo ? 8 : 2);
  const std::uint64_t heap_address = in.address(), tree = in.address();
  if (heap_address == kNowhere || tree == kNowhere) return;
  FractalHeap heap(source, heap_address);
  each_record(source, tree, record_type, [&](Cursor record) {
    if (info == kLinkInfo) {
      record.skip(4);  // what its name hashes to
      each(heap.object(record.take(7)));
      return;
    }
    const std::string_view id = record.take(8);
    if ((record.byte() & 2) != 0) {
      source.unsupported("attributes that are shared in a heap of the whole file are not supported; write it with "
                         "h5py's defaults");
    }
    each(heap.object(id));
  });
}

std::string attribute_name(const Source& source, std::string_view body) {
  Cursor in(source, body, "attribute");
  const int version = in.byte();
  if (version < 1 || version > 3) source.damaged("an attribute has version {}", version);
  in.skip(1);
  const std::uint64_t size = in.number(2);
  in.skip(version == 3 ? 5 : 4);
  const std::string_view name = in.take(size);
  return std::string(name.substr(0, name.find('\0')));
}

}  // namespace

Links read_links(Source& source, const Object& object) {
  Links links;
  if (const Message* table = find(object, kSymbolTable)) {
    Cursor in(source, table->body, "group");
    const std::uint64_t tree = in.address();
    const LocalHeap names(source, in.address());
    old_group(source, tree, -1, names, links);
  }
  for (const Message& message : object) {
    if (message.type == kLink) link_message(source, message.body, links);
  }
  if (const Message* info = find(object, kLinkInfo)) {
    dense(source, kLinkInfo, info->body, 5, [&](const std::string& body) { link_message(source, body, links); });
  }
  return links;
}

Attributes read_attributes(Source& source, const Object& object) {
  Attributes found;
  const auto add = [&](std::string body) {
    const std::string name = attribute_name(source, body);
    if (!found.emplace(name, std::move(body)).second) source.damaged("two attributes are named '{}'", name);
  };
  for (const Message& message : object) {
    if (message.type == kAttribute) add(body_of(source, kAttribute, message.shared, message.body));
  }
  if (const Message* info = find(object, kAttributeInfo)) dense(source, kAttributeInfo, info->body, 8, add);
  return found;
}

Attribute read_attribute(Source& source, const std::string& body) {
  Cursor in(source, body, "attribute");
  const int version = in.byte(), flags = in.byte();
  const std::uint64_t name = in.number(2), type = in.number(2), space = in.number(2);
  if (version == 3) in.skip(1);
  const auto padded = [&](std::uint64_t size) {
    const std::string_view taken = in.take(size);
    if (version == 1) in.skip((8 - size % 8) % 8);
    return taken;
  };
  padded(name);
  const bool may_share = version > 1;
  const std::string type_body = body_of(source, kDatatype, may_share && (flags & 1) != 0, padded(type));
  const std::string space_body = body_of(source, kDataspace, may_share && (flags & 2) != 0, padded(space));
  Attribute attribute{read_datatype(source, type_body), read_dataspace(source, space_body), {}};
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(attribute.space.count, attribute.type.size, &bytes) || bytes > in.left()) {
    source.damaged("an attribute of {} elements has {} bytes", attribute.space.count, in.left());
  }
  attribute.data = in.take(bytes);
  return attribute;
}

}  // namespace ninefold::io::hdf5
