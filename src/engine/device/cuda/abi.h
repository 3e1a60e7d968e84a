// In: nothing. Out: the table of C functions through which libninefold uses a GPU. libninefold-cuda.so fills it with
// the CUDA runtime; the tests fill it with loops on the host (tests/cuda/emulator.cc), from the same kernels.
// Nothing here needs a CUDA header, and nothing throws across this border: a status is 0 or an error of CUDA's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cuda/dnn_call.h"

namespace ninefold::cuda {

constexpr uint32_t kAbiVersion = 18;
constexpr int kOutOfMemory = 2;              // cudaErrorMemoryAllocation
constexpr int kNotSupported = 801;           // cudaErrorNotSupported
constexpr int kUnderWay = 600, kNotBegun = 1001;   // of `progress`: cudaErrorNotReady; members have work of their own before
constexpr int kNoGemm = -1, kNoFourier = -2, kNoCollective = -3;   // text() says which library is missing

struct Machine {
  int devices;                               // that this process may see: CUDA_VISIBLE_DEVICES has chosen
  int driver;                                // the CUDA version that the driver serves, 13000 for 13.0; 0: no driver
  int least_driver;                          // below which these kernels do not load
  int toolkit;                               // the CUDA version that the library was built with
  const char* targets;                       // "sm_90", or "sm_75 sm_80 sm_90 sm_100 compute_100"
};
struct Properties {
  char name[128];
  int major, minor;                          // compute capability
  int processors;
  uint64_t memory;
};
struct Launch {
  unsigned blocks[3] = {1, 1, 1};
  unsigned threads = 256;
};

// C[batch][m, n] = A B, row-major; `a`, `b`: strides between the matrices of a batch, in elements (0: one for all).
struct Gemm {
  int dtype;                                 // TensorFlow's number: half, bfloat16, float, double, complex64, complex128
  int64_t m, n, k, batch;
  int64_t stride_a, stride_b, stride_c;
  bool transpose_a, transpose_b;
  bool tensor_float;                         // float32 products in TF32
  const void* a;
  const void* b;
  void* c;
  bool conjugate;                            // what is transposed is conjugated, too
  // What happens to the sums before they are rounded and written, of float, half and bfloat16; a card may know a product only
  // without: its status is kNotSupported then.
  enum After : int { nothing, relu, gelu } after;   // gelu by the hyperbolic tangent
  const void* bias;                          // [n], added to every row first; null: none
  void* sums;                                // [n]: B's columns, each summed over k, too; null: nobody asks
};

// What compiles kernels from their text.
struct Compiler {
  int version;                               // 13000 for NVRTC 13.0
  const char* words;                         // what texts include, joined: a compiled text depends on it
  const char* missing;                       // null, or which library is missing and how to get it
};

// `batch` times numbers one behind another, each transformed by itself and not scaled, as cuFFT has it: complex ones by
// forward and back, n real ones into n / 2 + 1 complex ones, and those into n real ones. What `from` holds may be lost.
struct Fourier {
  enum Kind : int { forward, back, from_real, to_real };
  Kind kind;
  bool wide;                                 // double
  int rank;                                  // 1, or 2 for complex ones
  int64_t size[2], batch;
  void *from, *to;                           // may be the same for complex ones
};

// One communication of all members of a group: `count` elements at from[m] of each member m. Sums come to to[m] of every member
// (all_reduce) or of the root's alone (reduce); the root's elements come to to[m] of every member (broadcast). Other places of
// `from` or `to` may be null.
struct Collective {
  enum Kind : int { all_reduce, reduce, broadcast };
  Kind kind;
  int dtype;                                 // TensorFlow's number: half, float, double, int32, int64
  int root;                                  // a member
  int64_t count;
  const void* const* from;
  void* const* to;
};

// One matrix by columns, [m, n] or [n, n], of double or pairs of them, factored in its place. `info` lies on the card: 0 once it is
// done, else there are no such factors.
struct Solver {
  enum Kind : int { cholesky, lu, eigen, singular } kind;
  bool complex;                              // of cholesky, lu and eigen
  bool vectors;                              // of eigen: they come to a
  int64_t m, n, columns;                     // singular: m >= n; columns of `left`, n or m
  void* a;                                   // cholesky, eigen: of the upper triangle
  void* values;                              // [n]: of eigen rising, of singular falling
  void *left, *right;                        // U [m, columns], V transposed [n, n]; null: nobody asks
  int64_t* pivots;                           // lu: which row row i changed places with, from 1
  int32_t* info;
};

// What a card did: one span of its timeline.
struct Activity {
  enum Kind : int { kernel, upload, download, copy, fill } kind;
  int ordinal;
  uint64_t stream;
  int64_t begin, end;                        // nanoseconds of CLOCK_MONOTONIC
  uint64_t mark;                             // what `mark` had said on the thread that asked for it; 0: nothing
  uint64_t bytes;                            // of copies and fills
  const char* name;                          // of a kernel
};

// A context is one logical device: an ordinal, a stream in whose order everything happens, a pool of memory.
struct Table {
  uint32_t version;
  int (*machine)(Machine*);
  int (*properties)(int ordinal, Properties*);
  const char* (*text)(int status);
  int (*open)(int ordinal, void** context);
  int (*allocate)(void* context, size_t bytes, void** memory);       // in the order of the stream
  int (*release)(void* context, void* memory);                       // in the order of the stream
  int (*trim)(void* context);                                        // gives what the pool does not use back
  int (*memory)(void* context, uint64_t* free, uint64_t* total);
  int (*upload)(void* context, void* to, const void* from, size_t bytes);     // `from` may be changed afterwards
  int (*download)(void* context, void* to, const void* from, size_t bytes);   // done when it returns
  int (*copy)(void* context, void* to, const void* from, size_t bytes);
  int (*fill)(void* context, void* to, int byte, size_t bytes);
  int (*wait)(void* context);
  const void* (*kernel)(const char* name, size_t parameters);        // null: none of that name and parameter size
  int (*launch)(void* context, const void* kernel, const Launch*, const void* parameters);
  int (*gemm)(void* context, const Gemm*);                           // -1: text() says which library is missing
  void (*compiler)(Compiler*);
  // Machine code for this card of a text that defines the kernel "fused" (kernel.cuh), to `take`; where the status is not 0,
  // what the compiler says of the text. No products of sums are contracted: a chain gives what its ops give one by one.
  int (*compile)(void* context, const char* text, void* to, void (*take)(void* to, const char* bytes, size_t size));
  int (*load)(void* context, const void* code, size_t bytes, const void** kernel);   // of machine code; for `launch`
  int (*fourier)(void* context, const Fourier*);                     // kNoFourier: text() says which library is missing
  // Between these nothing runs: launches, copies, fills, products and collectives become a graph, with the addresses that they have
  // now. Other contexts belong to it from when they follow one that does; before the end that one follows them again, and what was
  // collected is joined. `end` gives it; not asked to keep it, or where a graph cannot have what was asked for (its status), there
  // is none. It starts behind what was asked of this context before, whichever contexts it works on.
  int (*begin)(void* context);
  int (*end)(void* context, bool keep, void** graph);
  int (*replay)(void* context, void* graph);
  int (*drop)(void* context, void* graph);
  const char* (*record)();                   // from now on `recorded` has what cards do; or why that cannot be, with the remedy
  void (*recorded)(void* to, void (*take)(void* to, const Activity*));   // what contexts that are done did since `record`; ends it
  void (*mark)(uint64_t);                    // whose work this thread asks for, while it is recorded
  int (*peer)(void* to_context, void* to, void* from_context, const void* from, size_t bytes);   // in the order of both streams
  // A group is contexts on different ordinals that communicate; kNoCollective: text() says which library is missing.
  int (*connect)(void* const* contexts, int members, void** group);
  // All of these as one call of the library's, for all members: nobody waits for a member that does not come. They begin when
  // what was asked of the members' streams before is done, on streams of their own: what is asked of the members next runs beside.
  int (*collect)(void* group, const Collective* all, int count);
  int (*progress)(void* group);              // 0: what was collected is done; kNotBegun, kUnderWay, or what went wrong
  int (*join)(void* group);                  // what is asked of the members' streams from now on waits for what was collected
  int (*fault)(void* group);                 // what became of it since: 0, or why it can no longer be used
  // abort: whatever is under way ends now, without a result. Graphs that have what the group collected are dropped before.
  int (*disconnect)(void* group, bool abort);
  void (*dnn_library)(DnnLibrary*);
  // An engine for calls like this one, kept for good, and the memory that it wants to work in; kNoDnn, kNoEngine.
  int (*dnn_plan)(void* context, const DnnCall*, void** plan, size_t* workspace);
  int (*dnn_run)(void* context, const void* plan, void* const* memory, void* workspace);   // `memory`: of the call's tensors
  int (*recurrent_plan)(void* context, const DnnRecurrent*, void** plan, DnnRecurrentSizes*);
  int (*recurrent_run)(void* context, const void* plan, const DnnRecurrentRun*);
  // New memory with these bytes, which travel on a stream of their own, from memory of the host that the card reads by itself: beside
  // what was asked of the context before; what is asked from now on waits for them. `from` may be changed afterwards. kNotSupported:
  // there is no such memory left.
  int (*stage)(void* context, const void* from, size_t bytes, void** memory);
  int (*solve)(void* context, const Solver*);                        // kNotSupported: there is no cuSOLVER
  // Branches and loops within what is captured: a condition, false when the graph starts, is set by the kernel "set_condition"
  // (ops/condition.cu) and asked by one body: what is captured between these is done if (`loop`: as long as) it holds then.
  bool (*conditional)();                     // whether driver and toolkit have them
  int (*condition)(void* context, uint64_t* made);
  int (*begin_body)(void* context, uint64_t condition, bool loop);
  int (*end_body)(void* context);            // each, before the capture ends
  int (*follow)(void* context, void* other); // what is asked of `context` from now on waits for what was asked of `other`
};

// The library's only symbol: const Table* ninefold_cuda_table().
constexpr const char* kTableSymbol = "ninefold_cuda_table";

}  // namespace ninefold::cuda
