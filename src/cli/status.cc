// In: the environments of this user. Out: what runs, what it uses, and how it is limited; never a guess.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "base/check.h"
#include "base/text.h"
#include "cli/environment.h"
#include "env/store/store.h"
#include "env/supervise/connector.h"
#include "env/supervise/usage.h"

namespace ninefold::cli {
namespace supervise = env::supervise;
namespace {

using Json = nlohmann::ordered_json;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Json limits_of(const env::run::Plan& plan) {
  Json limits = Json::object();
  const auto add = [&](const char* name, const Json& value, env::run::Strength strength) {
    if (strength != env::run::Strength::none)
      limits[name] = {{"limit", value}, {"strength", env::run::text(strength)}};
  };
  add("memory", plan.limits.memory, plan.cgroups.memory);
  add("cpus", plan.limits.cpus, plan.cgroups.cpus);
  add("processes", plan.limits.processes, plan.cgroups.processes);
  return limits;
}

Json services_of(const supervise::Environment& environment) {
  Json services = Json::object();
  Result<supervise::Fields> answer = supervise::ask(environment, {{"op", "services"}});
  if (!answer) return services;
  std::string name;
  for (const auto& [key, value] : answer.value()) {
    if (key == "service") name = value;
    if (key == "pid") services[name]["state"] = value == "0" ? "not running" : "running";
    if (key == "starts") services[name]["starts"] = std::atoi(value.c_str());
  }
  return services;
}

// Tags of registries by which the store has this very image. Where there is no store, or it cannot be read, none.
Json followed(const std::string& image) {
  Json tags = Json::array();
  if (!std::filesystem::is_directory(env::Store::default_root())) return tags;
  const Result<env::Store> store = env::Store::open();
  const Result<std::vector<env::Ref>> refs = store ? store.value().refs() : Result<std::vector<env::Ref>>(store.error());
  if (refs)
    for (const env::Ref& ref : refs.value())
      if (ref.image == image && !ref.from.empty()) tags.push_back({{"tag", ref.from}, {"digest", ref.from_digest}});
  return tags;
}

Json look(const std::string& name) {
  Result<supervise::Environment> found = supervise::find(name);
  Json json = {{"name", name}};
  if (!found) {
    json["state"] = found.error().code() == Code::not_found ? "down" : "unknown";
    if (found.error().code() != Code::not_found) json["problem"] = found.error().message();
    return json;
  }
  const supervise::Environment& environment = found.value();
  json["state"] = environment.runs ? "running" : "killed";
  json["project"] = environment.plan.project;
  json["image"] = environment.plan.image;
  if (!environment.runs) return json;
  if (const Json tags = followed(environment.plan.image); !tags.empty()) json["follows"] = tags;
  json["started"] = environment.state.started;
  json["pid"] = environment.state.first;
  const supervise::Usage usage = supervise::usage_of(environment.plan, environment.state.first);
  json["memory"] = usage.memory;
  json["processes"] = usage.processes;
  json["cpu_ms"] = usage.cpu_ms;
  json["limits"] = limits_of(environment.plan);
  if (!environment.plan.cgroups.why.empty()) json["limits_why"] = environment.plan.cgroups.why;
  json["network"] = environment.plan.network;
  json["network_shown"] = network_text(environment.plan);
  if (!environment.plan.backend.empty()) json["runtime"] = environment.plan.backend;
  json["gpus"] = environment.plan.gpu.devices;
  json["gpu_shown"] = env::run::gpu_text(environment.plan.gpu);
  if (!environment.plan.why_network.empty()) json["network_why"] = environment.plan.why_network;
  if (const Result<supervise::Load> load = supervise::load_of(environment.folder))
    json["connections"] = {{"open", load.value().open}, {"most", load.value().most}};
  for (const env::run::Port& port : environment.plan.ports)
    if (!port.published.empty()) json["published"][port.service] = fmt::format("{}:{}", port.published, port.outside);
  if (const std::string print = fingerprint(environment.plan); !print.empty()) json["fingerprint"] = print;
  json["ports"] = Json::object();
  for (const env::run::Port& port : environment.plan.ports) json["ports"][port.service] = port.outside;
  json["services"] = services_of(environment);
  const supervise::Journal journal = supervise::read_journal(environment.folder);
  int jobs = 0;
  for (const supervise::Run& run : journal.runs)
    jobs += run.kind == "job" && !run.status && run.session + 1 == journal.sessions.size();
  json["jobs_running"] = jobs;
  return json;
}

std::string limit_text(const Json& json, const char* name, const std::string& shown) {
  if (!json["limits"].contains(name)) return {};
  return fmt::format(" of {} ({})", shown, json["limits"][name]["strength"].get<std::string>());
}

void print(const Json& json, const Json& before, double seconds, Io& io) {
  const std::string state = json["state"];
  io.out << fmt::format("{}: {}", json["name"].get<std::string>(), state);
  if (json.contains("problem")) io.out << ": " << json["problem"].get<std::string>();
  if (state != "running") {
    io.out << (state == "killed" ? "; ninefold up starts it again\n" : "\n");
    return;
  }
  const env::Limits none;
  const Json& limits = json["limits"];
  io.out << fmt::format(" for {}\n", duration_text(now_ms() - json["started"].get<std::int64_t>()));
  if (json.contains("follows"))
    for (const Json& tag : json["follows"])
      io.out << fmt::format("  follows    {} as it was when it was pulled, {}\n", tag["tag"].get<std::string>(), tag["digest"].get<std::string>());
  io.out << fmt::format("  memory     {}{}\n", size_text(json["memory"]),
                        limits.contains("memory") ? limit_text(json, "memory", size_text(limits["memory"]["limit"])) : "");
  io.out << fmt::format("  processes  {}{}\n", json["processes"].get<int>(),
                        limits.contains("processes") ? limit_text(json, "processes", limits["processes"]["limit"].dump()) : "");
  if (before.is_object() && before.contains("cpu_ms"))
    io.out << fmt::format("  cpus       {:.2f}{}\n",
                          // what a process used that has ended meanwhile is counted no more
                          std::max(0.0, json["cpu_ms"].get<double>() - before["cpu_ms"].get<double>()) / 1000 / seconds,
                          limits.contains("cpus") ? limit_text(json, "cpus", limits["cpus"]["limit"].dump()) : "");
  else if (limits.contains("cpus"))
    io.out << fmt::format("  cpus       limit {} ({})\n", limits["cpus"]["limit"].dump(),
                          limits["cpus"]["strength"].get<std::string>());
  if (json.contains("limits_why")) io.out << "  soft limits: " << json["limits_why"].get<std::string>() << "\n";
  io.out << fmt::format("  network    {}\n", json["network_shown"].get<std::string>());
  io.out << fmt::format("  gpu        {}\n", json["gpu_shown"].get<std::string>());
  if (json.contains("connections"))
    io.out << fmt::format("  connected  {} of {} at most\n", json["connections"]["open"].get<int>(),
                          json["connections"]["most"].get<int>());
  if (json.contains("published"))
    for (const auto& [name, place] : json["published"].items())
      io.out << fmt::format("  published  {} on {}\n", name, place.get<std::string>());
  io.out << fmt::format("  jobs       {} running\n", json["jobs_running"].get<int>());
  for (const auto& [name, service] : json["services"].items())
    io.out << fmt::format("  {:<10} {}{}{}\n", name, service["state"].get<std::string>(),
                          json["ports"].contains(name) ? fmt::format(" on 127.0.0.1:{}", json["ports"][name].get<int>()) : "",
                          service["starts"].get<int>() > 1 ? fmt::format(", started {} times", service["starts"].get<int>()) : "");
}

}  // namespace

extern const Verb status;
const Verb status = {
    .name = "status",
    .usage = "[NAME...]",
    .brief = "Tell which environments run, what they use and how they are limited.",
    .flags = {{"--json", "as JSON, one array"}, {"--watch", "again every second, with the processors in use"}},
    .examples = {"ninefold status", "ninefold status tf29 --watch", "ninefold status --json"},
    .exits = "0: all that were asked about run; 1: one does not",
    .run = [](const Args& args, Io& io) -> int {
      const std::vector<std::string> names = args.rest.empty() ? supervise::environment_names() : args.rest;
      std::map<std::string, Json> before;
      auto last = std::chrono::steady_clock::now();
      if (args.has("--watch")) {  // processors in use are a difference: the first picture shows them, too
        for (const std::string& name : names) before[name] = look(name);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
      }
      for (;;) {
        Json all = Json::array();
        bool fine = true;
        for (const std::string& name : names) {
          Json json = look(name);
          if (args.rest.empty() && json["state"] == "down") continue;  // only records of jobs are left
          fine = fine && json["state"] == "running";
          all.push_back(json);
        }
        const auto now = std::chrono::steady_clock::now();
        const double seconds = std::chrono::duration<double>(now - last).count();
        last = now;
        if (args.has("--json")) {
          io.out << all.dump() << std::endl;
        } else {
          if (args.has("--watch") && ::isatty(1)) io.out << "\033[H\033[2J";
          for (const Json& json : all) print(json, before[json["name"]], seconds, io);
          if (all.empty()) io.out << "no environment is up\n";
          io.out << std::flush;
        }
        if (!args.has("--watch")) return fine ? ok : found_something;
        for (const Json& json : all) before[json["name"]] = json;
        std::this_thread::sleep_for(std::chrono::seconds(1));
        if (!io.out.good()) return ok;
      }
    },
    .completes = "environment"};

}  // namespace ninefold::cli
