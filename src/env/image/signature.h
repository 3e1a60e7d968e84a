// In: an image's digest and a key. Out: a signature in cosign's layout, made or checked; keys read and made. OpenSSL
// does the arithmetic.
//
// What is signed is a payload ("simple signing") that names the digest. In a registry the signatures of an image are the layers
// of a manifest tagged sha256-<hex>.sig; each is a payload, annotated with its signature in base64.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/registry/client.h"
#include "env/store/store.h"

struct evp_pkey_st;

namespace ninefold::env::image {

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using Key = std::unique_ptr<evp_pkey_st, FreeKey>;

// A new private key (P-256) as PEM, encrypted where there is a passphrase, and its public half.
struct KeyPair {
  std::string private_pem, public_pem;
};
Result<KeyPair> make_key(const std::string& passphrase);

// `passphrase` is asked only where the key is encrypted. EC (P-256, P-384, P-521), Ed25519 or RSA from 2048 bits.
using Passphrase = std::function<std::string()>;
Result<Key> parse_private_key(const std::string& pem, const Passphrase& passphrase);
Result<Key> parse_public_key(const std::string& pem);

// A private key's file must be its owner's alone.
Result<Key> read_private_key(const std::string& file, const Passphrase& passphrase);
Result<Key> read_public_key(const std::string& file);

// The payload for a digest, pushed as host/repository.
std::string signing_payload(const std::string& reference, const std::string& digest);
// The digest that a payload names; data_loss where it is none of an image.
Result<std::string> signed_digest(const std::string& payload);

// Base64, as in the annotation.
Result<std::string> sign(const Key& key, const std::string& payload);
bool is_signed(const Key& key, const std::string& payload, const std::string& signature);

// "sha256-<hex>.sig"
std::string signature_tag(const std::string& digest);

// Adds a signature to those that the image has there. True iff this key had signed it already.
Result<bool> push_signature(Store& store, registry::Client& client, const std::string& digest, const Key& key);

// Who may sign, as files named by the user.
struct Trusted {
  std::vector<std::string> files;
  std::vector<Key> keys;
};
Result<Trusted> read_trusted(const std::vector<std::string>& files);

// Passes iff one of the keys signed one of the digests (what a tag points to, and the image for one platform that an index led
// to). unauthenticated tells what there is instead.
Result<void> check_signed(Store& store, registry::Client& client, const std::vector<std::string>& digests, const Trusted& trusted);

}  // namespace ninefold::env::image
