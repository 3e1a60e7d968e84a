// In: blobs on their way. Out: each once, checked against what names it.
#include "env/image/incoming.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json_text.h"
#include "env/image/packed.h"

namespace ninefold::env::image {

Fd hold_incoming(const Store& store, const std::string& operation, Shelf shelf, const std::string& digest, const std::string& file) {
  for (;;) {
    Fd held = open_file(operation, file, O_RDWR | O_CREAT, 0644).value();
    while (::flock(held.get(), LOCK_EX) != 0)
      if (errno != EINTR) throw errno_error(errno, operation + ": lock " + file);
    struct stat ours {}, named {};
    const bool same = ::fstat(held.get(), &ours) == 0 && ::stat(file.c_str(), &named) == 0 && ours.st_ino == named.st_ino;
    if (store.has(shelf, digest)) {
      if (same) ::unlink(file.c_str());
      return Fd();
    }
    if (same) return held;
  }
}

std::optional<std::uint64_t> bring_layer(Store& store, registry::Client& client, const std::string& operation, Shelf shelf, const Descriptor& layer,
                                         const std::string& plain, const registry::OnBytes& on_bytes) {
  const std::string file = store.root() + "/temp/pull-" + layer.digest.substr(7);
  const Fd held = hold_incoming(store, operation, shelf, plain, file);
  if (!held) return std::nullopt;
  const std::uint64_t came = client.get_blob(layer.digest, layer.size, file, on_bytes);
  const std::string temp = store.temporary_file();
  std::string got = layer.digest;
  if (layer.media_type.ends_with("gzip")) got = gunzip(operation + ": layer " + layer.digest, file, temp).value();
  else if (::rename(file.c_str(), temp.c_str()) != 0) throw errno_error(errno, operation + ": move " + file);
  if (got != plain) ::unlink(temp.c_str()), ::unlink(file.c_str());
  check(got == plain, Code::data_loss, "{}: layer {} unpacks to {}, its image's configuration says {}; it was damaged or tampered with", operation,
        layer.digest, got, plain);
  store.take_file(shelf, temp, plain).value();
  ::unlink(file.c_str());
  return came;
}

bool is_index(const std::string& operation, const std::string& bytes) {
  const auto json = parse_json(bytes, operation + ": image manifest");
  return json.is_object() && json.contains("manifests") && !json.contains("layers");
}

}  // namespace ninefold::env::image
