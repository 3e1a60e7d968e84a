// In: one large matrix on the card, in double or pairs of them, by columns. Out: its factors by cuSOLVER, which is opened by name at
// the first one, from where cuBLASLt is looked for, too.
#include <cusolverDn.h>

#include <mutex>
#include <string>
#include <vector>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {
namespace {

#define NF_CUSOLVER(visit)                                                                                        \
  visit(cusolverDnCreate) visit(cusolverDnSetStream) visit(cusolverDnCreateParams)                                \
  visit(cusolverDnXpotrf_bufferSize) visit(cusolverDnXpotrf) visit(cusolverDnXgetrf_bufferSize)                   \
  visit(cusolverDnXgetrf) visit(cusolverDnXsyevd_bufferSize) visit(cusolverDnXsyevd)                              \
  visit(cusolverDnXgesvd_bufferSize) visit(cusolverDnXgesvd)

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_CUSOLVER(NF_MEMBER)
#undef NF_MEMBER
  bool there = false;

  Library() {
    std::string reason;
    void* const opened = open_library("libcusolver.so." + std::to_string(CUSOLVER_VER_MAJOR), "cusolver",
                                      std::to_string(CUDART_VERSION / 1000), &reason);
    if (!opened) return;
    there = true;
#define NF_FIND(f)                                        \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f)); \
    there = there && f;
    NF_CUSOLVER(NF_FIND)
#undef NF_FIND
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

struct Handle {
  std::mutex mutex;                              // one call at a time
  cusolverDnHandle_t handle = nullptr;
  cusolverDnParams_t params = nullptr;
};
std::mutex making;                               // guards Context::solver until it is there

Handle* handle_of(const Library& l, Context& c) {
  std::lock_guard hold(making);
  if (c.solver) return static_cast<Handle*>(c.solver);
  auto* const h = new Handle();
  if (l.cusolverDnCreate(&h->handle) || l.cusolverDnSetStream(h->handle, c.stream) || l.cusolverDnCreateParams(&h->params)) {
    delete h;
    return nullptr;
  }
  c.solver = h;
  return h;
}

}  // namespace

int solve(Context& c, const Solver& s) {
  const Library& l = library();
  if (!l.there) return kNotSupported;
  Handle* const h = handle_of(l, c);
  if (!h) return kNotSupported;
  std::lock_guard hold(h->mutex);
  const cudaDataType t = s.complex ? CUDA_C_64F : CUDA_R_64F;
  const cublasFillMode_t upper = CUBLAS_FILL_MODE_UPPER;
  const cusolverEigMode_t vectors = s.vectors ? CUSOLVER_EIG_MODE_VECTOR : CUSOLVER_EIG_MODE_NOVECTOR;
  const signed char left = !s.left ? 'N' : s.columns == s.m ? 'A' : 'S', right = !s.right ? 'N' : 'A';
  size_t card = 0, host = 0;
  int status = 0;
  switch (s.kind) {
    case Solver::cholesky: status = l.cusolverDnXpotrf_bufferSize(h->handle, h->params, upper, s.n, t, s.a, s.n, t, &card, &host); break;
    case Solver::lu: status = l.cusolverDnXgetrf_bufferSize(h->handle, h->params, s.n, s.n, t, s.a, s.n, t, &card, &host); break;
    case Solver::eigen:
      status = l.cusolverDnXsyevd_bufferSize(h->handle, h->params, vectors, upper, s.n, t, s.a, s.n, CUDA_R_64F, s.values, t, &card, &host);
      break;
    case Solver::singular:
      status = l.cusolverDnXgesvd_bufferSize(h->handle, h->params, left, right, s.m, s.n, t, s.a, s.m, CUDA_R_64F, s.values, t, s.left, s.m, t,
                                             s.right, s.n, t, &card, &host);
  }
  if (status) return kNotSupported;
  void* space = nullptr;
  if (const int failed = cudaMallocAsync(&space, card ? card : 1, c.stream)) return cudaGetLastError(), failed;
  std::vector<char> own(host);
  switch (s.kind) {
    case Solver::cholesky:
      status = l.cusolverDnXpotrf(h->handle, h->params, upper, s.n, t, s.a, s.n, t, space, card, own.data(), host, s.info);
      break;
    case Solver::lu:
      status = l.cusolverDnXgetrf(h->handle, h->params, s.n, s.n, t, s.a, s.n, s.pivots, t, space, card, own.data(), host, s.info);
      break;
    case Solver::eigen:
      status = l.cusolverDnXsyevd(h->handle, h->params, vectors, upper, s.n, t, s.a, s.n, CUDA_R_64F, s.values, t, space, card, own.data(),
                                  host, s.info);
      break;
    case Solver::singular:
      status = l.cusolverDnXgesvd(h->handle, h->params, left, right, s.m, s.n, t, s.a, s.m, CUDA_R_64F, s.values, t, s.left, s.m, t, s.right,
                                  s.n, t, space, card, own.data(), host, s.info);
  }
  cudaFreeAsync(space, c.stream);
  if (host && !status) cudaStreamSynchronize(c.stream);   // what the host computes with ends here
  return status ? cudaErrorLaunchFailure : 0;
}

}  // namespace ninefold::cuda
