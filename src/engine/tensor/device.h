// In: a device's name. Out: memory on it, and the order in which its work finishes.
#pragma once

#include <memory>
#include <string>

namespace ninefold {

// Work that a host reader must wait for. The CPU's buffers have none: its kernels finish before they return.
class Event {
 public:
  virtual ~Event() = default;
  virtual void wait() = 0;
  virtual bool ready() = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual void* allocate(size_t bytes) = 0;              // aligned to 64 bytes; throws resource_exhausted
  virtual void release(void* memory, size_t bytes) noexcept = 0;
  virtual bool host() const = 0;                         // may the host dereference its memory?
  const std::string& name() const { return name_; }      // "/job:localhost/replica:0/task:0/device:CPU:0"
  const std::string& type() const { return type_; }      // "CPU"
  int index() const { return index_; }

 protected:
  Device(std::string type, int index)
      : type_(std::move(type)), index_(index),
        name_("/job:localhost/replica:0/task:0/device:" + type_ + ":" + std::to_string(index)) {}

 private:
  std::string type_;
  int index_;
  std::string name_;
};

Device& cpu_device(int index = 0);       // logical CPU devices; index 0 always exists
int logical_cpus();               // how many there are
void set_logical_cpus(int count); // before the first use of index > 0

}  // namespace ninefold
