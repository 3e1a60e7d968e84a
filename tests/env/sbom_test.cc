// In: a lock. Out: its bill of materials: every input once, found by scanners, the same bytes each time.
#include <gtest/gtest.h>

#include <map>
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
  EXPECT_EQ(package_url(lock, "programs", {"init", "", "init", 1, ""}), "pkg:generic/init");
  EXPECT_EQ(package_url(lock, "ninefold", {"tensorflow", "2.9.0", "", 1, ""}), "pkg:generic/tensorflow@2.9.0");  // ours, not the index's
}

Bill bill(const Lock& lock, const std::string& name = "image", const Contents& contents = {}) {
  return make_bill(lock, "tf29", "sha256:" + sha256_hex(name), contents);
}

TEST(Sbom, HoldsEveryInputOnceAndNoHost) {
  const std::string text = spdx(bill(example()));
  EXPECT_EQ(text, spdx(bill(example())));
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
  EXPECT_NE(json["documentNamespace"], nlohmann::json::parse(spdx(bill(example(), "other")))["documentNamespace"]);
}

TEST(Sbom, SaysTheSameInBothForms) {
  Contents contents;
  contents.packages = {{"git", "1:2.39.5-0+deb12u2"}};
  contents.licences = {{"git", {"GPL-2", "LGPL-2+ or Expat"}}, {"tzdata", {"public-domain"}}};
  contents.distributions = {{"jupyter-client", "8.6.0", "opt/env/lib/python3.11/site-packages/jupyter_client-8.6.0.dist-info", {"BSD-3-Clause"}},
                            {"six", "1.16.0", "usr/lib/python3/dist-packages/six-1.16.0.egg-info", {}}};
  const Bill all = bill(example(), "image", contents);
  const auto ours = nlohmann::json::parse(spdx(all)), theirs = nlohmann::json::parse(cyclonedx(all));
  std::map<std::string, std::string> urls, others;
  for (const auto& one : ours["packages"]) urls[one["externalRefs"][0]["referenceLocator"]] = one["licenseDeclared"];
  others[theirs["metadata"]["component"]["purl"]] = "NOASSERTION";
  others[theirs["metadata"]["tools"]["components"][1]["purl"]] = "NOASSERTION";
  for (const auto& one : theirs["components"]) {
    const auto licences = one.value("licenses", nlohmann::json::array({{{"expression", "NOASSERTION"}}}));
    others[one["purl"]] = licences[0].contains("expression") ? licences[0]["expression"].get<std::string>() : licences[0]["license"].value("id", licences[0]["license"].value("name", ""));
  }
  EXPECT_EQ(urls["pkg:deb/debian/git@1%3A2.39.5-0%2Bdeb12u2?arch=amd64&distro=bookworm"], "GPL-2.0-only AND (LGPL-2.0-or-later OR MIT)");
  EXPECT_EQ(urls["pkg:deb/debian/tzdata@2025b-0~1?arch=all&distro=bookworm"], "LicenseRef-public-domain");
  EXPECT_EQ(urls["pkg:pypi/jupyter-client@8.6.0"], "BSD-3-Clause");
  EXPECT_EQ(urls["pkg:pypi/six@1.16.0"], "NOASSERTION");
  urls["pkg:deb/debian/tzdata@2025b-0~1?arch=all&distro=bookworm"] = "public-domain";  // a name of its own there
  EXPECT_EQ(urls, others);
  EXPECT_EQ(ours["hasExtractedLicensingInfos"][0]["extractedText"], "public-domain");
  EXPECT_EQ(theirs["specVersion"], "1.5");
  EXPECT_EQ(theirs["dependencies"][0]["dependsOn"].size(), theirs["components"].size());
}

TEST(Sbom, NamesABaseWithItsPackages) {
  Lock lock = example();
  lock.base = "oci:team/base:1", lock.distribution = "ubuntu", lock.codename = "noble";
  lock.image = {input("team/base:1", "a", "m"), input("config", "b", "c"), input("dpkg-status", "c", "s"), input("layer-01", "d", "l")};
  Contents contents;
  contents.packages = {{"bash", "5.2-1"}, {"git", "1:2.39.5-0+deb12u2"}};
  std::set<std::string> urls;
  for (const Component& one : bill(lock, "image", contents).parts) urls.insert(one.url);
  EXPECT_EQ(urls.count("pkg:oci/base@sha256%3A" + sha256_hex("m")), 1u);
  EXPECT_EQ(urls.count("pkg:generic/layer-01@sha256%3A" + sha256_hex("l")), 1u);
  EXPECT_EQ(urls.count("pkg:deb/ubuntu/bash@5.2-1?arch=amd64&distro=noble"), 1u);
  std::size_t git = 0;
  for (const std::string& url : urls) git += url.find("/git@") != std::string::npos;
  EXPECT_EQ(git, 1u);  // the environment's own, not told twice
}

TEST(Licence, IsAnExpressionOrTheirWords) {
  struct Row { std::vector<std::string> statements; std::string expected; };
  const Row rows[] = {
      {{"MIT"}, "MIT"}, {{"Expat"}, "MIT"}, {{"MIT License"}, "MIT"}, {{"apache-2.0"}, "Apache-2.0"}, {{"GPL-2+"}, "GPL-2.0-or-later"},
      {{"LGPL-2.1"}, "LGPL-2.1-only"}, {{"GPL-3.0-or-later"}, "GPL-3.0-or-later"}, {{"GPL-7"}, "LicenseRef-GPL-7"},
      {{"GPL-2+ or Artistic-2.0"}, "GPL-2.0-or-later OR Artistic-2.0"}, {{"MIT OR Apache-2.0", "ISC"}, "ISC AND (MIT OR Apache-2.0)"},
      {{"Apache-2.0 WITH LLVM-exception"}, "Apache-2.0 WITH LLVM-exception"}, {{"GPL-2+ with Font exception"}, "LicenseRef-GPL-2-with-Font-exception"},
      {{"(MIT AND (BSD-3-Clause OR ISC))"}, "(MIT AND (BSD-3-Clause OR ISC))"}, {{"BSD (three clauses)"}, "LicenseRef-BSD-three-clauses"},
      {{"GPL-2, and MIT"}, "LicenseRef-GPL-2-and-MIT"}, {{"((("}, "LicenseRef--" + sha256_hex("(((").substr(0, 8)}, {{"UNKNOWN"}, ""}, {{}, ""},
      {{"MIT", "MIT"}, "MIT"}, {{"MIT OR"}, "LicenseRef-MIT-OR"}};
  for (const Row& row : rows) {
    LicenceWords words;
    EXPECT_EQ(licence_expression(row.statements, words), row.expected);
  }
  LicenceWords words;  // two that look alike stay two
  EXPECT_EQ(licence_expression({"my own"}, words), "LicenseRef-my-own");
  EXPECT_EQ(licence_expression({"my/own"}, words), "LicenseRef-my-own-" + sha256_hex("my/own").substr(0, 8));
  EXPECT_EQ(words["LicenseRef-my-own"], "my own");
}

TEST(Licence, IsReadFromWhatPackagesShip) {
  EXPECT_EQ(debian_licences("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+\n text\n"),
            std::vector<std::string>{"GPL-2+"});
  EXPECT_TRUE(debian_licences("This is free.\nLicense: GPL\n").empty());
  EXPECT_EQ(python_licences("Name: a\nLicense: x\nLicense-Expression: MIT\n\nLicense-Expression: ISC\n"), std::vector<std::string>{"MIT"});
  EXPECT_EQ(python_licences("Name: a\r\nLicense: x\r\nClassifier: License :: OSI Approved\r\nClassifier: License :: OSI Approved :: MIT License\r\n"),
            std::vector<std::string>{"MIT License"});
  EXPECT_EQ(python_licences("Name: a\nLicense: BSD\n"), std::vector<std::string>{"BSD"});
  EXPECT_TRUE(python_licences("Name: a\nLicense: " + std::string(100, 'x') + "\n").empty());
}

}  // namespace
}  // namespace ninefold::env
