// In: a lock. Out: its bill of materials: every input once, found by scanners, the same bytes each time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "env/lock/sbom.h"

namespace ninefold::env {
namespace {

Input input(const std::string& name, const std::string& version, const std::string& file) {
  return {name, version, file, 10, "sha256:" + sha256_hex(file)};
}

Lock example() {
  Lock lock;
  lock.base = "debian:bookworm", lock.python = "3.11", lock.architecture = "amd64";
  lock.epoch = 1700000000;
  lock.uv = input("uv", "0.9.1", "uv-0.9.1-py3-none-manylinux.whl");
  lock.os = {input("git", "1:2.39.5-0+deb12u2", "pool/main/g/git/git_2.39.5-0+deb12u2_amd64.deb"), input("tzdata", "2025b-0~1", "pool/main/t/tzdata/tzdata_2025b_all.deb")};
  lock.packages = {input("Jupyter_Client", "8.6.0", "jupyter_client-8.6.0-py3-none-any.whl")};
  lock.programs = {input("ninefold-init", "0.1.0", "ninefold-init")};
  return lock;
}

TEST(Sbom, NamesPackagesAsScannersDo) {
  const Lock lock = example();
  EXPECT_EQ(package_url(lock, "os", lock.os[0]), "pkg:deb/debian/git@1%3A2.39.5-0%2Bdeb12u2?arch=amd64&distro=bookworm");
  EXPECT_EQ(package_url(lock, "apt", lock.os[1]), "pkg:deb/debian/tzdata@2025b-0~1?arch=all&distro=bookworm");
  EXPECT_EQ(package_url(lock, "python", lock.packages[0]), "pkg:pypi/jupyter-client@8.6.0");
  EXPECT_EQ(package_url(lock, "programs", lock.programs[0]), "pkg:generic/ninefold-init@0.1.0");
}

TEST(Sbom, HoldsEveryInputOnceAndNoHost) {
  const std::string image = "sha256:" + sha256_hex("image"), text = spdx(example(), "tf29", image);
  EXPECT_EQ(text, spdx(example(), "tf29", image));
  EXPECT_EQ(text.find("http"), std::string::npos);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["spdxVersion"], "SPDX-2.3");
  EXPECT_EQ(json["creationInfo"]["created"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(json["packages"].size(), 1u + 5);
  EXPECT_EQ(json["packages"][0]["checksums"][0]["checksumValue"], sha256_hex("image"));
  std::set<std::string> ids;
  for (const auto& one : json["packages"]) ids.insert(one["SPDXID"]);
  EXPECT_EQ(ids.size(), json["packages"].size());
  for (const auto& relation : json["relationships"])
    for (const char* end : {"spdxElementId", "relatedSpdxElement"})
      EXPECT_TRUE(ids.count(relation[end]) || relation[end] == "SPDXRef-DOCUMENT") << relation;
  EXPECT_NE(json["documentNamespace"], nlohmann::json::parse(spdx(example(), "tf29", "sha256:" + sha256_hex("other")))["documentNamespace"]);
}

TEST(Sbom, NamesABaseWithItsPackages) {
  Lock lock = example();
  lock.base = "oci:team/base:1", lock.distribution = "ubuntu", lock.codename = "noble";
  lock.image = {input("team/base:1", "a", "m"), input("config", "b", "c"), input("dpkg-status", "c", "s"), input("layer-01", "d", "l")};
  const std::string text = spdx(lock, "tf29", "sha256:" + sha256_hex("image"),
                                "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n\nPackage: git\nStatus: install ok installed\nVersion: 1\n");
  std::set<std::string> urls;
  const auto json = nlohmann::json::parse(text);
  for (const auto& one : json["packages"])
    if (one.contains("externalRefs")) urls.insert(one["externalRefs"][0]["referenceLocator"]);
  EXPECT_EQ(urls.count("pkg:oci/base@sha256%3A" + sha256_hex("m")), 1u);
  EXPECT_EQ(urls.count("pkg:generic/layer-01@sha256%3A" + sha256_hex("l")), 1u);
  EXPECT_EQ(urls.count("pkg:deb/ubuntu/bash@5.2-1?arch=amd64&distro=noble"), 1u);
  EXPECT_EQ(urls.count("pkg:deb/ubuntu/git@1?arch=amd64&distro=noble"), 0u);  // replaced by the environment's own
}

}  // namespace
}  // namespace ninefold::env
