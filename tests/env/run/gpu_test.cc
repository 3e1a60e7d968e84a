// In: fabricated trees of NVIDIA drivers, and one thing wrong with each. Out: which GPUs an environment gets, by which
// specification, and in which words it is told that it gets none. No GPU, no root.
#include "env/run/gpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "driver_tree.h"
#include "env/run/elf.h"
#include "env/run/linker_cache.h"

namespace ninefold::env::run {
namespace {

constexpr const char* kVersion = "535.183.01";

Spec wish(GpuUse use, std::vector<std::string> devices = {}) {
  Spec spec;
  spec.gpu = use, spec.gpu_devices = std::move(devices);
  return spec;
}

std::string all_notes(const GpuChoice& choice) {
  std::string text;
  for (const std::string& note : choice.notes) text += note + "\n";
  return text;
}

TEST(DriverFiles, AreFoundWhereverADistributionPutsThem) {
  struct Row {
    std::string name;
    std::function<void(DriverTree&)> change;
  };
  const Row rows[] = {
      {"NVIDIA's installer", [](DriverTree&) {}},
      {"Debian's alternatives", [](DriverTree& t) {
         t.remove("/usr/lib/x86_64-linux-gnu");
         t.libraries(kVersion, "/usr/lib/x86_64-linux-gnu/nvidia/current");
         t.put("/etc/alternatives/x", "");
         std::filesystem::create_symlink("/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1", t.path() + "/etc/alternatives/libcuda");
         std::filesystem::create_symlink("/etc/alternatives/libcuda", t.path() + "/usr/lib/x86_64-linux-gnu/libcuda.so.1");
       }},
      {"Fedora's folder", [](DriverTree& t) { t.remove("/usr/lib/x86_64-linux-gnu"), t.libraries(kVersion, "/usr/lib64"); }},
      {"a folder that only the linker's cache names", [](DriverTree& t) {
         t.remove("/usr/lib/x86_64-linux-gnu"), t.libraries(kVersion, "/opt/nvidia/lib");
         t.put("/etc/ld.so.cache", with_libraries("", {{0, "libcuda.so.1", "/opt/nvidia/lib/libcuda.so.1", 0, 0}}));
       }},
      {"beside another version", [](DriverTree& t) { t.libraries("470.42.01", "/usr/lib64"); }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    DriverTree tree(kVersion);
    row.change(tree);
    const Driver driver = read_driver(tree.path());
    EXPECT_EQ(driver.version, kVersion);
    EXPECT_EQ(driver.cuda, std::string("libcuda.so.") + kVersion);
    std::map<std::string, std::string> sonames;
    for (const Library& library : driver.libraries) {
      EXPECT_TRUE(std::filesystem::is_regular_file(tree.path() + library.path)) << library.path;
      sonames[library.soname] = library.path.substr(library.path.rfind('/') + 1);
    }
    EXPECT_EQ(sonames, (std::map<std::string, std::string>{{"libcuda.so.1", "libcuda.so.535.183.01"},
                                                           {"libnvidia-ml.so.1", "libnvidia-ml.so.535.183.01"},
                                                           {"libnvidia-glcore.so.535.183.01", "libnvidia-glcore.so.535.183.01"}}));
    ASSERT_EQ(driver.cards.size(), 2u);
    EXPECT_EQ(driver.cards[1].uuid, "GPU-1932f937-d72c-4106-c12f-20bd9faed9f6");
    EXPECT_EQ(driver.cards[1].model, "NVIDIA H100");
    EXPECT_EQ(driver.firmware, std::vector<std::string>{"/lib/firmware/nvidia/535.183.01/gsp_ga10x.bin"});
  }
}

TEST(DriverFiles, VersionsAreNumbers) {
  EXPECT_LT(compare_versions("525.60.13", "525.105"), 0);
  EXPECT_EQ(compare_versions("570.26", "570.26.0"), 0);
  EXPECT_GT(compare_versions("1000.1", "999.99"), 0);
  EXPECT_EQ(library_version("libcuda.so.535.183.01"), "535.183.01");
  EXPECT_EQ(library_version("libcuda.so.1"), "");
  EXPECT_EQ(library_version("libx.so.1.a"), "");
}

TEST(Specification, OfADriverNamesOnlyWhatIsThere) {
  const DriverTree tree(kVersion);
  const GpuFacts facts = look_at_gpus(tree.path());
  const Cdi own = cdi_of(facts.driver);
  for (const auto& [path, file] : facts.files) EXPECT_TRUE(file.exists) << path;
  // What is printed is read as any site's file, and says the same.
  const Cdi again = parse_cdi(to_text(own), "/own.json").value();
  EXPECT_EQ(again.devices.size(), 5u);  // two numbers, two UUIDs, all
  EXPECT_EQ(again.edits.mounts.size(), own.edits.mounts.size());
  std::vector<std::string> inside;
  for (const CdiMount& mount : again.edits.mounts) inside.push_back(mount.inside);
  for (const char* name : {"libcuda.so", "libcuda.so.1", "libcuda.so.535.183.01", "libnvidia-ml.so.1"})
    EXPECT_EQ(std::count(inside.begin(), inside.end(), std::string(kDriverFolder) + "/lib/" + name), 1) << name;
  EXPECT_EQ(again.edits.environment, std::vector<std::string>{"LD_LIBRARY_PATH=/run/ninefold/driver/lib"});
}

struct Choice {
  std::string name;
  Spec spec;
  std::function<void(DriverTree&)> change;
  std::vector<std::string> devices;
  std::string source, why, note, remedy;
};

TEST(ChoosingGpus, EveryConditionIsToldApart) {
  const auto nothing = [](DriverTree&) {};
  const Spec any = wish(GpuUse::optional);
  const std::vector<std::string> both = {"0", "1"};
  const std::string own = "Ninefold's own specification", yaml = "/etc/cdi/nvidia.yaml";
  const auto site = [](const std::string& text, const std::string& place = "/etc/cdi/nvidia.yaml") {
    return [=](DriverTree& t) { t.put(place, text); };
  };
  const auto bump = [](DriverTree& t) {  // the driver is upgraded after a site's file was written
    t.put("/etc/cdi/nvidia.yaml", site_cdi("535.161.07"));
  };
  const Choice rows[] = {
      {"a healthy machine", any, nothing, both, own, "", "", ""},
      {"none wanted", wish(GpuUse::none), nothing, {}, "", "gpu.use = \"none\"", "", ""},
      {"no card", any, [](DriverTree& t) { t.remove("/sys"), t.remove("/proc"), t.remove("/dev"), t.remove("/usr"); }, {}, "", "has no NVIDIA card", "",
       "use = \"optional\""},
      {"no driver", any, [](DriverTree& t) { t.remove("/proc"), t.remove("/dev"), t.remove("/usr"); }, {}, "",
       "no driver is loaded for this machine's cards (0000:01:00.0, 0000:02:00.0)", "no GPU inside", "modprobe nvidia"},
      {"no library", any, [](DriverTree& t) { t.remove("/usr/lib"); }, {}, "", "libcuda.so.1 is not there", "no GPU inside", "libcuda1"},
      {"upgraded while it ran", any, [](DriverTree& t) { t.remove("/usr/lib"), t.libraries("550.54.14"); }, {}, "",
       "runs the driver 535.183.01, and the library on disk is of 550.54.14", "no GPU inside", "reboot"},
      {"no memory node", any, [](DriverTree& t) { t.remove("/dev/nvidia-uvm"); }, {}, "", "/dev/nvidia-uvm is not there", "no GPU inside", "nvidia-modprobe"},
      {"no memory node, and a site's file", any, [](DriverTree& t) { t.put("/etc/cdi/nvidia.yaml", site_cdi(kVersion)), t.remove("/dev/nvidia-uvm"); }, {}, "",
       "/dev/nvidia-uvm is not there", "no GPU inside", "nvidia-modprobe"},
      {"a closed node", any, [](DriverTree& t) { t.node("nvidia1", 0600); }, {}, "", "/dev/nvidia1 has mode 0600", "no GPU inside", "chmod a+rw /dev/nvidia1"},
      {"no card of the driver's", any, [](DriverTree& t) { t.remove("/proc/driver/nvidia/gpus"); }, {}, "", "drives no card", "no GPU inside", "dmesg"},
      {"a site's file", any, site(site_cdi(kVersion)), both, yaml, "", "", ""},
      {"of this boot before that of old", any, [](DriverTree& t) {
         t.put("/etc/cdi/nvidia.yaml", site_cdi("535.161.07")), t.put("/var/run/cdi/n.yaml", site_cdi(kVersion));
       }, both, "/var/run/cdi/n.yaml", "", "", ""},
      {"a site's file of an older driver", any, bump, both, own, "", "/etc/cdi/nvidia.yaml is of the driver 535.161.07, and 535.183.01 runs",
       ""},
      {"a site's file names what is gone", any, [](DriverTree& t) { t.put("/etc/cdi/nvidia.yaml", site_cdi(kVersion)), t.remove("/usr/bin/nvidia-smi"); }, both,
       own, "", "names /usr/bin/nvidia-smi, which is not there", ""},
      {"a site's file without the memory node", any, site(site_cdi(kVersion, false)), both, own, "", "does not name /dev/nvidia-uvm", ""},
      {"a site's file that is none", any, site("kind: nvidia.com/gpu\ncdiVersion: 0.5.0\ndevices: 3\n"), both, own, "", "devices: expected a list", ""},
      {"another vendor's", any, site("{\"cdiVersion\":\"0.5.0\",\"kind\":\"v.com/nic\",\"devices\":[{\"name\":\"a\"}]}", "/etc/cdi/v.json"), both, own, "", "",
       ""},
      {"one card", wish(GpuUse::optional, {"1"}), nothing, {"1"}, own, "", "", ""},
      {"one card by UUID", wish(GpuUse::optional, {"GPU-1932f937"}), nothing, {"1"}, own, "", "", ""},
      {"one card of a site's", wish(GpuUse::optional, {"GPU-0932f937"}), site(site_cdi(kVersion)), {"0"}, yaml, "", "", ""},
      {"a card that is not there", wish(GpuUse::optional, {"0", "7"}), nothing, {}, "", "knows no GPU 7; there are 0, GPU-0932f937", "no GPU inside",
       "correct gpu.devices"},
  };
  for (const Choice& row : rows) {
    SCOPED_TRACE(row.name);
    DriverTree tree(kVersion);
    row.change(tree);
    const GpuFacts facts = look_at_gpus(tree.path());
    Ids ids;
    ids.user = ids.group = 4711;
    const GpuChoice choice = choose_gpus(row.spec, facts, ids, std::nullopt);
    EXPECT_EQ(choice.gpu.devices, row.devices) << gpu_text(choice.gpu);
    EXPECT_EQ(choice.gpu.source, row.source);
    EXPECT_NE(choice.gpu.why.find(row.why), std::string::npos) << choice.gpu.why;
    EXPECT_EQ(choice.gpu.why.empty(), row.why.empty()) << choice.gpu.why;
    EXPECT_NE(all_notes(choice).find(row.note), std::string::npos) << all_notes(choice);
    EXPECT_EQ(choice.notes.empty(), row.note.empty()) << all_notes(choice);
    EXPECT_NE(choice.remedy.find(row.remedy), std::string::npos) << choice.remedy;
    EXPECT_EQ(choice.refusal, "");
    // The same where a GPU is required: what is told there ends `up` here.
    Spec required = row.spec;
    if (required.gpu == GpuUse::none) continue;
    required.gpu = GpuUse::required;
    const GpuChoice strict = choose_gpus(required, facts, ids, std::nullopt);
    EXPECT_EQ(strict.gpu.devices, row.devices);
    if (row.devices.empty()) EXPECT_EQ(strict.refusal, "a GPU is required, and " + choice.gpu.why + "; " + choice.remedy);
    else EXPECT_EQ(strict.refusal, "");
    // Every path of what is handed in is there, and stands once.
    std::vector<std::string> inside;
    for (const CdiMount& file : choice.files) {
      EXPECT_TRUE(std::filesystem::exists(tree.path() + file.host)) << file.host;
      inside.push_back(file.inside);
    }
    for (const CdiNode& node : choice.nodes) {
      EXPECT_TRUE(std::filesystem::exists(tree.path() + node.host)) << node.host;
      inside.push_back(node.inside);
    }
    for (const std::string& one : inside) EXPECT_EQ(std::count(inside.begin(), inside.end(), one), 1) << one;
    if (row.devices.empty()) {
      EXPECT_TRUE(inside.empty());
      continue;
    }
    for (const char* name : {"libcuda.so", "libcuda.so.1"}) EXPECT_EQ(choice.gpu.names.at(name), "libcuda.so.535.183.01");
    const bool program = std::count(inside.begin(), inside.end(), "/run/ninefold/driver/bin/nvidia-smi") == 1;
    EXPECT_EQ(program, std::filesystem::exists(tree.path() + "/usr/bin/nvidia-smi"));
  }
}

TEST(ChoosingGpus, OnlyTheNamedCardsAreInside) {
  struct Row {
    std::vector<std::string> devices;
    std::string visible;
    std::vector<std::string> nodes;
  };
  const DriverTree tree(kVersion, 4);
  for (const Row& row : {Row{{}, "", {"/dev/nvidia0", "/dev/nvidia1", "/dev/nvidia2", "/dev/nvidia3"}}, Row{{"2"}, "0", {"/dev/nvidia2"}},
                         Row{{"3", "1"}, "1,0", {"/dev/nvidia1", "/dev/nvidia3"}}}) {
    const GpuChoice choice = choose_gpus(wish(GpuUse::required, row.devices), look_at_gpus(tree.path()), Ids{}, std::nullopt);
    std::string visible;
    for (const std::string& variable : choice.environment)
      if (variable.rfind("CUDA_VISIBLE_DEVICES=", 0) == 0) visible = variable.substr(21);
    EXPECT_EQ(visible, row.visible);
    EXPECT_EQ(std::count(choice.environment.begin(), choice.environment.end(), "CUDA_DEVICE_ORDER=PCI_BUS_ID"), row.devices.empty() ? 0 : 1);
    std::vector<std::string> cards;
    for (const CdiNode& node : choice.nodes)
      if (node.inside.size() == std::string("/dev/nvidia0").size()) cards.push_back(node.inside);
    std::sort(cards.begin(), cards.end());
    EXPECT_EQ(cards, row.nodes);
  }
}

TEST(ChoosingGpus, PartsOfACardComeWithIt) {
  DriverTree tree(kVersion);
  tree.put("/proc/driver/nvidia/capabilities/gpu1/mig/gi1/access", "DeviceFileMinor: 30\nDeviceFileMode: 292\n");
  tree.put("/proc/driver/nvidia/capabilities/gpu1/mig/gi2/access", "DeviceFileMinor: 39\n");  // its node was not made
  tree.node("nvidia-caps/nvidia-cap30");
  for (const auto& [card, parts] : {std::pair{"0", 0}, {"1", 1}}) {
    const GpuChoice choice = choose_gpus(wish(GpuUse::required, {card}), look_at_gpus(tree.path()), Ids{}, std::nullopt);
    EXPECT_EQ(std::count_if(choice.nodes.begin(), choice.nodes.end(), [](const CdiNode& n) { return n.inside == "/dev/nvidia-caps/nvidia-cap30"; }), parts);
    EXPECT_EQ(choice.refusal, "");
  }
}

TEST(ChoosingGpus, AProgramOfTheMachineIsNeverRun) {
  DriverTree tree(kVersion);
  std::string text = site_cdi(kVersion);
  text.replace(text.find("    - create-symlinks\n"), 22, "    - do-something\n");
  tree.put("/etc/cdi/nvidia.yaml", text);
  const GpuChoice choice = choose_gpus(wish(GpuUse::required), look_at_gpus(tree.path()), Ids{}, std::nullopt);
  EXPECT_EQ(choice.gpu.source, "/etc/cdi/nvidia.yaml");
  EXPECT_EQ(all_notes(choice), "/etc/cdi/nvidia.yaml: /usr/bin/nvidia-ctk is not run: no program of this machine takes part in a start\n");
}

TEST(SpecificationFiles, EveryFaultNamesItsField) {
  struct Row {
    std::string text, says;
  };
  const std::string start = "{\"cdiVersion\":\"0.5.0\",\"kind\":\"nvidia.com/gpu\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{", end = "}}]}";
  for (const Row& row : {
           Row{"{", "no YAML"},
           Row{"", "it holds nothing"},
           Row{"[]", "expected a table"},
           Row{"{}", "cdiVersion: it is missing"},
           Row{"{\"cdiVersion\":\"nine\",\"kind\":\"k\"}", "cdiVersion: expected a version"},
           Row{"{\"cdiVersion\":\"0.5.0\",\"kind\":\"k\",\"devices\":[]}", "devices: it names none"},
           Row{start + "\"env\":[\"A\"]" + end, "devices[0].containerEdits.env: expected NAME=VALUE, got \"A\""},
           Row{start + "\"deviceNodes\":[{\"path\":\"/etc/passwd\"}]" + end, "deviceNodes[0].path: expected a path below /dev"},
           Row{start + "\"mounts\":[{\"hostPath\":\"/a/../b\",\"containerPath\":\"/b\"}]" + end, "mounts[0].hostPath: expected an absolute path without .."},
           Row{start + "\"mounts\":[{\"hostPath\":\"/a\"}]" + end, "mounts[0].containerPath: it is missing"},
           Row{start + "\"hooks\":[{\"hookName\":\"x\",\"path\":\"/a\",\"args\":[1]}]" + end, "hooks[0].args: expected strings"},
           Row{"a: &x [1]\nb: *x\n", "an anchor, which is not read"},
           Row{"---\na: 1\n---\nb: 1\n", "more than one document"},
           Row{"a:\n\t- b\n", "f.yaml:2: no YAML"},
       }) {
    const Result<Cdi> cdi = parse_cdi(row.text, "/etc/cdi/f.yaml");
    ASSERT_FALSE(cdi.ok()) << row.text;
    EXPECT_EQ(cdi.error().message().rfind("/etc/cdi/f.yaml", 0), 0u) << cdi.error().message();
    EXPECT_NE(cdi.error().message().find(row.says), std::string::npos) << cdi.error().message();
  }
}

TEST(LinkersCache, IsReadByTheSystemsOwnTools) {
  const TemporaryFolder folder("cache");
  const std::string before = read_file("test", "/etc/ld.so.cache").value(), file = folder.path + "/cache";
  std::ofstream(file, std::ios::binary) << with_libraries(before, {{0, "libcuda.so.1", "/run/ninefold/driver/lib/libcuda.so.1", 0, 0},
                                                                   {0, "libc.so.6", "/mine/libc.so.6", 0, 0}});
  const auto listed = [&](const std::string& cache) {
    Program ldconfig;
    ldconfig.arguments = {"ldconfig", "-p", "-C", cache};
    return run_or_fail("test", ldconfig).value().output;
  };
  const std::string text = listed(file), old = listed("/etc/ld.so.cache");
  EXPECT_NE(text.find("\tlibcuda.so.1 (libc6,x86-64) => /run/ninefold/driver/lib/libcuda.so.1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("libc.so.6 (libc6,x86-64) => /mine/libc.so.6\n"), std::string::npos);  // in place of the system's
  EXPECT_EQ(text.find("libc.so.6 (libc6,x86-64, "), std::string::npos);
  // All others as before, in the same order: the loader searches by halves.
  const auto rest = [](const std::string& all) {
    std::string kept;
    std::size_t at = 0;
    for (std::size_t end; (end = all.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = all.substr(at, end - at);
      if (line.find("=>") != std::string::npos && line.find("\tlibc.so.6 ") == std::string::npos && line.find("libcuda") == std::string::npos) kept += line + "\n";
    }
    return kept;
  };
  EXPECT_EQ(rest(text), rest(old));
  EXPECT_EQ(parse_linker_cache("").value().size(), 0u);
  EXPECT_FALSE(parse_linker_cache("glibc-ld.so.cache1.1").ok());
  EXPECT_FALSE(parse_linker_cache(std::string(100, 'x')).ok());
}

TEST(Toolkits, AreReadFromLocksAndImages) {
  struct Row {
    std::string name, version, cuda;
    bool debian = false;
  };
  for (const Row& row : {Row{"nvidia-cuda-runtime-cu12", "12.4.127", "12.4"}, Row{"nvidia-cuda-runtime", "13.0.48", "13.0"}, Row{"torch", "2.4.0+cu121", "12.1"},
                         Row{"nvidia-cudnn-cu11", "8.9.6.50", "11"}, Row{"numpy", "1.26.4", ""}, Row{"libcudart11.0", "11.8.89~11.8.0-5", "11.8", true},
                         Row{"cuda-cudart-12-4", "12.4.127-1", "12.4", true}}) {
    SCOPED_TRACE(row.name);
    Lock lock;
    lock.packages = {{"numpy", "1.26.4", "", 1, ""}};
    (row.debian ? lock.apt : lock.packages).push_back({row.name, row.version, "", 1, ""});
    const std::optional<Toolkit> found = toolkit_of(lock);
    EXPECT_EQ(found ? found->cuda : "", row.cuda);
    if (found) {
      EXPECT_EQ(found->from, row.name + " " + row.version);
    }
  }
  Lock several;  // the runtime says it best
  several.packages = {{"nvidia-cublas-cu12", "12.4.5.8", "", 1, ""}, {"nvidia-cuda-runtime-cu12", "12.4.127", "", 1, ""}, {"cupy-cuda12x", "13", "", 1, ""}};
  EXPECT_EQ(toolkit_of(several)->cuda, "12.4");
  EXPECT_EQ(toolkit_of(std::vector<std::string>{"PATH=/bin", "CUDA_VERSION=12.2.2"})->cuda, "12.2");
  EXPECT_FALSE(toolkit_of(std::vector<std::string>{"PATH=/bin"}).has_value());
}

TEST(Toolkits, ADriverThatIsTooOldIsToldBeforeAnythingIsMade) {
  struct Row {
    std::string driver, cuda, needed;  // needed: empty where the driver is good enough
  };
  for (const Row& row : {Row{"525.60.13", "12.4", ""}, Row{"525.60.12", "12.4", "525.60.13"}, Row{"470.42.01", "11.8", ""}, Row{"450.51.06", "11.8", "450.80.02"},
                         Row{"450.51.05", "11.0", ""}, Row{"450.36.06", "11.0", "450.51.05"}, Row{"575.51.03", "13.0", "580.65.06"}, Row{"410.48", "10.2", "440.33"}, Row{"525.60.13", "12", ""},
                         Row{"470.42.01", "12.7", "525.60.13"}, Row{"470.42.01", "99.0", ""}}) {
    SCOPED_TRACE(row.driver + " " + row.cuda);
    const std::string text = too_old(row.driver, Toolkit{row.cuda, "x 1"});
    if (row.needed.empty()) EXPECT_EQ(text, "");
    else EXPECT_NE(text.find("needs the driver " + row.needed + " or later, and this machine runs " + row.driver), std::string::npos) << text;
  }
  const DriverTree tree("470.42.01");
  const Toolkit cuda{"12.4", "nvidia-cuda-runtime-cu12 12.4.127"};
  const GpuFacts facts = look_at_gpus(tree.path());
  EXPECT_NE(choose_gpus(wish(GpuUse::required), facts, Ids{}, cuda).refusal.find("nvidia-cuda-runtime-cu12 12.4.127) needs the driver 525.60.13"), std::string::npos);
  const GpuChoice optional = choose_gpus(wish(GpuUse::optional), facts, Ids{}, cuda);
  EXPECT_NE(all_notes(optional).find("needs the driver 525.60.13"), std::string::npos);
  EXPECT_EQ(optional.refusal, "");
}

}  // namespace
}  // namespace ninefold::env::run
