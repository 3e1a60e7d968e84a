// In: keys with values. Out: the bytes that cross between host, supervisor and PID 1, and back.
// Used inside the static programs too: nothing but the standard library and the kernel.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ninefold::env::supervise {

// "key=value" pieces, each ended by a zero byte. A key may repeat (arg, env). No value holds a zero.
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string pack(const Fields& fields);
// False for bytes that pack() never makes; `fields` is then empty. Any bytes are safe.
bool unpack(std::string_view bytes, Fields& fields);

std::string first(const Fields& fields, std::string_view key, std::string_view otherwise = {});
std::vector<std::string> every(const Fields& fields, std::string_view key);

// One message on a stream socket: its length (4 bytes, little-endian), then pack(). Descriptors travel
// with the first byte. False at the end of the stream, after an error or for a malformed message.
bool send_message(int socket, const Fields& fields, const std::vector<int>& descriptors = {});
bool receive_message(int socket, Fields& fields, std::vector<int>* descriptors = nullptr);

// The address of a socket below a folder of any depth: sun_path holds 107 bytes only, so both ends go
// through the folder's descriptor. Return -1 with errno.
int listen_at(const std::string& folder, const std::string& name);
int connect_to(const std::string& folder, const std::string& name);

}  // namespace ninefold::env::supervise
