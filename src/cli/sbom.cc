// In: an image's name. Out: what it is made of, for auditors and scanners.
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"
#include "cli/verb.h"
#include "env/lock/sbom.h"
#include "env/store/store.h"

namespace ninefold::cli {

extern const Verb sbom;
const Verb sbom = {
    .name = "sbom",
    .usage = "[NAME]",
    .brief = "Print an image's bill of materials as SPDX 2.3 JSON: every package with version and SHA-256.",
    .examples = {"ninefold sbom > tf29.spdx.json", "ninefold sbom tf29"},
    .exits = "0; 2: bad arguments; 127: there is no such image, or it came without its lock",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "sbom: expected one image, got {} arguments", args.rest.size());
      const std::string name = args.rest.empty() ? environment_name(args) : args.rest[0];
      const env::Store store = env::Store::open().value();
      const env::Ref ref = store.ref(name).within("sbom").value();
      check(!ref.lock.empty(), Code::not_found, "sbom: {} came without its lock, which tells what it is made of; build it, or pull it from where it "
            "was pushed", name);
      const env::Lock lock = env::parse_lock(store.get(env::Shelf::blobs, ref.lock).value()).within("sbom").value();
      std::string status;
      if (!lock.image.empty()) {
        const Result<std::string> text = store.get(env::Shelf::inputs, lock.image[env::kImageStatus].digest);
        check(text.ok(), Code::not_found, "sbom: {} is made upon {}, whose list of packages is not in the store; fetch it with: ninefold pull --inputs, "
              "or ninefold lock where its file is", name, lock.base);
        status = text.value();
      }
      io.out << env::spdx(lock, name, ref.image, status);
      return ok;
    },
    .details = "The lock tells it, so that it is complete and the same for everybody who has the image. Licences are not judged.",
    .completes = "image"};

}  // namespace ninefold::cli
