// In: the machine, the ninefold.toml here or above. Out: Facts.
#include "env/doctor/gather.h"

#include <filesystem>

#include "env/lock/make.h"
#include "env/run/gpu.h"
#include "env/store/store.h"

namespace ninefold::env::doctor {

Facts gather(const Request& request) {
  Facts facts;
  const Result<Parsed> parsed = parse_file(request.file);
  const Spec spec = parsed && parsed.value().findings.empty() ? parsed.value().spec : Spec();
  facts.run = run::look_around(spec);
  facts.machine = machine_facts(facts.run);
  facts.project = project_facts(facts.run, request.file);
  const std::string store = Store::default_root();
  facts.disks = disk_facts(facts.run, store, std::filesystem::path(facts.project.file).parent_path());
  facts.store = store_facts(store, facts.run.uid, request);
  facts.running = running_facts(facts.run, facts.project);
  facts.gpu = gpu_facts(facts.run.gpu);
  if (const Result<Lock> lock = read_lock(spec); lock && !spec.file.empty()) facts.gpu.too_old = run::too_old(facts.gpu.driver, run::toolkit_of(lock.value()));
  return facts;
}

}  // namespace ninefold::env::doctor
