// In: a kind's name. Out: its record, by which `ninefold export` finds what writes it.
#include "env/export/export.h"

#include <fmt/format.h>

#include <cctype>

#include "env/spec/parse.h"

namespace ninefold::env::exports {

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"pod", "a Pod of Kubernetes with its claims", false, true, write_pod},
      {"deployment", "a Deployment with Service and claims", false, true, write_deployment},
      {"job", "a Job that runs a command once", true, true, write_job},
      {"tfjob", "a TFJob of Kubeflow: workers that get TF_CONFIG", true, true, write_tfjob},
      {"compose", "a compose file, for Docker and podman", false, false, write_compose},
      {"dockerfile", "a Dockerfile upon the image", false, false, write_dockerfile},
      {"devcontainer", "a devcontainer.json, for editors", false, false, write_devcontainer},
  };
  return all;
}

Result<const Kind*> find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) {
    if (name == kind.name) return &kind;
    names.push_back(kind.name);
  }
  std::string list;
  for (const std::string& one : names) list += (list.empty() ? "" : ", ") + one;
  const std::string meant = nearest(name, names);
  return Error(Code::invalid_argument, fmt::format("export: unknown kind '{}'{}; there are {}", name, meant.empty() ? "" : ", did you mean '" + meant + "'?", list));
}

Result<Exported> export_as(const Spec& spec, const Request& request) {
  const Result<const Kind*> kind = find_kind(request.kind);
  if (!kind) return kind.error();
  std::vector<std::string> notes;
  const Result<Workload> work = make_workload(spec, request, *kind.value(), notes);
  if (!work) return work.error();
  return kind.value()->write(work.value(), std::move(notes));
}

std::string cluster_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const char low = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool good = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9');
    if (good || (!out.empty() && out.back() != '-')) out += good ? low : '-';
  }
  if (!out.empty() && out[0] >= '0' && out[0] <= '9') out = "nf-" + out;  // a Service's name begins with a letter
  out = out.substr(0, 40);                                               // with a claim's name behind it, at most 63
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

}  // namespace ninefold::env::exports
