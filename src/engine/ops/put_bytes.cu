// In: bytes within a launch's parameters. Out: the same in the card's memory: a captured step holds no pointer to the host.
#include "engine/device/cuda/kernel.cuh"
#include "engine/device/cuda/put_bytes.h"

namespace {

using ninefold::cuda::PutBytes;

NF_KERNEL(put_bytes, PutBytes) {
  for (int64_t i = nf_thread(); i < p.count; i += nf_threads()) static_cast<unsigned char*>(p.to)[i] = p.bytes[i];
}

}  // namespace
