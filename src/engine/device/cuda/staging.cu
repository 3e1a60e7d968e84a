// In: bytes of the host. Out: the same on the card, by a stream of their own: copied to pinned memory, which the card reads while its
// kernels run. Pieces of pinned memory serve again once the card has read them; nobody waits but who finds all of them in use.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <vector>

#include "engine/device/cuda/context.h"

namespace ninefold::cuda {
namespace {

constexpr size_t kLeastPiece = size_t{1} << 20;
constexpr size_t kMostPinned = size_t{512} << 20;   // of one context; larger copies go the usual way

struct Piece {
  void* host = nullptr;
  size_t bytes = 0;
  cudaEvent_t read = nullptr;        // recorded behind the copy that reads it
};
struct Staging {
  std::mutex mutex;                  // guards what follows
  cudaStream_t stream = nullptr;
  std::vector<Piece> pieces;         // the one that waited longest first
  size_t bytes = 0;
};
std::mutex making;                   // guards Context::staging until it is there

size_t size_of_piece(size_t bytes) {
  size_t size = kLeastPiece;
  while (size < bytes) size *= 2;
  return size;
}

// A piece that nobody reads any more; what it was taken from lies at the end of the list.
int take(Staging& s, size_t bytes, Piece** found) {
  const auto fits = [&](const Piece& p) { return p.bytes >= bytes; };
  auto at = std::find_if(s.pieces.begin(), s.pieces.end(), [&](const Piece& p) { return fits(p) && cudaEventQuery(p.read) == cudaSuccess; });
  cudaGetLastError();                // "not ready" is an answer
  const size_t size = size_of_piece(bytes);
  if (at == s.pieces.end() && s.bytes + size <= kMostPinned) {
    Piece fresh;
    fresh.bytes = size;
    if (!cudaHostAlloc(&fresh.host, size, cudaHostAllocDefault) && !cudaEventCreateWithFlags(&fresh.read, cudaEventDisableTiming)) {
      s.bytes += size;
      at = s.pieces.insert(s.pieces.end(), fresh);
    } else {
      cudaGetLastError();
      if (fresh.host) cudaFreeHost(fresh.host);
    }
  }
  if (at == s.pieces.end()) at = std::find_if(s.pieces.begin(), s.pieces.end(), fits);
  if (at == s.pieces.end()) return kNotSupported;
  if (const int status = cudaEventSynchronize(at->read)) return status;
  std::rotate(at, at + 1, s.pieces.end());
  *found = &s.pieces.back();
  return 0;
}

}  // namespace

int stage(Context& c, const void* from, size_t bytes, void** memory) {
  if (size_of_piece(bytes) > kMostPinned) return kNotSupported;
  {
    std::lock_guard hold(making);
    if (!c.staging) {
      auto* const fresh = new Staging();
      if (const int status = cudaStreamCreateWithFlags(&fresh->stream, cudaStreamNonBlocking)) {
        delete fresh;
        return status;
      }
      c.staging = fresh;
    }
  }
  Staging& s = *static_cast<Staging*>(c.staging);
  std::lock_guard hold(s.mutex);
  Piece* piece = nullptr;
  if (const int status = take(s, bytes, &piece)) return status;
  std::memcpy(piece->host, from, bytes);
  // The memory belongs to that stream first: what the other one still does with what it gave back is none of its business.
  int status = cudaMallocAsync(memory, (bytes + 3) / 4 * 4, s.stream);
  if (status) {
    cudaGetLastError();
    return status;
  }
  status = cudaMemcpyAsync(*memory, piece->host, bytes, cudaMemcpyHostToDevice, s.stream);
  if (!status) status = cudaEventRecord(piece->read, s.stream);
  if (!status) status = cudaStreamWaitEvent(c.stream, piece->read, 0);
  return status;
}

}  // namespace ninefold::cuda
