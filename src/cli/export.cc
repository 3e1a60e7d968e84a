// In: the ninefold.toml here and where its image lies. Out: the same environment as a Pod, a compose file, ...
#include <fmt/format.h>
#include <sys/stat.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/process.h"
#include "cli/environment.h"
#include "cli/registry.h"
#include "env/export/export.h"
#include "env/lock/lock.h"
#include "env/run/facts.h"
#include "env/spec/parse.h"
#include "env/supervise/init/places.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace exports = env::exports;
namespace {

// Old images hold a first process that can only be started by `up`.
void check_program(const env::Store& store, const env::Ref& ref) {
  if (ref.lock.empty()) return;
  const Result<std::string> text = store.get(env::Shelf::blobs, ref.lock);
  if (!text) return;
  for (const env::Input& program : env::parse_lock(text.value()).within("export").value().programs) {
    const Result<std::string> bytes = store.get(env::Shelf::inputs, program.digest);
    check(!bytes || bytes.value().find(env::supervise::kUsage) != std::string::npos, Code::failed_precondition,
          "export: the image of {0} is older than this verb and cannot start by itself; ninefold lock && ninefold build && ninefold push {0} HOST/REPOSITORY", ref.name);
  }
}

// Other machines fetch an image by its digest alone: a tag may be another image tomorrow.
std::string image_of(const Args& args, const env::Spec& spec) {
  const env::Store store = env::Store::open().value();
  const Result<env::Ref> ref = store.ref(spec.name);
  if (ref) check_program(store, ref.value());
  if (args.has("--image")) {
    const env::registry::Reference given = env::registry::parse_reference(args.get("--image")).within("export").value();
    if (!given.digest.empty()) return given.host + "/" + given.repository + "@" + given.digest;
    env::registry::Client client("export", given, access_of(args), false);
    const auto manifest = client.manifest(given.tag);
    check(manifest.has_value(), Code::not_found, "export: the registry has no {}; ninefold push {} {}", given.text(), spec.name, given.text());
    return given.host + "/" + given.repository + "@" + manifest->digest;
  }
  check(ref && !ref.value().remote.empty(), Code::failed_precondition,
        "export: it is not known where other machines find the image of {0}: {1}\n  ninefold push {0} HOST/REPOSITORY      # then export again\n"
        "  ninefold export {2} --image HOST/REPOSITORY@sha256:...",
        spec.name, ref ? "it was not pushed since it was built" : "it is not in the store", args.rest[0]);
  return ref.value().remote;
}

std::string keys_of(const env::Spec& spec, const env::run::Facts& facts) {
  std::string keys;
  if (!spec.ssh) return keys;
  for (const std::string& file : spec.ssh->authorized_keys.empty() ? facts.own_keys : spec.ssh->authorized_keys) {
    const std::string text = read_file("export: authorized_keys", file).value();
    check(text.find("PRIVATE KEY") == std::string::npos, "export: {} holds a private key; name the .pub file beside it", file);
    keys += text;
    if (!keys.empty() && keys.back() != '\n') keys += '\n';
  }
  return keys;
}

std::string fresh_host_key() {
  char folder[] = "/tmp/ninefold-export-XXXXXX";
  check(::mkdtemp(folder) != nullptr, Code::os, "export: no folder for a host key can be made in /tmp");
  Program keygen;
  keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ninefold", "-f", std::string(folder) + "/key"};
  const Result<Finished> made = run_or_fail("export: make a host key", keygen);
  const Result<std::string> key = made ? read_file("export", std::string(folder) + "/key") : made.error();
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return key.value();
}

std::string fresh_token() {
  const std::string bytes = read_file("export", "/proc/sys/kernel/random/uuid").value() + read_file("export", "/proc/sys/kernel/random/uuid").value();
  std::string token = "ninefold-";  // by which a container knows it, and whether it came as it was written
  for (const char c : bytes)
    if (std::isxdigit(static_cast<unsigned char>(c))) token += c;
  return token;
}

// A file or folder of secrets that is there already is not written over: what runs knows these values.
void write_secrets(const exports::Kind& kind, const env::Spec& spec, const std::string& path) {
  check(!fs::exists(path), Code::already_exists, "export: --secrets {0}: it is there already, and what runs may know its values; remove it for new ones: rm -r {0}", path);
  std::map<std::string, std::string> values = secret_values("export", spec);
  if (!kind.runs_command)
    for (const std::string& name : exports::own_secrets(spec)) values[name] = name == "jupyter_token" ? fresh_token() : fresh_host_key();
  check(!values.empty(), "export: --secrets {}: the file has no [secrets], and no service of it needs one; leave the option out", path);
  const mode_t before = ::umask(077);
  if (kind.cluster) {
    write_atomically("export", path, exports::secret_document(spec.name, values)).value();
  } else {
    // Whoever has another id than 1000 could not hand a 0400 file into a container; the folder keeps others out.
    make_folders("export", path).value();
    ::chmod(path.c_str(), 0700);
    for (const auto& [name, value] : values) {
      write_atomically("export", path + "/" + name, value).value();
      ::chmod((path + "/" + name).c_str(), 0444);
    }
  }
  ::umask(before);
}

int number_of(const Args& args, const std::string& flag, int least, int most, int otherwise) {
  if (!args.has(flag)) return otherwise;
  const std::string text = args.get(flag);
  const bool digits = !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
  const int number = digits ? std::stoi(text) : -1;
  check(number >= least && number <= most, "export: {} takes a number from {} to {}, got {}", flag, least, most, text);
  return number;
}

int write_export(const Args& args, Io& io) {
  check(!args.rest.empty(), "export: expected a kind (pod, deployment, job, tfjob, compose, dockerfile, devcontainer), got no arguments");
  const exports::Kind& kind = *exports::find_kind(args.rest[0]).value();
  const env::Spec spec = env::load_spec(args.get("--file")).value();
  const env::run::Facts facts = env::run::look_around(spec);
  exports::Request request;
  request.kind = kind.name;
  request.command.assign(args.rest.begin() + 1, args.rest.end());
  request.gpus = number_of(args, "--gpus", 0, 1024, -1);
  request.workers = number_of(args, "--workers", 1, 10000, 1);
  check(request.workers == 1 || request.kind == "tfjob", "export: --workers is for a tfjob, got a {}", kind.name);
  request.storage = args.get("--storage");
  const std::size_t unit = request.storage.find_first_not_of("0123456789");
  check(unit != 0 && unit != std::string::npos && std::set<std::string>{"Mi", "Gi", "Ti"}.count(request.storage.substr(unit)),
        "export: --storage takes a size as Kubernetes writes it, 20Gi say; got {}", request.storage);
  request.writable = args.has("--writable");
  request.secrets = args.get("--secrets");
  request.keys = keys_of(spec, facts);
  for (const env::Mount& mount : spec.mounts) {
    std::error_code ignored;
    if (fs::is_regular_file(mount.from, ignored)) request.files.insert(mount.from);
  }
  request.image = image_of(args, spec);
  const exports::Exported made = exports::export_as(spec, request).value();
  if (!request.secrets.empty()) write_secrets(kind, spec, request.secrets);
  if (args.has("--output")) write_atomically("export", args.get("--output"), made.text).value();
  if (args.has("--json"))
    io.out << exports::Json{{"kind", kind.name}, {"image", request.image}, {"documents", made.documents}, {"notes", made.notes}}.dump() << "\n";
  else if (!args.has("--output"))
    io.out << made.text;
  for (const std::string& note : made.notes)
    if (!args.has("--json")) io.err << "export: note: " << note << "\n";
  return ok;
}

}  // namespace

extern const Verb export_verb;
const Verb export_verb = {
    .name = "export",
    .usage = "KIND [OPTIONS] [-- COMMAND...]",
    .brief = "Write this environment as a file for Kubernetes, Kubeflow, compose, Docker or an editor; the image is named by digest.",
    .flags = {{"--image REFERENCE", "where other machines find the image; without it, where it was pushed to"},
              {"--output FILE", "into this file, not to standard output"},
              {"--secrets FILE", "write tokens, keys and the values of [secrets], too: a Secret for Kubernetes, else a folder"},
              {"--gpus N", "so many GPUs; without it, one where [gpu] says required"},
              {"--workers N", "of a tfjob", "1"},
              {"--storage SIZE", "of each claim", "10Gi"},
              {"--writable", "let what runs change the image's own files, as pip install does"},
              {"--file FILE", "this ninefold.toml, not the one here or above"},
              plain_http_flag, ca_flag, {"--json", "as JSON: documents and notes"}},
    .examples = {"ninefold push tf29 registry.example/team/tf29 && ninefold export pod --secrets secret.yaml > pod.yaml", "ninefold export deployment --output deployment.yaml",
                 "ninefold export job --gpus 1 -- python train.py", "ninefold export tfjob --workers 4 -- python train.py",
                 "ninefold export compose --secrets tf29.secrets --output compose.yaml",
                 "ninefold export devcontainer --image registry.example/team/tf29@sha256:... --output .devcontainer/devcontainer.json"},
    .exits = "0; 2: bad arguments, or a command where services run; 127: it is not known where the image lies, or the registry lacks it",
    .run = write_export,
    .details = "KIND is pod, deployment, job, tfjob, compose, dockerfile or devcontainer. Kubernetes' files obey the Pod Security Standard \"restricted\". "
               "What a format cannot say is told on standard error, a note a line.",
    .completes = "pod deployment job tfjob compose dockerfile devcontainer"};

}  // namespace ninefold::cli
