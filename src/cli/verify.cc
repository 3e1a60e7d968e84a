// In: images of the store, perhaps a lock and keys. Out: whether every byte is what its digest says, and who signed it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "env/image/needs.h"
#include "env/lock/lock.h"

namespace ninefold::cli {
namespace {

// Empty, or in what the image's lock is another than this file.
std::string unlike_lock(const env::Store& store, const env::Ref& ref, const std::string& file) {
  const env::Lock wanted = env::parse_lock(read_file("verify", file).value()).within("verify: " + file).value();
  if ("sha256:" + sha256_hex(env::to_text(wanted)) == ref.lock) return {};
  if (ref.lock.empty()) return fmt::format("{}: came without its lock, and cannot be held to {}", ref.name, file);
  const Result<std::string> text = store.get(env::Shelf::blobs, ref.lock);
  if (!text) return {};  // told already, as a damaged blob
  const std::string differ = env::changes_text(env::changes(env::parse_lock(text.value()).value(), wanted));
  return fmt::format("{}: was made from another lock than {}; ninefold build makes it from this one{}{}", ref.name, file, differ.empty() ? "" : "; what differs:\n",
                     differ.substr(0, differ.size() - (differ.empty() ? 0 : 1)));
}

}  // namespace

extern const Verb verify;
const Verb verify = {
    .name = "verify",
    .usage = "[--lock FILE] [--verify-key FILE] [--json] [NAME...]",
    .brief = "Read every byte of the store's images against its digest.",
    .flags = {{"--lock FILE", "also that the images were made from this ninefold.lock"}, verify_key_flag, plain_http_flag, ca_flag, {"--json", "as JSON"}},
    .examples = {"ninefold verify", "ninefold verify --lock ninefold.lock tf29", "ninefold verify --verify-key team.key.pub tf29"},
    .exits = "0: whole; 1: something is damaged, missing, of another lock or not signed; 127: there is no such image, or no such file",
    .run = [](const Args& args, Io& io) -> int {
      env::Store store = env::Store::open().value();
      std::vector<env::Ref> refs;
      for (const std::string& name : args.rest) refs.push_back(store.ref(name).within("verify").value());
      if (args.rest.empty()) refs = store.refs().value();
      // The file's own keys are of what it pulls: without the flag nobody asks a registry.
      const env::image::Trusted trusted = args.has("--verify-key") ? trusted_of("verify", args) : env::image::Trusted();
      std::vector<std::string> faults;
      std::size_t checked = 0, missing = 0, with_signature = 0;
      for (const env::Ref& ref : refs) {
        const auto one = env::image::verify(store, ref, progress(io)).value();
        faults.insert(faults.end(), one.faults.begin(), one.faults.end());
        checked += one.checked, missing += one.missing_inputs;
        if (args.has("--lock"))
          if (const std::string fault = unlike_lock(store, ref, args.get("--lock")); !fault.empty()) faults.push_back(fault);
        if (trusted.keys.empty()) continue;
        if (ref.from.empty()) {
          faults.push_back(ref.name + ": was not pulled from a registry's tag, where its signature would be");
          continue;
        }
        env::registry::Client client("verify", env::registry::parse_reference(ref.from).value(), access_of(args), false);
        client.greet();
        const Result<void> fits = env::image::check_signed(store, client, {ref.from_digest}, trusted);
        if (!fits && fits.error().code() == Code::unavailable) fits.value();  // nobody answers: nothing is known
        if (fits) ++with_signature;
        else faults.push_back(ref.name + ": " + fits.error().message());
      }
      if (args.has("--json")) {
        io.out << nlohmann::ordered_json{{"images", refs.size()}, {"checked", checked}, {"missing_inputs", missing}, {"signed", with_signature}, {"faults", faults}}.dump() << "\n";
      } else {
        for (const std::string& fault : faults) io.out << fault << "\n";
        io.out << fmt::format("{} images, {} files read{}, {} damaged{}\n", refs.size(), checked, trusted.keys.empty() ? "" : fmt::format(", {} signed", with_signature),
                              faults.size(), missing ? fmt::format("; {} inputs are not stored: ninefold lock fetches them", missing) : "");
      }
      return faults.empty() ? ok : found_something;
    },
    .completes = "image"};

}  // namespace ninefold::cli
