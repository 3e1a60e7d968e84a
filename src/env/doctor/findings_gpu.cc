// In: NVIDIA cards and their driver. Out: which of the three conditions of the documents is not met: a driver, its
// devices and libraries, the file's word that they shall be used.
#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

bool wanted(const Facts& f) { return !f.project.spec || f.project.spec->gpu != GpuUse::none; }
bool has_driver(const Facts& f) { return wanted(f) && !f.gpu.driver.empty(); }

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

const Findings kGpu = {
    {.id = "gpu-required-none",
     .severity = Severity::error,
     .says = "{file} says gpu.use = \"required\", and this machine has no NVIDIA card",
     .consequence = "`up` refuses",
     .remedy = "sed -i 's/^use *= *\"required\"/use = \"optional\"/' {file}",
     .probe = [](const Facts& f) {
       return when(f.project.spec && f.project.spec->gpu == GpuUse::required && f.gpu.cards.empty() && f.gpu.driver.empty(), {{"file", f.project.file}});
     }},
    {.id = "gpu-driver-missing",
     .severity = Severity::warning,
     .says = "this machine has NVIDIA cards ({cards}), and the kernel has no driver loaded for them",
     .consequence = "the list of GPUs is empty and training runs on the processor",
     .remedy = "{sudo}modprobe nvidia || {sudo}apt-get install -y nvidia-driver",
     .probe = [](const Facts& f) { return when(wanted(f) && !f.gpu.cards.empty() && f.gpu.driver.empty(), {{"cards", joined(f.gpu.cards)}}); }},
    {.id = "gpu-nodes-missing",
     .severity = Severity::warning,
     .says = "the driver {driver} is loaded, and {nodes} are not there",
     .consequence = "the list of GPUs is empty: programs speak to the driver through them",
     .remedy = "{sudo}nvidia-modprobe -c 0 -u",
     .probe = [](const Facts& f) {
       return when(has_driver(f) && !f.gpu.missing_nodes.empty(), {{"driver", f.gpu.driver}, {"nodes", joined(f.gpu.missing_nodes)}});
     }},
    {.id = "gpu-node-closed",
     .severity = Severity::warning,
     .says = "{user} may not open {node}",
     .consequence = "the list of GPUs is empty",
     .remedy = "{sudo}chmod a+rw {node}",
     .probe = [](const Facts& f) {
       Places list;
       for (const std::string& node : f.gpu.closed_nodes)
         if (has_driver(f)) list.push_back({{"node", node}});
       return list;
     }},
    {.id = "gpu-library-missing",
     .severity = Severity::warning,
     .says = "the driver {driver} is loaded, and its library libcuda.so.1 is not there",
     .consequence = "the list of GPUs is empty: programs load the driver's library",
     .remedy = "{sudo}apt-get install -y libcuda1",
     .probe = [](const Facts& f) { return when(has_driver(f) && f.gpu.library.empty(), {{"driver", f.gpu.driver}}); }},
    {.id = "gpu-library-other",
     .severity = Severity::warning,
     .says = "the kernel runs the driver {driver}, and the library on disk is of {library}",
     .consequence = "CUDA refuses to start until both are one version: the driver was upgraded while the old one ran",
     .remedy = "{sudo}rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia && {sudo}modprobe nvidia",
     .probe = [](const Facts& f) {
       const std::string library = run::library_version(f.gpu.library);
       return when(has_driver(f) && !library.empty() && library != f.gpu.driver, {{"driver", f.gpu.driver}, {"library", library}});
     }},
    {.id = "gpu-cdi-outdated",
     .severity = Severity::warning,
     .says = "{why}",
     .consequence = "environments get Ninefold's own specification in its place; other runtimes that read the file fail",
     .remedy = "{sudo}nvidia-ctk cdi generate --output={file} || ninefold gpu --cdi | {sudo}tee {file}",
     .probe = [](const Facts& f) {
       Places list;
       for (const Gpu::Outdated& one : f.gpu.outdated)
         if (has_driver(f)) list.push_back({{"why", one.why}, {"file", one.file}});
       return list;
     }},
    {.id = "gpu-driver-old",
     .severity = Severity::warning,
     .says = "{why}",
     .consequence = "CUDA refuses to start inside, and training runs on the processor",
     .remedy = "{sudo}apt-get install -y nvidia-driver",
     .probe = [](const Facts& f) { return when(has_driver(f) && !f.gpu.too_old.empty(), {{"why", f.gpu.too_old}}); }},
    {.id = "gpu-driver-changed",
     .severity = Severity::warning,
     .says = "{name} was started with the driver {before}, and the kernel runs {driver}",
     .consequence = "CUDA refuses to start inside until the environment has the new driver's libraries",
     .remedy = "ninefold restart",
     .probe = [](const Facts& f) {
       return when(f.running.state == Running::State::up && has_driver(f) && !f.running.gpu_driver.empty() && f.running.gpu_driver != f.gpu.driver,
                   {{"name", f.running.name}, {"before", f.running.gpu_driver}, {"driver", f.gpu.driver}});
     }},
    {.id = "gpu-unused",
     .severity = Severity::warning,
     .says = "{file} says gpu.use = \"none\", and this machine has a card with its driver ({driver})",
     .consequence = "training runs on the processor",
     .remedy = "sed -i 's/^use *= *\"none\"/use = \"optional\"/' {file}",
     .probe = [](const Facts& f) {
       return when(f.project.spec && f.project.spec->gpu == GpuUse::none && !f.gpu.cards.empty() && !f.gpu.driver.empty(),
                   {{"file", f.project.file}, {"driver", f.gpu.driver}});
     }},
};

}  // namespace

Findings gpu_findings() { return kGpu; }

}  // namespace ninefold::env::doctor
