// In: an image's name. Out: what it is made of, for auditors and scanners.
#include <ostream>

#include "base/check.h"
#include "cli/environment.h"
#include "cli/verb.h"
#include "env/image/contents.h"
#include "env/lock/sbom.h"
#include "env/store/store.h"

namespace ninefold::cli {

extern const Verb sbom;
const Verb sbom = {
    .name = "sbom",
    .usage = "[--format spdx|cyclonedx] [NAME]",
    .brief = "Print an image's bill of materials: every package with version, SHA-256, package URL and licence.",
    .flags = {{"--format FORM", "spdx (SPDX 2.3 JSON) or cyclonedx (CycloneDX 1.5 JSON)", "spdx"}},
    .examples = {"ninefold sbom > tf29.spdx.json", "ninefold sbom --format cyclonedx tf29 > tf29.cdx.json"},
    .exits = "0; 2: bad arguments; 127: there is no such image, or it came without its lock",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "sbom: expected one image, got {} arguments", args.rest.size());
      const std::string form = args.get("--format");
      check(form == "spdx" || form == "cyclonedx", "sbom: --format is spdx or cyclonedx, got '{}'", form);
      const std::string name = args.rest.empty() ? environment_name(args) : args.rest[0];
      const env::Store store = env::Store::open().value();
      const env::Ref ref = store.ref(name).within("sbom").value();
      check(!ref.lock.empty(), Code::not_found, "sbom: {} came without its lock, which tells what it is made of; build it, or pull it from where it "
            "was pushed", name);
      const env::Lock lock = env::parse_lock(store.get(env::Shelf::blobs, ref.lock).value()).within("sbom").value();
      const env::image::Image image = env::image::open_image(store, ref.image).within("sbom").value();
      const env::Bill bill = env::make_bill(lock, name, ref.image, env::image::read_contents(store, image).within("sbom").value());
      io.out << (form == "spdx" ? env::spdx(bill) : env::cyclonedx(bill));
      return ok;
    },
    .details = "Versions and digests are the lock's; licences, Debian's own Python packages and the packages of a base that is an image are read from the "
               "image's files, so that everybody who has the image gets the same bytes. Licences are told as each package declares them, and not judged.",
    .completes = "image"};

}  // namespace ninefold::cli
