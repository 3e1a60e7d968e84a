// In: real numbers. Out: special functions in double.
#include "engine/ops/special.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace ninefold::special {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
constexpr double pi = std::numbers::pi, epsilon = 1e-17;
// B(2k) / (2k)! for k = 1..10.
constexpr double bernoulli_over_factorial[] = {
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600,
    -3617.0 / 10670622842880000, 43867.0 / 5109094217170944000, -174611.0 / 802857662698291200000.0};

double lgamma_of(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

}  // namespace

double digamma(double x) {
  if (std::isnan(x)) return x;
  if (std::isinf(x)) return x > 0 ? inf : nan;
  if (x <= 0) {
    if (std::floor(x) == x) return nan;
    // Reflection, with the tangent of the fraction: pi x would lose digits.
    const double f = x - std::round(x);
    return digamma(1 - x) - pi / std::tan(pi * f);
  }
  double shift = 0;
  while (x < 10) shift -= 1 / x, x += 1;
  const double z = 1 / (x * x);
  const double tail = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return shift + std::log(x) - 0.5 / x - tail;
}

double zeta(double x, double q) {
  if (x == 1) return inf;
  if (x < 1 || std::isnan(x) || std::isnan(q)) return nan;
  if (q <= 0) {
    if (std::floor(q) == q) return std::fmod(x, 2) == 0 ? inf : nan;   // of odd powers both signs are met
    if (std::floor(x) != x) return nan;   // q^-x is complex
  }
  if (std::isinf(x) || std::isinf(q)) return q > 1 ? 0 : nan;
  double sum = 0;
  double at = q;
  for (int i = 0; i < 12 || at < 12; ++i, at += 1) sum += std::pow(at, -x);
  // Euler and Maclaurin from `at` on.
  const double power = std::pow(at, -x);
  sum += power * at / (x - 1) + 0.5 * power;
  double factor = x, scale = power / at;
  for (int k = 0; k < 10; ++k) {
    const double term = bernoulli_over_factorial[k] * factor * scale;
    sum += term;
    if (std::fabs(term) < epsilon * std::fabs(sum)) break;
    factor *= (x + 2 * k + 1) * (x + 2 * k + 2);
    scale /= at * at;
  }
  return sum;
}

double polygamma(double n, double x) {
  if (n < 0 || std::floor(n) != n) return nan;
  if (n == 0) return digamma(x);
  const double sign = std::fmod(n, 2) == 0 ? -1 : 1;
  return sign * std::exp(lgamma_of(n + 1)) * zeta(n + 1, x);
}

double ndtri(double p) {
  if (std::isnan(p)) return nan;
  if (p <= 0) return -inf;   // beyond [0, 1] too, as TensorFlow has it
  if (p >= 1) return inf;
  if (p > 0.5) return -ndtri(1 - p);
  // A start from the tail's logarithm, then Halley's steps on erfc, which is exact in the tail.
  double x;
  if (p < 0.1) {
    const double r = std::sqrt(-2 * std::log(p));
    x = -(r - (2.515517 + 0.802853 * r + 0.010328 * r * r) / (1 + 1.432788 * r + 0.189269 * r * r + 0.001308 * r * r * r));
  } else {
    const double u = (p - 0.5) * std::sqrt(2 * pi);
    x = u * (1 + u * u / 6 * (1 + u * u * 7 / 20));
  }
  for (int i = 0; i < 4; ++i) {
    const double error = 0.5 * std::erfc(-x / std::numbers::sqrt2) - p;
    const double u = error * std::sqrt(2 * pi) * std::exp(x * x / 2);
    const double step = u / (1 + x * u / 2);
    x -= step;
    if (std::fabs(step) <= 1e-16 * std::fabs(x)) break;
  }
  return x;
}

double erfinv(double x) {
  if (std::isnan(x)) return nan;
  if (std::fabs(x) > 0.5) return std::copysign(-ndtri((1 - std::fabs(x)) / 2) / std::numbers::sqrt2, x);
  double y = x * std::sqrt(pi) / 2;
  for (int i = 0; i < 6; ++i) {
    const double error = (std::erf(y) - x) * std::sqrt(pi) / 2 * std::exp(y * y);
    y -= error / (1 + y * error);
  }
  return y;
}

namespace {
// x^a e^-x / gamma(a + 1)
double gamma_weight(double a, double x) { return std::exp(a * std::log(x) - x - lgamma_of(a + 1)); }
double igamma_series(double a, double x) {
  double sum = 1, term = 1;
  for (double n = a + 1; term > epsilon * sum; n += 1) sum += term *= x / n;
  return sum * gamma_weight(a, x);
}
// Q by its continued fraction, Lentz's way.
double igammac_fraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (int i = 1; i < 10000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    d = 1 / (std::fabs(d) < tiny ? tiny : d);
    c = b + an / c;
    c = std::fabs(c) < tiny ? tiny : c;
    h *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return h * gamma_weight(a, x) * a;
}
}  // namespace

double igamma(double a, double x) {
  if (x == 0) return 0;
  if (!(x >= 0 && a > 0)) return nan;
  if (std::isinf(a)) return std::isinf(x) ? nan : 0;
  if (std::isinf(x)) return 1;
  return x > 1 && x > a ? 1 - igammac_fraction(a, x) : igamma_series(a, x);
}
double igammac(double a, double x) {
  if (x == 0 && a > 0) return 1;
  if (!(x >= 0 && a > 0)) return nan;
  if (std::isinf(a)) return std::isinf(x) ? nan : 1;
  if (std::isinf(x)) return 0;
  return x > 1 && x > a ? igammac_fraction(a, x) : 1 - igamma_series(a, x);
}

double igamma_grad_a(double a, double x) {
  if (x == 0) return 0;
  if (!(x >= 0 && a > 0) || std::isinf(a)) return nan;
  if (x > 100 + a + 20 * std::sqrt(a)) return 0;   // P is 1
  // P = w sum t_n with t_n = x^n / ((a + 1)...(a + n)); each t_n's own derivative carries -sum 1 / (a + k).
  const double log_slope = std::log(x) - digamma(a + 1);
  double sum = 0, term = 1, harmonic = 0;
  for (double n = 1;; n += 1) {
    sum += term * (log_slope - harmonic);
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    if (n > x - a && term * (std::fabs(log_slope) + harmonic) < epsilon * std::fabs(sum) + 1e-300) break;
  }
  return sum * gamma_weight(a, x);
}

double betainc(double a, double b, double x) {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return nan;
  if (x == 0 || x == 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - betainc(b, a, 1 - x);
  constexpr double tiny = 1e-300;
  const auto guarded = [](double v) { return std::fabs(v) < tiny ? tiny : v; };
  double c = 1, d = 1 / guarded(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d), c = guarded(1 + even / c), h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d), c = guarded(1 + odd / c), h *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return h * std::exp(a * std::log(x) + b * std::log1p(-x) + lgamma_of(a + b) - lgamma_of(a) - lgamma_of(b)) / a;
}

namespace {
// Hankel's expansion for large |x|: sum (+-1)^k a_k(v) / x^k; `sign` -1 for I, 1 for K.
double hankel(double v, double x, double sign) {
  double sum = 1, term = 1;
  for (int k = 1; k < 60; ++k) {
    const double next = term * sign * (4 * v * v - (2 * k - 1) * (2 * k - 1)) / (8 * k * x);
    if (std::fabs(next) > std::fabs(term) || std::fabs(next) < epsilon) break;
    sum += term = next;
  }
  return sum;
}
double scaled_i(double v, double x) {
  x = std::fabs(x);
  if (x > 40) return hankel(v, x, -1) / std::sqrt(2 * pi * x);
  double sum = 0, term = v == 0 ? 1 : x / 2;   // (x/2)^(2k+v) / (k! (k+v)!)
  for (int k = 1; term > epsilon * sum; ++k) sum += term, term *= x * x / 4 / (k * (k + v));
  return sum * std::exp(-x);
}
double scaled_k(double v, double x) {
  if (std::isnan(x)) return nan;
  if (x <= 0) return inf;    // TensorFlow's answer for negative numbers too
  if (x < 1e-150) return v == 0 ? -std::log(x / 2) - std::numbers::egamma : 1 / x;
  return x > 40 ? hankel(v, x, 1) * std::sqrt(pi / (2 * x)) : std::cyl_bessel_k(v, x) * std::exp(x);
}
}  // namespace

double bessel_i0e(double x) { return std::isnan(x) ? x : scaled_i(0, x); }
double bessel_i1e(double x) { return std::isnan(x) ? x : x == 0 ? x : std::copysign(scaled_i(1, x), x); }
double bessel_i0(double x) { return bessel_i0e(x) * std::exp(std::fabs(x)); }
double bessel_i1(double x) { return bessel_i1e(x) * std::exp(std::fabs(x)); }
double bessel_k0e(double x) { return scaled_k(0, x); }
double bessel_k1e(double x) { return scaled_k(1, x); }
double bessel_k0(double x) { return bessel_k0e(x) * std::exp(-x); }
double bessel_k1(double x) { return bessel_k1e(x) * std::exp(-x); }
double bessel_j0(double x) { return ::j0(x); }
double bessel_j1(double x) { return ::j1(x); }
double bessel_y0(double x) { return x <= 0 ? -inf : ::y0(x); }
double bessel_y1(double x) { return x <= 0 ? -inf : ::y1(x); }

double dawsn(double x) {
  const double y = std::fabs(x);
  if (y > 30) {   // asymptotic: 1/(2x) sum (2k-1)!! / (2x^2)^k
    double sum = 1, term = 1;
    for (int k = 1; k < 20; ++k) sum += term *= (2 * k - 1) / (2 * y * y);
    return std::copysign(std::isinf(y) ? 0 : sum / (2 * y), x);
  }
  if (y < 0.2) {   // x sum (-2 x^2)^k / (2k+1)!!
    double sum = 1, term = 1;
    for (int k = 1; k < 20; ++k) sum += term *= -2 * y * y / (2 * k + 1);
    return x * sum;
  }
  // Rybicki: exponentially exact sampling of the integral at odd multiples of h.
  constexpr double h = 0.2;
  const int center = 2 * static_cast<int>(std::round(y / h / 2));
  double sum = 0;
  for (int n = -31; n <= 31; n += 2) {
    const double d = y - (center + n) * h;
    sum += std::exp(-d * d) / (center + n);
  }
  return std::copysign(sum / std::sqrt(pi), x);
}

double expint(double x) { return std::isnan(x) ? x : x < 0 ? nan : x == 0 ? -inf : std::expint(x); }

double spence(double x) {
  if (!(x >= 0)) return nan;
  if (x == 0) return pi * pi / 6;
  if (x == 1) return 0;
  if (x > 2) {   // inversion
    const double l = std::log(x);
    return -0.5 * l * l - spence(1 / x);
  }
  if (x < 0.5) return pi * pi / 6 - std::log(x) * std::log1p(-x) - spence(1 - x);
  if (x > 1.5) {
    const double l = std::log(x);
    return -0.5 * l * l - spence(1 / x);
  }
  // Li2(z), |z| <= 1/2
  const double z = 1 - x;
  double sum = 0, power = z;
  for (int k = 1; k < 80 && std::fabs(power) > 1e-19; ++k, power *= z) sum += power / (static_cast<double>(k) * k);
  return sum;
}

}  // namespace ninefold::special
