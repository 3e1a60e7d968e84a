// In: a Plan that another container engine shall carry out. Out: the words it is told, and its effects: what start() and
// sweep() of apply.h do with Ninefold's own runtime. All else of an environment (PID 1, the keeper, ports, network) is
// the same.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "env/run/apply.h"

namespace ninefold::env::run {

// The container's name there: one per user, environment and state folder.
std::string backend_name(const Plan& plan);

// True iff the tree is that of an image of the store, which never changes; else it is a folder.
bool of_store(const Plan& plan);

// Docker's name of the plan's tree, with the caller's numbers in it.
std::string backend_image(const Plan& plan);

// Arguments of `podman create` or `docker create`, the program excepted; `secrets`: a folder that holds their files. Pure.
std::vector<std::string> backend_words(const Plan& plan, const std::string& secrets);

// Makes the container and calls `created` with its first process: podman's runs nothing yet then, docker's begins.
Result<pid_t> start_backend(const Plan& plan, const SecretValues& secrets, const std::function<Result<void>(pid_t)>& created);

// Runs a program of ours inside, for whom the caller may not join the container's namespaces himself.
Result<void> run_in_backend(const Plan& plan, const std::vector<std::string>& words);

// Takes the container and its secrets away, in whatever state it is.
Result<void> sweep_backend(const Plan& plan);

}  // namespace ninefold::env::run
