// In: a lock, and prefixes that its wheels were installed into. Out: which byte code belongs to which wheel,
// and the name under which it is kept; what of Debian the interpreter consists of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "env/image/manifest.h"
#include "env/lock/lock.h"

namespace ninefold::env::image {

// Where the wheels of a layer go.
enum class Prefix { tools, python, ninefold };
struct Place {
  std::string path;  // "/opt/env"
  std::string site;  // where its modules lie
  const std::vector<Input>* wheels;
  bool venv;
};
Place place_of(const Lock& lock, Prefix prefix);

// Names and digests of the packages that decide how Python source becomes byte code.
std::string interpreter_of(const Lock& lock);

// Pure: those of `all` that `roots` need by the archive's stanzas, themselves included, in the order of `all`.
std::vector<Input> closure(const std::string& stanzas, const std::vector<Input>& all, const std::vector<std::string>& roots);

// The name of a wheel's byte code in Cache::wheels: what it was compiled from, by what, for which place.
// The place counts because byte code carries the path of its source.
std::string wheel_key(const Lock& lock, const Input& wheel, const Place& place);
std::vector<std::string> wheel_keys(const Lock& lock);

struct Sources {
  const Input* wheel = nullptr;    // null: installed under a name that the lock lacks
  bool as_packed = true;           // every file is the one that the wheel's RECORD names
  std::vector<std::string> files;  // its modules but for those of its tests, by path in the manifest, sorted
  std::uint64_t size = 0;          // of all of them
};
// Reads the RECORD of each distribution below `site` ("opt/env/lib/..."; bytes by the manifest's sources)
// and holds it against the manifest, which needs digests of *.py.
std::vector<Sources> sources_of(const Manifest& manifest, const Place& place);

// "a/__pycache__/b.cpython-311.pyc" for "a/b.py".
std::string byte_code_path(const std::string& source, const std::string& python);

// Pure: the first field and the hash of a RECORD's line, quotes taken off; two empty strings for no line.
std::pair<std::string, std::string> record_fields(std::string_view line);

}  // namespace ninefold::env::image
