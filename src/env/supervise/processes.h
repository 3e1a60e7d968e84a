// In: /proc. Out: the processes of one pid namespace, seen from outside, and their sizes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ninefold::env::supervise {

std::string proc_text(pid_t pid, const char* file);  // empty where it cannot be read
std::string space_of(pid_t pid);                     // names its pid namespace
std::vector<pid_t> members(const std::string& space);
std::uint64_t resident(pid_t pid);      // bytes; shared pages count in every process
std::uint64_t proportional(pid_t pid);  // bytes; a page shared by two counts half in each. Dear to read

}  // namespace ninefold::env::supervise
