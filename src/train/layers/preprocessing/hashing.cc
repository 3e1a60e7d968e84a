// In: terms. Out: the bins that their hashes fall into.
#include "train/layers/layer_of.h"
#include "train/layers/nest.h"
#include "train/layers/preprocessing/encode.h"
#include "train/layers/preprocessing/listed.h"
#include "train/layers/words.h"

namespace ninefold::keras {
namespace {

class HashingLayer : public LayerOf<HashingOptions> {
 public:
  using Base = LayerOf<HashingOptions>;
  Value call(const Value& inputs, const CallArgs&) override {
    const Value x = tensor_like(inputs, name());
    const SparseRef sparse = Sparse::of(x);
    const RaggedRef ragged = Ragged::of(x);
    const Value bins = sparse ? Sparse::value(sparse->with_values(hashed(sparse->values())))
                       : ragged ? Ragged::value(ragged->with_flat_values(hashed(ragged->flat_values()))) : Value(hashed(*x.get<Tensor>()));
    return encoded(bins, {options.output_mode, bins_, compute_dtype(), options.sparse, {}, {}});
  }
  Value compute_output_shape(const Value& input_shape) override { return input_shape; }
  ValueDict config() const override {
    const Value all = Base::config();
    ValueDict out = Layer::config();
    for (const char* key : {"num_bins", "salt", "mask_value", "output_mode", "sparse"}) out.push_back({key, listed(*all.find(key))});
    return out;
  }
  // Integers where places are wanted, whatever else is asked for; floats for counts.
  void configure(const std::string& class_name, const Schema<HashingOptions>& schema, const ValueDict& given) {
    ValueDict rest = given;
    const Value said = given;
    const Value *dtype = said.find("dtype"), *mode = said.find("output_mode");
    const bool whole = !mode || (mode->get<std::string>() && *mode->get<std::string>() == "int");
    if (!dtype || dtype->none()) put(rest, "dtype", whole ? "int64" : name_of(floatx()));
    else if (whole && !is_integer(dtype_of_value(*dtype))) put(rest, "dtype", "int64");
    Base::configure(class_name, schema, rest);
  }
  void configure(const std::string& class_name, const Schema<HashingOptions>& schema, HashingOptions given) {
    if (given.output_mode == "int" ? !is_integer(given.dtype) : given.dtype == DType::invalid)
      given.dtype = given.output_mode == "int" ? DType::i64 : floatx();
    Base::configure(class_name, schema, std::move(given));
  }

 protected:
  void ready() override {
    HashingOptions& o = options;
    bins_ = o.num_bins.none() ? 0 : As<int64_t>::from(o.num_bins, "num_bins");
    check(bins_ > 0, Code::value, "The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={}.",
          shown(o.num_bins));
    check_output_mode(o.output_mode, {"int", "one_hot", "multi_hot", "count"}, "Hashing");
    check(!o.sparse || o.output_mode != "int", Code::value, "`sparse` may only be true if `output_mode` is `\"one_hot\"`, `\"multi_hot\"`, or "
          "`\"count\"`. Received: sparse=True and output_mode={}", o.output_mode);
    if (o.salt.none()) return;
    const ValueList* pair = o.salt.get<ValueList>();
    check(o.salt.get<int64_t>() || (pair && pair->size() == 2), Code::value, "The `salt` argument for `Hashing` can only be a tuple of size 2 "
          "integers, or a single integer. Received: salt={}.", shown(o.salt));
    if (const int64_t* one = o.salt.get<int64_t>()) o.salt = ValueList{*one, *one};
    for (const Value& v : *o.salt.get<ValueList>()) key_.push_back(As<int64_t>::from(v, "salt"));
  }
  void configured() override {
    autocast_ = false;
    check(options.output_mode != "int" || is_integer(compute_dtype()), Code::value,
          "When `output_mode=\"int\"`, `dtype` should be an integer type. Received: dtype={}", name_of(compute_dtype()));
  }

 private:
  Tensor hashed(const Tensor& terms) const {
    const bool masks = !options.mask_value.none() && bins_ > 1;   // bin 0 is the mask's alone
    const Tensor text = is_integer(terms.dtype()) ? function("tf.strings.as_string", {{"input", terms}}) : terms;
    const int64_t bins = bins_ - (masks ? 1 : 0);
    const Tensor at = key_.empty() ? op("StringToHashBucketFast", {text}, {{"num_buckets", bins}})
                                   : op("StringToHashBucketStrong", {text}, {{"num_buckets", bins}, {"key", key_}});
    if (!masks) return at;
    const Tensor masked = op("Equal", {terms, to_tensor(options.mask_value, terms.dtype(), name())});
    return op("SelectV2", {masked, op("ZerosLike", {at}), plus(at, 1)});
  }
  int64_t bins_ = 0;
  std::vector<int64_t> key_;
};
const LayerClass<HashingLayer> hashing_layer = {{"Hashing"}, "Terms -> bins by their hash.", [] {
  using O = HashingOptions;
  return Schema<O>().required("num_bins", &O::num_bins).field("mask_value", &O::mask_value).field("salt", &O::salt)
      .field("output_mode", &O::output_mode).field("sparse", &O::sparse);
}};

}  // namespace

LayerPtr Hashing(int64_t num_bins, HashingOptions o) {
  o.num_bins = num_bins;
  return hashing_layer(std::move(o));
}

}  // namespace ninefold::keras
