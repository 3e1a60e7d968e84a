// In: layers and an empty folder. Out: the folder with everything they hold, owned as they say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "env/image/manifest.h"
#include "env/image/tree.h"

namespace ninefold::env::image {

// Works inside the namespaces of `map`, whose ids the folder's entries get. Layers may be a stranger's: every
// path is resolved below the root, whatever links lie on its way.
//
// `donors` are trees made earlier under the same ids. A file that one of them has at the same place, with the
// same owner, mode, time and bytes, becomes a link to it instead of a copy: trees never change. The bytes are
// compared, so a tree that was damaged on the disk hands nothing on.
class Extractor {
 public:
  Extractor(Fd root, const IdMap& map, std::vector<Fd> donors = {});

  // `at` is told where in the file each entry's bytes begin, by several threads.
  Result<void> layer(const std::string& file, const std::function<void(std::uint64_t offset)>& at = {});
  // Instead of a layer: moves to its place what another extractor made of this layer and those beside it, when the ones
  // below were not there yet, and makes its folders what the layer says. Never over a file that is there.
  Result<void> adopt(const Fd& made);
  Result<void> folders(const std::string& file);
  // After the last layer. Folders come last: putting something into one changes its time.
  Result<void> finish();

 private:
  struct Donor {
    Fd root, folder;
    std::string folder_name;
  };

  static Fd resolve(const Fd& root, const std::string& path, int flags, std::uint64_t more = 0);
  bool has_links_above(const std::vector<std::string>& folders) const;
  Result<void> files(const std::string& layer, std::vector<std::pair<std::string, Entry>>& all, const std::function<void(std::uint64_t offset)>& at);
  Result<void> hide(const std::string& path);
  void forget(const std::string& path, bool itself);
  Result<void> put(const std::string& path, Entry& entry);
  Result<void> parents(const std::string& path);
  Result<void> clear(const std::string& name, bool keep_folder);
  Result<void> make(const std::string& path, const std::string& name, const Entry& entry);
  Result<void> copy(const std::string& phrase, int out, const Entry& entry);
  Result<void> slow_copy(const std::string& phrase, int out, std::uint64_t from, std::uint64_t left);
  bool linked(const char* name, const Entry& entry);
  bool same_bytes(int file, const Entry& entry);

  Fd root_, folder_, bytes_;
  std::string folder_name_;
  const IdMap& map_;
  std::vector<Donor> donors_;
  std::map<std::string, std::int64_t> folders_;
};

// Deletes what lies below a folder, and nothing that a symlink in it points to. Takes the descriptor over.
void remove_below(int folder);

}  // namespace ninefold::env::image
