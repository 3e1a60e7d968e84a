// In: an image's name and a reference. Out: the image in the registry, under the digest that it has here.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/ask.h"
#include "cli/environment.h"
#include "cli/meter.h"
#include "cli/registry.h"
#include "env/image/signature.h"

namespace ninefold::cli {

extern const Verb push;
const Verb push = {
    .name = "push",
    .usage = "[--inputs] [--sign KEY] [--json] NAME HOST/REPOSITORY[:TAG]",
    .brief = "Send an image to a registry; what the registry has is not sent again.",
    .flags = {{"--inputs", "with every package, so that a colleague can build it again after the mirrors moved on"},
              {"--sign KEY", "sign it with this private key (PEM, mode 0600), as ninefold keygen and openssl make them"},
              plain_http_flag, ca_flag, {"--json", "as JSON"}},
    .examples = {"ninefold push tf29 registry.example/team/tf29:week-47", "ninefold push --inputs tf29 registry.example/team/tf29",
                 "ninefold push --sign team.key tf29 registry.example/team/tf29:week-47",
                 "ninefold push --ca team-ca.pem tf29 registry.example:5000/team/tf29"},
    .exits = "0; 2: bad arguments; 127: no such image, no such registry, or the login is refused; the tag is as it was then",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 2, "push: expected an image's name and a reference, got {} arguments", args.rest.size());
      const env::registry::Reference to = env::registry::parse_reference(args.rest[1]).within("push").value();
      env::Store store = env::Store::open().value();
      env::image::Key key;  // read first: nothing is pushed with a key that cannot be used
      const std::string file = args.get("--sign");
      const auto passphrase = [&] { return key_passphrase("push", io, "passphrase for " + file + ": "); };
      if (!file.empty()) key = env::image::read_private_key(file, passphrase).within("push: --sign").value();
      env::registry::Client client("push", to, access_of(args), true);
      env::image::Moved moved;
      {
        Meter meter(io, "sent");
        moved = env::image::push(store, args.rest[0], client, args.has("--inputs"), [&](std::uint64_t done, std::uint64_t total) { meter.at(done, total); }).value();
      }
      if (key) env::image::push_signature(store, client, moved.ref.image, key).value();
      const std::string fixed = to.host + "/" + to.repository + "@" + moved.ref.image;
      moved.ref.remote = fixed;  // what `export` names it by
      store.set_ref(moved.ref).value();
      if (args.has("--json")) {
        io.out << nlohmann::ordered_json{{"reference", fixed}, {"tag", to.tag}, {"image", moved.ref.image}, {"blobs", moved.blobs},
                                         {"there", moved.there}, {"bytes", moved.bytes}, {"signed", key != nullptr}}.dump() << "\n";
      } else {
        io.out << fixed << "\n";
        io.err << fmt::format("push: sent {} blobs, {}; {} were there{}\n", moved.blobs, size_text(moved.bytes), moved.there, key ? "; signed" : "");
      }
      return ok;
    },
    .details = "Logins come from `ninefold login`, podman or docker (REGISTRY_AUTH_FILE, containers/auth.json, ~/.docker/config.json); "
               "proxies from https_proxy and no_proxy. A signature lies beside the image, in cosign's layout; `pull --verify-key` checks it. "
               "NINEFOLD_KEY_PASSWORD gives the key's passphrase where there is no terminal.",
    .completes = "image"};

}  // namespace ninefold::cli
