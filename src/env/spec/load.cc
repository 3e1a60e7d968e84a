// In: a path. Out: the Spec that its file means, or one error with every finding; a first file's text.
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "env/spec/parse.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

std::string home() {
  if (const char* named = std::getenv("HOME"); named && *named) return named;
  const passwd* entry = ::getpwuid(::getuid());
  return entry ? entry->pw_dir : "/";
}

Result<std::string> find_file(const std::string& path) {
  std::error_code error;
  if (!path.empty()) {
    const fs::path given = fs::absolute(path, error);
    return (fs::is_directory(given, error) ? given / "ninefold.toml" : given).lexically_normal().string();
  }
  for (fs::path folder = fs::current_path(error); !error; folder = folder.parent_path()) {
    if (fs::exists(folder / "ninefold.toml", error)) return (folder / "ninefold.toml").string();
    if (folder == folder.root_path()) break;
  }
  return Error(Code::not_found, "there is no ninefold.toml here or above; `ninefold init` writes one");
}

}  // namespace

Result<Parsed> parse_file(const std::string& path) {
  Result<std::string> file = find_file(path);
  if (!file) return file.error();
  const auto read = [](const std::string& name) { return read_file("read the environment's file", name); };
  Result<std::string> text = read(file.value());
  if (!text) return text.error();
  const Surroundings around{fs::path(file.value()).parent_path(), home(), read};
  Parsed parsed = parse_spec(text.value(), file.value(), around);
  return parsed;
}

Result<Spec> load_spec(const std::string& path) {
  Result<Parsed> read = parse_file(path);
  if (!read) return read.error();
  Parsed& parsed = read.value();
  if (parsed.findings.empty()) return std::move(parsed.spec);
  return Error(Code::invalid_argument, fmt::format("{} finding{} in {}:\n{}", parsed.findings.size(),
                                                   parsed.findings.size() == 1 ? "" : "s", parsed.spec.file,
                                                   findings_text(parsed.findings)));
}

std::string initial_file(const std::string& name) {
  return fmt::format(R"(# A deep-learning workstation: `ninefold up` makes and starts it. What is commented out shows more.
name = "{}"
base = "debian:bookworm"             # debian:bullseye has Python 3.9, debian:trixie 3.13; or "oci:HOST/NAME:TAG"
# extends = "../team/ninefold.toml"  # a team's file; what stands here wins
# timezone = "Asia/Shanghai"
# locale = "zh_CN.UTF-8"

[python]
version = "3.11"

[packages]                           # after a change: ninefold lock
apt = ["git"]
pip = []                             # ["pandas", "scikit-learn==1.5.2"]
# set = "small"                      # Python and ssh only, without git, tmux, make, rsync, fonts

[mounts]                             # your folder = where it is inside
# "notebooks" = "/tf/notebooks"      # or {{ to = "/tf/notebooks", read_only = true }}
# "~/data" = {{ to = "/tf/data", read_only = true }}

# [volumes]                          # kept by Ninefold beyond `down`, as home, /tf/notebooks, logs, outputs are
# models = "/tf/models"

# [environment]
# TF_CPP_MIN_LOG_LEVEL = "1"

# [secrets]                          # files below /run/secrets, never part of the image
# WANDB_API_KEY = {{ env = "WANDB_API_KEY" }}

# [network]                          # outgoing = "auto": as it is where /dev/net/tun opens, else by proxy
# host_ports = [5432]                # services on this machine's loopback, reached inside on the same port
# [proxy]                            # else the proxy variables of whoever says `ninefold up`
# https = "http://proxy.example:3128"
# [dns]
# servers = ["8.8.8.8"]
# [sources]                          # mirrors; else those of this machine
# pip = "https://mirror.example/simple"
# verify_key = "team.pub"            # images of registries must be signed by this key: ninefold keygen

[jupyter]
port = 8888
# scripts = true                     # train.py beside train.ipynb at every save, for git; false: only by `ninefold notebook export`

[ssh]
port = 2222
user = "devuser"
# authorized_keys = "~/.ssh/id_ed25519.pub"  # else your own public keys

[tensorboard]
port = 6006
logdir = "/tf/logs"

# [services.api]
# command = ["python", "-m", "http.server", "8000"]
# port = 8000

# [publish]                          # to other machines, through TLS
# services = ["jupyter"]

[limits]
memory = "8g"
cpus = 2

[gpu]
use = "optional"                     # required | optional | none
# devices = [0, 1]                   # as nvidia-smi counts, or UUIDs; else all
)",
                     name);
}

}  // namespace ninefold::env
