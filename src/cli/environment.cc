// In: arguments, plans. Out: names and addresses.
#include "cli/environment.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "base/fd.h"
#include "base/text.h"
#include "env/spec/parse.h"
#include "env/supervise/gate.h"
#include "env/supervise/tls.h"

namespace ninefold::cli {


std::string environment_name(const Args& args) {
  if (args.has("--name")) return args.get("--name");
  return env::load_spec("").value().name;
}

env::run::SecretValues secret_values(const std::string& verb, const env::Spec& spec) {
  env::run::SecretValues values;
  for (const env::Secret& secret : spec.secrets) {
    if (!secret.file.empty()) {
      values[secret.name] = read_file(verb + ": secret " + secret.name, secret.file).value();
      continue;
    }
    const char* value = std::getenv(secret.variable.c_str());
    check(value, Code::failed_precondition, "{}: secret {}: the variable {} is not set; set it and try again",
          verb, secret.name, secret.variable);
    values[secret.name] = value;
  }
  for (const auto& [name, value] : values)
    check(value.find('\0') == std::string::npos, "{}: secret {}: it holds a zero byte; encode it as text, in base64 say", verb, name);
  return values;
}

env::supervise::Environment running(const std::string& verb, const Args& args) {
  return env::supervise::find_running(verb, environment_name(args)).value();
}

const env::run::Port* find_port(const env::run::Plan& plan, const std::string& service) {
  for (const env::run::Port& port : plan.ports)
    if (port.service == service) return &port;
  return nullptr;
}

std::string network_text(const env::run::Plan& plan) {
  std::string text = plan.network;
  if (plan.network == "tun") text += plan.outgoing.ipv6 ? " (slirp4netns, with IPv6)" : " (slirp4netns)";
  if (plan.outgoing.port) text += fmt::format("{} at 127.0.0.1:{} inside", plan.network == "proxy" ? "" : ", and a proxy",
                                              plan.outgoing.port);
  if (!plan.why_network.empty()) text += " (" + plan.why_network + ")";
  for (const env::run::ProxyServer& proxy : {plan.outgoing.https, plan.outgoing.http})
    if (!proxy.kind.empty()) return text + ", through " + env::run::shown(proxy);
  return text;
}

std::string fingerprint(const env::run::Plan& plan) {
  for (const env::run::Port& port : plan.ports)
    if (!port.published.empty() && port.tls) {
      const Result<std::string> print = env::supervise::fingerprint_of(plan.certificate);
      return print ? print.value() : std::string();
    }
  return {};
}

namespace {

// How other machines reach what is published to them.
void print_published(const env::run::Plan& plan, const std::string& token_url, Io& io) {
  char host[256] = "HOST";
  ::gethostname(host, sizeof host - 1);
  for (const env::run::Port& port : plan.ports) {
    if (port.published.empty()) continue;
    const bool all = port.published == "0.0.0.0" || port.published == "::";
    const std::string place = env::run::text(env::run::Endpoint{all ? host : port.published, port.outside});
    const std::size_t path = token_url.find("/lab");
    if (!port.tls) io.out << fmt::format("published:    {} on {}\n", port.service, place);
    else
      io.out << fmt::format("published:    https://{}{}\n", place,
                            port.service == "jupyter" && path != std::string::npos ? token_url.substr(path) : "/");
    if (!port.gate) continue;
    if (const Result<std::string> login = env::supervise::gate_login(plan))
      io.out << fmt::format("              user and token: {}\n", login.value());
  }
  if (const std::string print = fingerprint(plan); !print.empty()) io.out << "certificate:  " << print << "\n";
}

}  // namespace

std::string jupyter_url(const env::supervise::Environment& environment) {
  const env::run::Port* port = find_port(environment.plan, "jupyter");
  if (!port) return {};
  const Result<std::string> token =
      env::supervise::output_of(environment, {.arguments = {"cat", "/run/secrets/jupyter_token"}});
  if (!token) return {};
  return fmt::format("http://127.0.0.1:{}/lab?token={}", port->outside, strip(token.value()));
}

std::string facts_text(const env::supervise::Environment& environment) {
  nlohmann::ordered_json facts = {{"name", environment.name}, {"image", environment.plan.image},
                                  {"user", environment.plan.user}, {"network", environment.plan.network}};
  if (!environment.plan.why_network.empty()) facts["network_why"] = environment.plan.why_network;
  facts["gpus"] = environment.plan.gpu.devices;
  if (!environment.plan.gpu.why.empty()) facts["gpu_why"] = environment.plan.gpu.why;
  if (const std::string print = fingerprint(environment.plan); !print.empty()) facts["fingerprint"] = print;
  facts["ports"] = nlohmann::ordered_json::object();
  for (const env::run::Port& port : environment.plan.ports) facts["ports"][port.service] = port.outside;
  if (const std::string url = jupyter_url(environment); !url.empty()) facts["jupyter"] = url;
  return facts.dump();
}

void print_addresses(const env::supervise::Environment& environment, Io& io) {
  const env::run::Plan& plan = environment.plan;
  const std::string url = jupyter_url(environment);
  if (!url.empty()) io.out << "jupyter:      " << url << "\n";
  if (const env::run::Port* port = find_port(plan, "tensorboard"))
    io.out << fmt::format("tensorboard:  http://127.0.0.1:{}/\n", port->outside);
  if (const env::run::Port* port = find_port(plan, "ssh"))
    io.out << fmt::format("ssh:          ssh -p {} {}@127.0.0.1   (or: ninefold ssh)\n", port->outside, plan.user);
  for (const env::run::Port& port : plan.ports)
    if (port.service != "jupyter" && port.service != "tensorboard" && port.service != "ssh")
      io.out << fmt::format("{:<13} http://127.0.0.1:{}/\n", port.service + ":", port.outside);
  print_published(plan, url, io);
  if (plan.ports.empty()) return;
  std::string forwards;
  for (const env::run::Port& port : plan.ports)
    forwards += fmt::format(" -L {0}:127.0.0.1:{0}", port.outside);
  char host[256] = "HOST";
  ::gethostname(host, sizeof host - 1);
  const passwd* me = ::getpwuid(::getuid());
  io.out << fmt::format("from a PC:    ssh -N{} {}@{}\n", forwards, me ? me->pw_name : "USER", host);
}

std::string duration_text(std::int64_t milliseconds) {
  const std::int64_t seconds = milliseconds / 1000;
  if (seconds < 1) return fmt::format("{} ms", milliseconds);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds / 3600 % 24);
}

std::string size_text(std::uint64_t bytes) {
  double value = static_cast<double>(bytes);
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  int unit = 0;
  while (value >= 1024 && unit < 4) value /= 1024, ++unit;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace ninefold::cli
