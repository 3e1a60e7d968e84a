// In: a kernel's name and its parameters. Out: the kernel at work on a device, in the order of the device's stream.
#pragma once

#include <span>
#include <string>

#include "engine/device/cuda/abi.h"
#include "engine/tensor/device.h"

namespace ninefold::cuda {

// A kernel of the library by its name; a name that it lacks is our bug.
const void* kernel(const std::string& name, size_t parameters);
void launch(Device&, const void* kernel, const Launch&, const void* parameters);
void gemm(Device&, const Gemm&);
bool try_gemm(Device&, const Gemm&);             // false: no library here has this product
bool try_solve(Device&, const Solver&);          // false: there is no cuSOLVER
void fourier(Device&, const char* op, const Fourier&);   // the error of a missing library names the op

// ---- cuDNN (dnn.h); statuses are the table's ----

int plan_dnn(Device&, const DnnCall&, void** plan, size_t* workspace);
int run_dnn(Device&, const void* plan, std::span<void* const> memory, void* workspace);
int plan_recurrent(Device&, const DnnRecurrent&, void** plan, DnnRecurrentSizes*);
int run_recurrent(Device&, const void* plan, const DnnRecurrentRun&);

// ---- graphs (capture.h) ----

// Of several devices the first one begins and ends it, and starts the graph.
void begin_capture(std::span<Device* const>);    // others' work on the devices waits until it ends
void* end_capture(std::span<Device* const>, bool keep);   // the graph; null where none is kept
void replay(std::span<Device* const>, void* graph);
void drop_graph(Device&, void* graph) noexcept;
bool conditional();                              // whether graphs here have branches and loops
uint64_t condition(Device&);                     // of the capture, for a body on that device
void begin_body(Device&, uint64_t condition, bool loop);
void end_body(Device&);

// ---- several GPUs (collective.h): statuses are the table's, error_text says what they mean ----

int ordinal_of(const Device&);
std::string error_text(int status);
int connect(std::span<Device* const> members, void** group);
int collect(std::span<Device* const> members, void* group, std::span<const Collective>);
int progress(std::span<Device* const> members, void* group);
int join(std::span<Device* const> members, void* group);
int fault_of(std::span<Device* const> members, void* group);
int disconnect(std::span<Device* const> members, void* group, bool abort) noexcept;

// ---- kernels from text (text_kernel.h) ----

Compiler compiler();
std::string architecture_of(const Device&);      // "sm_90"
int compile_text(Device&, const std::string& text, std::string* code);   // not 0: `code` is what the compiler says
int load_code(Device&, const std::string& code, const void** kernel);

template <class P>
void launch(Device& device, const std::string& name, const Launch& how, const P& parameters) {
  launch(device, kernel(name, sizeof(P)), how, &parameters);
}

// Blocks for a thread an element; beyond `most` a thread takes several.
Launch threads_for(int64_t elements, unsigned threads = 256, unsigned most = 132 * 16);

}  // namespace ninefold::cuda
