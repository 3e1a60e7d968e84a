// In: the file's [gpu], what this machine has, ids, the image's CUDA. Out: which GPUs an environment gets, by which
// specification, and why not others: data for a plan. Pure, but for look_at_gpus.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "env/run/cdi.h"
#include "env/run/driver.h"
#include "env/run/ids.h"
#include "env/run/toolkit.h"
#include "env/spec/spec.h"

namespace ninefold::env::run {

// What a plan keeps of the decision.
struct Gpu {
  std::vector<std::string> devices;          // as their specification names them; empty: none
  std::string driver, source, why;           // source: a file, or "Ninefold's own specification"; why there is none
  std::map<std::string, std::string> names;  // of libraries, and the file in the driver's folder that each leads to
};

struct GpuChoice {
  Gpu gpu;
  std::vector<CdiNode> nodes;
  std::vector<CdiMount> files;
  std::vector<std::string> environment;
  std::vector<std::string> notes;            // what the user should read
  std::string remedy;                        // of gpu.why: a line for sh, or words
  std::string refusal;                       // gpu.use = "required", and why that cannot be; empty: it can
};

GpuChoice choose_gpus(const Spec& spec, const GpuFacts& facts, const Ids& ids, const std::optional<Toolkit>& toolkit);

// "0, 1 by Ninefold's own specification, driver 535.183.01" or "none (this machine has no NVIDIA card)".
std::string gpu_text(const Gpu& gpu);

// Why a site's file, written once, does not fit the driver that runs; empty: it fits.
std::string outdated(const Cdi& cdi, const GpuFacts& facts);

// Whether programs of this toolkit start under this driver; empty: they do, or nothing is known of either.
std::string too_old(const std::string& driver, const std::optional<Toolkit>& toolkit);

}  // namespace ninefold::env::run
