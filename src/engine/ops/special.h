// In: real numbers. Out: special functions in double, to about 1e-13 relative unless said otherwise.
// Formulas: Abramowitz and Stegun, and the DLMF; the number of its chapter stands beside each.
#pragma once

namespace ninefold::special {

double digamma(double x);                           // 5.11; NaN at 0, -1, ...
double zeta(double x, double q);                    // Hurwitz, 25.11
double polygamma(double n, double x);               // 5.15
double ndtri(double p);                             // the x with Phi(x) = p, 7.17
double erfinv(double x);                            // 7.17
double igamma(double a, double x);                  // P(a, x), 8.2
double igammac(double a, double x);                 // Q(a, x)
double random_gamma_grad(double alpha, double sample);
double igamma_grad_a(double a, double x);           // dP/da; absolute error about 1e-13
double betainc(double a, double b, double x);       // I_x(a, b), 8.17
double bessel_i0e(double x);                        // e^-|x| I0(x), 10.25
double bessel_i1e(double x);
double bessel_i0(double x);
double bessel_i1(double x);
double bessel_k0e(double x);                        // e^x K0(x)
double bessel_k1e(double x);
double bessel_k0(double x);
double bessel_k1(double x);
double bessel_j0(double x);
double bessel_j1(double x);
double bessel_y0(double x);
double bessel_y1(double x);
double dawsn(double x);                             // 7.2
double expint(double x);                            // Ei(x), 6.2
double spence(double x);                            // Li2(1 - x), 25.12

}  // namespace ninefold::special
