// In: the operations of a graph, as device/cuda/dnn_attention.h describes attention. Out: whether cuDNN's engines would know them, and
// what they give: each operation from its own descriptors, so that one that is wrong gives wrong numbers.
#include <algorithm>
#include <cmath>
#include <limits>

#include "fake_dnn.h"

namespace ninefold::cuda {
namespace {

std::vector<int64_t> sizes(const Fake& t) { return t.all<int64_t>(kTensorSizes); }
bool virtually(const Fake& t) { return t.values.count(kTensorVirtual) && t.one<char>(kTensorVirtual); }
bool by_value(const Fake& t) { return t.values.count(kTensorByValue) && t.one<char>(kTensorByValue); }

std::string word(const Fake& o) {
  static const std::map<int, const char*> modes = {{kAdd, "add"}, {kTimes, "times"}, {kOver, "over"}, {kMinus, "minus"}, {kExp, "exp"}, {kLog, "log"}, {kSame, "same"}};
  switch (o.kind) {
    case kMultiply: return "multiply ";
    case kTurn: return "turn ";
    case kReduce: return o.part(kReduceHow).one<int>(kReductionWhat) == kGreatest ? "greatest " : "sum ";
    case kEach: return std::string(modes.at(o.part(kEachHow).one<int>(kPointwiseMode))) + " ";
    default: return "? ";
  }
}
// A number that fits the dtype.
double rounded(double x, int type) {
  alignas(8) char place[8];
  store(place, 0, type, x);
  return load(place, 0, type);
}

}  // namespace

bool attention_fits(const Fake& o) {
  if (o.kind == kMultiply) {
    const auto a = sizes(o.part(kMultiplyFirst)), b = sizes(o.part(kMultiplySecond)), c = sizes(o.part(kMultiplyResult));
    return a.size() == 4 && b.size() == 4 && c == std::vector<int64_t>{a[0], a[1], a[2], b[3]} && a[0] == b[0] && a[1] == b[1] && a[3] == b[2];
  }
  if (o.kind == kEach) {
    const auto a = sizes(o.part(kEachFirst)), c = sizes(o.part(kEachResult));
    const int mode = o.part(kEachHow).one<int>(kPointwiseMode);
    const bool one = mode == kExp || mode == kLog || mode == kSame;
    if (a != c || one != !o.values.count(kEachSecond)) return false;
    if (one) return true;
    const auto b = sizes(o.part(kEachSecond));
    for (size_t i = 0; i < a.size(); ++i)
      if (b[i] != a[i] && b[i] != 1) return false;
    return a.size() == b.size();
  }
  if (o.kind == kReduce) {
    auto a = sizes(o.part(kReduceFrom));
    a.back() = 1;
    return a == sizes(o.part(kReduceResult));
  }
  if (o.kind == kTurn) {
    auto a = sizes(o.part(kTurnFrom));
    std::swap(a[2], a[3]);
    return a == sizes(o.part(kTurnResult));
  }
  return true;
}

std::string attention_of(const std::vector<const Fake*>& operations) {
  std::string words;
  for (const Fake* o : operations) words += word(*o);
  const std::string scores = "multiply times ", biased = scores + "add ";
  for (const std::string& p : {scores, biased}) {
    if (words == p + "greatest minus exp sum log add over multiply ") return "attend";
    const std::string back = "times sum times " + p + "minus exp turn multiply multiply minus times times turn multiply turn multiply ";
    if (words == back + "same ") return "attend back";
    if (words == back) return "attend back, the same bits";
  }
  return {};
}

bool attention_taken(const std::vector<const Fake*>& operations) {
  int io = -1;
  for (const Fake* o : operations) {
    if (o->kind != kMultiply) continue;
    for (int name : {kMultiplyFirst, kMultiplySecond}) {
      const Fake& t = o->part(name);
      const int type = t.one<int>(kTensorType);
      if (io < 0) io = type;
      const auto size = sizes(t), stride = t.all<int64_t>(kTensorStrides);
      // Factors are of one narrow dtype, features lie beside each other, and are a multiple of 8.
      if ((type != kHalf && type != kBfloat16 && !(virtually(t) && type == kFloat)) || (!virtually(t) && type != io)) return false;
      if (virtually(t)) continue;
      const size_t features = stride[3] == 1 && size[3] % 8 == 0 ? 3 : 2;
      if (stride[features] != 1 || size[features] % 8 || size[features] > 128) return false;
    }
  }
  return true;
}

void attended(const std::vector<const Fake*>& operations, const Place& at) {
  std::map<const Fake*, std::vector<double>> between;            // of what has no memory, contiguous
  const auto index = [](const std::vector<int64_t>& size, const std::vector<int64_t>& place) {   // where a size is 1, its only one
    int64_t i = 0;
    for (size_t k = 0; k < size.size(); ++k) i = i * size[k] + (size[k] == 1 ? 0 : place[k]);
    return static_cast<size_t>(i);
  };
  const auto read = [&](const Fake& t) {
    const auto size = sizes(t);
    if (virtually(t)) return between.at(&t);
    int64_t n = 1;
    for (int64_t x : size) n *= x;
    std::vector<double> all(static_cast<size_t>(n));
    const Laid l = at(t);
    if (!l.memory) return all;
    if (by_value(t)) return std::vector<double>{static_cast<double>(*static_cast<const float*>(l.memory))};
    each(size, [&](const std::vector<int64_t>& p) { all[index(size, p)] = load(l.memory, offset(p, l.stride), l.type); });
    return all;
  };
  // Sums that several add to begin with what is there.
  const auto write = [&](const Fake& t, std::vector<double> all, bool add) {
    const auto size = sizes(t);
    const int type = t.one<int>(kTensorType);
    if (virtually(t)) {
      for (double& x : all) x = rounded(x, type);
      between[&t] = std::move(all);
      return;
    }
    const Laid l = at(t);
    if (!l.memory) return;
    each(size, [&](const std::vector<int64_t>& p) {
      const int64_t o = offset(p, l.stride);
      store(l.memory, o, type, all[index(size, p)] + (add ? load(l.memory, o, type) : 0));
    });
  };
  for (const Fake* o : operations) {
    if (o->kind == kMultiply) {
      const Fake &a = o->part(kMultiplyFirst), &b = o->part(kMultiplySecond), &c = o->part(kMultiplyResult);
      const auto x = read(a), y = read(b);
      const auto sa = sizes(a), sb = sizes(b), sc = sizes(c);
      int64_t n = 1;
      for (int64_t s : sc) n *= s;
      std::vector<double> out(static_cast<size_t>(n));
      each(sc, [&](const std::vector<int64_t>& p) {
        double sum = 0;
        for (int64_t k = 0; k < sa[3]; ++k) sum += x[index(sa, {p[0], p[1], p[2], k})] * y[index(sb, {p[0], p[1], k, p[3]})];
        out[index(sc, p)] = sum;
      });
      write(c, std::move(out), c.one<int>(kTensorType) == kFloat && !virtually(c));
    } else if (o->kind == kEach) {
      const Fake& a = o->part(kEachFirst);
      const auto x = read(a);
      const auto size = sizes(a);
      const bool two = o->values.count(kEachSecond) != 0;
      const auto y = two ? read(o->part(kEachSecond)) : std::vector<double>();
      const auto sy = two ? sizes(o->part(kEachSecond)) : size;
      std::vector<double> out(x.size());
      const int mode = o->part(kEachHow).one<int>(kPointwiseMode);
      each(size, [&](const std::vector<int64_t>& p) {
        const double u = x[index(size, p)], v = two ? y[index(sy, p)] : 0;
        out[index(size, p)] = mode == kAdd ? u + v : mode == kTimes ? u * v : mode == kOver ? u / v : mode == kMinus ? u - v
                              : mode == kExp ? std::exp(u) : mode == kLog ? std::log(u) : u;
      });
      write(o->part(kEachResult), std::move(out), false);
    } else if (o->kind == kReduce) {
      const Fake &from = o->part(kReduceFrom), &to = o->part(kReduceResult);
      const auto x = read(from);
      const auto size = sizes(from), rows = sizes(to);
      const bool most = o->part(kReduceHow).one<int>(kReductionWhat) == kGreatest;
      std::vector<double> out(x.size() / static_cast<size_t>(size.back()), most ? -std::numeric_limits<double>::infinity() : 0);
      each(size, [&](const std::vector<int64_t>& p) {
        double& r = out[index(rows, p)];
        const double u = x[index(size, p)];
        r = most ? std::max(r, u) : r + u;
      });
      write(to, std::move(out), false);
    } else {
      const Fake &from = o->part(kTurnFrom), &to = o->part(kTurnResult);
      const auto x = read(from);
      const auto size = sizes(from), turned = sizes(to);
      std::vector<double> out(x.size());
      each(turned, [&](const std::vector<int64_t>& p) { out[index(turned, p)] = x[index(size, {p[0], p[1], p[3], p[2]})]; });
      write(to, std::move(out), false);
    }
  }
}

}  // namespace ninefold::cuda
