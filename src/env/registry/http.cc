// In: requests. Out: libcurl's answers, with errors that name the host and the remedy.
#include "env/registry/http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <exception>

#include "base/check.h"
#include "base/result.h"
#include "env/registry/reference.h"

namespace ninefold::env::registry {
namespace {

// What is used of libcurl. Its interface has been binary compatible since 2006 (soname 4).
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) init;
  decltype(&curl_easy_setopt) setopt;
  decltype(&curl_easy_perform) perform;
  decltype(&curl_easy_getinfo) getinfo;
  decltype(&curl_easy_reset) reset;
  decltype(&curl_easy_cleanup) cleanup;
  decltype(&curl_easy_strerror) strerror;
  decltype(&curl_slist_append) append;
  decltype(&curl_slist_free_all) free_all;
};

const Curl& curl(const std::string& operation) {
  static const Curl table = [&] {
    void* library = nullptr;
    for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"})
      if (!library) library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    check(library, Code::failed_precondition, "{}: libcurl is not installed; install the package libcurl4 and try again", operation);
    Curl found{};
    const auto bind = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      check(function, Code::failed_precondition, "{}: this libcurl has no {}; install the package libcurl4", operation, name);
    };
    bind(found.global_init, "curl_global_init");
    bind(found.init, "curl_easy_init");
    bind(found.setopt, "curl_easy_setopt");
    bind(found.perform, "curl_easy_perform");
    bind(found.getinfo, "curl_easy_getinfo");
    bind(found.reset, "curl_easy_reset");
    bind(found.cleanup, "curl_easy_cleanup");
    bind(found.strerror, "curl_easy_strerror");
    bind(found.append, "curl_slist_append");
    bind(found.free_all, "curl_slist_free_all");
    found.global_init(CURL_GLOBAL_ALL);
    return found;
  }();
  return table;
}

// One request on its way: what libcurl's callbacks work on. None of them may throw through C.
struct Flight {
  const Request& request;
  const Curl& curl;
  void* handle;
  Response response;
  std::uint64_t sent = 0;
  std::exception_ptr thrown;

  long status() const {
    long code = 0;
    curl.getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
};

template <class Body>
std::size_t guarded(Flight* flight, std::size_t on_error, Body body) {
  try {
    return body();
  } catch (...) {
    flight->thrown = std::current_exception();
    return on_error;
  }
}

std::size_t on_header(char* text, std::size_t size, std::size_t count, void* user) {
  Flight* flight = static_cast<Flight*>(user);
  return guarded(flight, 0, [&] {
    std::string_view line(text, size * count);
    if (line.rfind("HTTP/", 0) == 0) flight->response.headers.clear();  // of a redirect or "100 Continue" before
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && flight->response.headers.size() < 200) {
      std::string name(line.substr(0, colon));
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front()))) value.remove_prefix(1);
      while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back()))) value.remove_suffix(1);
      std::string& kept = flight->response.headers[name];
      kept += (kept.empty() ? "" : ", ") + std::string(value);
    }
    return size * count;
  });
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  Flight* flight = static_cast<Flight*>(user);
  return guarded(flight, 0, [&] {
    const std::string_view piece(bytes, size * count);
    const long status = flight->status();
    if (flight->request.sink && status >= 200 && status < 300) {
      flight->request.sink(status, piece);
    } else {
      check(flight->response.body.size() + piece.size() <= kMostText, Code::resource_exhausted, "the answer is longer than {} bytes", kMostText);
      flight->response.body += piece;
    }
    return piece.size();
  });
}

std::size_t on_read(char* into, std::size_t size, std::size_t count, void* user) {
  Flight* flight = static_cast<Flight*>(user);
  return guarded(flight, CURL_READFUNC_ABORT, [&]() -> std::size_t {
    const Request& request = flight->request;
    const std::uint64_t total = request.file >= 0 ? request.size : request.body.size();
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(size * count, total - flight->sent));
    if (request.file < 0) {
      request.body.copy(into, want, flight->sent);
    } else if (want > 0) {
      const ssize_t got = ::pread(request.file, into, want, static_cast<off_t>(request.offset + flight->sent));
      if (got <= 0) throw errno_error(got < 0 ? errno : EIO, "read what is sent");
      want = static_cast<std::size_t>(got);
    }
    flight->sent += want;
    if (request.sent) request.sent(flight->sent);
    return want;
  });
}

// After a redirect or a lost keep-alive connection the body is sent again.
int on_seek(void* user, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Flight*>(user)->sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

Error fault(const std::string& operation, const std::string& url, CURLcode code, const std::string& says) {
  const std::string origin = origin_of(url);
  const std::string host = origin.substr(origin.find("//") + 2);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Error(Code::unavailable, fmt::format("{}: {}: {}; check the name and the network (https_proxy names a proxy)", operation, host, says));
    case CURLE_COULDNT_CONNECT:
      return Error(Code::unavailable, fmt::format("{}: {} cannot be reached: {}; check the address and the network", operation, host, says));
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error(Code::permission_denied, fmt::format("{}: {} is not who it says: {}; if its certificate is of a private authority, name "
                                                        "that one's file: --ca FILE or SSL_CERT_FILE", operation, host, says));
    case CURLE_SSL_CONNECT_ERROR:
      return Error(Code::failed_precondition, fmt::format("{}: {} does not speak TLS: {}; if it is meant to be unencrypted: --plain-http", operation, host, says));
    case CURLE_SSL_CACERT_BADFILE:
      return Error(Code::invalid_argument, fmt::format("{}: the file of authorities cannot be used: {}", operation, says));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
      return Error(Code::permission_denied, fmt::format("{}: {} sends elsewhere, where we do not go: {}", operation, host, says));
    default:
      return Error(Code::unavailable, fmt::format("{}: the connection to {} broke: {}", operation, host, says));
  }
}

}  // namespace

std::string Response::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string origin_of(const std::string& url) {
  for (const std::string scheme : {"https://", "http://"})
    if (url.rfind(scheme, 0) == 0) {
      const std::string host = url.substr(scheme.size(), url.find_first_of("/?#", scheme.size()) - scheme.size());
      // "https://registry.example@evil.example/" is at evil.example
      return host.empty() || host.find_first_of("@\\ ") != std::string::npos ? "" : scheme + host;
    }
  return {};
}

Http::Http(std::string operation, std::string ca, bool plain) : operation_(std::move(operation)), ca_(std::move(ca)), plain_(plain) {
  check(ca_.empty() || ::access(ca_.c_str(), R_OK) == 0, Code::not_found, "{}: the file of authorities {} cannot be read", operation_, ca_);
}

Http::~Http() {
  if (handle_) curl(operation_).cleanup(handle_);
}

Response Http::perform(const Request& request) {
  const std::string origin = origin_of(request.url);
  check(!origin.empty(), Code::permission_denied, "{}: '{}' is no address that we go to", operation_, request.url.substr(0, 300));
  const std::string host = origin.substr(origin.find("//") + 2);
  const bool loopback = is_loopback(host);
  const bool may_be_plain = plain_ || loopback;
  check(may_be_plain || origin.rfind("https", 0) == 0, Code::permission_denied,
        "{}: {} is not encrypted; --plain-http allows that where the network can be trusted", operation_, origin);
  const Curl& lib = curl(operation_);
  if (!handle_) handle_ = lib.init();
  check(handle_, Code::resource_exhausted, "{}: libcurl does not start", operation_);
  lib.reset(handle_);  // connections and TLS sessions are kept
  Flight flight{request, lib, handle_, {}, 0, nullptr};
  char says[CURL_ERROR_SIZE] = "";
  const char* protocols = may_be_plain ? "http,https" : "https";
  bool taken = true;
  const auto set = [&](CURLoption option, auto value) { taken = lib.setopt(handle_, option, value) == CURLE_OK && taken; };
  set(CURLOPT_ERRORBUFFER, says);
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, 20L);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, 60L);
  set(CURLOPT_USERAGENT, "ninefold/" NINEFOLD_VERSION);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &flight);
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &flight);
  set(CURLOPT_BUFFERSIZE, 512L << 10);
  if (loopback) set(CURLOPT_PROXY, "");
  if (!ca_.empty()) set(CURLOPT_CAINFO, ca_.c_str());  // the folder of the system's authorities counts beside it
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    const std::uint64_t total = request.file >= 0 ? request.size : request.body.size();
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(CURLOPT_READFUNCTION, &on_read);
    set(CURLOPT_READDATA, &flight);
    set(CURLOPT_SEEKFUNCTION, &on_seek);
    set(CURLOPT_SEEKDATA, &flight);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(total));
    set(CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
  }
  check(taken, Code::failed_precondition, "{}: this libcurl is too old; 7.85 or later is needed", operation_);
  curl_slist* headers = lib.append(nullptr, "Expect:");
  for (const std::string& header : request.headers) {
    NINEFOLD_INVARIANT(header.find_first_of("\r\n") == std::string::npos);
    headers = lib.append(headers, header.c_str());
  }
  set(CURLOPT_HTTPHEADER, headers);
  const CURLcode code = lib.perform(handle_);
  lib.free_all(headers);
  if (flight.thrown) std::rethrow_exception(flight.thrown);
  if (code != CURLE_OK) throw fault(operation_, request.url, code, says[0] ? says : lib.strerror(code));
  flight.response.status = flight.status();
  return std::move(flight.response);
}

}  // namespace ninefold::env::registry
