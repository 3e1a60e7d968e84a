// In: the address of an object header, version 1 or 2. Out: its messages, from all blocks of it.
#include "train/io/hdf5/object.h"

#include <utility>

namespace ninefold::io::hdf5 {
namespace {

constexpr std::size_t kMostMessages = 1 << 16, kMostBlocks = 1 << 12;

struct Block {
  std::uint64_t address, size;
};

// The messages of one block; continuations join `blocks`. `extra`: bytes in front of each body in version 2.
void read_messages(const Source& source, Cursor in, int version, std::uint64_t extra, Object& object,
                   std::vector<Block>& blocks) {
  const std::uint64_t head = version == 1 ? 8 : 4 + extra;
  while (in.left() >= head) {
    Message message;
    message.type = version == 1 ? static_cast<int>(in.number(2)) : in.byte();
    const std::uint64_t size = in.number(2);
    const int flags = in.byte();
    message.shared = (flags & 2) != 0;
    in.skip(head - (version == 1 ? 5 : 4));
    const std::string_view body = in.take(size);
    if (message.type == kNothing) continue;
    if ((flags & 0x80) != 0 && message.type > kCacheImage) {
      source.unsupported("an object has a message of type {} that must be understood, and is not supported",
                         message.type);
    }
    if (message.type == kContinuation) {
      Cursor where(source, body, "continuation");
      const std::uint64_t address = where.address();
      blocks.push_back({address, where.length()});
      if (blocks.size() > kMostBlocks) source.damaged("an object has more than {} continuations", kMostBlocks);
      continue;
    }
    message.body = body;
    object.push_back(std::move(message));
    if (object.size() > kMostMessages) source.damaged("an object has more than {} messages", kMostMessages);
  }
}

}  // namespace

Object read_object(Source& source, std::uint64_t address) {
  constexpr const char* kWhat = "header of an object";
  Object object;
  std::vector<Block> blocks;
  std::string bytes = source.read(address, 12, kWhat);
  if (!bytes.starts_with("OHDR")) {
    Cursor in(source, bytes, kWhat);
    if (const int version = in.byte(); version != 1) {
      source.damaged("there is no object header at byte {}, where one is named", address);
    }
    in.skip(7);  // a reserved byte, how many messages (which the blocks tell), how many links
    blocks.push_back({address + 16, in.number(4)});
    for (std::size_t i = 0; i < blocks.size(); ++i) {  // grows while it is walked
      bytes = source.read(blocks[i].address, blocks[i].size, kWhat);
      read_messages(source, Cursor(source, bytes, kWhat), 1, 0, object, blocks);
    }
    return object;
  }
  // Version 2: every block has a checksum of its own.
  const int flags = static_cast<unsigned char>(bytes[5]);
  const std::uint64_t extra = (flags & 4) != 0 ? 2 : 0;  // an order of creation
  const int width = 1 << (flags & 3);
  const std::uint64_t head = 6u + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
  bytes = source.read(address, head + static_cast<std::uint64_t>(width), kWhat);
  Cursor in(source, bytes, kWhat);
  in.mark("OHDR");
  in.version(2);
  in.skip(head - 5);
  const std::uint64_t size = in.number(width), start = head + static_cast<std::uint64_t>(width);
  if (!source.holds(address, start) || !source.holds(address + start, size)) {
    source.damaged("an object header of {} bytes at byte {} is not inside the file", size, address);
  }
  blocks.push_back({address, start + size + 4});
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    bytes = source.read(blocks[i].address, blocks[i].size, kWhat);
    verify(source, bytes, kWhat);
    Cursor block(source, std::string_view(bytes).substr(0, bytes.size() - 4), kWhat);
    if (i == 0) block.skip(start);
    else block.mark("OCHK");
    read_messages(source, block, 2, extra, object, blocks);
  }
  return object;
}

const Message* find(const Object& object, int type) {
  for (const Message& message : object) {
    if (message.type == type) return &message;
  }
  return nullptr;
}

std::string body_of(Source& source, int type, bool shared, std::string_view body) {
  if (!shared) return std::string(body);
  Cursor in(source, body, "shared message");
  const int version = in.byte(), kind = in.byte();
  if (version < 1 || version > 3) source.damaged("a shared message has version {}", version);
  if (version == 3 && kind == 1) {
    source.unsupported("messages that are shared in a heap of the whole file are not supported; write it with h5py's "
                       "defaults");
  }
  if (version == 1) in.skip(6u + static_cast<std::uint64_t>(source.length_bytes()));
  const std::uint64_t address = in.address();
  const Object owner = read_object(source, address);
  const Message* message = find(owner, type);
  if (message == nullptr || message->shared) source.damaged("a message is kept by an object that does not have it");
  return message->body;
}

}  // namespace ninefold::io::hdf5
