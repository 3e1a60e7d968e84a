// In: one repository of a registry. Out: its manifests and blobs, by the OCI distribution protocol; every
// byte that comes is checked against its digest, every one that goes is asked for first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "env/registry/auth.h"
#include "env/registry/http.h"
#include "env/registry/reference.h"

namespace ninefold::env::registry {

struct Access {
  bool plain_http = false;     // unencrypted to hosts other than this machine, too
  std::string ca;              // PEM file of a private authority; empty: SSL_CERT_FILE, or none
  std::optional<Login> login;  // instead of the login files'
};

struct Manifest {
  std::string type, digest, bytes;
};

inline constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

// Bytes of one blob that have gone or come so far.
using OnBytes = std::function<void(std::uint64_t done)>;

// Throws Error. `operation`, the verb, opens every message.
class Client {
 public:
  Client(std::string operation, Reference reference, const Access& access, bool pushes);

  const Reference& reference() const { return reference_; }

  // Asks whether a registry is there. True iff it wanted a login, and took it.
  bool greet();

  // By tag or digest; nothing if there is none. Bytes asked for by digest have it.
  std::optional<Manifest> manifest(const std::string& target);
  // The registry must answer with the digest of these very bytes. True iff it keeps lists of referrers.
  bool put_manifest(const std::string& target, const Manifest& manifest);
  // The index of manifests whose `subject` is this one, from the registry's list or, where it keeps none, from
  // the tag that the specification gives it.
  std::optional<std::string> referrers(const std::string& digest);
  static std::string referrers_tag(const std::string& digest);

  bool has_blob(const std::string& digest);
  // With `mount_from`, another repository of this registry that may have it: then nothing is sent, and false comes out.
  bool put_blob(const std::string& digest, const std::string& file, std::uint64_t size, const OnBytes& on_bytes, const std::string& mount_from = {});
  // Into `file`, going on where an earlier, interrupted try ended. `size` 0: not known. A blob of other bytes
  // is an error that names both digests, and the file is removed. Returns how many bytes came.
  std::uint64_t get_blob(const std::string& digest, std::uint64_t size, const std::string& file, const OnBytes& on_bytes);

 private:
  class Incoming;
  enum class Again { yes, no };  // whether a failed request may simply be sent again
  Response send(Request request, Again again = Again::yes);
  void authorise(const Response& refused);
  std::string token(const Challenge& challenge);
  bool mount(const std::string& digest, const std::string& from);
  void put_blob_once(const std::string& digest, const std::string& file, std::uint64_t size, const OnBytes& on_bytes);
  std::string upload(const std::string& digest, const std::string& file, std::uint64_t size, std::string location, const OnBytes& on_bytes);
  std::string url(const std::string& rest) const;
  std::string absolute(const std::string& location) const;
  [[noreturn]] void refuse(const Response& response, const std::string& what) const;

  std::string operation_;
  Reference reference_;
  Http http_;
  bool plain_, pushes_;
  std::string origin_;         // "https://registry.example:5000"; found by greet()
  std::string authorization_;  // what the registry accepted
  std::optional<Login> login_;
  bool looked_for_login_ = false;
};

}  // namespace ninefold::env::registry
