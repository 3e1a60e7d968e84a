// In: a file's name. Out: a key that signs images, and beside it the one that verifies them.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ostream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "cli/ask.h"
#include "env/image/signature.h"

namespace ninefold::cli {

extern const Verb keygen;
const Verb keygen = {
    .name = "keygen",
    .usage = "[--no-passphrase] FILE",
    .brief = "Make a key that signs images: FILE, which is yours alone, and FILE.pub for whoever pulls them.",
    .flags = {{"--no-passphrase", "leave the key unencrypted, for a machine that signs alone; its file is the only guard"}},
    .examples = {"ninefold keygen team.key", "ninefold keygen --no-passphrase ci.key"},
    .exits = "0; 2: bad arguments; 127: a file of that name is there, or cannot be written",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() == 1, "keygen: expected one file, got {} arguments", args.rest.size());
      const std::string file = args.rest[0], open = file + ".pub";
      for (const std::string& one : {file, open})
        check(::access(one.c_str(), F_OK) != 0, Code::already_exists, "keygen: {} is there already, and keys are not overwritten; choose another name", one);
      std::string passphrase;
      if (!args.has("--no-passphrase")) {
        passphrase = key_passphrase("keygen", io, "passphrase for " + file + ": ");
        check(!passphrase.empty(), "keygen: the passphrase is empty; --no-passphrase leaves the key unencrypted");
        check(key_passphrase("keygen", io, "once more: ") == passphrase, "keygen: these were two passphrases; nothing was written");
      }
      const env::image::KeyPair pair = env::image::make_key(passphrase).within("keygen").value();
      const mode_t before = ::umask(077);
      const Result<void> written = write_atomically("keygen", file, pair.private_pem);
      ::umask(before);
      written.value();
      write_atomically("keygen", open, pair.public_pem).value();
      io.out << pair.public_pem;
      io.err << fmt::format("keygen: {} signs, and is yours alone; {} verifies, and goes to everybody who pulls\n", file, open);
      return ok;
    },
    .details = "`ninefold push --sign FILE` signs with it. The key is EC P-256 in PEM (PKCS #8, encrypted with AES-256), as openssl reads it. NINEFOLD_KEY_PASSWORD gives the "
               "passphrase where there is no terminal.",
    .completes = "file"};

}  // namespace ninefold::cli
