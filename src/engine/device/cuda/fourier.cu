// In: rows of numbers on the card. Out: their discrete Fourier transforms by cuFFT, whose plans are made once a problem.
// cuFFT is opened at the first transform, from where cuBLASLt is looked for, too.
#include <cufft.h>

#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {
namespace {

#define NF_CUFFT(visit)                                                                                              \
  visit(cufftCreate) visit(cufftDestroy) visit(cufftMakePlanMany64) visit(cufftSetStream) visit(cufftExecC2C)        \
  visit(cufftExecZ2Z) visit(cufftExecR2C) visit(cufftExecD2Z) visit(cufftExecC2R) visit(cufftExecZ2D)

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_CUFFT(NF_MEMBER)
#undef NF_MEMBER
  std::string missing;

  Library() {
    const std::string major = std::to_string(CUFFT_VER_MAJOR), name = "libcufft.so." + major;
    std::string reason;
    void* const opened = open_library(name, "cufft", std::to_string(CUDART_VERSION / 1000), &reason);
    if (!opened) {
      missing = "transforms on the GPU need cuFFT " + major + " (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', "
                "or the CUDA toolkit, and let LD_LIBRARY_PATH name its folder";
      return;
    }
#define NF_FIND(f)                                                                  \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f));                           \
    if (!f && missing.empty()) missing = name + " has no " #f;
    NF_CUFFT(NF_FIND)
#undef NF_FIND
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

constexpr size_t kPlans = 64;                    // each holds memory of the card: the oldest set goes at once
using Key = std::tuple<const Context*, int, bool, int, int64_t, int64_t, int64_t>;
struct Plans {
  std::mutex mutex;                              // guards the map, and that a plan is at work once
  std::map<Key, cufftHandle> all;
};
Plans& plans() {
  static Plans* const p = new Plans();
  return *p;
}

cufftType type_of(const Fourier& f) {
  switch (f.kind) {
    case Fourier::from_real: return f.wide ? CUFFT_D2Z : CUFFT_R2C;
    case Fourier::to_real: return f.wide ? CUFFT_Z2D : CUFFT_C2R;
    default: return f.wide ? CUFFT_Z2Z : CUFFT_C2C;
  }
}
int made(const Library& l, const Fourier& f, cufftHandle* plan) {
  if (const int s = l.cufftCreate(plan)) return s;
  long long size[] = {f.size[0], f.size[1]};
  size_t work = 0;
  int s = l.cufftMakePlanMany64(*plan, f.rank, size, nullptr, 1, 0, nullptr, 1, 0, type_of(f), f.batch, &work);
  if (s) l.cufftDestroy(*plan);
  return s;
}
int run(const Library& l, cufftHandle plan, const Fourier& f) {
  const int way = f.kind == Fourier::back ? CUFFT_INVERSE : CUFFT_FORWARD;
  switch (type_of(f)) {
    case CUFFT_C2C: return l.cufftExecC2C(plan, static_cast<cufftComplex*>(f.from), static_cast<cufftComplex*>(f.to), way);
    case CUFFT_Z2Z: return l.cufftExecZ2Z(plan, static_cast<cufftDoubleComplex*>(f.from), static_cast<cufftDoubleComplex*>(f.to), way);
    case CUFFT_R2C: return l.cufftExecR2C(plan, static_cast<cufftReal*>(f.from), static_cast<cufftComplex*>(f.to));
    case CUFFT_D2Z: return l.cufftExecD2Z(plan, static_cast<cufftDoubleReal*>(f.from), static_cast<cufftDoubleComplex*>(f.to));
    case CUFFT_C2R: return l.cufftExecC2R(plan, static_cast<cufftComplex*>(f.from), static_cast<cufftReal*>(f.to));
    default: return l.cufftExecZ2D(plan, static_cast<cufftDoubleComplex*>(f.from), static_cast<cufftDoubleReal*>(f.to));
  }
}
int status_of(int cufft) {
  return cufft == CUFFT_SUCCESS ? 0 : cufft == CUFFT_ALLOC_FAILED ? cudaErrorMemoryAllocation
         : cufft == CUFFT_EXEC_FAILED ? cudaErrorLaunchFailure : cudaErrorNotSupported;
}

}  // namespace

const char* fourier_missing() { return library().missing.c_str(); }

int fourier(Context& c, const Fourier& f) {
  const Library& l = library();
  if (!l.missing.empty()) return kNoFourier;
  std::lock_guard hold(plans().mutex);
  auto& all = plans().all;
  const Key key{&c, f.kind, f.wide, f.rank, f.size[0], f.size[1], f.batch};
  auto at = all.find(key);
  if (at == all.end()) {
    if (all.size() == kPlans) {
      cudaStreamSynchronize(c.stream);
      for (const auto& [k, plan] : all) l.cufftDestroy(plan);
      all.clear();
    }
    cufftHandle plan = 0;
    if (const int s = made(l, f, &plan)) return status_of(s);
    at = all.emplace(key, plan).first;
  }
  if (const int s = l.cufftSetStream(at->second, c.stream)) return status_of(s);
  return status_of(run(l, at->second, f));
}

}  // namespace ninefold::cuda
