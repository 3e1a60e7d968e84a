// In: keys, payloads and signatures, right and wrong. Out: what is accepted; openssl(1) reads and verifies ours, and we its.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/atomic_file.h"
#include "base/process.h"
#include "env/image/signature.h"
#include "temporary_folder.h"

namespace ninefold::env::image {
namespace {

const std::string kSigned = "sha256:" + std::string(64, 'a'), kOther = "sha256:" + std::string(64, 'b');
const Passphrase kNobody = [] { return std::string(); };

std::string openssl(const std::vector<std::string>& arguments) {
  Program run;
  run.arguments = {"openssl"};
  run.arguments.insert(run.arguments.end(), arguments.begin(), arguments.end());
  return run_or_fail("test", run).value().output;
}

TEST(Signature, FitsOneKeyAndOnePayload) {
  const KeyPair pair = make_key("").value(), other = make_key("").value();
  const Key secret = parse_private_key(pair.private_pem, kNobody).value(), open = parse_public_key(pair.public_pem).value();
  const std::string payload = signing_payload("registry.example/team/tf29", kSigned), signature = sign(secret, payload).value();
  EXPECT_EQ(payload, "{\"critical\":{\"identity\":{\"docker-reference\":\"registry.example/team/tf29\"},\"image\":{\"docker-manifest-digest\":\"" + kSigned +
                         "\"},\"type\":\"cosign container image signature\"},\"optional\":null}");
  EXPECT_EQ(signed_digest(payload).value(), kSigned);
  EXPECT_EQ(signature_tag(kSigned), "sha256-" + std::string(64, 'a') + ".sig");
  EXPECT_TRUE(is_signed(open, payload, signature));
  EXPECT_FALSE(is_signed(parse_public_key(other.public_pem).value(), payload, signature));
  EXPECT_FALSE(is_signed(open, signing_payload("registry.example/team/tf29", kOther), signature));
  std::string damaged = signature;
  damaged[20] = damaged[20] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {damaged, std::string(), std::string("x"), std::string("===="), std::string("!!!!"), signature + "AAAA", std::string(100000, 'A')})
    EXPECT_FALSE(is_signed(open, payload, bad)) << bad.substr(0, 100);
}

TEST(Signature, IsOfAnImageOrNothing) {
  for (const std::string& bad : {std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("{\"critical\":{}}"),
                                 std::string("{\"critical\":{\"image\":{\"docker-manifest-digest\":\"sha256:x\"},\"type\":\"cosign container image signature\"}}"),
                                 "{\"critical\":{\"image\":{\"docker-manifest-digest\":\"" + kSigned + "\"},\"type\":\"another statement\"}}",
                                 "{\"critical\":{\"image\":\"" + kSigned + "\",\"type\":\"cosign container image signature\"}}"}) {
    const Result<std::string> digest = signed_digest(bad);
    ASSERT_FALSE(digest) << bad;
    EXPECT_EQ(digest.error().message(), "what was signed is no statement about an image");
  }
}

TEST(Signature, KeysOfOpensslSignToo) {
  const TemporaryFolder folder("signature");
  const std::string key = folder.path + "/key", pub = folder.path + "/pub", text = folder.path + "/payload", bytes = folder.path + "/signature";
  const std::string payload = signing_payload("r.example/t", kSigned);
  write_atomically("test", text, payload).value();
  struct Row { std::vector<std::string> arguments; bool dgst; };
  for (const Row& row : {Row{{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, true}, Row{{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}, true},
                         Row{{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, true}, Row{{"-algorithm", "ED25519"}, false}}) {
    std::vector<std::string> arguments = {"genpkey", "-out", key};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    openssl(arguments);
    ::chmod(key.c_str(), 0600);
    openssl({"pkey", "-in", key, "-pubout", "-out", pub});
    const Key secret = read_private_key(key, kNobody).value(), open = read_public_key(pub).value();
    const std::string signature = sign(secret, payload).value();
    EXPECT_TRUE(is_signed(open, payload, signature)) << row.arguments[1];
    write_atomically("test", bytes + ".64", signature + "\n").value();
    openssl({"base64", "-d", "-A", "-in", bytes + ".64", "-out", bytes});
    const std::string said = row.dgst ? openssl({"dgst", "-sha256", "-verify", pub, "-signature", bytes, text})
                                      : openssl({"pkeyutl", "-verify", "-pubin", "-inkey", pub, "-rawin", "-in", text, "-sigfile", bytes});
    EXPECT_NE(said.find(row.dgst ? "Verified OK" : "Signature Verified Successfully"), std::string::npos) << said;
    // And the other way
    if (row.dgst) openssl({"dgst", "-sha256", "-sign", key, "-out", bytes, text});
    else openssl({"pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", text, "-out", bytes});
    std::string theirs = openssl({"base64", "-A", "-in", bytes});
    while (theirs.ends_with('\n')) theirs.pop_back();
    EXPECT_TRUE(is_signed(open, payload, theirs)) << row.arguments[1];
  }
}

TEST(Signature, KeysAreRefusedWithTheReason) {
  const TemporaryFolder folder("signature");
  const KeyPair pair = make_key("right words").value();
  EXPECT_NE(pair.private_pem.find("BEGIN ENCRYPTED PRIVATE KEY"), std::string::npos);
  EXPECT_TRUE(parse_private_key(pair.private_pem, [] { return std::string("right words"); }));
  EXPECT_TRUE(parse_private_key(make_key("").value().private_pem, [] { return ADD_FAILURE(), std::string("nobody asks"); }));
  const std::string small = openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"});
  const std::pair<std::string, std::string> secrets[] = {
      {pair.private_pem, "the passphrase does not open it"}, {"", "it is no private key (PEM)"}, {pair.public_pem, "it is no private key (PEM)"},
      {small, "of a kind that signs no images (1024 bits); use EC, Ed25519, or RSA from 2048 bits"},
      {"-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n", "in a form of cosign's own"}};
  for (const auto& [pem, says] : secrets) {
    const Result<Key> key = parse_private_key(pem, [] { return std::string("wrong words"); });
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().message().find(says), std::string::npos) << key.error().message();
  }
  for (const auto& [pem, says] : {std::pair<std::string, std::string>{"x", "it is no public key (PEM)"}, {pair.private_pem, "it is a private key; name the public one"}}) {
    const Result<Key> key = parse_public_key(pem);
    ASSERT_FALSE(key);
    EXPECT_NE(key.error().message().find(says), std::string::npos) << key.error().message();
  }
  const std::string file = folder.path + "/open.key";
  write_atomically("test", file, make_key("").value().private_pem).value();
  ::chmod(file.c_str(), 0640);
  EXPECT_EQ(read_private_key(file, kNobody).error().message(), "the key " + file + " can be read by others (mode 0640); chmod 600 " + file);
  ::chmod(file.c_str(), 0600);
  EXPECT_TRUE(read_private_key(file, kNobody));
}

}  // namespace
}  // namespace ninefold::env::image
