// In: [ssh] of a Spec and the environment's variables. Out: sshd's configuration.
#include <fmt/format.h>

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
std::string sshd_config(const Spec& spec, const std::vector<std::string>& environment, const Doors& doors) {
  const int port = spec.ssh ? spec.ssh->port : 2222;
  std::string text = fmt::format(
      "# Written by Ninefold from [ssh] of {0}.\n"
      "Port {1}\n"
      "{3}"
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
      "AuthorizedKeysFile {4}\n"
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
      spec.file.empty() ? "the environment's file" : spec.file, port, spec.user(),
      // Volumes that a cluster mounts may be written to by their group, and there is nobody else inside.
      doors.open ? "StrictModes no\n" : "ListenAddress 127.0.0.1\n", doors.keys);
  // sshd obeys the first such line only, so all variables stand in one.
  std::string variables;
  for (const std::string& variable : environment) {
    if (variable.find('\n') != std::string::npos) continue;
    variables += " " + quoted(variable);
  }
  if (!variables.empty()) text += "SetEnv" + variables + "\n";
  return text;
}

}  // namespace ninefold::env::run
