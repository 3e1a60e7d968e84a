// In: a plan. Out: files beside the host key's, and what they hold.
#include "env/supervise/gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/fd.h"
#include "base/text.h"

namespace ninefold::env::supervise {
namespace {

std::string token_file(const run::Plan& plan) {
  return (std::filesystem::path(plan.state) / "../../tls" / plan.name / "token").lexically_normal();
}

Result<void> make_token(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return {};
  const std::string folder = std::filesystem::path(path).parent_path();
  if (Result<void> made = make_folders("publish", folder); !made) return made;
  ::chmod(folder.c_str(), 0700);
  unsigned char bytes[24];
  Result<Fd> random = open_file("publish", "/dev/urandom", O_RDONLY);
  if (!random) return random.error();
  Result<std::size_t> got = read_some("publish", "/dev/urandom", random.value().get(), bytes, sizeof bytes);
  if (!got) return got.error();
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  if (Result<void> written = write_atomically("publish", path, text + "\n"); !written) return written;
  ::chmod(path.c_str(), 0600);
  return {};
}

}  // namespace

Result<std::string> gate_login(const run::Plan& plan) {
  Result<std::string> token = read_file("publish", token_file(plan));
  if (!token) return token.error();
  return plan.user + ":" + std::string(strip(token.value()));
}

Result<Gate> open_gate(const run::Plan& plan) {
  Gate gate;
  bool tls = false, login = false;
  for (const run::Port& port : plan.ports) {
    tls = tls || (!port.published.empty() && port.tls);
    login = login || (!port.published.empty() && port.gate);
  }
  if (!tls) return gate;
  const CertificateFiles files{plan.certificate, plan.key};
  if (plan.own_certificate) {
    std::vector<std::string> names = names_of_this_machine();
    for (const run::Port& port : plan.ports) {
      const bool one = !port.published.empty() && port.published != "0.0.0.0" && port.published != "::";
      if (one && std::find(names.begin(), names.end(), port.published) == names.end()) names.push_back(port.published);
    }
    if (Result<void> made = make_certificate(files, "ninefold " + plan.name, names); !made) return made.error();
  }
  Result<Tls> loaded = load_tls(files);
  if (!loaded) return loaded.error();
  gate.tls = std::move(loaded).value();
  if (!login) return gate;
  if (Result<void> made = make_token(token_file(plan)); !made) return made.error();
  Result<std::string> read = gate_login(plan);
  if (!read) return read.error();
  gate.login = read.value();
  return gate;
}

}  // namespace ninefold::env::supervise
