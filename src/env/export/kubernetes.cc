// In: a Workload. Out: documents for Kubernetes under the "restricted" Pod Security Standard: Pod, Deployment, Job, TFJob.
#include <fmt/format.h>

#include <algorithm>

#include "env/export/export.h"
#include "env/registry/auth.h"

namespace ninefold::env::exports {
namespace {

constexpr int kUserNumber = 1000;

Json metadata(const Workload& work, const std::string& name) {
  return {{"name", name}, {"labels", {{"app.kubernetes.io/name", work.name}, {"app.kubernetes.io/managed-by", "ninefold"}}}};
}

Json selector(const Workload& work) { return {{"app.kubernetes.io/name", work.name}}; }
std::string claim_name(const Workload& work, const Place& place) { return work.name + "-" + cluster_name(place.name); }

// "8Gi", "1500Mi", or bytes where neither says it exactly.
std::string size_of(std::uint64_t bytes) {
  for (const auto& [unit, name] : {std::pair{std::uint64_t{1} << 30, "Gi"}, {std::uint64_t{1} << 20, "Mi"}})
    if (bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  return std::to_string(bytes);
}

Json config_map(const Workload& work) {
  Json data = {{"ninefold.toml", work.toml}};
  if (!work.keys.empty()) data["authorized_keys"] = work.keys;
  return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", metadata(work, work.name)}, {"data", data}};
}

Json claim(const Workload& work, const Place& place) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata", metadata(work, claim_name(work, place))},
          {"spec", {{"accessModes", Json::array({work.workers > 1 ? "ReadWriteMany" : "ReadWriteOnce"})},
                    {"resources", {{"requests", {{"storage", work.storage}}}}}}}};
}

// Nobody may become more than the one user: what the profile "restricted" asks for, and a read-only image.
Json container_security(const Workload& work) {
  return {{"allowPrivilegeEscalation", false},
          {"capabilities", {{"drop", Json::array({"ALL"})}}},
          {"readOnlyRootFilesystem", !work.writable},
          {"runAsNonRoot", true},
          {"runAsUser", kUserNumber}};
}

// One probe for all services: the image's own program asks them, so that podman and clusters do the same.
void add_probes(const Workload& work, Json& container) {
  Json words = Json::array({kInit, "probe"});
  for (const Door& door : work.doors)
    if (!door.probe.empty()) words.push_back(door.probe);
  if (words.size() == 2) return;
  const Json asks = {{"exec", {{"command", words}}}, {"timeoutSeconds", 5}};
  for (const auto& [name, seconds, failures] : {std::tuple{"startupProbe", 2, 60}, {"readinessProbe", 10, 3}, {"livenessProbe", 20, 6}}) {
    container[name] = asks;
    container[name]["periodSeconds"] = seconds;
    container[name]["failureThreshold"] = failures;
  }
}

Json container_of(const Workload& work, const std::string& name) {
  Json container = {{"name", name}, {"image", work.image}, {"imagePullPolicy", "IfNotPresent"}, {"command", work.words}};
  for (const auto& [key, value] : work.environment) container["env"].push_back({{"name", key}, {"value", value}});
  for (const Door& door : work.doors)
    if (door.open) container["ports"].push_back({{"containerPort", door.port}, {"protocol", "TCP"}});
  Json limits = Json::object();
  if (work.limits.memory) limits["memory"] = size_of(work.limits.memory);
  if (work.limits.cpus > 0) limits["cpu"] = fmt::format("{}m", static_cast<std::uint64_t>(work.limits.cpus * 1000 + 0.5));
  Json requests = limits;
  if (work.gpus) limits["nvidia.com/gpu"] = work.gpus;  // what is asked for follows from the limit
  if (!limits.empty()) container["resources"] = {{"limits", limits}};
  if (!requests.empty()) container["resources"]["requests"] = requests;
  container["securityContext"] = container_security(work);
  Json& mounts = container["volumeMounts"] = Json::array();
  for (const Place& place : work.places) {
    Json mount = {{"name", "claim-" + cluster_name(place.name)}, {"mountPath", place.to}};
    if (place.read_only) mount["readOnly"] = true;
    mounts.push_back(mount);
  }
  mounts.push_back({{"name", "given"}, {"mountPath", "/etc/ninefold"}, {"readOnly", true}});
  mounts.push_back({{"name", "run"}, {"mountPath", "/run/ninefold"}});
  if (!work.secrets.empty()) mounts.push_back({{"name", "secrets"}, {"mountPath", "/run/secrets"}, {"readOnly", true}});
  mounts.push_back({{"name", "shared-memory"}, {"mountPath", "/dev/shm"}});
  mounts.push_back({{"name", "temporary"}, {"mountPath", "/tmp"}});
  add_probes(work, container);
  return container;
}

Json volumes_of(const Workload& work) {
  Json volumes = Json::array();
  for (const Place& place : work.places)
    volumes.push_back({{"name", "claim-" + cluster_name(place.name)}, {"persistentVolumeClaim", {{"claimName", claim_name(work, place)}}}});
  volumes.push_back({{"name", "given"}, {"configMap", {{"name", work.name}}}});
  volumes.push_back({{"name", "run"}, {"emptyDir", {{"medium", "Memory"}, {"sizeLimit", "64Mi"}}}});
  if (!work.secrets.empty()) {
    // 0400; the kubelet adds fsGroup, without which the one user could not read it.
    Json secret = {{"secretName", work.name + "-secrets"}, {"defaultMode", 0400}};
    // Said in any case: podman 4.3 ends where it is not, and leaves out what may be left out.
    secret["optional"] = work.own_secrets_only && work.secrets_at.empty();
    volumes.push_back({{"name", "secrets"}, {"secret", secret}});
  }
  volumes.push_back({{"name", "shared-memory"},
                     {"emptyDir", {{"medium", "Memory"}, {"sizeLimit", size_of(work.limits.shared_memory ? work.limits.shared_memory : kSharedMemory)}}}});
  volumes.push_back({{"name", "temporary"}, {"emptyDir", Json::object()}});
  return volumes;
}

Json pod_spec(const Workload& work, const std::string& container, const std::string& restart) {
  Json spec = {{"automountServiceAccountToken", false},
               {"enableServiceLinks", false},
               {"restartPolicy", restart},
               {"terminationGracePeriodSeconds", 15},
               {"securityContext",
                {{"runAsNonRoot", true},
                 {"runAsUser", kUserNumber},
                 {"runAsGroup", kUserNumber},
                 {"fsGroup", kUserNumber},
                 {"fsGroupChangePolicy", "OnRootMismatch"},
                 {"seccompProfile", {{"type", "RuntimeDefault"}}}}}};
  if (!work.name_servers.empty()) spec["dnsConfig"]["nameservers"] = work.name_servers;
  if (!work.search.empty()) spec["dnsConfig"]["searches"] = work.search;
  spec["containers"] = Json::array({container_of(work, container)});
  spec["volumes"] = volumes_of(work);
  return spec;
}

Json service_of(const Workload& work) {
  Json ports = Json::array();
  for (const Door& door : work.doors)
    if (door.open)
      ports.push_back({{"name", cluster_name(door.service)}, {"port", door.port}, {"targetPort", door.port}, {"protocol", "TCP"}});
  return {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", metadata(work, work.name)}, {"spec", {{"selector", selector(work)}, {"ports", ports}}}};
}

void tell(const Workload& work, std::vector<std::string>& notes) {
  for (const Place& place : work.places)
    if (!place.from.empty())
      notes.push_back(fmt::format("{} ({}) becomes the claim {}, which begins empty: a cluster has no folders of this machine; copy them: kubectl cp {}/. "
                                  "POD:{}", place.to, place.from, claim_name(work, place), place.from, place.to));
  for (const Door& door : work.doors)
    if (!door.open)
      notes.push_back(fmt::format("{0} has no login and is reached by its owner only: kubectl port-forward POD {1}", door.service, door.port));
  if (work.limits.processes) notes.push_back("[limits] processes is left out: in Kubernetes it is a setting of the node (podPidsLimit)");
  if (!work.secrets.empty() && work.secrets_at.empty())
    notes.push_back(fmt::format("the Secret {}-secrets is not part of this file; --secrets FILE writes it{}", work.name,
                                work.own_secrets_only ? ", else each container makes a token and a host key of its own" : ""));
  if (work.workers > 1 && !work.places.empty())
    notes.push_back("several workers share each claim (ReadWriteMany); the cluster needs a storage class that can");
}

Exported documents(const Workload& work, std::vector<std::string> notes, std::vector<Json> main) {
  Json all = Json::array({config_map(work)});
  for (const Place& place : work.places) all.push_back(claim(work, place));
  if (work.offline)
    all.push_back({{"apiVersion", "networking.k8s.io/v1"},
                   {"kind", "NetworkPolicy"},
                   {"metadata", metadata(work, work.name)},
                   {"spec", {{"podSelector", {{"matchLabels", selector(work)}}}, {"policyTypes", Json::array({"Egress"})}, {"egress", Json::array()}}}});
  for (Json& one : main) all.push_back(std::move(one));
  tell(work, notes);
  std::string text = "# Written by `ninefold export`; the image is named by its digest.\n";
  for (std::size_t i = 0; i < all.size(); ++i) text += (i ? "---\n" : "") + yaml(all[i]);
  return {text, all, notes};
}

Json template_of(const Workload& work, const std::string& container, const std::string& restart) {
  return {{"metadata", {{"labels", metadata(work, work.name)["labels"]}}}, {"spec", pod_spec(work, container, restart)}};
}

}  // namespace

Exported write_pod(const Workload& work, std::vector<std::string> notes) {
  return documents(work, std::move(notes),
                   {{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata(work, work.name)}, {"spec", pod_spec(work, work.name, "Always")}}});
}

Exported write_deployment(const Workload& work, std::vector<std::string> notes) {
  // Recreate: two Pods cannot hold one claim.
  const Json deployment = {{"apiVersion", "apps/v1"},
                           {"kind", "Deployment"},
                           {"metadata", metadata(work, work.name)},
                           {"spec",
                            {{"replicas", 1},
                             {"strategy", {{"type", "Recreate"}}},
                             {"selector", {{"matchLabels", selector(work)}}},
                             {"template", template_of(work, work.name, "Always")}}}};
  if (std::none_of(work.doors.begin(), work.doors.end(), [](const Door& door) { return door.open; })) {
    notes.push_back("there is no Service: nothing in the file has a login, or is named by [publish]");
    return documents(work, std::move(notes), {deployment});
  }
  return documents(work, std::move(notes), {service_of(work), deployment});
}

Exported write_job(const Workload& work, std::vector<std::string> notes) {
  // A training that failed is looked at by a person, not tried again six times.
  return documents(work, std::move(notes),
                   {{{"apiVersion", "batch/v1"},
                     {"kind", "Job"},
                     {"metadata", metadata(work, work.name)},
                     {"spec", {{"backoffLimit", 0}, {"template", template_of(work, work.name, "Never")}}}}});
}

Exported write_tfjob(const Workload& work, std::vector<std::string> notes) {
  if (work.workers > 1)
    notes.push_back("each worker trains by itself: there is no MultiWorkerMirroredStrategy yet; TF_CONFIG tells a script which worker it is");
  // The operator looks for a container of this name and this port, and sets TF_CONFIG in it.
  Json pod = template_of(work, "tensorflow", "Never");
  pod["spec"]["containers"][0]["ports"] = Json::array({{{"name", "tfjob-port"}, {"containerPort", 2222}, {"protocol", "TCP"}}});
  pod["spec"].erase("restartPolicy");
  return documents(work, std::move(notes),
                   {{{"apiVersion", "kubeflow.org/v1"},
                     {"kind", "TFJob"},
                     {"metadata", metadata(work, work.name)},
                     {"spec",
                      {{"runPolicy", {{"cleanPodPolicy", "Running"}}},
                       {"tfReplicaSpecs", {{"Worker", {{"replicas", work.workers}, {"restartPolicy", "Never"}, {"template", pod}}}}}}}}});
}

std::string secret_document(const std::string& name, const std::map<std::string, std::string>& values) {
  Json data = Json::object();
  for (const auto& [key, value] : values) data[key] = registry::base64(value);
  return "# Written by `ninefold export --secrets`: keep it out of version control.\n" +
         yaml({{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", {{"name", cluster_name(name) + "-secrets"}}}, {"type", "Opaque"}, {"data", data}});
}

}  // namespace ninefold::env::exports
