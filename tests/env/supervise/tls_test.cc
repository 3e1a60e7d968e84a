// In: folders and broken files. Out: certificates that stay, and errors that name the file.
#include "env/supervise/tls.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/fd.h"
#include "../temporary_folder.h"

namespace ninefold::env::supervise {
namespace {
namespace fs = std::filesystem;

class Certificates : public testing::Test {
 protected:
  void SetUp() override {
    files_ = {folder_ + "/tls/certificate.pem", folder_ + "/tls/key.pem"};
  }

  const TemporaryFolder temporary_{"tls"};
  const std::string& folder_ = temporary_.path;
  CertificateFiles files_;
};

TEST_F(Certificates, AreMadeOnceAndOnlyTheCallerReadsTheKey) {
  ASSERT_TRUE(make_certificate(files_, "ninefold t", {"host.example", "192.0.2.1", "::1"}).ok());
  const std::string print = fingerprint_of(files_.certificate).value();
  EXPECT_EQ(print.size(), std::string("SHA-256 ").size() + 32 * 3 - 1);
  struct stat status {};
  ASSERT_EQ(::stat(files_.key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_TRUE(load_tls(files_).ok());
  ASSERT_TRUE(make_certificate(files_, "another name", {"other"}).ok());
  EXPECT_EQ(fingerprint_of(files_.certificate).value(), print);
  fs::remove(files_.certificate);
  ASSERT_TRUE(make_certificate(files_, "ninefold t", {"h"}).ok());  // half of it is as good as nothing
  EXPECT_NE(fingerprint_of(files_.certificate).value(), print);
  EXPECT_TRUE(load_tls(files_).ok());
}

TEST_F(Certificates, BrokenFilesAreNamed) {
  struct {
    std::string name;
    std::function<void()> change;
    std::string says;
  } const rows[] = {
      {"no key", [&] { fs::remove(files_.key); }, "key.pem: no such file"},
      {"no certificate", [&] { fs::remove(files_.certificate); }, "certificate.pem: no such file"},
      {"an open key", [&] { ::chmod(files_.key.c_str(), 0644); }, "key.pem is open to others (mode 644); chmod 600 "},
      {"garbage for a certificate", [&] { std::ofstream(files_.certificate) << "garbage"; },
       "certificate.pem holds no certificate in PEM form"},
      {"garbage for a key", [&] { std::ofstream(files_.key) << "garbage"; }, "key.pem holds no key"},
      {"another's key", [&] {
         const CertificateFiles other{folder_ + "/b/certificate.pem", folder_ + "/b/key.pem"};
         ASSERT_TRUE(make_certificate(other, "b", {"b"}).ok());
         fs::copy_file(other.key, files_.key, fs::copy_options::overwrite_existing);
         ::chmod(files_.key.c_str(), 0600);
       }, "key.pem holds no key for that certificate"}};
  for (const auto& row : rows) {
    fs::remove_all(folder_ + "/tls");
    ASSERT_TRUE(make_certificate(files_, "t", {"t"}).ok());
    row.change();
    const Result<Tls> loaded = load_tls(files_);
    ASSERT_FALSE(loaded.ok()) << row.name;
    EXPECT_NE(loaded.error().message().find(row.says), std::string::npos) << row.name << ": " << loaded.error().message();
  }
}

}  // namespace
}  // namespace ninefold::env::supervise
