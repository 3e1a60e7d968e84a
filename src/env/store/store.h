// In: bytes and files. Out: the content store: whatever was put in is found by its SHA-256, whole or
// not at all, however many processes work on it and wherever one of them was killed.
//
//   blobs/sha256/<hex>     layers (plain tar), configs, manifests, lock files
//   inputs/sha256/<hex>    .debs, wheels, indexes: what a lock names
//   trees/<chain>@<map>/   a root file system extracted for one uid map (image/tree.h)
//   layers/<key>           build cache: hash of a layer's recipe and inputs -> digest
//   compiled/sha256/<hex>  byte code of one wheel at one place, a tar; a .deb with its data decompressed; locales;
//                          made again when they are gone or damaged
//   wheels/<key>           hash of wheel, interpreter and place -> digest of its byte code; of a .deb, of locales
//   refs/<name>            JSON: an image's manifest and lock by digest
//   leases/<pid>.<n>       held by flock; a dead process's lease is void
//   temp/                  files and folders being made
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace ninefold::env {

// "sha256:" and 64 lower-case hex digits; nothing else is ever used as part of a path.
bool is_digest(std::string_view text);
bool is_hex256(std::string_view text);

enum class Shelf { blobs, inputs, compiled };
// Tables from a hash of what something is made of to the digest of what came out.
enum class Cache { layers, wheels };

// Keeps named digests and trees from gc until it is dropped or its process ends, however it ends.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) noexcept = default;
  ~Lease();
  // What the lease holds: "sha256:..." or the name of a tree. Durable when it returns.
  Result<void> hold(const std::vector<std::string>& names);

 private:
  friend class Store;
  Fd file_;
  std::string path_;
  std::vector<std::string> names_;
};

struct Ref {
  std::string name;
  std::string image;  // digest of the manifest
  std::string lock;   // digest of the lock file's bytes, empty for a loaded image without one
  // Where a tag of a registry is followed: "registry.example/team/tf29:1", and what it pointed to when it was last taken.
  std::string from = {}, from_digest = {};
  std::string remote = {};  // where a registry has this very image, "host/repository@sha256:..."; empty: not known
};

struct StoreItem {
  std::string kind;  // blob | compiled | input | temp | tree
  std::string name;
  std::uint64_t bytes = 0;
  bool kept = false;  // a ref or a live lease needs it
};

class Store {
 public:
  // NINEFOLD_STORE, else XDG_DATA_HOME/ninefold/store, else ~/.local/share/ninefold/store.
  static std::string default_root();
  // Makes the folders that are missing.
  static Result<Store> open(const std::string& root = default_root());

  const std::string& root() const { return root_; }

  std::string path(Shelf shelf, const std::string& digest) const;
  bool has(Shelf shelf, const std::string& digest) const;
  // Copies bytes in; returns their digest. Nothing is written when they are there already.
  Result<std::string> put(Shelf shelf, std::string_view bytes);
  // Copies a file in. An `expected` digest that differs is an error that names both.
  Result<std::string> put_file(Shelf shelf, const std::string& file, const std::string& expected = {});
  // Takes a file that lies in temp() without copying it; `digest` is that of its bytes, from whoever wrote
  // them. Byte code is not synced: what a power cut tears no longer fits its digest and is made again.
  Result<std::string> take_file(Shelf shelf, const std::string& file, const std::string& digest);
  // Puts what one shelf has onto another, too, as a second name of the same file.
  Result<void> share(Shelf from, Shelf to, const std::string& digest);
  // The bytes, checked against the digest.
  Result<std::string> get(Shelf shelf, const std::string& digest) const;
  // Reads the whole file against its digest, once a process; a corrupted one is named.
  Result<void> verify(Shelf shelf, const std::string& digest) const;

  // That this process, or one that it waited for, has just written these bytes and hashed them as it did.
  void trust(Shelf shelf, const std::string& digest) const;

  // A new empty folder or the path of a new file below temp/; the caller removes it.
  Result<std::string> temporary_folder() const;
  std::string temporary_file() const;

  Result<void> set_ref(const Ref& ref);
  Result<Ref> ref(const std::string& name) const;  // not_found names the refs that exist
  Result<std::vector<Ref>> refs() const;
  Result<void> remove_ref(const std::string& name);

  // The digest, or empty where there is none or its bytes are gone.
  std::string cached(Cache cache, const std::string& key) const;
  Result<void> cache(Cache cache, const std::string& key, const std::string& digest);

  Result<Lease> lease() const;
  // Names that live leases hold.
  Result<std::vector<std::string>> leased() const;

  // Shared while a process puts things in place, exclusive during gc, so that gc never takes what
  // was put a moment ago and is not yet held. Blocks, in the order of arrival; so a process that has entered
  // must not enter again.
  Result<Fd> enter(bool exclusive) const;

 private:
  explicit Store(std::string root) : root_(std::move(root)) {}
  std::string root_;
};

}  // namespace ninefold::env
