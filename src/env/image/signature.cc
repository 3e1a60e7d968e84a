// In: keys, payloads, signatures. Out: OpenSSL's answers as Results.
#include "env/image/signature.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/json_text.h"

namespace ninefold::env::image {
namespace {

template <auto Function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Bio = std::unique_ptr<BIO, Freed<::BIO_free_all>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<::EVP_MD_CTX_free>>;

constexpr const char* kPayloadType = "cosign container image signature";
constexpr int kLeastRsa = 2048;

Error openssl_error(Code code, const std::string& phrase) {
  const char* reason = ::ERR_reason_error_string(::ERR_peek_last_error());
  ::ERR_clear_error();
  return Error(code, fmt::format("{}: {}", phrase, reason ? reason : "not understood"));
}

std::string bytes_of(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

Result<Key> usable(Key key, const std::string& what) {
  const int kind = ::EVP_PKEY_get_base_id(key.get()), bits = ::EVP_PKEY_get_bits(key.get());
  if (kind == EVP_PKEY_EC || kind == EVP_PKEY_ED25519) return key;
  if (kind == EVP_PKEY_RSA && bits >= kLeastRsa) return key;
  return Error(Code::invalid_argument, fmt::format("the {} is of a kind that signs no images ({} bits); use EC, Ed25519, or RSA from {} bits", what, bits, kLeastRsa));
}

// Ed25519 hashes by itself.
const EVP_MD* hash_of_key(const Key& key) { return ::EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519 ? nullptr : ::EVP_sha256(); }

const unsigned char* octets(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string to_base64(const std::string& bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// Empty where it is none.
std::string from_base64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 8192) return {};
  std::string bytes(text.size(), '\0');
  const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), octets(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// OpenSSL calls back only for an encrypted key.
int give_passphrase(char* to, int most, int, void* from) {
  const std::string passphrase = (*static_cast<const Passphrase*>(from))();
  if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(most)) return -1;
  std::copy(passphrase.begin(), passphrase.end(), to);
  return static_cast<int>(passphrase.size());
}

}  // namespace

void FreeKey::operator()(evp_pkey_st* key) const { ::EVP_PKEY_free(key); }

Result<KeyPair> make_key(const std::string& passphrase) {
  const Key key(::EVP_EC_gen("P-256"));
  const Bio secret(::BIO_new(::BIO_s_mem())), open(::BIO_new(::BIO_s_mem()));
  if (!key || !secret || !open) return openssl_error(Code::internal, "make a key");
  const bool locked = !passphrase.empty();
  const int wrote = ::PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), locked ? ::EVP_aes_256_cbc() : nullptr, locked ? passphrase.data() : nullptr,
                                                    static_cast<int>(passphrase.size()), nullptr, nullptr);
  if (wrote != 1 || ::PEM_write_bio_PUBKEY(open.get(), key.get()) != 1) return openssl_error(Code::internal, "make a key");
  return KeyPair{bytes_of(secret.get()), bytes_of(open.get())};
}

Result<Key> parse_private_key(const std::string& pem, const Passphrase& passphrase) {
  if (pem.find("SIGSTORE PRIVATE KEY") != std::string::npos || pem.find("COSIGN PRIVATE KEY") != std::string::npos)
    return Error(Code::invalid_argument, "it is encrypted in a form of cosign's own; make a key with ninefold keygen or openssl, and give cosign its public half");
  const Bio bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Passphrase ask = passphrase;
  Key key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &ask));
  if (!key) {
    const bool locked = pem.find("ENCRYPTED") != std::string::npos;
    return openssl_error(Code::invalid_argument, locked ? "the passphrase does not open it" : "it is no private key (PEM)");
  }
  return usable(std::move(key), "private key");
}

Result<Key> parse_public_key(const std::string& pem) {
  if (pem.find("PRIVATE KEY") != std::string::npos) return Error(Code::invalid_argument, "it is a private key; name the public one, which may be shown");
  const Bio bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(::PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return openssl_error(Code::invalid_argument, "it is no public key (PEM)");
  return usable(std::move(key), "public key");
}

Result<Key> read_private_key(const std::string& file, const Passphrase& passphrase) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return errno_error(errno, "the key " + file);
  if (status.st_mode & 077)
    return Error(Code::permission_denied, fmt::format("the key {} can be read by others (mode {:04o}); chmod 600 {}", file, status.st_mode & 07777, file));
  Result<std::string> text = read_file("the key", file);
  if (!text) return text.error();
  Result<Key> key = parse_private_key(text.value(), passphrase);
  return key ? std::move(key) : Result<Key>(key.error().within("the key " + file));
}

Result<Key> read_public_key(const std::string& file) {
  Result<std::string> text = read_file("the key", file);
  if (!text) return text.error();
  Result<Key> key = parse_public_key(text.value());
  return key ? std::move(key) : Result<Key>(key.error().within("the key " + file));
}

std::string signing_payload(const std::string& reference, const std::string& digest) {
  const nlohmann::ordered_json json = {
      {"critical", {{"identity", {{"docker-reference", reference}}}, {"image", {{"docker-manifest-digest", digest}}}, {"type", kPayloadType}}},
      {"optional", nullptr}};
  return json.dump();
}

Result<std::string> signed_digest(const std::string& payload) {
  try {
    const auto json = parse_json(payload, "signature");
    const auto& critical = json.at("critical");
    const std::string digest = critical.at("image").at("docker-manifest-digest").get<std::string>();
    if (critical.at("type").get<std::string>() == kPayloadType && is_digest(digest)) return digest;
  } catch (const Error&) {  // told below
  } catch (const nlohmann::json::exception&) {
  }
  return Error(Code::data_loss, "what was signed is no statement about an image");
}

Result<std::string> sign(const Key& key, const std::string& payload) {
  const Context context(::EVP_MD_CTX_new());
  std::size_t size = 0;
  if (::EVP_DigestSignInit(context.get(), nullptr, hash_of_key(key), nullptr, key.get()) != 1 ||
      ::EVP_DigestSign(context.get(), nullptr, &size, octets(payload), payload.size()) != 1)
    return openssl_error(Code::internal, "sign");
  std::string bytes(size, '\0');
  if (::EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size, octets(payload), payload.size()) != 1)
    return openssl_error(Code::internal, "sign");
  bytes.resize(size);
  return to_base64(bytes);
}

bool is_signed(const Key& key, const std::string& payload, const std::string& signature) {
  const std::string bytes = from_base64(signature);
  if (bytes.empty()) return false;
  const Context context(::EVP_MD_CTX_new());
  const bool fits = ::EVP_DigestVerifyInit(context.get(), nullptr, hash_of_key(key), nullptr, key.get()) == 1 &&
                    ::EVP_DigestVerify(context.get(), octets(bytes), bytes.size(), octets(payload), payload.size()) == 1;
  ::ERR_clear_error();
  return fits;
}

}  // namespace ninefold::env::image
