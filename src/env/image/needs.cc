// In: an image and its lock. Out: what they reach.
#include "env/image/needs.h"

#include <fmt/format.h>
#include <unistd.h>

#include "env/image/image.h"
#include "env/image/kept.h"
#include "env/lock/lock.h"

namespace ninefold::env::image {

Result<Needs> needs(const Store& store, const std::string& digest, const std::string& lock) {
  Result<Image> image = open_image(store, digest);
  if (!image) return image.error();
  Needs all;
  all.blobs = {digest, image.value().config_descriptor.digest};
  for (const Descriptor& layer : image.value().layers) all.blobs.push_back(layer.digest);
  all.chain = image.value().chain.substr(7);
  if (lock.empty()) return all;
  Result<std::string> text = store.get(Shelf::blobs, lock);
  if (!text) return text.error();
  Result<Lock> parsed = parse_lock(text.value());
  if (!parsed) return parsed.error().within(store.path(Shelf::blobs, lock));
  all.blobs.push_back(lock);
  for (const Input& input : all_inputs(parsed.value())) all.inputs.push_back(input.digest);
  all.wheels = kept_keys(parsed.value());
  return all;
}

Result<Verified> verify(const Store& store, const Ref& ref, const std::function<void(const std::string&)>& say) {
  Verified verified;
  Result<Needs> all = needs(store, ref.image, ref.lock);
  if (!all) {
    verified.faults.push_back(ref.name + ": " + all.error().message());
    return verified;
  }
  const auto labels = open_image(store, ref.image).value().config.labels;
  if (const auto label = labels.find("ninefold.lock"); !ref.lock.empty() && label != labels.end() && label->second != ref.lock)
    verified.faults.push_back(fmt::format("{}: was made from the lock {}, and the store has {} for it; build or pull it again", ref.name, label->second, ref.lock));
  say(fmt::format("{}: reading {} blobs and {} inputs", ref.name, all.value().blobs.size(), all.value().inputs.size()));
  for (const std::string& digest : all.value().blobs) {
    ++verified.checked;
    if (Result<void> good = store.verify(Shelf::blobs, digest); !good) verified.faults.push_back(ref.name + ": " + good.error().message());
  }
  for (const std::string& digest : all.value().inputs) {
    if (::access(store.path(Shelf::inputs, digest).c_str(), F_OK) != 0) {
      ++verified.missing_inputs;
      continue;
    }
    ++verified.checked;
    if (Result<void> good = store.verify(Shelf::inputs, digest); !good) verified.faults.push_back(ref.name + ": " + good.error().message());
  }
  return verified;
}

}  // namespace ninefold::env::image
