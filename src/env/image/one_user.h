// In: a user database. Out: the same with the one user of every environment in it, whatever it said of his id or name.
#pragma once

#include <cstdint>
#include <string>

namespace ninefold::env::image {

inline constexpr std::uint32_t kUserId = 1000;
inline constexpr const char* kUserName = "devuser";  // of containers that nobody gave another name

std::string with_user(const std::string& passwd, const std::string& user, const std::string& home, std::uint32_t id = kUserId, std::uint32_t group = kUserId);
std::string with_group(const std::string& group, const std::string& user, std::uint32_t id = kUserId);

}  // namespace ninefold::env::image
