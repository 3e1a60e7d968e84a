// In: the folder of an environment's certificate, or files of the user's own. Out: what TLS needs, and
// the fingerprint that a visitor compares.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct ssl_ctx_st;

namespace ninefold::env::supervise {

struct CertificateFiles {
  std::string certificate, key;
};

// Makes a key (P-256) and a certificate that it signs itself, good for ten years, for these names and
// addresses; one that is there stays. Only the caller may read the key.
Result<void> make_certificate(const CertificateFiles& files, const std::string& common_name,
                              const std::vector<std::string>& names);

// "SHA-256 AB:CD:..." of a certificate file's first certificate.
Result<std::string> fingerprint_of(const std::string& certificate);

struct FreeTls {
  void operator()(ssl_ctx_st* context) const;
};
using Tls = std::unique_ptr<ssl_ctx_st, FreeTls>;

// A server's context: TLS 1.2 and later. Names the file that cannot be used, and why.
Result<Tls> load_tls(const CertificateFiles& files);

// Names and addresses under which others may know this machine.
std::vector<std::string> names_of_this_machine();

}  // namespace ninefold::env::supervise
