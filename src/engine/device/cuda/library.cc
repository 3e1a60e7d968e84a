// In: this machine's driver and libninefold-cuda.so beside this library. Out: the table of both, or why there is none.
#include "engine/device/cuda/library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

#include "base/check.h"
#include "base/log.h"
#include "engine/device/cuda/launch.h"

namespace ninefold::cuda {
namespace {

struct Found {
  const Table* table = nullptr;
  Machine machine{};
  std::string why_not;
};
constexpr std::string_view kNoDriver = "no NVIDIA driver";
const Table* brought = nullptr;              // by use(), before anything is looked for

std::string version_text(int cuda) { return fmt::format("{}.{}", cuda / 1000, cuda % 1000 / 10); }

// NINEFOLD_CUDA_LIBRARY, else beside the library (or program) that holds this code, or one folder above (tests).
std::vector<std::string> places() {
  if (const char* given = std::getenv("NINEFOLD_CUDA_LIBRARY"); given && *given) return {given};
  Dl_info self{};
  NINEFOLD_INVARIANT(::dladdr(reinterpret_cast<const void*>(&places), &self) != 0);
  const std::string image = self.dli_fname;
  const size_t slash = image.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : image.substr(0, slash);
  return {folder + "/libninefold-cuda.so", folder + "/../libninefold-cuda.so"};
}

void open_library(Found& f) {
  const char* given = std::getenv("NINEFOLD_CUDA_LIBRARY");
  // The driver first: without one, nothing else is looked at, and importing costs nothing.
  if (!(given && *given) && !::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    f.why_not = std::string(kNoDriver) + ": libcuda.so.1 was not found; install the driver on the host (for an environment, "
                "ninefold doctor says what it lacks)";
    return;
  }
  std::string reason;
  for (const std::string& place : places()) {
    void* module = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);   // never closed
    if (!module) {
      if (reason.empty()) reason = ::dlerror();
      continue;
    }
    using Get = const Table* (*)();
    const auto get = reinterpret_cast<Get>(::dlsym(module, kTableSymbol));
    if (!get || get()->version != kAbiVersion) {
      f.why_not = fmt::format("{} belongs to another version of Ninefold; install both anew: pip install --force-reinstall "
                              "ninefold ninefold-cuda", place);
      return;
    }
    f.table = get();
    return;
  }
  f.why_not = fmt::format("Ninefold's GPU library could not be opened ({}); install it: pip install ninefold-cuda", reason);
}

Found find() {
  Found f;
  f.table = brought;
  if (!f.table) open_library(f);
  if (!f.table) return f;
  const int status = f.table->machine(&f.machine);
  const Machine& m = f.machine;
  if (m.driver == 0)
    f.why_not = fmt::format("the NVIDIA driver does not answer: {}; see nvidia-smi", f.table->text(status));
  else if (m.driver < m.least_driver)
    f.why_not = fmt::format("the driver serves CUDA {}, libninefold-cuda.so was built for CUDA {} and needs driver {} or "
                            "later; update the driver, or install a ninefold-cuda that was built for CUDA {}",
                            version_text(m.driver), version_text(m.toolkit), driver_series(m.least_driver),
                            m.driver / 1000);
  else if (status != 0 || m.devices == 0) {
    const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    f.why_not = visible ? fmt::format("no GPU is visible: CUDA_VISIBLE_DEVICES is \"{}\"; unset it to see all", visible)
                        : fmt::format("the driver finds no GPU{}{}; see nvidia-smi", status ? ": " : "",
                                      status ? f.table->text(status) : "");
  }
  if (!f.why_not.empty()) f.table = nullptr;
  return f;
}

// Where there is no driver nobody expects a GPU; where there is one, a line says why it is not used.
Found find_and_say() {
  Found f = find();
  if (!f.why_not.empty() && !f.why_not.starts_with(kNoDriver))
    warn("no GPU will be used: {} (ninefold check --gpu tells more)", f.why_not);
  return f;
}

const Found& found() {
  static const Found f = find_and_say();
  return f;
}

}  // namespace

const Table* table() { return found().table; }
const std::string& why_not() { return found().why_not; }
const Machine& machine() { return found().machine; }
void use(const Table* t) { brought = t; }

const char* driver_series(int cuda) {
  return cuda >= 14000 ? "of that CUDA version" : cuda >= 13000 ? "580" : cuda >= 12000 ? "525" : cuda >= 11000 ? "450" : "418";
}

const void* kernel(const std::string& name, size_t parameters) {
  const void* k = table()->kernel(name.c_str(), parameters);
  if (!k) fail(Code::internal, "libninefold-cuda.so has no kernel {} with {} bytes of parameters", name, parameters);
  return k;
}

Launch threads_for(int64_t elements, unsigned threads, unsigned most) {
  Launch how;
  how.threads = threads;
  const int64_t blocks = (elements + threads - 1) / threads;
  how.blocks[0] = static_cast<unsigned>(std::max<int64_t>(1, std::min<int64_t>(blocks, most)));
  return how;
}

}  // namespace ninefold::cuda
