// In: layers of an image that may be a stranger's. Out: what files they make together, without unpacking them;
// what no image should hold is refused by name.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "env/image/manifest.h"

namespace ninefold::env::image {

class Merged {
 public:
  // Puts a layer on top; whiteouts take away what lies below it. Refused: devices outside of /dev, owners above
  // 65535, hard links to nothing, entries below what is no folder, and all that read_tar() refuses.
  Result<void> layer(const std::string& file);

  // The file, folder or device that a path leads to, links followed within the image; nullptr where there is
  // none. `real`: where it lies.
  const Entry* find(const std::string& path, std::string* real = nullptr) const;
  // A file's bytes; not_found, or data_loss where it is longer than `most`.
  Result<std::string> read(const std::string& path, std::size_t most) const;
  // The paths of files below a folder ("etc/apt/"), as they lie there.
  std::vector<std::string> below(const std::string& folder) const;
  const Manifest& all() const { return all_; }

 private:
  bool real_path(const std::string& path, bool follow_last, std::string& real) const;
  void erase(const std::string& path, bool itself);
  Result<void> hide(const std::string& path);
  Result<void> put(const std::string& path, const Entry& entry);
  Manifest all_;
};

}  // namespace ninefold::env::image
