// In: attention as data (dnn_call.h). Out: it as the operations that cuDNN's engines for attention know by their pattern, forward and
// back, one behind the other; what lies between them never reaches memory. Formulas: Dao et al. 2022 (FlashAttention), appendix B.
//
//   forward   p = q k * scale + bias, s = e^(p - max p) / sum(e^(p - max p)), result = s v, statistics = max p + log sum(...)
//   back      s = e^(p - statistics), dv = s^T d, ds = (d v - sum(d * result)) * s * scale, dk = ds^T q, dq = ds k^T
#pragma once

#include "engine/device/cuda/dnn_parts.h"

namespace ninefold::cuda::dnn {

class Attention {
 public:
  // The call's tensors are the plan's first parts.
  Attention(const Functions& f, const DnnCall& call, Plan* made) : f_(f), call_(call), made_(made), names_(kFirstName) {
    for (int64_t i = 0; i < call.tensors; ++i) given_.push_back(made->parts[static_cast<size_t>(i)].get());
    type_of(call.tensor[0].dtype, &type_);
    const int64_t* const q = call.tensor[0].size;
    batch_ = q[0], heads_ = q[1], queries_ = q[2], keys_ = call.tensor[1].size[3];
  }
  void write() {
    scale_ = number(f_, call_, made_, call_.scale);
    call_.kind == DnnCall::attend ? forward() : back();
  }

 private:
  static constexpr int64_t kFirstName = 1000;    // of what lies between: behind all that has memory
  enum { kQ, kK, kV, kOut, kStatistics, kBiasForward, kFlow = kBiasForward, kSums, kToQ, kToK, kToV, kBiasBack };

  void forward() {
    const Descriptor p = scores(kBiasForward), most = row(), away = table(), e = table(), sum = row(), log = row(), s = table(type_);
    reduce(kGreatest, p, most);
    each(kMinus, p, most, away);
    each(kExp, away, nullptr, e);
    reduce(kSum, e, sum);
    each(kLog, sum, nullptr, log);
    each(kAdd, most, log, given_[kStatistics]);
    each(kOver, e, sum, s);
    multiply(s, given_[kV], given_[kOut]);
  }
  void back() {
    const int64_t depth = call_.tensor[kOut].size[3];
    const Descriptor both = between({batch_, heads_, queries_, depth}, kFloat), sum = row();
    each(kTimes, given_[kFlow], given_[kOut], both);
    reduce(kSum, both, sum);
    each(kTimes, sum, number(f_, call_, made_, 1), given_[kSums]);
    const Descriptor p = scores(kBiasBack), away = table(), s = table(), turned = across();
    each(kMinus, p, given_[kStatistics], away);
    each(kExp, away, nullptr, s);
    turn(s, turned);
    multiply(turned, given_[kFlow], given_[kToV]);
    const Descriptor dp = table(), less = table(), dscaled = table(), ds = table(), dturned = across();
    multiply(given_[kFlow], given_[kV], dp);
    each(kMinus, dp, given_[kSums], less);
    each(kTimes, less, s, dscaled);
    each(kTimes, dscaled, scale_, ds);
    turn(ds, dturned);
    multiply(dturned, given_[kQ], given_[kToK]);
    const DnnTensor& k = call_.tensor[kK];
    const Descriptor rows = between({k.size[0], k.size[1], k.size[3], k.size[2]}, {k.stride[0], k.stride[1], k.stride[3], k.stride[2]}, type_);
    turn(given_[kK], rows);
    if (call_.deterministic) return multiply(ds, rows, given_[kToQ]);
    const Descriptor total = given_[static_cast<size_t>(kBiasBack + call_.biased)];   // added to by several at once
    multiply(ds, rows, total);
    each(kSame, total, nullptr, given_[kToQ]);
  }
  // q k * scale + bias
  Descriptor scores(size_t bias) {
    const Descriptor product = table(), scaled = table();
    multiply(given_[kQ], given_[kK], product);
    each(kTimes, product, scale_, scaled);
    if (!call_.biased) return scaled;
    const Descriptor sum = table();
    each(kAdd, scaled, given_[bias], sum);
    return sum;
  }

  // ---- what lies between ----

  Descriptor between(const std::vector<int64_t>& size, const std::vector<int64_t>& stride, int type) {
    const auto rank = static_cast<int64_t>(size.size());
    made_->parts.emplace_back(f_, kTensor);
    made_->parts.back().set(kTensorType, kADataType, type).set(kTensorName, kAnInt64, names_++).set(kTensorAlignment, kAnInt64, int64_t{16})
        .set(kTensorSizes, kAnInt64, size.data(), rank).set(kTensorStrides, kAnInt64, stride.data(), rank).set(kTensorVirtual, kABool, true).finish();
    return made_->parts.back().get();
  }
  Descriptor between(const std::vector<int64_t>& size, int type) {
    return between(size, {size[1] * size[2] * size[3], size[2] * size[3], size[3], 1}, type);
  }
  Descriptor table(int type = kFloat) { return between({batch_, heads_, queries_, keys_}, type); }
  Descriptor row() { return between({batch_, heads_, queries_, 1}, kFloat); }
  // A table whose rows are keys, as it lies.
  Descriptor across() { return between({batch_, heads_, keys_, queries_}, {heads_ * queries_ * keys_, queries_ * keys_, 1, keys_}, type_); }

  // ---- operations ----

  Owned& made(int kind) {
    made_->parts.emplace_back(f_, kind);
    return made_->parts.back();
  }
  void operation(Owned&& o) {
    o.finish();
    made_->operations.push_back(o.get());
    made_->parts.push_back(std::move(o));
  }
  void multiply(Descriptor a, Descriptor b, Descriptor to) {
    const Descriptor how = made(kProduct).set(kProductCompute, kADataType, kFloat).finish().get();
    Owned o(f_, kMultiply);
    o.set(kMultiplyFirst, kADescriptor, a).set(kMultiplySecond, kADescriptor, b).set(kMultiplyResult, kADescriptor, to).set(kMultiplyHow, kADescriptor, how);
    operation(std::move(o));
  }
  void each(int mode, Descriptor a, Descriptor b, Descriptor to) {
    const Descriptor how = made(kPointwise).set(kPointwiseMode, kAPointwiseMode, mode).set(kPointwiseCompute, kADataType, kFloat).finish().get();
    Owned o(f_, kEach);
    o.set(kEachHow, kADescriptor, how).set(kEachFirst, kADescriptor, a);
    if (b) o.set(kEachSecond, kADescriptor, b);
    o.set(kEachResult, kADescriptor, to);
    operation(std::move(o));
  }
  void reduce(int what, Descriptor from, Descriptor to) {
    const Descriptor how = made(kReduction).set(kReductionWhat, kAReduction, what).set(kReductionCompute, kADataType, kFloat).finish().get();
    Owned o(f_, kReduce);
    o.set(kReduceFrom, kADescriptor, from).set(kReduceResult, kADescriptor, to).set(kReduceHow, kADescriptor, how);
    operation(std::move(o));
  }
  void turn(Descriptor from, Descriptor to) {
    Owned o(f_, kTurn);
    o.set(kTurnFrom, kADescriptor, from).set(kTurnResult, kADescriptor, to);
    operation(std::move(o));
  }

  const Functions& f_;
  const DnnCall& call_;
  Plan* const made_;
  std::vector<Descriptor> given_;
  Descriptor scale_ = nullptr;
  int type_ = 0;
  int64_t names_, batch_, heads_, queries_, keys_;
};

}  // namespace ninefold::cuda::dnn
