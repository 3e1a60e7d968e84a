// In: states, a gradient, constants. Out: the update rules for one instruction set, an expression each.
// The order of operations is TensorFlow's; nothing is contracted, so the bits are, too.
#include "base/simd/math.h"
#include "engine/device/cpu/update_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

using simd::NINEFOLD_ISA::Num;

// step(state references..., gradient) for every element; states do not overlap.
template <class T, class Step>
NF_INLINE void each1(void* const* s, const void* gradient, int64_t n, Step step) {
  T* v = static_cast<T*>(s[0]);
  const T* g = static_cast<const T*>(gradient);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    Num<T> x = v[i];
    step(x, Num<T>(g[i]));
    v[i] = x.v;
  }
}
template <class T, class Step>
NF_INLINE void each2(void* const* s, const void* gradient, int64_t n, Step step) {
  T *v = static_cast<T*>(s[0]), *a = static_cast<T*>(s[1]);
  const T* g = static_cast<const T*>(gradient);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    Num<T> x = v[i], y = a[i];
    step(x, y, Num<T>(g[i]));
    v[i] = x.v, a[i] = y.v;
  }
}
template <class T, class Step>
NF_INLINE void each3(void* const* s, const void* gradient, int64_t n, Step step) {
  T *v = static_cast<T*>(s[0]), *a = static_cast<T*>(s[1]), *b = static_cast<T*>(s[2]);
  const T* g = static_cast<const T*>(gradient);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    Num<T> x = v[i], y = a[i], z = b[i];
    step(x, y, z, Num<T>(g[i]));
    v[i] = x.v, a[i] = y.v, b[i] = z.v;
  }
}
template <class T, class Step>
NF_INLINE void each4(void* const* s, const void* gradient, int64_t n, Step step) {
  T *v = static_cast<T*>(s[0]), *a = static_cast<T*>(s[1]), *b = static_cast<T*>(s[2]), *c = static_cast<T*>(s[3]);
  const T* g = static_cast<const T*>(gradient);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    Num<T> x = v[i], y = a[i], z = b[i], w = c[i];
    step(x, y, z, w, Num<T>(g[i]));
    v[i] = x.v, a[i] = y.v, b[i] = z.v, c[i] = w.v;
  }
}
// Constant i of the rule.
template <class T>
struct Constants {
  const T* values;
  explicit Constants(const void* c) : values(static_cast<const T*>(c)) {}
  NF_INLINE Num<T> operator[](int i) const { return values[i]; }
};

#define RULE(name) template <class T> void name(void* const* s, const void* g, const void* constants, int64_t n)
#define TAKES(first) [[maybe_unused]] const Constants<T> k(constants); const Num<T> first = k[0]

RULE(gradient_descent) {
  TAKES(lr);
  each1<T>(s, g, n, [=](auto& v, auto d) { v = v - d * lr; });
}
RULE(momentum) {
  TAKES(lr);
  const auto momentum = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& a, auto d) { a = a * momentum + d; v = v - a * lr; });
}
RULE(nesterov) {
  TAKES(lr);
  const auto momentum = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& a, auto d) { a = a * momentum + d; v = v - (d * lr + a * momentum * lr); });
}
RULE(sparse_nesterov) {
  TAKES(lr);
  const auto momentum = k[1], both = k[2];
  each2<T>(s, g, n, [=](auto& v, auto& a, auto d) { a = a * momentum + d; v = v - (d * lr + a * both); });
}
RULE(keras_momentum) {
  TAKES(lr);
  const auto momentum = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& a, auto d) { a = a * momentum - d * lr; v = v + a; });
}
RULE(keras_nesterov) {
  TAKES(lr);
  const auto momentum = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& a, auto d) { a = a * momentum - d * lr; v = v + (a * momentum - d * lr); });
}
RULE(adam) {
  TAKES(alpha);
  const auto one_b1 = k[2], one_b2 = k[3], epsilon = k[4];
  each3<T>(s, g, n, [=](auto& v, auto& m, auto& u, auto d) {
    m = m + (d - m) * one_b1;
    u = u + (d * d - u) * one_b2;
    v = v - (m * alpha) / (sqrt(u) + epsilon);
  });
}
RULE(adam_nesterov) {
  TAKES(alpha);
  const auto b1 = k[1], one_b1 = k[2], one_b2 = k[3], epsilon = k[4];
  each3<T>(s, g, n, [=](auto& v, auto& m, auto& u, auto d) {
    m = m + (d - m) * one_b1;
    u = u + (d * d - u) * one_b2;
    v = v - ((d * one_b1 + b1 * m) * alpha) / (sqrt(u) + epsilon);
  });
}
RULE(amsgrad) {
  TAKES(alpha);
  const auto one_b1 = k[2], one_b2 = k[3], epsilon = k[4];
  each4<T>(s, g, n, [=](auto& v, auto& m, auto& u, auto& top, auto d) {
    m = m + (d - m) * one_b1;
    u = u + (d * d - u) * one_b2;
    top = max(top, u);
    v = v - (m * alpha) / (sqrt(top) + epsilon);
  });
}
RULE(ada_max) {
  TAKES(rate);
  const auto one_b1 = k[1], b2 = k[2], epsilon = k[3];
  each3<T>(s, g, n, [=](auto& v, auto& m, auto& u, auto d) {
    m = m + (d - m) * one_b1;
    u = max(b2 * u, abs(d));
    v = v - rate * (m / (u + epsilon));
  });
}
RULE(rms_prop) {
  TAKES(lr);
  const auto one_rho = k[2], momentum = k[3], epsilon = k[4];
  each3<T>(s, g, n, [=](auto& v, auto& u, auto& m, auto d) {
    u = u + (d * d - u) * one_rho;
    m = m * momentum + (d * lr) / sqrt(u + epsilon);
    v = v - m;
  });
}
RULE(sparse_rms_prop) {
  TAKES(lr);
  const auto rho = k[1], one_rho = k[2], momentum = k[3], epsilon = k[4];
  each3<T>(s, g, n, [=](auto& v, auto& u, auto& m, auto d) {
    u = u * rho + d * d * one_rho;
    m = m * momentum + (1 / sqrt(u + epsilon)) * lr * d;
    v = v - m;
  });
}
RULE(centered_rms_prop) {
  TAKES(lr);
  const auto one_rho = k[2], momentum = k[3], epsilon = k[4];
  each4<T>(s, g, n, [=](auto& v, auto& mean, auto& u, auto& m, auto d) {
    u = u + (d * d - u) * one_rho;
    mean = mean + (d - mean) * one_rho;
    m = m * momentum + (d * lr) / sqrt((u - mean * mean) + epsilon);
    v = v - m;
  });
}
RULE(sparse_centered_rms_prop) {
  TAKES(lr);
  const auto rho = k[1], one_rho = k[2], momentum = k[3], epsilon = k[4];
  each4<T>(s, g, n, [=](auto& v, auto& mean, auto& u, auto& m, auto d) {
    u = u * rho + d * d * one_rho;
    mean = mean * rho + d * one_rho;
    m = m * momentum + (1 / sqrt(u + epsilon - mean * mean)) * lr * d;
    v = v - m;
  });
}
RULE(adagrad) {
  TAKES(lr);
  each2<T>(s, g, n, [=](auto& v, auto& u, auto d) { u = u + d * d; v = v - d * lr * (1 / sqrt(u)); });
}
RULE(adagrad_still) {
  TAKES(lr);
  each2<T>(s, g, n, [=](auto& v, auto& u, auto d) { v = v - d * lr * (1 / sqrt(u)); });
}
RULE(adagrad_v2) {
  TAKES(lr);
  const auto epsilon = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& u, auto d) { u = u + d * d; v = v - d * lr / (sqrt(u) + epsilon); });
}
RULE(adagrad_v2_still) {
  TAKES(lr);
  const auto epsilon = k[1];
  each2<T>(s, g, n, [=](auto& v, auto& u, auto d) { v = v - d * lr / (sqrt(u) + epsilon); });
}
RULE(adadelta) {
  TAKES(lr);
  const auto rho = k[1], one_rho = k[2], epsilon = k[3];
  each3<T>(s, g, n, [=](auto& v, auto& u, auto& w, auto d) {
    u = u * rho + d * d * one_rho;
    const auto step = sqrt(w + epsilon) * (1 / sqrt(u + epsilon)) * d;
    v = v - step * lr;
    w = w * rho + step * step * one_rho;
  });
}
// lr_power -0.5 is a root. `by_lr`: linear is kept times lr; the caller has scaled l1 and l2.
template <class T, bool root, bool by_lr>
void follow_the_leader(void* const* s, const void* g, const void* constants, int64_t n) {
  TAKES(lr);
  const auto l1 = k[1], l2 = k[2], shrinkage = k[3], power = k[4];
  auto raised = [=](Num<T> x) {
    if constexpr (root) return sqrt(x);
    else return pow(x, power);
  };
  each3<T>(s, g, n, [=](auto& v, auto& u, auto& linear, auto d) {
    const Num<T> shrunk = d + shrinkage * v, next = u + d * d, change = raised(next) - raised(u);
    linear = linear + (by_lr ? shrunk * lr - change * v : shrunk - change / lr * v);
    const Num<T> quadratic = (by_lr ? raised(next) : raised(next) / lr) + l2;
    const Num<T> pulled = select(linear > Num<T>(0), l1, -l1) - linear;
    v = select(abs(linear) > l1, pulled / quadratic, Num<T>(0));
    u = next;
  });
}

template <class T>
void fill(UpdateTable::Loop* of) {
  auto put = [of](Update rule, UpdateTable::Loop loop) { of[static_cast<int>(rule)] = loop; };
  put(Update::gradient_descent, gradient_descent<T>);
  put(Update::momentum, momentum<T>);
  put(Update::nesterov, nesterov<T>);
  put(Update::sparse_nesterov, sparse_nesterov<T>);
  put(Update::keras_momentum, keras_momentum<T>);
  put(Update::keras_nesterov, keras_nesterov<T>);
  put(Update::adam, adam<T>);
  put(Update::adam_nesterov, adam_nesterov<T>);
  put(Update::amsgrad, amsgrad<T>);
  put(Update::ada_max, ada_max<T>);
  put(Update::rms_prop, rms_prop<T>);
  put(Update::sparse_rms_prop, sparse_rms_prop<T>);
  put(Update::centered_rms_prop, centered_rms_prop<T>);
  put(Update::sparse_centered_rms_prop, sparse_centered_rms_prop<T>);
  put(Update::adagrad, adagrad<T>);
  put(Update::adagrad_still, adagrad_still<T>);
  put(Update::adagrad_v2, adagrad_v2<T>);
  put(Update::adagrad_v2_still, adagrad_v2_still<T>);
  put(Update::adadelta, adadelta<T>);
  put(Update::ftrl, follow_the_leader<T, true, false>);
  put(Update::ftrl_power, follow_the_leader<T, false, false>);
  put(Update::ftrl_by_lr, follow_the_leader<T, true, true>);
  put(Update::ftrl_by_lr_power, follow_the_leader<T, false, true>);
}

}  // namespace

void add_updates(UpdateTable& t) {
  fill<float>(t.of[0]);
  fill<double>(t.of[1]);
}

}  // namespace ninefold::cpu::NINEFOLD_ISA
