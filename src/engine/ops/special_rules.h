// In: real numbers. Out: special functions in double, to about 1e-13 relative unless said otherwise, for CPUs and cards.
// Formulas: Abramowitz and Stegun, and the DLMF; the number of its chapter stands beside each.
#pragma once

// Not NF_STEP: these are too long to be everywhere that they are called.
#if defined(__CUDACC__)
#define NF_SPECIAL inline __device__
#else
#include <cmath>
#if !defined(NF_SPECIAL)                       // special.cc defines the functions that special.h declares
#define NF_SPECIAL inline
#endif
#endif

namespace ninefold::special {

#if !defined(__CUDACC__)
using std::copysign, std::erf, std::erfc, std::exp, std::fabs, std::floor, std::fmod, std::log, std::log1p, std::pow, std::round,
    std::sqrt, std::tan;
#endif
constexpr double inf = __builtin_huge_val(), nan = __builtin_nan("");
constexpr double pi = 3.14159265358979323846, root_of_two = 1.41421356237309504880, euler_gamma = 0.57721566490153286061;
constexpr double epsilon = 1e-17;

NF_SPECIAL bool is_nan(double x) { return x != x; }
NF_SPECIAL bool is_inf(double x) { return fabs(x) == inf; }

NF_SPECIAL double lgamma_of(double x) {
#if defined(__CUDACC__)
  return lgamma(x);
#else
  int sign;
  return lgamma_r(x, &sign);
#endif
}

// 5.11; NaN at 0, -1, ...
NF_SPECIAL double digamma(double x) {
  if (is_nan(x)) return x;
  if (is_inf(x)) return x > 0 ? inf : nan;
  double reflected = 0;
  if (x <= 0) {
    if (floor(x) == x) return nan;
    // Reflection, with the tangent of the fraction: pi x would lose digits.
    reflected = pi / tan(pi * (x - round(x)));
    x = 1 - x;
  }
  double shift = 0;
  while (x < 10) shift -= 1 / x, x += 1;
  const double z = 1 / (x * x);
  const double tail = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))));
  return shift + log(x) - 0.5 / x - tail - reflected;
}

// Hurwitz, 25.11
NF_SPECIAL double zeta(double x, double q) {
  // B(2k) / (2k)! for k = 1..10.
  constexpr double bernoulli_over_factorial[] = {
      1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600,
      -3617.0 / 10670622842880000, 43867.0 / 5109094217170944000, -174611.0 / 802857662698291200000.0};
  if (x == 1) return inf;
  if (x < 1 || is_nan(x) || is_nan(q)) return nan;
  if (q <= 0) {
    if (floor(q) == q) return fmod(x, 2.0) == 0 ? inf : nan;   // of odd powers both signs are met
    if (floor(x) != x) return nan;   // q^-x is complex
  }
  if (is_inf(x) || is_inf(q)) return q > 1 ? 0 : nan;
  double sum = 0;
  double at = q;
  for (int i = 0; i < 12 || at < 12; ++i, at += 1) sum += pow(at, -x);
  // Euler and Maclaurin from `at` on.
  const double power = pow(at, -x);
  sum += power * at / (x - 1) + 0.5 * power;
  double factor = x, scale = power / at;
  for (int k = 0; k < 10; ++k) {
    const double term = bernoulli_over_factorial[k] * factor * scale;
    sum += term;
    if (fabs(term) < epsilon * fabs(sum)) break;
    factor *= (x + 2 * k + 1) * (x + 2 * k + 2);
    scale /= at * at;
  }
  return sum;
}

// 5.15
NF_SPECIAL double polygamma(double n, double x) {
  if (n < 0 || floor(n) != n) return nan;
  if (n == 0) return digamma(x);
  const double sign = fmod(n, 2.0) == 0 ? -1 : 1;
  return sign * exp(lgamma_of(n + 1)) * zeta(n + 1, x);
}

// The x with Phi(x) = p, 7.17
NF_SPECIAL double ndtri(double p) {
  if (is_nan(p)) return nan;
  if (p <= 0) return -inf;   // beyond [0, 1] too, as TensorFlow has it
  if (p >= 1) return inf;
  const double sign = p > 0.5 ? -1 : 1;
  if (p > 0.5) p = 1 - p;
  // A start from the tail's logarithm, then Halley's steps on erfc, which is exact in the tail.
  double x;
  if (p < 0.1) {
    const double r = sqrt(-2 * log(p));
    x = -(r - (2.515517 + 0.802853 * r + 0.010328 * r * r) / (1 + 1.432788 * r + 0.189269 * r * r + 0.001308 * r * r * r));
  } else {
    const double u = (p - 0.5) * sqrt(2 * pi);
    x = u * (1 + u * u / 6 * (1 + u * u * 7 / 20));
  }
  for (int i = 0; i < 4; ++i) {
    const double error = 0.5 * erfc(-x / root_of_two) - p;
    const double u = error * sqrt(2 * pi) * exp(x * x / 2);
    const double step = u / (1 + x * u / 2);
    x -= step;
    if (fabs(step) <= 1e-16 * fabs(x)) break;
  }
  return sign * x;
}

// 7.17
NF_SPECIAL double erfinv(double x) {
  if (is_nan(x)) return nan;
  if (fabs(x) > 0.5) return copysign(-ndtri((1 - fabs(x)) / 2) / root_of_two, x);
  double y = x * sqrt(pi) / 2;
  for (int i = 0; i < 6; ++i) {
    const double error = (erf(y) - x) * sqrt(pi) / 2 * exp(y * y);
    y -= error / (1 + y * error);
  }
  return y;
}

// x^a e^-x / gamma(a + 1)
NF_SPECIAL double gamma_weight(double a, double x) { return exp(a * log(x) - x - lgamma_of(a + 1)); }
NF_SPECIAL double igamma_series(double a, double x) {
  double sum = 1, term = 1;
  for (double n = a + 1; term > epsilon * sum; n += 1) sum += term *= x / n;
  return sum * gamma_weight(a, x);
}
// Q by its continued fraction, Lentz's way.
NF_SPECIAL double igammac_fraction(double a, double x) {
  constexpr double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;
  for (int i = 1; i < 10000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    c = b + an / c;
    c = fabs(c) < tiny ? tiny : c;
    h *= d * c;
    if (fabs(d * c - 1) < 1e-16) break;
  }
  return h * gamma_weight(a, x) * a;
}

// P(a, x), 8.2
NF_SPECIAL double igamma(double a, double x) {
  if (x == 0) return 0;
  if (!(x >= 0 && a > 0)) return nan;
  if (is_inf(a)) return is_inf(x) ? nan : 0;
  if (is_inf(x)) return 1;
  return x > 1 && x > a ? 1 - igammac_fraction(a, x) : igamma_series(a, x);
}
// Q(a, x)
NF_SPECIAL double igammac(double a, double x) {
  if (x == 0 && a > 0) return 1;
  if (!(x >= 0 && a > 0)) return nan;
  if (is_inf(a)) return is_inf(x) ? nan : 1;
  if (is_inf(x)) return 0;
  return x > 1 && x > a ? igammac_fraction(a, x) : 1 - igamma_series(a, x);
}

// dP/da; absolute error about 1e-13
NF_SPECIAL double igamma_grad_a(double a, double x) {
  if (x == 0) return 0;
  if (!(x >= 0 && a > 0) || is_inf(a)) return nan;
  if (x > 100 + a + 20 * sqrt(a)) return 0;   // P is 1
  // P = w sum t_n with t_n = x^n / ((a + 1)...(a + n)); each t_n's own derivative carries -sum 1 / (a + k).
  const double log_slope = log(x) - digamma(a + 1);
  double sum = 0, term = 1, harmonic = 0;
  for (double n = 1;; n += 1) {
    sum += term * (log_slope - harmonic);
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    if (n > x - a && term * (fabs(log_slope) + harmonic) < epsilon * fabs(sum) + 1e-300) break;
  }
  return sum * gamma_weight(a, x);
}

// d sample / d alpha of a sample of Gamma(alpha, 1): -(dP/da) / (dP/dx), x / a times the series of the former, or of the continued
// fraction of Q and its derivative (8.9.2) where that converges sooner: none of the two cancels.
NF_SPECIAL double random_gamma_grad(double a, double x) {
  if (x == 0) return 0;
  if (!(x > 0 && a > 0)) return nan;
  if (is_inf(a) || is_inf(x)) return 0;
  if (x > 1 && x > a) {
    constexpr double big = 4503599627370496.0;
    double y = 1 - a, z = x + y + 1, p2 = 1, q2 = x, p1 = x + 1, q1 = z * x, value = p1 / q1;
    double dp2 = 0, dq2 = 0, dp1 = 0, dq1 = -x, slope = (dp1 - value * dq1) / q1;
    for (int c = 1; c < 2000; ++c) {
      y += 1, z += 2;
      const double yc = y * c, p = p1 * z - p2 * yc, q = q1 * z - q2 * yc;
      const double dp = dp1 * z - p1 - dp2 * yc + p2 * c, dq = dq1 * z - q1 - dq2 * yc + q2 * c;
      if (q != 0) {
        const double before = slope;
        value = p / q, slope = (dp - value * dq) / q;
        if (fabs(slope - before) <= epsilon * fabs(slope)) break;
      }
      p2 = p1, p1 = p, q2 = q1, q1 = q, dp2 = dp1, dp1 = dp, dq2 = dq1, dq1 = dq;
      if (fabs(p) > big) p2 /= big, p1 /= big, q2 /= big, q1 /= big, dp2 /= big, dp1 /= big, dq2 /= big, dq1 /= big;
    }
    return (slope + value * (log(x) - digamma(a))) * x;
  }
  double term = 1, sum = 1, dterm = 0, dsum = 0;
  for (int n = 1; n < 2000; ++n) {
    const double r = a + n;
    dterm = dterm * (x / r) - term * x / (r * r);
    term *= x / r;
    sum += term, dsum += dterm;
    if (fabs(dterm) <= epsilon * fabs(dsum)) break;
  }
  return -(dsum + sum * (log(x) - digamma(a + 1))) * x / a;
}

// Its continued fraction, Lentz's way: fast for x <= (a + 1) / (a + b + 2).
NF_SPECIAL double betainc_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  const auto guarded = [](double v) { return fabs(v) < tiny ? tiny : v; };
  double c = 1, d = 1 / guarded(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d), c = guarded(1 + even / c), h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d), c = guarded(1 + odd / c), h *= d * c;
    if (fabs(d * c - 1) < 1e-16) break;
  }
  return h * exp(a * log(x) + b * log1p(-x) + lgamma_of(a + b) - lgamma_of(a) - lgamma_of(b)) / a;
}
// I_x(a, b), 8.17
NF_SPECIAL double betainc(double a, double b, double x) {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return nan;
  if (x == 0 || x == 1) return x;
  return x > (a + 1) / (a + b + 2) ? 1 - betainc_fraction(b, a, 1 - x) : betainc_fraction(a, b, x);
}

// Hankel's expansion for large |x|: sum (+-1)^k a_k(v) / x^k; `sign` -1 for I, 1 for K.
NF_SPECIAL double hankel(double v, double x, double sign) {
  double sum = 1, term = 1;
  for (int k = 1; k < 60; ++k) {
    const double next = term * sign * (4 * v * v - (2 * k - 1) * (2 * k - 1)) / (8 * k * x);
    if (fabs(next) > fabs(term) || fabs(next) < epsilon) break;
    sum += term = next;
  }
  return sum;
}
NF_SPECIAL double scaled_i(double v, double x) {
  x = fabs(x);
  if (x > 40) return hankel(v, x, -1) / sqrt(2 * pi * x);
  double sum = 0, term = v == 0 ? 1 : x / 2;   // (x/2)^(2k+v) / (k! (k+v)!)
  for (int k = 1; term > epsilon * sum; ++k) sum += term, term *= x * x / 4 / (k * (k + v));
  return sum * exp(-x);
}
// e^x K(x). From 2 on the integral of e^(x - x cosh t) cosh(v t) (10.32), which the trapezoidal rule takes to all digits:
// its steps are fine enough for the Gaussian that it is for large x. Below, the series (10.31).
NF_SPECIAL double scaled_k(double v, double x) {
  if (is_nan(x)) return nan;
  if (x <= 0) return inf;    // TensorFlow's answer for negative numbers too
  if (x < 1e-150) return v == 0 ? -log(x / 2) - euler_gamma : 1 / x;
  if (x > 40) return hankel(v, x, 1) * sqrt(pi / (2 * x));
  if (x >= 2) {
    const double h = 0.31 / sqrt(x);
    double sum = 0.5;
    for (int n = 1; n < 200; ++n) {
      const double half = exp(0.5 * n * h), s = (half - 1 / half) / 2;   // sinh(t / 2); cosh t - 1 = 2 s^2
      const double term = exp(-2 * x * s * s) * (v == 0 ? 1 : 1 + 2 * s * s);
      sum += term;
      if (term < epsilon * sum) break;
    }
    return sum * h;
  }
  const double z = x * x / 4, logarithm = log(x / 2) + euler_gamma;
  double sum = 0, term = 1, harmonic = 0;        // v = 0: sum z^k / k!^2 (H_k - logarithm)
  for (int k = 0; k < 40 && term > 1e-19; ++k) {
    const double next = harmonic + 1.0 / (k + 1);
    sum += v == 0 ? term * (harmonic - logarithm) : term / (k + 1) * (logarithm - (harmonic + next) / 2);
    harmonic = next;
    term *= z / ((k + 1.0) * (k + 1.0));
  }
  return (v == 0 ? sum : 1 / x + x / 2 * sum) * exp(x);
}

// e^-|x| I(x), 10.25
NF_SPECIAL double bessel_i0e(double x) { return is_nan(x) ? x : scaled_i(0, x); }
NF_SPECIAL double bessel_i1e(double x) { return is_nan(x) ? x : x == 0 ? x : copysign(scaled_i(1, x), x); }
NF_SPECIAL double bessel_i0(double x) { return bessel_i0e(x) * exp(fabs(x)); }
NF_SPECIAL double bessel_i1(double x) { return bessel_i1e(x) * exp(fabs(x)); }
// e^x K(x)
NF_SPECIAL double bessel_k0e(double x) { return scaled_k(0, x); }
NF_SPECIAL double bessel_k1e(double x) { return scaled_k(1, x); }
NF_SPECIAL double bessel_k0(double x) { return bessel_k0e(x) * exp(-x); }
NF_SPECIAL double bessel_k1(double x) { return bessel_k1e(x) * exp(-x); }
NF_SPECIAL double bessel_j0(double x) { return ::j0(x); }
NF_SPECIAL double bessel_j1(double x) { return ::j1(x); }
NF_SPECIAL double bessel_y0(double x) { return x <= 0 ? -inf : ::y0(x); }
NF_SPECIAL double bessel_y1(double x) { return x <= 0 ? -inf : ::y1(x); }

// 7.2
NF_SPECIAL double dawsn(double x) {
  const double y = fabs(x);
  if (y > 30) {   // asymptotic: 1/(2x) sum (2k-1)!! / (2x^2)^k
    double sum = 1, term = 1;
    for (int k = 1; k < 20; ++k) sum += term *= (2 * k - 1) / (2 * y * y);
    return copysign(is_inf(y) ? 0 : sum / (2 * y), x);
  }
  if (y < 0.2) {   // x sum (-2 x^2)^k / (2k+1)!!
    double sum = 1, term = 1;
    for (int k = 1; k < 20; ++k) sum += term *= -2 * y * y / (2 * k + 1);
    return x * sum;
  }
  // Rybicki: exponentially exact sampling of the integral at odd multiples of h.
  constexpr double h = 0.2;
  const int center = 2 * static_cast<int>(round(y / h / 2));
  double sum = 0;
  for (int n = -31; n <= 31; n += 2) {
    const double d = y - (center + n) * h;
    sum += exp(-d * d) / (center + n);
  }
  return copysign(sum / sqrt(pi), x);
}

// Ei(x), 6.2: the series (6.6), or the asymptotic one (6.12) where that has all digits.
NF_SPECIAL double expint(double x) {
  if (is_nan(x)) return x;
  if (x <= 0) return x < 0 ? nan : -inf;
  if (is_inf(x)) return inf;
  double sum = 0, term = 1;
  if (x > 45) {
    for (int k = 1; k < 60 && term > epsilon; ++k) sum += term, term *= k / x;
    return exp(x) / x * sum;
  }
  for (int k = 1; k < 300; ++k) {
    term *= x / k;
    sum += term / k;
    if (term / k < epsilon * sum) break;
  }
  return euler_gamma + log(x) + sum;
}

// Li2(1 - x), 25.12. Greater numbers are inverted, then those below 1/2 reflected; what is left is a series of |z| <= 1/2.
NF_SPECIAL double spence(double x) {
  if (!(x >= 0)) return nan;
  if (x == 1) return 0;
  double offset = 0, sign = 1;
  if (x > 1.5) {
    const double l = log(x);
    offset = -0.5 * l * l, sign = -1;
    x = 1 / x;
  }
  if (x == 0) return offset + sign * (pi * pi / 6);
  if (x < 0.5) {
    offset += sign * (pi * pi / 6 - log(x) * log1p(-x)), sign = -sign;
    x = 1 - x;
  }
  const double z = 1 - x;
  double sum = 0, power = z;
  for (int k = 1; k < 80 && fabs(power) > 1e-19; ++k, power *= z) sum += power / (static_cast<double>(k) * k);
  return offset + sign * sum;
}

}  // namespace ninefold::special
