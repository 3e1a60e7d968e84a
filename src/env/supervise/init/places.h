// In: nothing. Out: where things lie inside every environment; the run plan mounts them there.
#pragma once

namespace ninefold::env::supervise {

inline constexpr const char* kBoot = "/run/ninefold/boot";    // read-only: programs, services, sshd's file
inline constexpr const char* kState = "/run/ninefold/state";  // journal, jobs, logs, control socket
inline constexpr const char* kControl = "control";            // the supervisor's socket in kState
inline constexpr const char* kInsideSocket = "sockets";       // in kState: who hands out sockets of the network inside
inline constexpr const char* kLimits = "/run/ninefold/limits";  // the memory controller's files, read-only
inline constexpr const char* kGiven = "/etc/ninefold";        // of a container of others: its file, its keys
inline constexpr const char* kProtocol = "1";

// What the program says of itself. A program that says so can start a container without a keeper.
inline constexpr const char* kUsage =
    "ninefold-init: the first process of an environment, which `ninefold up` starts; in other containers: ninefold-init container [COMMAND...]\n";

inline constexpr int kInitSocket = 3;  // the supervisor's line to PID 1

}  // namespace ninefold::env::supervise
