// In: one request. Out: the answer, or an Error that tells why there is none. libcurl is opened at the first
// request: every other verb starts without it and its thirty libraries, and runs where it is not installed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ninefold::env::registry {

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Accept: ..."
  std::string body;                  // what is sent; or, where file >= 0, `size` bytes of it from `offset` on
  int file = -1;
  std::uint64_t offset = 0, size = 0;
  // Takes the bytes of a 2xx answer as they come; what it throws ends the request. Without it they are
  // gathered in Response::body.
  std::function<void(long status, std::string_view bytes)> sink;
  std::function<void(std::uint64_t sent)> sent;  // of the body, so far
};

struct Response {
  long status = 0;
  std::map<std::string, std::string> headers;  // names lower-case; repeated ones joined by ", "
  std::string body;                            // at most kMostText bytes; more is an error
  std::string header(const std::string& name) const;
};

inline constexpr std::size_t kMostText = 8 << 20;

class Http {
 public:
  // `ca`: a PEM file of authorities beside the system's. `plain`: unencrypted requests may go to any host.
  Http(std::string operation, std::string ca, bool plain);
  ~Http();
  // Follows redirects, without Authorization to another host. Errors: unavailable where another try may
  // help; failed_precondition where the server does not speak TLS; permission_denied where it is not the
  // one that it should be.
  Response perform(const Request& request);

 private:
  std::string operation_, ca_;
  bool plain_;
  void* handle_ = nullptr;
};

// "https://registry.example:5000" of a URL; empty if it is none that we speak.
std::string origin_of(const std::string& url);

}  // namespace ninefold::env::registry
