// In: tensors. Out: they know their device, and a host reader waits for whatever still writes them.
#include <gtest/gtest.h>

#include "engine/tensor/buffer.h"
#include "engine/tensor/device.h"
#include "engine/tensor/tensor_impl.h"

namespace ninefold {
namespace {

struct Late : Event {
  int waits = 0;
  void wait() override { ++waits; }
  bool ready() override { return waits > 0; }
};

TEST(ReadyEvent, AReaderWaitsForTheProducer) {
  const Tensor t = empty_on(cpu_device(), DType::f32, {2});
  EXPECT_EQ(t.device_name(), "/job:localhost/replica:0/task:0/device:CPU:0");
  EXPECT_EQ(&t.impl()->buffer->device(), &cpu_device());
  EXPECT_FALSE(t.impl()->buffer->ready);   // ready now
  const auto late = std::make_shared<Late>();
  t.impl()->buffer->ready = late;
  const Tensor same = t.with_shape({1, 2});   // the event is the memory's, not the handle's
  EXPECT_FALSE(late->ready());
  (void)same.data();
  EXPECT_TRUE(late->ready());
  EXPECT_EQ(late->waits, 1);
}

}  // namespace
}  // namespace ninefold
