// In: a Plan. Out: its effects: a started first process; and every trace of it gone again.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/plan.h"

namespace ninefold::env::run {

using SecretValues = std::map<std::string, std::string>;

// Folders and files of the run state; volumes that are missing. Nothing runs yet.
Result<void> prepare(const Plan& plan, const std::string& session);

// Makes cgroups and namespaces, mounts, and lets the runtime make the first process. `created` is called
// with its pid before it runs anything: ports and network are joined to it then. The caller must be a
// child subreaper, and becomes the first process's parent.
Result<pid_t> start(const Plan& plan, const SecretValues& secrets, int log,
                    const std::function<Result<void>(pid_t)>& created);

// Reads the public keys anew into the folder that sshd reads. True iff they changed.
Result<bool> refresh_keys(const Plan& plan);

// Ends what is left of an environment whose first process is gone, also after a crash in the middle of
// start(): processes, cgroups, the upper layer. Jobs' records and volumes stay.
Result<void> sweep(const Plan& plan);

// A file of a tree, whose links may be a stranger's: they lead to the tree's own files, never to this machine's. Empty
// where there is none.
std::string text_of_tree(const std::string& tree, const std::string& path);

// The pids of all processes that see the environment's upper layer.
std::vector<pid_t> processes_of(const Plan& plan);

// Deletes a tree with files of subordinate ids in it.
Result<void> remove_tree(const Plan& plan, const std::string& folder);

}  // namespace ninefold::env::run
