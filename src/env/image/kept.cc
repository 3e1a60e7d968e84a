// In: stored .debs. Out: the same .debs, loose, and the keys of what is kept.
#include "env/image/kept.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/check.h"
#include "base/hash.h"
#include "base/process.h"
#include "env/image/aside.h"
#include "env/image/chamber.h"
#include "env/image/wheels.h"

namespace ninefold::env::image {
namespace {

std::string loose_key(const Input& package) { return sha256_hex("loose 1\n" + package.digest); }

// The package with the bytes of `data` in place of its compressed data. A .deb is an ar archive: control, then
// data, are its members.
std::string loose_deb(const std::string& file, const std::string& deb, const std::string& data) {
  constexpr std::size_t kMagic = 8, kHeader = 60, kSizeAt = 48;
  std::size_t at = kMagic;
  while (at + kHeader <= deb.size() && deb.compare(at, 8, "data.tar") != 0) {
    const std::uint64_t size = std::strtoull(deb.substr(at + kSizeAt, 10).c_str(), nullptr, 10);
    at += kHeader + size + size % 2;
  }
  check(at + kHeader <= deb.size(), Code::data_loss, "build: {} has no data", file);
  std::string loose = deb.substr(0, at);
  loose.reserve(at + kHeader + data.size() + 1);
  loose += fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "data.tar", 0, 0, 0, 100644, data.size());
  loose += data;
  loose.append(data.size() % 2, '\n');
  return loose;
}

void keep_loose(Store& store, const Input& package) {
  const std::string deb = store.get(Shelf::inputs, package.digest).value();
  Program unpack;
  unpack.environment = build_environment(0);
  unpack.arguments = {"dpkg-deb", "--fsys-tarfile", store.path(Shelf::inputs, package.digest)};
  const Finished done = run_or_fail("build: decompress " + package.file, unpack).value();
  const std::string digest = store.put(Shelf::compiled, loose_deb(package.file, deb, done.output)).value();
  store.cache(Cache::wheels, loose_key(package), digest).value();
}

}  // namespace

std::vector<std::string> kept_keys(const Lock& lock) {
  std::vector<std::string> keys = wheel_keys(lock);
  for (const auto* packages : {&lock.os, &lock.apt})
    for (const Input& package : *packages) keys.push_back(loose_key(package));
  if (const std::string key = locale_key(lock); !key.empty()) keys.push_back(key);
  return keys;
}

std::string locale_key(const Lock& lock) {
  if (lock.locales.empty() || !lock.image.empty()) return {};
  std::string text = fmt::format("locales 1\n{}\n{}\n", lock.architecture, fmt::join(lock.locales, " "));
  for (const Input& package : lock.os)
    if (package.name == "locales" || package.name == "libc-bin" || package.name == "libc6") text += package.digest + "\n";
  return sha256_hex(text);
}

void loosen(Store& store, const std::vector<Input>& packages, bool fresh) {
  check_programs();
  std::vector<const Input*> todo;
  for (const Input& package : packages)
    if (package.size <= kMostLoose && (fresh || store.cached(Cache::wheels, loose_key(package)).empty())) todo.push_back(&package);
  // The longest first, and by turns, so that all workers end at about the same time.
  std::stable_sort(todo.begin(), todo.end(), [](const Input* a, const Input* b) { return a->size > b->size; });
  const std::size_t width = std::min<std::size_t>(todo.size(), static_cast<std::size_t>(processors()));
  std::vector<std::unique_ptr<Aside>> workers;
  for (std::size_t worker = 0; worker < width; ++worker)
    workers.push_back(std::make_unique<Aside>("build", [&, worker] {
      for (std::size_t i = worker; i < todo.size(); i += width) keep_loose(store, *todo[i]);
      return std::string();
    }));
  for (const auto& worker : workers) worker->join();
}

std::string loose_path(Store& store, const Input& package) {
  if (const std::string digest = store.cached(Cache::wheels, loose_key(package)); !digest.empty()) {
    const std::string path = store.path(Shelf::compiled, digest);
    if (store.verify(Shelf::compiled, digest)) return path;
    ::unlink(path.c_str());
    keep_loose(store, package);
    return path;
  }
  store.verify(Shelf::inputs, package.digest).value();
  return store.path(Shelf::inputs, package.digest);
}

std::string kept_bytes(const Store& store, const std::string& key) {
  const std::string digest = store.cached(Cache::wheels, key);
  if (digest.empty()) return {};
  Result<std::string> bytes = store.get(Shelf::compiled, digest);
  if (bytes) return std::move(bytes).value();
  ::unlink(store.path(Shelf::compiled, digest).c_str());
  return {};
}

void check_programs() {
  for (const char* program : {"dpkg-deb", "tar", "bash"})
    check(!find_program(program).empty(), Code::not_found, "build: {} is not on this machine; install the package {}", program, program == std::string("dpkg-deb") ? "dpkg" : program);
}

}  // namespace ninefold::env::image
