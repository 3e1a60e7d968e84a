// In: calls as data (dnn_call.h), memory of the card. Out: cuDNN's engines for them, made once a call, and at work. cuDNN is opened
// at the first call: NVIDIA's wheel, a toolkit or the system brings it.
#if __has_include(<cudnn.h>)
#include <cudnn.h>
#endif
#include <dlfcn.h>

#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/dnn_plan.h"
#include "engine/device/cuda/dnn_recurrent.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {
namespace {

#if __has_include(<cudnn.h>)
#define NF_SAME(name, number, symbol) static_assert(static_cast<int>(symbol) == number);
NF_DNN_NUMBERS(NF_SAME)
#undef NF_SAME
static_assert(sizeof(cudnnBackendDescriptorType_t) == sizeof(int) && sizeof(cudnnStatus_t) == sizeof(int));
#endif

struct Library {
  dnn::Functions functions;
  dnn::RecurrentFunctions recurrent;
  std::string missing;
  int64_t version = 0;

  Library() {
    const std::string name = "libcudnn.so.9", cuda = std::to_string(CUDART_VERSION / 1000);
    std::string reason, others;
    // What cuDNN looks for by name alone, from wheels, too.
    open_library("libcublasLt.so." + cuda, "cublas", cuda, &others);
    open_library("libnvrtc.so." + cuda, "cuda_nvrtc", cuda, &others);
    void* const opened = open_library(name, "cudnn", cuda, &reason);
    if (!opened) {
      missing = "convolutions and recurrent layers are slow on the GPU without cuDNN 9 (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', "
                "or your system's cuDNN 9, and let LD_LIBRARY_PATH name its folder";
      return;
    }
    const auto find = [&](auto* f, const char* symbol) {
      *f = reinterpret_cast<std::remove_pointer_t<decltype(f)>>(dlsym(opened, symbol));
      if (!*f && missing.empty()) missing = name + " has no " + symbol;
    };
#define NF_FIND(member, symbol, arguments) find(&functions.member, #symbol);
    NF_DNN_FUNCTIONS(NF_FIND)
#undef NF_FIND
#define NF_FIND(member, symbol, arguments) find(&recurrent.member, #symbol);
    NF_RECURRENT_FUNCTIONS(NF_FIND)
#undef NF_FIND
    size_t (*number)() = nullptr;
    find(&number, "cudnnGetVersion");
    if (missing.empty()) version = static_cast<int64_t>(number());
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

std::mutex& handles() {                      // a handle is one thread's at a time
  static std::mutex* const m = new std::mutex();
  return *m;
}
int handle_of(Context& c) {
  if (c.dnn) return 0;
  const dnn::Functions& f = library().functions;
  void* made = nullptr;
  if (f.create(&made) || f.set_stream(made, c.stream)) return kNoEngine;
  c.dnn = made;
  return 0;
}

}  // namespace

const char* dnn_missing() { return library().missing.c_str(); }
void dnn_library(DnnLibrary* to) { *to = {library().version, library().missing.empty() ? nullptr : library().missing.c_str()}; }

void dnn_follow(Context& c) {
  if (!c.dnn) return;
  std::lock_guard hold(handles());
  library().functions.set_stream(c.dnn, c.stream);
}

int dnn_plan(Context& c, const DnnCall& call, void** plan, size_t* workspace) {
  if (!library().missing.empty()) return kNoDnn;
  std::lock_guard hold(handles());
  if (const int s = handle_of(c)) return s;
  auto made = dnn::planned(library().functions, {c.dnn}, call);
  cudaGetLastError();                        // what engines tried is no error of later launches
  if (!made) return kNoEngine;
  *workspace = static_cast<size_t>(made->workspace);
  *plan = made.release();
  return 0;
}

int dnn_run(Context& c, const void* plan, void* const* memory, void* workspace) {
  std::lock_guard hold(handles());
  return dnn::run(library().functions, c.dnn, *static_cast<const dnn::Plan*>(plan), memory, workspace) ? kNoEngine : 0;
}

int recurrent_plan(Context& c, const DnnRecurrent& what, void** plan, DnnRecurrentSizes* sizes) {
  if (!library().missing.empty()) return kNoDnn;
  std::lock_guard hold(handles());
  if (const int s = handle_of(c)) return s;
  auto made = std::make_unique<dnn::Layer>(library().recurrent, what);
  if (made->measure(c.dnn, sizes)) return kNoEngine;
  void* weights = nullptr;                   // where gates lie is told as addresses within weights that are there
  if (const int s = cudaMallocAsync(&weights, sizes->weights, c.stream)) return cudaGetLastError(), s;
  const int status = made->place(c.dnn, weights, sizes);
  cudaFreeAsync(weights, c.stream);
  if (status) return kNoEngine;
  *plan = made.release();
  return 0;
}

int recurrent_run(Context& c, const void* plan, const DnnRecurrentRun& run) {
  std::lock_guard hold(handles());
  return static_cast<const dnn::Layer*>(plan)->run(c.dnn, run) ? kNoEngine : 0;
}

}  // namespace ninefold::cuda
