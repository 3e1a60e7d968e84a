// In: an NVIDIA driver and a site's files of it, as run/cdi.h reads them. Out: what is missing, closed or outdated.
#include "env/doctor/gather.h"
#include "env/run/gpu.h"

namespace ninefold::env::doctor {

Gpu gpu_facts(const run::GpuFacts& found, const std::string& root) {
  const run::Driver& driver = found.driver;
  Gpu gpu;
  gpu.cards = driver.pci, gpu.driver = driver.version, gpu.library = driver.cuda;
  for (const std::string& node : driver.nodes) {
    const run::HostFile file = run::look_at_file(node, root);
    if (!file.exists) gpu.missing_nodes.push_back(node);
    else if (!file.open) gpu.closed_nodes.push_back(node);
  }
  for (const run::SiteCdi& site : found.site)
    if (const std::string why = site.fault.empty() ? run::outdated(site.cdi, found) : site.fault; !why.empty()) gpu.outdated.push_back({site.file, why});
  return gpu;
}

}  // namespace ninefold::env::doctor
