// In: files. Out: a certificate of our own, contexts, fingerprints; OpenSSL's words in our errors.
#include "env/supervise/tls.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/fd.h"

namespace ninefold::env::supervise {
namespace {

template <auto Function>
struct Call {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Call<::EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Call<::X509_free>>;
using Memory = std::unique_ptr<BIO, Call<::BIO_free_all>>;

constexpr long kTenYears = 3650L * 24 * 3600;

Error broken(const std::string& phrase) {
  const char* reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return Error(Code::invalid_argument, fmt::format("publish: {}: {}", phrase, reason ? reason : "not understood"));
}

std::string text_of(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

// "DNS:host,IP:192.0.2.1"
std::string alternatives(const std::vector<std::string>& names) {
  std::string list;
  unsigned char bytes[16];
  for (const std::string& name : names) {
    const bool address = ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
    list += fmt::format("{}{}:{}", list.empty() ? "" : ",", address ? "IP" : "DNS", name);
  }
  return list;
}

bool extend(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  const bool added = extension && ::X509_add_ext(certificate, extension, -1) == 1;
  ::X509_EXTENSION_free(extension);
  return added;
}

Certificate signed_by(EVP_PKEY* key, const std::string& common_name, const std::vector<std::string>& names) {
  Certificate made(::X509_new());
  unsigned char serial[16];
  if (!made || ::RAND_bytes(serial, sizeof serial) != 1) return {};
  serial[0] &= 0x7f;  // a positive number
  BIGNUM* number = ::BN_bin2bn(serial, sizeof serial, nullptr);
  const bool numbered = number && ::BN_to_ASN1_INTEGER(number, ::X509_get_serialNumber(made.get()));
  ::BN_free(number);
  X509_NAME* subject = ::X509_get_subject_name(made.get());
  const auto* name = reinterpret_cast<const unsigned char*>(common_name.c_str());
  // A clock that is a day slow shall take it too.
  const bool whole = numbered && ::X509_set_version(made.get(), 2) == 1 &&
                     ::X509_gmtime_adj(X509_getm_notBefore(made.get()), -24 * 3600) &&
                     ::X509_gmtime_adj(X509_getm_notAfter(made.get()), kTenYears) &&
                     ::X509_set_pubkey(made.get(), key) == 1 &&
                     ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
                     ::X509_set_issuer_name(made.get(), subject) == 1 &&
                     extend(made.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                     extend(made.get(), NID_key_usage, "critical,digitalSignature,keyCertSign") &&
                     extend(made.get(), NID_ext_key_usage, "serverAuth") &&
                     extend(made.get(), NID_subject_key_identifier, "hash") &&
                     extend(made.get(), NID_subject_alt_name, alternatives(names)) &&
                     ::X509_sign(made.get(), key, ::EVP_sha256()) > 0;
  return whole ? std::move(made) : Certificate();
}

Result<Certificate> read_certificate(const std::string& path) {
  const Result<std::string> text = read_file("publish", path);
  if (!text) return text.error();
  const Memory memory(::BIO_new_mem_buf(text.value().data(), static_cast<int>(text.value().size())));
  Certificate found(::PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (!found) return broken(path + " holds no certificate in PEM form");
  return found;
}

}  // namespace

void FreeTls::operator()(ssl_ctx_st* context) const { ::SSL_CTX_free(context); }

Result<void> make_certificate(const CertificateFiles& files, const std::string& common_name,
                              const std::vector<std::string>& names) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::exists(files.certificate, ignored) && fs::exists(files.key, ignored)) return {};
  const std::string folder = fs::path(files.key).parent_path();
  if (Result<void> made = make_folders("publish", folder); !made) return made;
  ::chmod(folder.c_str(), 0700);
  const Key key(::EVP_EC_gen("P-256"));
  if (!key) return broken("make a key");
  const Certificate certificate = signed_by(key.get(), common_name.substr(0, 64), names);
  if (!certificate) return broken("make a certificate");
  const Memory key_text(::BIO_new(::BIO_s_mem())), certificate_text(::BIO_new(::BIO_s_mem()));
  if (::PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      ::PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1)
    return broken("write a certificate");
  const mode_t before = ::umask(077);
  Result<void> written = write_atomically("publish", files.key, text_of(key_text.get()));
  ::umask(before);
  if (!written) return written;
  ::chmod(files.key.c_str(), 0600);
  return write_atomically("publish", files.certificate, text_of(certificate_text.get()));
}

Result<std::string> fingerprint_of(const std::string& path) {
  const Result<Certificate> certificate = read_certificate(path);
  if (!certificate) return certificate.error();
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (::X509_digest(certificate.value().get(), ::EVP_sha256(), bytes, &size) != 1) return broken("read " + path);
  std::string text = "SHA-256 ";
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i ? ":" : "", bytes[i]);
  return text;
}

Result<Tls> load_tls(const CertificateFiles& files) {
  for (const std::string& path : {files.certificate, files.key})
    if (Result<std::string> text = read_file("publish", path); !text) return text.error();
  struct stat status {};
  if (::stat(files.key.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return Error(Code::failed_precondition,
                 fmt::format("publish: the key {} is open to others (mode {:03o}); chmod 600 {}", files.key,
                             static_cast<unsigned>(status.st_mode & 0777), files.key));
  // This machine's openssl.cnf may load engines and whatever; nothing of it is ours.
  ::OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  Tls context(::SSL_CTX_new(::TLS_server_method()));
  if (!context) return broken("start TLS");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
  ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  // A key with a pass phrase would ask for it on a terminal that nobody watches.
  ::SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
  if (::SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    return broken(files.certificate + " holds no certificate in PEM form");
  if (::SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return broken(files.key + " holds no key for that certificate, in PEM form and without a pass phrase");
  if (::SSL_CTX_check_private_key(context.get()) != 1)
    return broken(files.key + " does not belong to " + files.certificate);
  return context;
}

std::vector<std::string> names_of_this_machine() {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) == 0 && *host) names.insert(names.begin(), host);
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return names;
  for (const ifaddrs* one = list; one; one = one->ifa_next) {
    char text[INET6_ADDRSTRLEN];
    const void* bytes = nullptr;
    if (!one->ifa_addr) continue;
    if (one->ifa_addr->sa_family == AF_INET) bytes = &reinterpret_cast<sockaddr_in*>(one->ifa_addr)->sin_addr;
    if (one->ifa_addr->sa_family == AF_INET6) bytes = &reinterpret_cast<sockaddr_in6*>(one->ifa_addr)->sin6_addr;
    if (!bytes || !::inet_ntop(one->ifa_addr->sa_family, bytes, text, sizeof text)) continue;
    if (std::find(names.begin(), names.end(), text) == names.end()) names.push_back(text);
  }
  ::freeifaddrs(list);
  return names;
}

}  // namespace ninefold::env::supervise
