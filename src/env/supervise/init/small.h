// In: paths and descriptors. Out: the few file operations that the programs inside share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {

std::string slurp(const std::string& path);  // empty where it cannot be read
bool write_whole(int fd, const std::string& bytes);
// Temporary file, fsync, rename, fsync of the folder.
bool write_durably(const std::string& folder, const std::string& name, const std::string& bytes);
std::int64_t now_ms();
// Field 22 of /proc/PID/stat, 0 where the process is gone.
std::uint64_t began(std::int64_t pid);
// The fields of a packed file; empty where it is missing or damaged.
Fields packed_file(const std::string& path);
// A pseudo terminal of the environment's own; false with errno.
bool open_terminal(int& master, int& slave);
// All signals at their defaults and unblocked, as a program expects them.
void default_signals();

int pid1();
int supervise();
int launch(const std::string& kind, const std::string& id);
int container(const std::vector<std::string>& command);
int probe(const std::vector<std::string>& targets);

}  // namespace ninefold::env::supervise
