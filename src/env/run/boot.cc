// In: a Spec. Out: services, variables and files of an environment that are the same whoever starts its container:
// the keeper of `up`, or something else by way of `ninefold-init container`, into which this is linked, too.
#include <fmt/format.h>

#include <cmath>

#include "env/run/plan.h"

namespace ninefold::env::run {
namespace {

constexpr const char* kBootFolder = "/run/ninefold/boot";

}  // namespace

std::vector<Service> services_of(const Spec& spec, const std::string& home) {
  const std::string boot = kBootFolder;
  std::vector<Service> services;
  if (spec.ssh) services.push_back({.name = "ssh", .arguments = {"/usr/sbin/sshd", "-D", "-e", "-f", boot + "/sshd_config"}});
  if (spec.jupyter)
    services.push_back({.name = "jupyter",
                        .arguments = {"/opt/ninefold/tools/bin/jupyter-lab", "--config", boot + "/jupyter.py"},
                        .environment = {{"JUPYTER_CONFIG_PATH", boot}},  // labconfig/ of notebook_files()
                        .folder = spec.jupyter->folder});
  // It has no login: whoever starts the container decides who reaches this.
  if (spec.tensorboard)
    services.push_back({.name = "tensorboard",
                        .arguments = {"/opt/ninefold/tools/bin/tensorboard", "--logdir", spec.tensorboard->logdir, "--host", "127.0.0.1",
                                      "--port", std::to_string(spec.tensorboard->port)}});
  for (const env::Service& given : spec.services)
    services.push_back({given.name, given.command, given.environment, given.folder, given.restart});
  for (Service& service : services)
    if (service.folder.empty()) service.folder = home;
  return services;
}

std::map<std::string, std::string> own_environment(const Spec& spec, const std::string& home, const std::string& path) {
  const std::string boot = kBootFolder;
  std::map<std::string, std::string> all;
  all["PATH"] = boot + "/bin:" + home + "/.local/bin:" + path;
  all["HOME"] = home;
  all["USER"] = all["LOGNAME"] = spec.user();
  all["SHELL"] = "/bin/bash";
  all["NINEFOLD_ENVIRONMENT"] = spec.name;
  all["PIP_CONSTRAINT"] = boot + "/pip.txt";
  // Processors shared by time look whole from inside: without this, programs start a thread for each of the machine's.
  if (spec.limits.cpus > 0) all["OMP_NUM_THREADS"] = std::to_string(static_cast<int>(std::ceil(spec.limits.cpus)));
  all["NINEFOLD_TRAINING_FACTS"] = kTrainingFacts;
  // Jupyter writes its token there: memory, never the home volume.
  if (spec.jupyter) all["JUPYTER_RUNTIME_DIR"] = "/dev/shm/jupyter";
  if (spec.jupyter) all["TENSORBOARD_PROXY_URL"] = "/proxy/%PORT%/";  // notebook_files()
  return all;
}

std::vector<File> boot_files(const Spec& spec, const std::vector<std::string>& environment, const std::vector<Bind>& binds, bool published,
                             const Doors& doors) {
  std::vector<File> files = {
      {"etc/profile", login_profile(environment)},
      {"pip.txt", "# Written by Ninefold: TensorFlow is Ninefold here, and pip shall not bring another one beside it.\n"
                  "tensorflow==2.9.0\ntensorflow-cpu<0\ntensorflow-gpu<0\ntensorflow-intel<0\n"},
  };
  for (const char* name : {"sudo", "apt", "apt-get"}) files.push_back({std::string("bin/") + name, root_words(), true});
  if (spec.ssh) files.push_back({"sshd_config", sshd_config(spec, environment, doors)});
  for (File& file : notebook_files(spec, binds, published, doors)) files.push_back(std::move(file));
  return files;
}

}  // namespace ninefold::env::run
