// In: questions about one repository. Out: requests that answer them: logins, manifests, what failed and why.
// Blobs are in blobs.cc.
#include "env/registry/client.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/store/store.h"

namespace ninefold::env::registry {
namespace {

constexpr int kTries = 4;
constexpr const char* kAccept =
    "Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

std::string authority(const Access& access) {
  if (!access.ca.empty()) return access.ca;
  const char* named = std::getenv("SSL_CERT_FILE");
  return named ? named : "";
}

// A stranger's words on a terminal: no control characters, not for ever.
std::string printable(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, 200)) out += static_cast<unsigned char>(c) < ' ' || c == 127 ? ' ' : c;
  return out;
}

std::string message_of(const Response& response) {
  try {
    const auto json = parse_json(response.body, "");
    const auto& first = json.at("errors").at(0);
    std::string text = first.value("code", "");
    if (const std::string message = first.value("message", ""); !message.empty()) text += (text.empty() ? "" : ": ") + message;
    return printable(text);
  } catch (const std::exception&) {
    return {};
  }
}

std::string query_escape(const std::string& text) {
  std::string out;
  for (char c : text) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~:/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

bool passing(long status) { return status == 429 || status == 500 || status == 502 || status == 503 || status == 504; }

void wait_before(int attempt, const Response* response) {
  double seconds = 0.25 * (1 << attempt);
  if (response) seconds = std::max(seconds, std::min(10.0, std::atof(response->header("retry-after").c_str())));
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

}  // namespace

Client::Client(std::string operation, Reference reference, const Access& access, bool pushes)
    : operation_(std::move(operation)), reference_(std::move(reference)), http_(operation_, authority(access), access.plain_http),
      plain_(access.plain_http), pushes_(pushes), login_(access.login), looked_for_login_(access.login.has_value()) {}

bool Client::greet() {
  // Docker's own name for its registry is not the host that serves it.
  const std::string host = reference_.host == "docker.io" ? "registry-1.docker.io" : reference_.host;
  origin_ = (plain_ ? "http://" : "https://") + host;
  Request request;
  request.url = origin_ + "/v2/";
  Response response;
  try {
    response = http_.perform(request);
  } catch (const Error& error) {
    // On this machine a registry without TLS is the usual one.
    if (error.code() != Code::failed_precondition || plain_ || !is_loopback(host)) throw;
    origin_ = "http://" + host;
    request.url = origin_ + "/v2/";
    response = http_.perform(request);
  }
  const bool asked = response.status == 401;
  if (asked) {
    authorise(response);
    response = send(request);
    if (response.status == 401) refuse(response, "the greeting");
  }
  // Some registries let nobody see /v2/ itself and say so with 403.
  check(response.status == 200 || response.status == 403, Code::not_found, "{}: {} is no registry: it answers {} at /v2/; check host and port",
        operation_, reference_.host, response.status);
  return asked;
}

std::string Client::url(const std::string& rest) const { return origin_ + "/v2/" + reference_.repository + "/" + rest; }

// Behind a proxy that ends TLS, registries call themselves http: the way we came counts.
std::string Client::absolute(const std::string& location) const {
  if (!location.empty() && location[0] == '/' && location.rfind("//", 0) != 0) return origin_ + location;
  const std::string origin = origin_of(location);
  check(!origin.empty(), Code::data_loss, "{}: {} names '{}' as a place to go on; it is no address", operation_, reference_.host, printable(location));
  const std::string host = origin.substr(origin.find("//") + 2), ours = origin_.substr(origin_.find("//") + 2);
  return host == ours ? origin_ + location.substr(origin.size()) : location;
}

Response Client::send(Request request, Again again) {
  if (origin_.empty()) greet();
  if (request.url.rfind("http", 0) != 0) request.url = url(request.url);
  bool asked = false;
  for (int attempt = 0;; ++attempt) {
    Request one = request;
    const bool at_home = origin_of(request.url) == origin_;  // nobody else gets our login
    if (at_home && !authorization_.empty()) one.headers.push_back("Authorization: " + authorization_);
    Response response;
    try {
      response = http_.perform(one);
    } catch (const Error& error) {
      if (error.code() != Code::unavailable || again == Again::no || attempt + 1 >= kTries) throw;
      wait_before(attempt, nullptr);
      continue;
    }
    // A first question, or a token that has run out. A password that was refused is not tried twice: some lock out.
    const bool tried = at_home && authorization_.rfind("Basic ", 0) == 0;
    if (response.status == 401 && at_home && !asked && !tried) {
      asked = true;
      authorise(response);
      continue;
    }
    if (passing(response.status) && again == Again::yes && attempt + 1 < kTries) {
      wait_before(attempt, &response);
      continue;
    }
    return response;
  }
}

void Client::authorise(const Response& refused) {
  if (!looked_for_login_) {
    looked_for_login_ = true;
    login_ = find_login(reference_.host, reference_.repository).within(operation_).value();
  }
  for (const Challenge& challenge : parse_challenges(refused.header("www-authenticate"))) {
    if (challenge.scheme == "bearer" && !challenge.get("realm").empty()) {
      authorization_ = "Bearer " + token(challenge);
      return;
    }
    if (challenge.scheme != "basic") continue;
    if (!login_ || login_->user.empty()) refuse(refused, "");
    authorization_ = "Basic " + base64(login_->user + ":" + login_->password);
    return;
  }
  fail(Code::unauthenticated, "{}: {} asks for a login in a way that we do not know: '{}'", operation_, reference_.host,
       printable(refused.header("www-authenticate")));
}

// The token server may be another host: it is the one that the registry names, and gets the login over TLS
// (or on this machine, or with --plain-http) only.
std::string Client::token(const Challenge& challenge) {
  Request request;
  const std::string service = challenge.get("service");
  const std::string scope = reference_.repository.empty() ? ""  // a login alone
                                                          : fmt::format("repository:{}:{}", reference_.repository, pushes_ ? "pull,push" : "pull");
  if (login_ && !login_->identity_token.empty()) {
    request.method = "POST";
    request.url = challenge.get("realm");
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = fmt::format("grant_type=refresh_token&client_id=ninefold&service={}&scope={}&refresh_token={}", query_escape(service),
                               query_escape(scope), query_escape(login_->identity_token));
  } else {
    const std::string realm = challenge.get("realm");
    request.url = fmt::format("{}{}service={}", realm, realm.find('?') == std::string::npos ? "?" : "&", query_escape(service));
    if (!scope.empty()) request.url += "&scope=" + query_escape(scope);
    if (login_) request.headers = {"Authorization: Basic " + base64(login_->user + ":" + login_->password)};
  }
  const Response response = http_.perform(request);
  if (response.status == 400 || response.status == 401 || response.status == 403) refuse(response, "the token");
  check(response.status == 200, Code::unavailable, "{}: {}, which gives the tokens of {}, answers {}", operation_, origin_of(request.url),
        reference_.host, response.status);
  std::string token;
  try {
    const auto json = parse_json(response.body, "token");
    token = json.value("token", "");
    if (token.empty()) token = json.value("access_token", "");
  } catch (const std::exception&) {  // told below
  }
  const bool usable = !token.empty() && token.size() < 100000 && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
  check(usable, Code::data_loss, "{}: {} gave no token that can be used", operation_, origin_of(request.url));
  return token;
}

void Client::refuse(const Response& response, const std::string& what) const {
  const std::string says = message_of(response), told = says.empty() ? "" : " (" + says + ")";
  const std::string way = reference_.repository.empty() ? "" : fmt::format(" to {} {}", pushes_ ? "push to" : "pull from", reference_.repository);
  if (response.status == 401 || what == "the token") {
    if (!login_)
      fail(Code::unauthenticated, "{}: {} asks for a login{}{}; give it once: ninefold login {}", operation_, reference_.host, way, told,
           reference_.host);
    fail(Code::unauthenticated, "{}: {} refused the login of {} from {}{}{}; log in again: ninefold login {}", operation_, reference_.host,
         login_->user.empty() ? "a stored token" : login_->user, login_->from, way, told, reference_.host);
  }
  if (response.status == 403)
    fail(Code::permission_denied, "{}: {} refuses {}{}{}", operation_, reference_.host, login_ && !login_->user.empty() ? login_->user : "you", way, told);
  if (response.status == 404) fail(Code::not_found, "{}: {} has no {}{}; check the name", operation_, reference_.host, what, told);
  fail(passing(response.status) ? Code::unavailable : Code::failed_precondition, "{}: {} answers {} to {}{}", operation_, reference_.host,
       response.status, what, told);
}

std::optional<Manifest> Client::manifest(const std::string& target) {
  Request request;
  request.url = "manifests/" + target;
  request.headers = {kAccept};
  const Response response = send(request);
  if (response.status == 404) return std::nullopt;
  if (response.status != 200) refuse(response, "manifest " + target);
  Manifest manifest{response.header("content-type"), "sha256:" + sha256_hex(response.body), response.body};
  const std::string expected = is_digest(target) ? target : response.header("docker-content-digest");
  check(!is_digest(expected) || manifest.digest == expected, Code::data_loss,
        "{}: manifest {} of {} has the bytes of {}; it was damaged or tampered with", operation_, expected, reference_.text(), manifest.digest);
  return manifest;
}

bool Client::put_manifest(const std::string& target, const Manifest& manifest) {
  Request request;
  request.method = "PUT";
  request.url = "manifests/" + target;
  request.headers = {"Content-Type: " + manifest.type};
  request.body = manifest.bytes;
  const Response response = send(request);
  if (response.status != 201) refuse(response, "manifest " + target);
  const std::string kept = response.header("docker-content-digest");
  check(kept.empty() || kept == manifest.digest, Code::data_loss, "{}: {} keeps the manifest {} as {}; it changed the bytes", operation_,
        reference_.host, manifest.digest, printable(kept));
  return !response.header("oci-subject").empty();
}

std::string Client::referrers_tag(const std::string& digest) { return "sha256-" + digest.substr(7); }

std::optional<std::string> Client::referrers(const std::string& digest) {
  Request request;
  request.url = "referrers/" + digest;
  request.headers = {fmt::format("Accept: {}", kIndexType)};
  const Response response = send(request);
  if (response.status == 200 && response.header("content-type").rfind(kIndexType, 0) == 0) return response.body;
  if (std::optional<Manifest> index = manifest(referrers_tag(digest))) return index->bytes;
  return std::nullopt;
}

}  // namespace ninefold::env::registry
