// In: matrices on the card, what is to happen to their product. Out: that, by the algorithm that cuBLASLt's heuristics put first
// for the problem, asked once a problem (its shape, its epilogue, how its memory is aligned). cuBLASLt is opened at the first product: NVIDIA's wheel, a toolkit or the system brings it.
#include <cublasLt.h>
#include <dlfcn.h>

#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {
namespace {

constexpr size_t kWorkspace = size_t{32} << 20;   // what NVIDIA advises from Hopper on

#define NF_CUBLAS(visit)                                                                                              \
  visit(cublasLtCreate) visit(cublasLtMatmul) visit(cublasLtMatmulAlgoGetHeuristic) visit(cublasLtMatmulDescCreate)   \
  visit(cublasLtMatmulDescSetAttribute) visit(cublasLtMatrixLayoutCreate) visit(cublasLtMatrixLayoutSetAttribute)     \
  visit(cublasLtMatmulPreferenceCreate) visit(cublasLtMatmulPreferenceSetAttribute) visit(cublasLtGetVersion)             \
  visit(cublasLtMatmulPreferenceDestroy)

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_CUBLAS(NF_MEMBER)
#undef NF_MEMBER
  std::string missing;

  Library() {
    const std::string major = std::to_string(CUBLAS_VER_MAJOR);
    std::string reason;
    void* const opened = open_library("libcublasLt.so." + major, "cublas", major, &reason);
    if (!opened) {
      missing = "products on the GPU need cuBLASLt " + major + " (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', "
                "or the CUDA toolkit, and let LD_LIBRARY_PATH name its folder";
      return;
    }
#define NF_FIND(f)                                                                  \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f));                           \
    if (!f && missing.empty()) missing = "libcublasLt.so." + major + " has no " #f;
    NF_CUBLAS(NF_FIND)
#undef NF_FIND
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

struct Planned {
  cublasLtMatmulDesc_t what = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  bool refused = false;              // no algorithm does this: it is not asked again
};
using Key = std::tuple<int, int, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, int, int, int>;
struct Plans {
  std::mutex mutex;                  // guards the map; what lies in it stays
  std::map<Key, Planned> all;
};
Plans& plans() {
  static Plans* const p = new Plans();
  return *p;
}

struct Types { cudaDataType_t data, scale; cublasComputeType_t compute; };
bool types_of(const Gemm& g, Types* t) {
  switch (g.dtype) {
    case 1: *t = {CUDA_R_32F, CUDA_R_32F, g.tensor_float ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F}; return true;
    case 2: *t = {CUDA_R_64F, CUDA_R_64F, CUBLAS_COMPUTE_64F}; return true;
    case 14: *t = {CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F}; return true;
    case 19: *t = {CUDA_R_16F, CUDA_R_32F, CUBLAS_COMPUTE_32F}; return true;
    case 8: *t = {CUDA_C_32F, CUDA_C_32F, CUBLAS_COMPUTE_32F}; return true;
    case 18: *t = {CUDA_C_64F, CUDA_C_64F, CUBLAS_COMPUTE_64F}; return true;
    default: return false;
  }
}

int layout_of(const Library& l, cublasLtMatrixLayout_t* to, cudaDataType_t type, int64_t rows, int64_t columns, int64_t batch,
              int64_t stride) {
  if (int s = l.cublasLtMatrixLayoutCreate(to, type, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), rows)) return s;
  const int32_t count = static_cast<int32_t>(batch);
  if (int s = l.cublasLtMatrixLayoutSetAttribute(*to, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count)) return s;
  return l.cublasLtMatrixLayoutSetAttribute(*to, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride);
}

cublasLtEpilogue_t epilogue_of(const Gemm& g) {
  if (g.sums) return CUBLASLT_EPILOGUE_BGRADA;
  if (g.after == Gemm::relu) return g.bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_RELU;
  if (g.after == Gemm::gelu) return g.bias ? CUBLASLT_EPILOGUE_GELU_BIAS : CUBLASLT_EPILOGUE_GELU;
  return g.bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
}
int set_bias(const Library& l, const Planned& p, const Gemm& g) {
  const void* const where = g.sums ? g.sums : g.bias;
  return where ? l.cublasLtMatmulDescSetAttribute(p.what, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &where, sizeof where) : 0;
}
// The greatest power of two, up to what the heuristics take for granted, that all of an address's bits and strides allow.
uint32_t alignment_of(const void* memory) {
  const auto at = reinterpret_cast<uintptr_t>(memory) | 256;
  return static_cast<uint32_t>(at & -at);
}

// Matrices by rows are matrices by columns, transposed: what is computed is C' = B' A', where a bias is a column and where every
// epilogue is known. The library's A is our B.
int plan(const Library& l, Context& c, const Gemm& g, const Types& t, Planned* p) {
  if (int s = l.cublasLtMatmulDescCreate(&p->what, t.compute, t.scale)) return s;
  const cublasOperation_t n = CUBLAS_OP_N, tr = g.conjugate ? CUBLAS_OP_C : CUBLAS_OP_T;
  if (int s = l.cublasLtMatmulDescSetAttribute(p->what, CUBLASLT_MATMUL_DESC_TRANSA, g.transpose_b ? &tr : &n, sizeof n)) return s;
  if (int s = l.cublasLtMatmulDescSetAttribute(p->what, CUBLASLT_MATMUL_DESC_TRANSB, g.transpose_a ? &tr : &n, sizeof n)) return s;
  const cublasLtEpilogue_t epilogue = epilogue_of(g);
  if (int s = l.cublasLtMatmulDescSetAttribute(p->what, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue)) return s;
  if (int s = set_bias(l, *p, g)) return s;
  if (int s = layout_of(l, &p->a, t.data, g.transpose_b ? g.k : g.n, g.transpose_b ? g.n : g.k, g.batch, g.stride_b)) return s;
  if (int s = layout_of(l, &p->b, t.data, g.transpose_a ? g.m : g.k, g.transpose_a ? g.k : g.m, g.batch, g.stride_a)) return s;
  if (int s = layout_of(l, &p->c, t.data, g.n, g.m, g.batch, g.stride_c)) return s;
  cublasLtMatmulPreference_t wish = nullptr;
  if (int s = l.cublasLtMatmulPreferenceCreate(&wish)) return s;
  const size_t space = kWorkspace;
  int status = l.cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &space, sizeof space);
  const uint32_t a = alignment_of(g.b), b = alignment_of(g.a), to = alignment_of(g.c);
  if (!status) status = l.cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, &a, sizeof a);
  if (!status) status = l.cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, &b, sizeof b);
  if (!status) status = l.cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, &to, sizeof to);
  if (!status) status = l.cublasLtMatmulPreferenceSetAttribute(wish, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &to, sizeof to);
  cublasLtMatmulHeuristicResult_t found{};
  int count = 0;
  if (!status) status = l.cublasLtMatmulAlgoGetHeuristic(static_cast<cublasLtHandle_t>(c.blas), p->what, p->a, p->b, p->c, p->c, wish,
                                                         1, &found, &count);
  l.cublasLtMatmulPreferenceDestroy(wish);
  if (status) return status;
  if (count == 0) return CUBLAS_STATUS_NOT_SUPPORTED;
  p->algorithm = found.algo;
  return 0;
}

}  // namespace

const char* gemm_missing() { return library().missing.c_str(); }

int gemm(Context& c, const Gemm& g) {
  const Library& l = library();
  if (!l.missing.empty()) return -1;
  Types t{};
  if (!types_of(g, &t) || ((g.sums || g.bias || g.after) && t.scale != CUDA_R_32F)) return kNotSupported;
  std::lock_guard hold(plans().mutex);
  if (!c.blas) {
    cublasLtHandle_t handle = nullptr;
    if (l.cublasLtCreate(&handle)) return cudaErrorInitializationError;
    c.blas = handle;
    // Not in the order of a stream that is captured: what it asks for is memory of the graph.
    if (const int s = capturing(c) ? cudaMalloc(&c.workspace, kWorkspace) : cudaMallocAsync(&c.workspace, kWorkspace, c.stream)) return s;
  }
  const Key key{c.ordinal, g.dtype, g.m, g.n, g.k, g.batch, g.stride_a, g.stride_b, g.stride_c,
                g.transpose_a | g.transpose_b << 1 | g.tensor_float << 2 | g.conjugate << 3, epilogue_of(g),
                static_cast<int>(alignment_of(g.a) | alignment_of(g.b) << 9 | alignment_of(g.c) << 18)};
  auto [at, fresh] = plans().all.try_emplace(key);
  Planned& p = at->second;
  if (fresh) p.refused = plan(l, c, g, t, &p) != 0;
  if (p.refused || set_bias(l, p, g)) return kNotSupported;
  const float one_f[2] = {1, 0}, zero_f[2] = {0, 0};
  const double one_d[2] = {1, 0}, zero_d[2] = {0, 0};
  const bool wide = t.scale == CUDA_R_64F || t.scale == CUDA_C_64F;
  const void *one = wide ? static_cast<const void*>(one_d) : one_f, *zero = wide ? static_cast<const void*>(zero_d) : zero_f;
  return l.cublasLtMatmul(static_cast<cublasLtHandle_t>(c.blas), p.what, one, g.b, p.a, g.a, p.b, zero, g.c, p.c, g.c, p.c,
                          &p.algorithm, c.workspace, kWorkspace, c.stream)
             ? cudaErrorLaunchFailure : 0;
}

}  // namespace ninefold::cuda
