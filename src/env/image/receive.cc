// In: a stranger's image, part by part. Out: its name in the store, set last.
#include "env/image/receive.h"

#include "base/check.h"
#include "env/image/image.h"
#include "env/lock/lock.h"

namespace ninefold::env::image {

void receive(Store& store, const std::string& operation, const Ref& ref, const BringPart& bring,
             const std::function<bool(const std::string& digest)>& offers) {
  Lease lease = store.lease().value();
  const auto take = [&](Shelf shelf, const std::string& digest) {
    lease.hold({digest}).value();
    const Shelf other = shelf == Shelf::blobs ? Shelf::inputs : Shelf::blobs;  // a base's layer is the image's, too
    if (store.has(shelf, digest)) return;
    if (store.has(other, digest)) store.share(other, shelf, digest).value();
    else bring(shelf, digest);
  };
  take(Shelf::blobs, ref.image);
  const Image manifest = parse_manifest(store.get(Shelf::blobs, ref.image).value()).value();
  take(Shelf::blobs, manifest.config_descriptor.digest);
  for (const Descriptor& layer : manifest.layers) take(Shelf::blobs, layer.digest);
  const Image image = open_image(store, ref.image).value();
  if (!ref.lock.empty()) {
    const auto label = image.config.labels.find("ninefold.lock");
    check(label == image.config.labels.end() || label->second == ref.lock, Code::data_loss,
          "{}: the image was made from the lock {}, and comes with {}; it was tampered with", operation,
          label == image.config.labels.end() ? "" : label->second, ref.lock);
    take(Shelf::blobs, ref.lock);
    const Lock lock = parse_lock(store.get(Shelf::blobs, ref.lock).value()).value();
    for (const Input& input : all_inputs(lock))
      if (offers(input.digest)) take(Shelf::inputs, input.digest);
  }
  store.set_ref(ref).value();
}

}  // namespace ninefold::env::image
