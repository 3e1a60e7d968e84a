// In: elements. Out: the same on a device: copies that begin when an element is read, beside the device's work; behind it a prefetch
// reads ahead (tf.data.experimental.prefetch_to_device).
#include "engine/op/place.h"
#include "ninefold/device.h"
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

class DeviceDataset : public Stage {
 public:
  DeviceDataset(DatasetPtr input, std::string device) : Stage(std::move(input)), device_(std::move(device)) {}
  const char* stage() const override { return "_CopyToDeviceDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct There : Over {
      using Over::Over;
      std::string device;
      bool next(Tensors& out) override {
        if (!input->next(out)) return false;
        if (!accelerated()) return true;
        const device::Within wish(device);
        Device* const there = preferred_device();
        for (Tensor& t : out)
          if (there && t.impl()->buffer) t = on_device(t, *there);
        return true;
      }
    };
    auto it = std::make_unique<There>(input_->pass(place->below()), shared_from_this());
    it->device = device_;
    return it;
  }

 private:
  const std::string device_;
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::to_device(const std::string& device) { return std::make_shared<data::DeviceDataset>(shared_from_this(), device); }

}  // namespace ninefold
