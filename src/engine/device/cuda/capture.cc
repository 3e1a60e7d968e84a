// In: requests of memory, in order. Out: places in a slab; the thread's session, which the devices ask.
#include "engine/device/cuda/capture.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "engine/device/cuda/launch.h"
#include "engine/device/cuda/put_bytes.h"

namespace ninefold::cuda {
namespace {

constexpr size_t kMostBytes = 16384;         // of the host's, in one piece of a graph
thread_local Session* mine = nullptr;

}  // namespace

bool Graph::start() {
  std::optional<SumsTurn> turn;
  if (!sums_.empty()) {
    turn.emplace();
    if (!usable(sums_)) return false;
  }
  replay(devices_, handle_);
  return true;
}
void Graph::drop() noexcept {
  if (void* const gone = handle_.exchange(nullptr)) drop_graph(*devices_[0], gone);
}

Session::Session(std::span<Accelerator* const> devices) {
  NINEFOLD_INVARIANT(!mine && !devices.empty());
  for (Accelerator* d : devices) shares_.push_back(std::make_unique<Share>(*d, Room{}));
  mine = this;
}

Session::Session(std::span<Accelerator* const> devices, std::span<const Room> rooms) {
  NINEFOLD_INVARIANT(!mine && !devices.empty() && devices.size() == rooms.size());
  for (size_t i = 0; i < devices.size(); ++i) {
    shares_.push_back(std::make_unique<Share>(*devices[i], rooms[i]));
    shares_.back()->put(rooms[i].slab, "", 1);   // a kernel is loaded when it is first started, which a capture may not do
  }
  turn_.emplace();
  begin_capture(this->devices());            // raises where others' work cannot be waited for
  open_ = true;
  mine = this;
}

Session::~Session() {
  if (open_) {
    turn_->forget();
    try {
      while (!bodies_.empty()) end_body();
    } catch (const Error&) {                 // of a capture that is broken already
    }
  }
  mine = nullptr;
  if (open_) end_capture(devices(), false);
  turn_.reset();
  for (const auto& s : shares_)
    for (void* memory : s->later_) s->device_.release(memory, 0);
}

std::vector<Device*> Session::devices() const {
  std::vector<Device*> all;
  for (const auto& s : shares_) all.push_back(&s->device_);
  return all;
}

std::shared_ptr<Graph> Session::end() {
  turn_->join();
  for (const auto& s : shares_)
    if (!s->places_.empty()) blocked("keeps memory from run to run");
  open_ = false;
  const auto graph = std::make_shared<Graph>(devices(), end_capture(devices(), true), turn_->captured());
  drop_with(turn_->captured(), graph);
  return graph;
}

bool Session::active() { return mine != nullptr; }
bool Session::capturing() { return mine && mine->open_; }
Session::Share* Session::of(const Device& device) {
  if (mine)
    for (const auto& s : mine->shares_)
      if (&s->device_ == &device) return s.get();
  return nullptr;
}

void Session::begin_body(Device& d, uint64_t condition, bool loop) {
  cuda::begin_body(d, condition, loop);
  mine->bodies_.push_back(&d);
}
void Session::end_body() {
  Device* const d = mine->bodies_.back();
  mine->bodies_.pop_back();
  cuda::end_body(*d);
}
void Session::check_body(const Device& d) {
  if (mine && !mine->bodies_.empty() && mine->bodies_.back() != &d) blocked("works on several GPUs within a branch or loop");
}

void* Session::Share::give(size_t bytes) {
  const size_t offset = places_.place(bytes);
  if (places_.high() > room_.bytes) {
    wants_ = std::max(2 * room_.bytes, places_.high());
    blocked("asks for more memory than the run before");
  }
  return room_.slab + offset;
}

void Session::Share::note(void* memory, size_t bytes) { held_[memory] = places_.place(bytes); }

bool Session::Share::take_back(void* memory) {
  if (!capturing()) {
    if (const auto at = held_.find(memory); at != held_.end()) {
      places_.free(at->second);
      held_.erase(at);
    }
    return false;
  }
  const bool own = memory >= room_.slab && memory < room_.slab + room_.bytes;
  if (own) places_.free(static_cast<size_t>(static_cast<char*>(memory) - room_.slab));
  else later_.push_back(memory);
  return true;
}

void Session::Share::put(void* to, const void* from, size_t bytes) {
  if (bytes > kMostBytes) blocked("brings large values from the host");
  for (size_t done = 0; done < bytes; done += kPutBytes) {
    PutBytes p{};
    p.to = static_cast<char*>(to) + done;
    p.count = static_cast<int32_t>(std::min<size_t>(kPutBytes, bytes - done));
    std::memcpy(p.bytes, static_cast<const char*>(from) + done, static_cast<size_t>(p.count));
    launch(device_, "put_bytes", threads_for(p.count), p);
  }
}

void Session::blocked(const char* what) { fail(Code::failed_precondition, "it {}", what); }

}  // namespace ninefold::cuda
