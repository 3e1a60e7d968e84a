// In: [ssh] of a Spec and the environment's variables. Out: sshd's configuration, and the user database.
#include <fmt/format.h>

#include "base/text.h"
#include "env/run/plan.h"

namespace ninefold::env::run {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

// sshd runs as the ordinary user it lets in: it has no capability to change to anybody else.
std::string sshd_config(const Spec& spec, const std::vector<std::string>& environment) {
  const int port = spec.ssh ? spec.ssh->port : 2222;
  std::string text = fmt::format(
      "# Written by `ninefold up` from [ssh] of {0}.\n"
      "Port {1}\n"
      "ListenAddress 127.0.0.1\n"
      "HostKey /run/ninefold/hostkey/ssh_host_ed25519_key\n"
      "PidFile none\n"
      "PermitRootLogin no\n"
      "PasswordAuthentication no\n"
      "KbdInteractiveAuthentication no\n"
      "PubkeyAuthentication yes\n"
      "AuthenticationMethods publickey\n"
      "HostbasedAuthentication no\n"
      "PermitEmptyPasswords no\n"
      "AllowUsers {2}\n"
      "AuthorizedKeysFile /run/ninefold/keys/authorized_keys\n"
      "UsePAM no\n"
      "PrintMotd no\n"
      "X11Forwarding no\n"
      "AllowTcpForwarding yes\n"
      "AllowAgentForwarding yes\n"
      "MaxAuthTries 6\n"
      "ClientAliveInterval 30\n"
      "ClientAliveCountMax 6\n"
      "AcceptEnv LANG LC_* COLORTERM\n"
      "Subsystem sftp internal-sftp\n",
      spec.file.empty() ? "the environment's file" : spec.file, port, spec.user());
  // sshd obeys the first such line only, so all variables stand in one.
  std::string variables;
  for (const std::string& variable : environment) {
    if (variable.find('\n') != std::string::npos) continue;
    variables += " " + quoted(variable);
  }
  if (!variables.empty()) text += "SetEnv" + variables + "\n";
  return text;
}

std::string with_user(const std::string& passwd, const std::string& user, const std::string& home) {
  std::string text;
  for (const std::string_view line : split(passwd, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 7 || fields[0] == user || fields[2] == std::to_string(kUser)) continue;
    text.append(line).append("\n");
  }
  return text + fmt::format("{}:x:{}:{}::{}:/bin/bash\n", user, kUser, kUser, home);
}

std::string with_group(const std::string& group, const std::string& user) {
  std::string text;
  for (const std::string_view line : split(group, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 4 || fields[0] == user || fields[2] == std::to_string(kUser)) continue;
    text.append(line).append("\n");
  }
  return text + fmt::format("{}:x:{}:\n", user, kUser);
}

}  // namespace ninefold::env::run
