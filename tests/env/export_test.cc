// In: specs and requests as data. Out: the files of seven kinds, what they hold and what is said of the rest.
#include "env/export/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "env/spec/parse.h"

namespace ninefold::env::exports {
namespace {

const std::string kImage = "registry.example/team/tf29@sha256:" + std::string(64, 'a');

// Other tests (tests/exports) have others' tools read what becomes of the same file.
std::string example() {
  std::ifstream file(NINEFOLD_TEST_DATA "/exports/ninefold.toml");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
const std::string kFile = example();

Spec spec_of(const std::string& text) {
  const Parsed parsed = parse_spec(text, "/home/anna/p/ninefold.toml", {"/home/anna/p", "/home/anna", [](const std::string&) { return Result<std::string>(Error(Code::not_found, "")); }});
  EXPECT_TRUE(parsed.findings.empty()) << findings_text(parsed.findings);
  return parsed.spec;
}

Request ask(const std::string& kind) {
  Request request;
  request.kind = kind, request.image = kImage, request.keys = "ssh-ed25519 AAAA anna\n";
  for (const Kind& one : kinds())
    if (kind == one.name && one.runs_command) request.command = {"python", "train.py", "--lr=1e-3"};
  return request;
}

Exported made(const std::string& kind, const std::string& file = kFile) { return export_as(spec_of(file), ask(kind)).value(); }

bool has_note(const Exported& exported, const std::string& part) {
  return std::any_of(exported.notes.begin(), exported.notes.end(), [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

const Json& document(const Exported& exported, const std::string& kind) {
  for (const Json& one : exported.documents)
    if (one["kind"] == kind) return one;
  throw std::runtime_error("no " + kind);
}

Json pod_spec(const Exported& exported, const std::string& kind) {
  if (kind == "pod") return document(exported, "Pod")["spec"];
  if (kind == "deployment") return document(exported, "Deployment")["spec"]["template"]["spec"];
  if (kind == "job") return document(exported, "Job")["spec"]["template"]["spec"];
  return document(exported, "TFJob")["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"];
}

// What the Pod Security Standard "restricted" forbids, from its public description. Empty: it may run.
std::vector<std::string> forbidden(const Json& pod) {
  std::vector<std::string> found;
  const auto refuse = [&](bool bad, const std::string& what) { if (bad) found.push_back(what); };
  const Json none = Json::object();
  const auto of = [&](const Json& json, const char* key) -> const Json& { return json.contains(key) ? json[key] : none; };
  for (const char* host : {"hostNetwork", "hostPID", "hostIPC"}) refuse(of(pod, host) == true, host);
  static const std::set<std::string> kVolumes = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"};
  for (const Json& volume : of(pod, "volumes"))
    for (const auto& [key, value] : volume.items()) refuse(key != "name" && !kVolumes.count(key), "volume " + key);
  const Json& outer = of(pod, "securityContext");
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
    for (const Json& container : of(pod, list)) {
      const Json& inner = of(container, "securityContext");
      const auto either = [&](const char* key) { return inner.contains(key) ? inner[key] : outer.contains(key) ? outer[key] : Json(); };
      refuse(of(inner, "privileged") == true, "privileged");
      refuse(!inner.contains("allowPrivilegeEscalation") || inner["allowPrivilegeEscalation"] != false, "allowPrivilegeEscalation");
      refuse(either("runAsNonRoot") != true, "runAsNonRoot");
      refuse(either("runAsUser") == 0, "runAsUser");
      const Json seccomp = either("seccompProfile");
      refuse(!seccomp.is_object() || (seccomp["type"] != "RuntimeDefault" && seccomp["type"] != "Localhost"), "seccompProfile");
      const Json& capabilities = of(inner, "capabilities");
      refuse(!capabilities.contains("drop") || std::find(capabilities["drop"].begin(), capabilities["drop"].end(), "ALL") == capabilities["drop"].end(), "capabilities.drop");
      for (const Json& added : of(capabilities, "add")) refuse(added != "NET_BIND_SERVICE", "capabilities.add");
      refuse(of(inner, "procMount") != none && inner["procMount"] != "Default", "procMount");
      for (const Json& port : of(container, "ports")) refuse(port.contains("hostPort") && port["hostPort"] != 0, "hostPort");
    }
  return found;
}

TEST(Exports, PodsObeyTheProfileRestricted) {
  for (const char* kind : {"pod", "deployment", "job", "tfjob"}) {
    const Json pod = pod_spec(made(kind), kind);
    EXPECT_EQ(forbidden(pod), std::vector<std::string>()) << kind;
    EXPECT_EQ(pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"], true);
    // Whatever is taken out is found.
    for (const char* path : {"/securityContext/runAsNonRoot", "/securityContext/seccompProfile", "/containers/0/securityContext/allowPrivilegeEscalation",
                             "/containers/0/securityContext/capabilities"}) {
      Json worse = pod;
      const Json::json_pointer at(path);
      worse[at.parent_pointer()].erase(at.back());
      if (std::string(path) == "/securityContext/runAsNonRoot") worse["containers"][0]["securityContext"].erase("runAsNonRoot");
      EXPECT_EQ(forbidden(worse).size(), 1u) << path;
    }
    Json worse = pod;
    worse["volumes"].push_back({{"name", "host"}, {"hostPath", {{"path", "/"}}}});
    EXPECT_EQ(forbidden(worse), std::vector<std::string>{"volume hostPath"});
  }
}

TEST(Exports, EveryKindNamesTheImageByDigestAndHoldsNoSecret) {
  for (const Kind& kind : kinds()) {
    const Exported exported = made(kind.name);
    EXPECT_NE(exported.text.find(kImage), std::string::npos) << kind.name;
    EXPECT_EQ(exported.text.find(":latest"), std::string::npos) << kind.name;
    EXPECT_EQ(exported.text, made(kind.name).text) << kind.name;
  }
}

TEST(Exports, APodHasLimitsMountsSecretsAndProbes) {
  const Exported exported = made("pod");
  const Json pod = pod_spec(exported, "pod"), container = pod["containers"][0];
  EXPECT_EQ(container["command"], Json::array({"/opt/ninefold/bin/ninefold-init", "container"}));
  EXPECT_EQ(container["resources"]["limits"], (Json{{"memory", "6Gi"}, {"cpu", "1500m"}, {"nvidia.com/gpu", 1}}));
  EXPECT_EQ(container["readinessProbe"]["exec"]["command"], Json::array({"/opt/ninefold/bin/ninefold-init", "probe", "http:8888/api", "ssh:2222"}));
  std::map<std::string, Json> volumes, mounts;
  for (const Json& one : pod["volumes"]) volumes[one["name"]] = one;
  for (const Json& one : container["volumeMounts"]) {
    EXPECT_TRUE(volumes.count(one["name"])) << one;
    mounts[one["mountPath"]] = one;
  }
  EXPECT_EQ(mounts.size(), volumes.size());
  for (const char* path : {"/tf/notebooks", "/data", "/tf/logs", "/tf/outputs", "/home/devuser", "/run/secrets", "/run/ninefold", "/etc/ninefold", "/dev/shm", "/tmp"})
    EXPECT_TRUE(mounts.count(path)) << path;
  EXPECT_EQ(mounts["/data"]["readOnly"], true);
  EXPECT_EQ(volumes[mounts["/dev/shm"]["name"]]["emptyDir"]["sizeLimit"], "512Mi");
  EXPECT_EQ(volumes["secrets"]["secret"], (Json{{"secretName", "tf29-secrets"}, {"defaultMode", 256}, {"optional", false}}));
  EXPECT_EQ(pod["securityContext"]["fsGroup"], 1000);  // else 0400 is root's alone
  std::map<std::string, std::string> variables;
  for (const Json& one : container["env"]) variables[one["name"]] = one["value"];
  EXPECT_EQ(variables["LEVEL"], "debug $HOME \"quoted\" it's");
  EXPECT_FALSE(variables.count("DATABASE"));
  EXPECT_EQ(variables["OMP_NUM_THREADS"], "2");
  EXPECT_EQ(document(exported, "ConfigMap")["data"]["authorized_keys"], "ssh-ed25519 AAAA anna\n");
  for (const char* note : {"/tf/notebooks (/home/anna/p/notebooks) becomes the claim tf29-notebooks, which begins empty", "tensorboard has no login",
                           "api has no login", "[limits] processes is left out", "--secrets FILE writes it", "called devuser, not anna"})
    EXPECT_TRUE(has_note(exported, note)) << note;
}

TEST(Exports, ADeploymentHasAServiceForWhatHasALogin) {
  const Exported exported = made("deployment", kFile + "[publish]\nservices = [\"api\"]\n");
  std::set<std::string> ports;
  for (const Json& port : document(exported, "Service")["spec"]["ports"]) ports.insert(port["name"]);
  EXPECT_EQ(ports, (std::set<std::string>{"jupyter", "ssh", "api"}));
  EXPECT_EQ(document(exported, "Service")["spec"]["selector"], document(exported, "Deployment")["spec"]["selector"]["matchLabels"]);
  EXPECT_EQ(document(exported, "Deployment")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"], "tf29");
  EXPECT_EQ(document(exported, "PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"], "10Gi");
}

TEST(Exports, JobsRunTheCommandAndNoService) {
  for (const char* kind : {"job", "tfjob"}) {
    const Exported exported = made(kind);
    const Json container = pod_spec(exported, kind)["containers"][0];
    EXPECT_EQ(container["command"], Json::array({"/opt/ninefold/bin/ninefold-init", "container", "python", "train.py", "--lr=1e-3"}));
    EXPECT_FALSE(container.contains("readinessProbe"));
    const std::string toml = document(exported, "ConfigMap")["data"]["ninefold.toml"];
    EXPECT_EQ(toml.find("jupyter"), std::string::npos);
    EXPECT_FALSE(document(exported, "ConfigMap")["data"].contains("authorized_keys"));
    // TF_CONFIG is the operator's to set.
    for (const Json& variable : container["env"]) EXPECT_NE(variable["name"], "TF_CONFIG");
  }
  Request request = ask("tfjob");
  request.workers = 4;
  const Exported exported = export_as(spec_of(kFile), request).value();
  const Json worker = document(exported, "TFJob")["spec"]["tfReplicaSpecs"]["Worker"];
  EXPECT_EQ(worker["replicas"], 4);
  EXPECT_EQ(worker["template"]["spec"]["containers"][0]["name"], "tensorflow");
  EXPECT_EQ(document(exported, "PersistentVolumeClaim")["spec"]["accessModes"], Json::array({"ReadWriteMany"}));
  EXPECT_TRUE(has_note(exported, "ReadWriteMany"));
  EXPECT_TRUE(has_note(exported, "each worker trains by itself"));
}

// What the container reads is a file of the same language, and says the same.
TEST(Exports, TheContainersFileIsRead) {
  const std::string toml = document(made("pod"), "ConfigMap")["data"]["ninefold.toml"];
  const Parsed parsed = parse_spec(toml, "/etc/ninefold/ninefold.toml", {"/", "/", {}});
  ASSERT_TRUE(parsed.findings.empty()) << findings_text(parsed.findings) << toml;
  const Spec& spec = parsed.spec;
  EXPECT_EQ(spec.name, "tf29");
  EXPECT_EQ(spec.user(), "devuser");
  EXPECT_EQ(spec.jupyter->port, 8888);
  ASSERT_EQ(spec.services.size(), 1u);
  EXPECT_EQ(spec.services[0].command, (std::vector<std::string>{"python3", "-m", "http.server", "9000"}));
  EXPECT_EQ(spec.services[0].environment.at("MODE"), "a\tb");
  std::map<std::string, std::string> volumes;
  for (const Volume& volume : spec.volumes) volumes[volume.name] = volume.to;
  EXPECT_EQ(volumes["home"], "/home/devuser");
  EXPECT_EQ(volumes["data"], "/data");
}

TEST(Exports, ComposeHasTheSame) {
  const Exported exported = made("compose");
  const Json service = exported.documents["services"]["tf29"];
  EXPECT_EQ(service["cap_drop"], Json::array({"ALL"}));
  EXPECT_EQ(service["mem_limit"], std::to_string(6ull << 30));
  EXPECT_EQ(service["cpus"], 1.5);
  EXPECT_EQ(service["pids_limit"], 200);
  EXPECT_EQ(service["shm_size"], std::to_string(512u << 20));
  EXPECT_EQ(service["environment"]["LEVEL"], "debug $$HOME \"quoted\" it's");
  EXPECT_EQ(service["ports"], Json::array({"127.0.0.1:8888:8888", "127.0.0.1:2222:2222"}));
  EXPECT_EQ(service["healthcheck"]["test"], Json::array({"CMD", "/opt/ninefold/bin/ninefold-init", "probe", "http:8888/api", "ssh:2222"}));
  const auto& mounts = service["volumes"];
  for (const char* mount : {"/home/anna/p/notebooks:/tf/notebooks", "/home/anna/p/data:/data:ro", "home:/home/devuser"})
    EXPECT_NE(std::find(mounts.begin(), mounts.end(), mount), mounts.end()) << mounts;
  EXPECT_EQ(exported.documents["secrets"]["database"]["file"], "./tf29.secrets/database");
  EXPECT_EQ(service["deploy"]["resources"]["reservations"]["devices"][0]["count"], 1);
}

TEST(Exports, DockerfileAndDevcontainer) {
  const std::string text = made("dockerfile").text;
  for (const char* line : {"FROM registry.example/team/tf29@sha256:", "\nUSER 1000:1000\n", "\nEXPOSE 8888\n", "LEVEL=\"debug \\$HOME \\\"quoted\\\" it's\"",
                           "ENTRYPOINT [\"/opt/ninefold/bin/ninefold-init\",\"container\"]", "      'command = [\"python3\", \"-m\", \"http.server\", \"9000\"]'",
                           "--memory 6442450944", "--pids-limit 200", "--gpus 1", "--read-only"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  const Json container = made("devcontainer").documents;
  EXPECT_EQ(container["remoteUser"], "devuser");
  EXPECT_EQ(container["forwardPorts"], Json::array({8888, 2222, 6006, 9000}));
  EXPECT_EQ(container["hostRequirements"]["gpu"], true);
  EXPECT_EQ(container["containerEnv"]["LEVEL"], "debug $HOME \"quoted\" it's");
  EXPECT_EQ(container["containerEnv"]["NINEFOLD_AUTHORIZED_KEYS"], "ssh-ed25519 AAAA anna\n");
}

struct Wrong {
  std::string kind, file;
  std::vector<std::string> command;
  std::string text;
};

TEST(Exports, RefusesWhatNoContainerCouldDo) {
  const std::string file = "name = \"tf29\"\n";
  for (const Wrong& row : {Wrong{"pods", file, {}, "unknown kind 'pods', did you mean 'pod'?; there are pod, deployment, job, tfjob"},
                           {"pod", file, {"ls"}, "a pod runs the file's services, got the command ls"}}) {
    Request request = ask(row.kind);
    request.command = row.command;
    const Result<Exported> result = export_as(spec_of(row.file), request);
    ASSERT_FALSE(result.ok()) << row.kind;
    EXPECT_NE(result.error().message().find(row.text), std::string::npos) << result.error().message();
  }
}

struct Said {
  std::string more, kind, note, text;
};

// What a format cannot say is told, or said in another way.
TEST(Exports, NothingIsDroppedInSilence) {
  const std::string head = "name = \"tf_29\"\n";
  for (const Said& row : {Said{"", "pod", "it is called tf-29 there", "name: tf-29"},
                          {"[network]\nhost_ports = [5432]\n", "pod", "host_ports = [5432] is left out", ""},
                          {"[network]\noutgoing = \"none\"\n", "pod", "", "kind: NetworkPolicy"},
                          {"[network]\noutgoing = \"none\"\n", "compose", "the network is internal", "internal: true"},
                          {"[dns]\nservers = [\"10.0.0.1\"]\nsearch = [\"lab.example\"]\n", "pod", "", "nameservers: [\"10.0.0.1\"]"},
                          {"[proxy]\nhttp = \"http://anna:secret@proxy.example:3128\"\n", "pod", "http_proxy is left out: it holds a password", ""},
                          {"[proxy]\nhttp = \"http://proxy.example:3128\"\n", "compose", "", "HTTP_PROXY: http://proxy.example:3128"},
                          {"[gpu]\nuse = \"optional\"\n", "pod", "--gpus 1 asks", ""},
                          {"[ssh]\nport = 2222\n[publish]\nservices = [\"ssh\"]\n", "deployment", "Ingress", "kind: Service"},
                          {"", "deployment", "there is no Service", ""},
                          {"[jupyter]\nscripts = false\n", "pod", "", "scripts = false"},
                          {"[jupyter]\nport = 8888\n", "compose", "a token and a host key of its own", ""},
                          {"[jupyter]\nport = 8888\n", "dockerfile", "stands in its head", "docker run"},
                          {"[jupyter]\nport = 8888\n", "devcontainer", "services start beside the editor", "postStartCommand"}}) {
    const Exported exported = made(row.kind, head + row.more);
    EXPECT_TRUE(row.note.empty() || has_note(exported, row.note)) << row.note << "\n" << Json(exported.notes).dump(1);
    EXPECT_NE(exported.text.find(row.text), std::string::npos) << row.text << "\n" << exported.text;
    EXPECT_EQ(exported.text.find("anna:secret"), std::string::npos);
  }
  // Two names that are one in a cluster stay two.
  std::set<std::string> claims;
  for (const Json& one : made("pod", "name = \"tf29\"\n[mounts]\n\"a/data\" = \"/a\"\n\"b/Data\" = \"/b\"\n[volumes]\ndata = \"/c\"\n").documents)
    if (one["kind"] == "PersistentVolumeClaim") claims.insert(one["metadata"]["name"]);
  for (const char* name : {"tf29-data", "tf29-data-2", "tf29-data-3"}) EXPECT_TRUE(claims.count(name)) << name;
  Request request = ask("pod");
  request.files = {"/home/anna/p/data"};
  const Exported exported = export_as(spec_of(kFile), request).value();
  EXPECT_TRUE(has_note(exported, "/home/anna/p/data is one file and is left out"));
}

TEST(Yaml, QuotesWhatCouldBeSomethingElse) {
  EXPECT_EQ(yaml({{"a", "plain"}, {"b", "no"}, {"c", "1.5"}, {"d", "with: colon"}, {"e", "end:"}, {"f", ""}, {"g", "/path"}, {"h", true}, {"i", 5}, {"j", Json::array()}}),
            "a: plain\nb: \"no\"\nc: \"1.5\"\nd: \"with: colon\"\ne: \"end:\"\nf: \"\"\ng: /path\nh: true\ni: 5\nj: []\n"
            + std::string());
  EXPECT_EQ(yaml({{"text", "one\n\n two\n"}, {"list", Json::array({{{"k", "v"}, {"l", Json::array({1, "two"})}}, "x"})}}),
            "text: |\n  one\n\n   two\nlist:\n  - k: v\n    l: [1, two]\n  - x\n");
  EXPECT_EQ(yaml({{"text", "a\nb"}, {"tab", "a\tb\nc"}, {"lead", " a\nb"}}), "text: |-\n  a\n  b\ntab: \"a\\tb\\nc\"\nlead: \" a\\nb\"\n");
}

TEST(Yaml, NamesOfClusters) {
  for (const auto& [given, wanted] : {std::pair{"tf29", "tf29"}, {"My_Env.2", "my-env-2"}, {"2nd", "nf-2nd"}, {"--", ""}, {"a__b", "a-b"}})
    EXPECT_EQ(cluster_name(given), wanted) << given;
}

TEST(Secrets, AreWrittenForTheirPod) {
  EXPECT_EQ(own_secrets(spec_of(kFile)), (std::vector<std::string>{"jupyter_token", "ssh_host_ed25519_key"}));
  EXPECT_NE(secret_document("tf29", {{"jupyter_token", "abc"}}).find("  jupyter_token: YWJj\n"), std::string::npos);
}

}  // namespace
}  // namespace ninefold::env::exports
