// In: a kernel's text, written with the words of kernel.cuh and ops/*.cuh. Out: machine code for one card, by NVRTC, which is
// opened at the first text. The headers travel within this library (cmake/cuda.cmake): what a card of a user compiles is what
// the kernels beside it were built from.
#include <nvrtc.h>

#include <string>
#include <vector>

#include "engine/device/cuda/context.h"
#include "engine/device/cuda/open_library.h"

namespace ninefold::cuda {
namespace {

struct Header { const char *name, *text; };
constexpr Header headers[] = {
    {"cstddef", "#pragma once\n"},
    {"cstdint", "#pragma once\ntypedef signed char int8_t;\ntypedef short int16_t;\ntypedef int int32_t;\ntypedef long int64_t;\n"
                "typedef unsigned char uint8_t;\ntypedef unsigned short uint16_t;\ntypedef unsigned uint32_t;\n"
                "typedef unsigned long uint64_t;\n"},
#include "cuda_headers.inc"
};

#define NF_NVRTC(visit)                                                                                     \
  visit(nvrtcVersion) visit(nvrtcCreateProgram) visit(nvrtcCompileProgram) visit(nvrtcDestroyProgram)       \
  visit(nvrtcGetCUBINSize) visit(nvrtcGetCUBIN) visit(nvrtcGetProgramLogSize) visit(nvrtcGetProgramLog)

struct Library {
#define NF_MEMBER(f) decltype(&::f) f = nullptr;
  NF_NVRTC(NF_MEMBER)
#undef NF_MEMBER
  std::string missing, words;
  int version = 0;

  Library() {
    for (const Header& h : headers) words += h.text;
    const std::string major = std::to_string(CUDART_VERSION / 1000), name = "libnvrtc.so." + major;
    std::string reason;
    void* const opened = open_library(name, "cuda_nvrtc", major, &reason);
    if (!opened) {
      missing = "joining them needs NVRTC " + major + " (" + reason + "); install it: pip install 'ninefold-cuda[libraries]', or the "
                "CUDA toolkit, and let LD_LIBRARY_PATH name its folder";
      return;
    }
#define NF_FIND(f)                                                                  \
    f = reinterpret_cast<decltype(f)>(dlsym(opened, #f));                           \
    if (!f && missing.empty()) missing = name + " has no " #f;
    NF_NVRTC(NF_FIND)
#undef NF_FIND
    int first = 0, second = 0;
    if (missing.empty() && nvrtcVersion(&first, &second) == NVRTC_SUCCESS) version = first * 1000 + second * 10;
  }
};
const Library& library() {
  static const Library* const l = new Library();
  return *l;
}

}  // namespace

void compiler(Compiler* c) {
  const Library& l = library();
  *c = {l.version, l.words.c_str(), l.missing.empty() ? nullptr : l.missing.c_str()};
}

int compile(Context& c, const char* text, void* to, void (*take)(void* to, const char* bytes, size_t size)) {
  const Library& l = library();
  auto fails = [&](const std::string& why) { return take(to, why.data(), why.size()), static_cast<int>(cudaErrorInvalidSource); };
  if (!l.missing.empty()) return fails(l.missing);
  int major = 0, minor = 0;
  if (const int s = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, c.ordinal)) return s;
  if (const int s = cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, c.ordinal)) return s;
  std::vector<const char*> names, texts;
  for (const Header& h : headers) names.push_back(h.name), texts.push_back(h.text);
  nvrtcProgram program = nullptr;
  if (l.nvrtcCreateProgram(&program, text, "fused.cu", static_cast<int>(names.size()), texts.data(), names.data()) != NVRTC_SUCCESS)
    return fails("NVRTC takes no text");
  const std::string target = "--gpu-architecture=sm_" + std::to_string(major) + std::to_string(minor);
  const char* const options[] = {target.c_str(), "--std=c++20", "--fmad=false"};
  const bool compiled = l.nvrtcCompileProgram(program, 3, options) == NVRTC_SUCCESS;
  size_t size = 0;
  std::string bytes;
  if (compiled && l.nvrtcGetCUBINSize(program, &size) == NVRTC_SUCCESS) {
    bytes.resize(size);
    if (l.nvrtcGetCUBIN(program, bytes.data()) != NVRTC_SUCCESS) bytes.clear();
  } else if (l.nvrtcGetProgramLogSize(program, &size) == NVRTC_SUCCESS) {
    bytes.resize(size);
    l.nvrtcGetProgramLog(program, bytes.data());
  }
  l.nvrtcDestroyProgram(&program);
  take(to, bytes.data(), bytes.size());
  return compiled && !bytes.empty() ? 0 : cudaErrorInvalidSource;
}

}  // namespace ninefold::cuda
