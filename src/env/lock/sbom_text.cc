// In: a bill of materials. Out: its two JSON forms, the same bytes each time and without a host in them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "env/lock/sbom.h"

namespace ninefold::env {
namespace {

using Json = nlohmann::ordered_json;

// The digest as a UUID of version 8 (RFC 9562): every document has a name of its own.
std::string uuid(const std::string& digest) {
  std::string hex = digest.substr(7, 32);
  hex[12] = '8';
  hex[16] = '8';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

// Names and licences are strangers' bytes.
std::string text_of_document(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json spdx_package(const Component& one) {
  Json json = {{"SPDXID", "SPDXRef-" + one.id}, {"name", one.name}};
  if (!one.version.empty()) json["versionInfo"] = one.version;
  if (!one.file.empty()) json["packageFileName"] = one.file;
  json["downloadLocation"] = "NOASSERTION";  // it depends on the machine that fetches; the checksum does not
  json["filesAnalyzed"] = false;
  if (!one.digest.empty()) json["checksums"] = Json::array({{{"algorithm", "SHA256"}, {"checksumValue", one.digest.substr(7)}}});
  if (!one.place.empty()) json["sourceInfo"] = "/" + one.place;
  json["licenseConcluded"] = "NOASSERTION";
  json["licenseDeclared"] = one.licence.empty() ? "NOASSERTION" : one.licence;
  json["copyrightText"] = "NOASSERTION";
  json["externalRefs"] = Json::array({{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", one.url}}});
  return json;
}

Json cyclonedx_component(const Component& one, const char* type, const LicenceWords& words) {
  Json json = {{"type", type}, {"bom-ref", one.id}, {"name", one.name}};
  if (!one.version.empty()) json["version"] = one.version;
  if (!one.digest.empty()) json["hashes"] = Json::array({{{"alg", "SHA-256"}, {"content", one.digest.substr(7)}}});
  const auto reference = words.find(one.licence);
  if (reference != words.end()) json["licenses"] = Json::array({{{"license", {{"name", reference->second}}}}});
  else if (one.licence.find(' ') != std::string::npos) json["licenses"] = Json::array({{{"expression", one.licence}}});
  else if (!one.licence.empty()) json["licenses"] = Json::array({{{"license", {{"id", one.licence}}}}});
  json["purl"] = one.url;
  if (!one.place.empty()) json["evidence"] = {{"occurrences", Json::array({{{"location", "/" + one.place}}})}};
  if (!one.file.empty()) json["properties"] = Json::array({{{"name", "ninefold:file"}, {"value", one.file}}});
  return json;
}

}  // namespace

std::string spdx(const Bill& bill) {
  Json all = Json::array(), relations = Json::array();
  const auto relate = [&](const std::string& from, const char* how, const std::string& to) {
    relations.push_back({{"spdxElementId", "SPDXRef-" + from}, {"relationshipType", how}, {"relatedSpdxElement", "SPDXRef-" + to}});
  };
  all.push_back(spdx_package(bill.image));
  all[0]["primaryPackagePurpose"] = "CONTAINER";
  relate("DOCUMENT", "DESCRIBES", bill.image.id);
  for (const Component& one : bill.parts) {
    all.push_back(spdx_package(one));
    relate(bill.image.id, "CONTAINS", one.id);
  }
  for (const Component& one : bill.tools) {
    all.push_back(spdx_package(one));
    relate(one.id, "BUILD_TOOL_OF", bill.image.id);
  }
  Json json = {{"spdxVersion", "SPDX-2.3"},
               {"dataLicense", "CC0-1.0"},
               {"SPDXID", "SPDXRef-DOCUMENT"},
               {"name", bill.image.name},
               {"documentNamespace", "urn:uuid:" + uuid(bill.image.digest)},
               {"creationInfo", {{"created", iso_time(bill.epoch)}, {"creators", Json::array({"Tool: ninefold-" NINEFOLD_VERSION})}}},
               {"packages", all},
               {"relationships", relations}};
  for (const auto& [id, words] : bill.words)
    json["hasExtractedLicensingInfos"].push_back({{"licenseId", id}, {"name", words}, {"extractedText", words}});
  return text_of_document(json);
}

std::string cyclonedx(const Bill& bill) {
  Json parts = Json::array(), contained = Json::array(), depends = Json::array();
  Json tools = Json::array({{{"type", "application"}, {"bom-ref", "ninefold"}, {"name", "ninefold"}, {"version", NINEFOLD_VERSION}}});
  for (const Component& one : bill.tools) tools.push_back(cyclonedx_component(one, "application", bill.words));
  for (const Component& one : bill.parts) {
    const bool image = one.url.rfind("pkg:oci/", 0) == 0;
    parts.push_back(cyclonedx_component(one, image ? "container" : one.url.rfind("pkg:generic/", 0) == 0 ? "application" : "library", bill.words));
    contained.push_back(one.id);
  }
  depends.push_back({{"ref", bill.image.id}, {"dependsOn", contained}});
  const Json json = {{"bomFormat", "CycloneDX"},
                     {"specVersion", "1.5"},
                     {"serialNumber", "urn:uuid:" + uuid(bill.image.digest)},
                     {"version", 1},
                     {"metadata",
                      {{"timestamp", iso_time(bill.epoch)},
                       {"tools", {{"components", tools}}},
                       {"component", cyclonedx_component(bill.image, "container", bill.words)}}},
                     {"components", parts},
                     {"dependencies", depends}};
  return text_of_document(json);
}

}  // namespace ninefold::env
