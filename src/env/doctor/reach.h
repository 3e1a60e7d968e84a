// In: a host and a port. Out: whether something takes a connection there, soon.
#pragma once

#include <string>

namespace ninefold::env::doctor {

enum class Reached { yes, refused, silent, unknown_host };
Reached reach(const std::string& host, int port, int milliseconds);

}  // namespace ninefold::env::doctor
