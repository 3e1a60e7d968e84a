// In: a plan. Out: JSON text for the keeper's folder, and the plan again.
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "env/run/plan.h"

namespace ninefold::env::image {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(IdRange, inside, outside, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(IdMap, uids, gids)
}  // namespace ninefold::env::image

namespace ninefold::env {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Secret, name, file, variable)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Limits, memory, cpus, processes, shared_memory)
}  // namespace ninefold::env

namespace ninefold::env::run {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Ids, map, user, group, root_files, keeps_caller, groups)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Bind, from, to, read_only, make, skeleton, driver)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Service, name, arguments, environment, folder, restart)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Port, service, outside, inside, owner_only, published, tls, gate)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ProxyServer, kind, host, port, user, password)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outgoing, port, http, https, direct, host_ports, name_servers, search, ipv6)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Gpu, devices, driver, source, why, names)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(File, name, text, program)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cgroup, folder, enable, settings)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CgroupPlan, folders, memory, cpus, processes, memory_folder, why)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Plan, name, project, state, image, tree, codename, user, home, ids, binds,
                                   services, ports, files, environment, cgroups, limits, network,
                                   why_network, outgoing, gpu, certificate, key, own_certificate, config, keys, secrets, runc, slirp, newuidmap, init,
                                   boot_id, backend, engine, jupyter_token, notes)

std::string to_text(const Plan& plan) { return nlohmann::json(plan).dump(1) + "\n"; }

Result<Plan> from_text(const std::string& text) {
  try {
    return nlohmann::json::parse(text).get<Plan>();
  } catch (const nlohmann::json::exception& problem) {
    return Error(Code::data_loss, std::string("the environment's plan is damaged: ") + problem.what());
  }
}

}  // namespace ninefold::env::run
