// In: bytes of a cache. Out: entries, and bytes again. Numbers are this machine's, as the C library writes them:
//   [old table, up to glibc 2.31]   "glibc-ld.so.cache1.1"  count  bytes of names  flags ...  entries  names
#include "env/run/linker_cache.h"

#include <algorithm>
#include <cstring>

namespace ninefold::env::run {
namespace {

constexpr char kOld[] = "ld.so-1.7.0", kNew[] = "glibc-ld.so.cache1.1";
constexpr std::size_t kOldHeader = 16, kOldEntry = 12, kHeader = 48, kEntry = 24;
// Entries for some processors only point into a part of the file that is not kept; the plain library beside them is.
constexpr std::uint64_t kForSomeProcessors = 1ull << 62;
#if defined(__aarch64__)
constexpr std::int32_t kLibrary = 0x0a03;
#else
constexpr std::int32_t kLibrary = 0x0303;
#endif

template <class T>
T number_at(const std::string& bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

bool digit(char c) { return c >= '0' && c <= '9'; }

// The loader's order: numbers in names count as numbers, and any of them more than a letter.
int compare(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size()) {
    const char other = j < b.size() ? b[j] : '\0';
    if (digit(a[i]) && digit(other)) {
      std::uint64_t left = 0, right = 0;
      while (i < a.size() && digit(a[i])) left = left * 10 + static_cast<unsigned>(a[i++] - '0');
      while (j < b.size() && digit(b[j])) right = right * 10 + static_cast<unsigned>(b[j++] - '0');
      if (left != right) return left < right ? -1 : 1;
    } else if (digit(a[i]) || digit(other)) {
      return digit(a[i]) ? 1 : -1;
    } else if (a[i] != other) {
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(other) ? -1 : 1;
    } else {
      ++i, ++j;
    }
  }
  return j < b.size() ? -1 : 0;
}

Error damaged(const char* how) {
  return Error(Code::data_loss, std::string("ld.so.cache: ") + how + "; `ldconfig` writes it anew");
}

}  // namespace

Result<std::vector<CacheEntry>> parse_linker_cache(const std::string& bytes) {
  std::vector<CacheEntry> entries;
  if (bytes.empty()) return entries;
  std::size_t start = 0;
  if (bytes.size() >= kOldHeader && bytes.compare(0, sizeof kOld - 1, kOld) == 0) {
    start = kOldHeader + kOldEntry * static_cast<std::size_t>(number_at<std::uint32_t>(bytes, 12));
    start = (start + 7) & ~std::size_t{7};
  }
  if (bytes.size() < kHeader || start > bytes.size() - kHeader || bytes.compare(start, sizeof kNew - 1, kNew) != 0)
    return damaged("it is not in the format of glibc 2.2 and later");
  const std::size_t count = number_at<std::uint32_t>(bytes, start + 20);
  if (count > (bytes.size() - start - kHeader) / kEntry) return damaged("it names more libraries than it holds");
  const auto text_at = [&](std::uint32_t offset, std::string& into) {
    const std::size_t at = start + offset;
    const std::size_t end = at < bytes.size() ? bytes.find('\0', at) : std::string::npos;
    if (end == std::string::npos || end - at > 4096) return false;
    into = bytes.substr(at, end - at);
    return true;
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = start + kHeader + i * kEntry;
    CacheEntry entry;
    entry.flags = number_at<std::int32_t>(bytes, at);
    entry.os_version = number_at<std::uint32_t>(bytes, at + 12);
    entry.hwcap = number_at<std::uint64_t>(bytes, at + 16);
    if (!text_at(number_at<std::uint32_t>(bytes, at + 4), entry.name) || !text_at(number_at<std::uint32_t>(bytes, at + 8), entry.path))
      return damaged("a name lies outside of it");
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string linker_cache_text(std::vector<CacheEntry> entries) {
  // The search is by halves, from the greatest name to the least.
  std::stable_sort(entries.begin(), entries.end(), [](const CacheEntry& a, const CacheEntry& b) {
    const int order = compare(a.name, b.name);
    return order != 0 ? order > 0 : a.flags != b.flags ? a.flags > b.flags : a.hwcap > b.hwcap;
  });
  std::string names, table;
  const std::size_t begin = kHeader + kEntry * entries.size();
  const auto put = [&](const std::string& text) {
    append(table, static_cast<std::uint32_t>(begin + names.size()));
    names += text + '\0';
  };
  for (const CacheEntry& entry : entries) {
    append(table, entry.flags);
    put(entry.name), put(entry.path);
    append(table, entry.os_version), append(table, entry.hwcap);
  }
  std::string bytes(kNew);
  append(bytes, static_cast<std::uint32_t>(entries.size()));
  append(bytes, static_cast<std::uint32_t>(names.size()));
  append(bytes, std::uint32_t{2});  // least byte first
  append(bytes, std::uint32_t{0});  // no further parts
  bytes.resize(kHeader);
  return bytes + table + names;
}

std::string with_libraries(const std::string& bytes, const std::vector<CacheEntry>& added) {
  const Result<std::vector<CacheEntry>> read = parse_linker_cache(bytes);
  std::vector<CacheEntry> entries = read ? read.value() : std::vector<CacheEntry>();
  std::erase_if(entries, [&](const CacheEntry& old) {
    return (old.hwcap & kForSomeProcessors) != 0 ||
           std::any_of(added.begin(), added.end(), [&](const CacheEntry& mine) { return mine.name == old.name && old.flags == kLibrary; });
  });
  for (CacheEntry mine : added) {
    mine.flags = kLibrary;
    entries.push_back(std::move(mine));
  }
  return linker_cache_text(std::move(entries));
}

}  // namespace ninefold::env::run
