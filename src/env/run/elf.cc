// In: any file. Out: its DT_SONAME. Read from the program headers, as the loader does: section headers may be stripped.
#include "env/run/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/fd.h"

namespace ninefold::env::run {
namespace {

constexpr std::size_t kMostHeaders = 256, kMostEntries = 4096;  // of any library there is

template <class T>
bool read_at(const Fd& file, std::uint64_t offset, T* into, std::size_t count = 1) {
  const std::size_t size = sizeof(T) * count;
  return offset < (1ull << 40) && ::pread(file.get(), into, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

}  // namespace

std::string soname_of(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  Elf64_Ehdr header{};
  if (!file || !read_at(file, 0, &header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_type != ET_DYN || header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMostHeaders)
    return {};
  std::vector<Elf64_Phdr> parts(header.e_phnum);
  if (!read_at(file, header.e_phoff, parts.data(), parts.size())) return {};
  std::uint64_t strings = 0, name = 0;
  bool named = false;
  for (const Elf64_Phdr& part : parts) {
    if (part.p_type != PT_DYNAMIC) continue;
    std::vector<Elf64_Dyn> entries(std::min<std::uint64_t>(part.p_filesz / sizeof(Elf64_Dyn), kMostEntries));
    if (!read_at(file, part.p_offset, entries.data(), entries.size())) return {};
    for (const Elf64_Dyn& entry : entries) {
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_STRTAB) strings = entry.d_un.d_ptr;
      if (entry.d_tag == DT_SONAME) name = entry.d_un.d_val, named = true;
    }
  }
  if (!named) return {};
  for (const Elf64_Phdr& part : parts) {  // an address in memory, as a place in the file
    if (part.p_type != PT_LOAD || strings < part.p_vaddr || strings - part.p_vaddr >= part.p_filesz) continue;
    char text[256] = {};
    if (::pread(file.get(), text, sizeof text - 1, static_cast<off_t>(part.p_offset + (strings - part.p_vaddr) + name)) <= 0) return {};
    // A name with a slash would lead out of the folder that it is put into.
    return std::strchr(text, '/') || text[0] == '.' ? std::string() : std::string(text);
  }
  return {};
}

}  // namespace ninefold::env::run
