// In: a lock, and what its image's files tell. Out: the image's software bill of materials, as SPDX 2.3 or CycloneDX 1.5
// JSON: what auditors' scanners read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "env/lock/licence.h"
#include "env/lock/lock.h"

namespace ninefold::env {

// A dist-info (or egg-info) that an image has.
struct Distribution {
  std::string name, version, place;   // "opt/env/lib/python3.11/site-packages/numpy-1.26.4.dist-info"
  std::vector<std::string> licences;  // as its METADATA says
};

// What the files of an image say of themselves: image/contents.h reads them.
struct Contents {
  std::map<std::string, std::string> packages;               // dpkg's: name -> version
  std::map<std::string, std::vector<std::string>> licences;  // of those whose copyright files machines can read
  std::vector<Distribution> distributions;
};

struct Component {
  std::string id;  // "os-12": within the document
  std::string name, version, url, file, digest, place;
  std::string licence;  // an SPDX expression; empty: not known
};

struct Bill {
  Component image;
  std::vector<Component> parts;  // what it contains: the lock's inputs, then what else its files name
  std::vector<Component> tools;  // what made it
  LicenceWords words;            // what references in licences stand for
  std::int64_t epoch = 0;
};

// Pure, and the same for the same image: its date is the lock's epoch. `image`: the manifest's digest.
Bill make_bill(const Lock& lock, const std::string& name, const std::string& image, const Contents& contents);

std::string spdx(const Bill& bill);
std::string cyclonedx(const Bill& bill);

// The package URL that scanners look up: "pkg:deb/debian/git@1%3A2.39.5-0?arch=amd64&distro=bookworm".
std::string package_url(const Lock& lock, const std::string& part, const Input& input);

// "Jupyter_Client" and "jupyter.client" are one package of Python's index: "jupyter-client".
std::string python_name(const std::string& name);

}  // namespace ninefold::env
