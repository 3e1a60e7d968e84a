// In: what instructions wish for. Out: the GPUs of a step.
#include "engine/graph/step_devices.h"

#include <algorithm>

namespace ninefold::graph {

std::vector<Accelerator*> devices_of(const Program& p, Accelerator& caller) {
  std::vector<Accelerator*> all{&caller};
  for (int i = 0; i < find_gpus(); ++i) {
    Accelerator* const d = gpu_device(i);
    if (d != &caller && std::any_of(p.code.begin(), p.code.end(), [&](const Instruction& c) { return wish_of(c) == d; })) all.push_back(d);
  }
  return all;
}

std::vector<Accelerator*> first_readers(const Program& p, std::span<Accelerator* const> devices) {
  std::vector<Accelerator*> readers(p.values.size(), nullptr);
  for (const Instruction& c : p.code) {
    const auto wished = std::find(devices.begin(), devices.end(), wish_of(c));
    for (int v : c.in)
      if (Accelerator*& r = readers[static_cast<size_t>(v)]; !r) r = wished == devices.end() ? devices[0] : *wished;
  }
  for (Accelerator*& r : readers)
    if (!r) r = devices[0];
  return readers;
}

}  // namespace ninefold::graph
