// In: strings. Out: the bucket of each, by three hashes; fingerprints.
#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/fingerprint.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

template <class F>
void buckets(KernelCtx& k, const F& hash) {
  const auto n = static_cast<uint64_t>(k.integer("num_buckets"));
  for (int64_t i = 0, count = k.shape(0).size(); i < count; ++i) k.out<int64_t>(0)[i] = static_cast<int64_t>(hash(k.in<std::string>(0)[i]) % n);
}
Op bucket_op(const char* name, const char* input, std::vector<std::string> attrs, const char* doc) {
  attrs.insert(attrs.begin(), "num_buckets: int >= 1");
  return {.name = name, .inputs = {input}, .outputs = {"output: int64"}, .attrs = std::move(attrs), .doc = doc, .shape = shapes::same,
          .stops_gradient = true};
}

const Op fast = bucket_op("StringToHashBucketFast", "input: string", {}, "The bucket of each string by FarmHash' Fingerprint64.");
NINEFOLD_REGISTER(fast);
NINEFOLD_KERNEL(fast, "CPU", (Kernel{[](KernelCtx& k) { buckets(k, farm_fingerprint); }}));
const Op plain = bucket_op("StringToHashBucket", "string_tensor: string", {}, "The bucket of each string by MurmurHash64A.");
NINEFOLD_REGISTER(plain);
NINEFOLD_KERNEL(plain, "CPU", (Kernel{[](KernelCtx& k) { buckets(k, [](const std::string& s) { return murmur_hash(s); }); }}));
const Op strong = bucket_op("StringToHashBucketStrong", "input: string", {"key: list(int)"}, "The bucket of each string by SipHash with a key of two numbers.");
NINEFOLD_REGISTER(strong);
NINEFOLD_KERNEL(strong, "CPU", (Kernel{[](KernelCtx& k) {
  const std::vector<int64_t>& key = k.ints("key");
  k.check(key.size() == 2, "Key must have 2 elements");
  buckets(k, [&](const std::string& s) { return sip_hash(static_cast<uint64_t>(key[0]), static_cast<uint64_t>(key[1]), s); });
}}));

const Function to_fast = {
    .names = {"tf.strings.to_hash_bucket_fast"}, .signature = "(input: tensor, num_buckets: int, name: str = None)",
    .doc = "The bucket of each string, by FarmHash' Fingerprint64: quick, the same everywhere, not safe against those who choose strings.",
    .body = [](Args& a) -> Value {
      return op("StringToHashBucketFast", {operand(a, "input", DType::string)}, {{"num_buckets", a.integer("num_buckets")}});
    },
};
NINEFOLD_REGISTER(to_fast);
const Function to_plain = {
    .names = {"tf.strings.to_hash_bucket"}, .signature = "(input: tensor, num_buckets: int, name: str = None)",
    .doc = "The bucket of each string, by MurmurHash64A.",
    .body = [](Args& a) -> Value {
      return op("StringToHashBucket", {operand(a, "input", DType::string)}, {{"num_buckets", a.integer("num_buckets")}});
    },
};
NINEFOLD_REGISTER(to_plain);
const Function to_strong = {
    .names = {"tf.strings.to_hash_bucket_strong"}, .signature = "(input: tensor, num_buckets: int, key: ints, name: str = None)",
    .doc = "The bucket of each string, by SipHash with a key of two numbers, so that nobody without it can choose strings of one bucket.",
    .body = [](Args& a) -> Value {
      return op("StringToHashBucketStrong", {operand(a, "input", DType::string)},
                {{"num_buckets", a.integer("num_buckets")}, {"key", a.ints("key")}});
    },
};
NINEFOLD_REGISTER(to_strong);

// ---- Fingerprint: eight bytes of each row of data ----

const Op fingerprint = {
    .name = "Fingerprint", .inputs = {"data: T", "method: string"}, .outputs = {"fingerprint: uint8"}, .attrs = {"T: type"},
    .doc = "FarmHash' Fingerprint64 of each row's bytes, as eight bytes.",
    .shape = [](ShapeCtx& c) {
      c.check(c.shape(0).rank() != 0, "`data` should have at least one dimension: []");
      c.rank(1, 0);
      c.output({c.shape(0).known_rank() ? c.shape(0)[0] : -1, 8});
    },
    .stops_gradient = true,
};
NINEFOLD_REGISTER(fingerprint);
NINEFOLD_KERNEL(fingerprint, "CPU", (Kernel{[](KernelCtx& k) {
  const std::string& method = *k.in<std::string>(1);
  k.check(method == "farmhash64", "Unsupported fingerprint method: {}", method);
  const int64_t rows = k.shape(0)[0], each = rows ? k.shape(0).size() / rows : 0;
  for (int64_t i = 0; i < rows; ++i) {
    uint64_t h = 0;
    if (k.dtype(0) == DType::string) {
      // A row of several strings is fingerprinted as the fingerprints of each.
      std::string all;
      for (int64_t j = 0; j < each; ++j) {
        const uint64_t one = farm_fingerprint(k.in<std::string>(0)[i * each + j]);
        if (k.shape(0).rank() == 1) h = one;
        else all.append(reinterpret_cast<const char*>(&one), sizeof one);
      }
      if (k.shape(0).rank() > 1) h = farm_fingerprint(all);
    } else {
      const size_t bytes = static_cast<size_t>(each) * size_of(k.dtype(0));
      h = farm_fingerprint({k.in<char>(0) + static_cast<size_t>(i) * bytes, bytes});
    }
    for (int b = 0; b < 8; ++b) k.out<uint8_t>(0)[i * 8 + b] = static_cast<uint8_t>(h >> (8 * b));
  }
}}));
const Function fingerprint_function = {
    .names = {"tf.fingerprint"}, .signature = "(data: tensor, method: value = 'farmhash64', name: str = None)",
    .doc = "FarmHash' Fingerprint64 of each row's bytes, as eight bytes.",
    .body = [](Args& a) -> Value { return op("Fingerprint", {operand(a, "data"), operand(a, "method")}); },
};
NINEFOLD_REGISTER(fingerprint_function);

}  // namespace
}  // namespace ninefold::ops
