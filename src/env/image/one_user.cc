// In: the lines of /etc/passwd and /etc/group. Out: those of others, then the user's.
#include "env/image/one_user.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ninefold::env::image {

std::string with_user(const std::string& passwd, const std::string& user, const std::string& home, std::uint32_t id, std::uint32_t group) {
  std::string text;
  for (const std::string_view line : split(passwd, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 7 || fields[0] == user || fields[2] == std::to_string(id)) continue;
    text.append(line).append("\n");
  }
  return text + fmt::format("{}:x:{}:{}::{}:/bin/bash\n", user, id, group, home);
}

std::string with_group(const std::string& group, const std::string& user, std::uint32_t id) {
  std::string text;
  for (const std::string_view line : split(group, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 4 || fields[0] == user || fields[2] == std::to_string(id)) continue;
    text.append(line).append("\n");
  }
  return text + fmt::format("{}:x:{}:\n", user, id);
}

}  // namespace ninefold::env::image
