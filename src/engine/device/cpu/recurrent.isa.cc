// In: sums that enter the gates of LSTM and GRU. Out: gates, states and their gradients, for one instruction set.
#include "base/simd/math.h"
#include "engine/device/cpu/recurrent_loops.h"

namespace ninefold::cpu::NINEFOLD_ISA {
namespace {

using F = simd::NINEFOLD_ISA::Num<float>;

void lstm(int64_t n, float* __restrict z, float* __restrict c, float* __restrict h, float* __restrict old) {
  float *zi = z, *zf = z + n, *zg = z + 2 * n, *zo = z + 3 * n, *old_h = old + n;
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    const F i = sigmoid(F(zi[j])), f = sigmoid(F(zf[j])), g = tanh(F(zg[j])), o = sigmoid(F(zo[j])), before = c[j];
    old[j] = before.v, old_h[j] = h[j];
    const F carry = f * before + i * g;
    zi[j] = i.v, zf[j] = f.v, zg[j] = g.v, zo[j] = o.v;
    c[j] = carry.v;
    h[j] = (o * tanh(carry)).v;
  }
}

void lstm_back(int64_t n, const float* __restrict gates, const float* __restrict old, const float* __restrict dh, float* __restrict dc,
               float* __restrict dz, float* __restrict db) {
  const float *gi = gates, *gf = gates + n, *gg = gates + 2 * n, *go = gates + 3 * n;
  float *di = dz, *df = dz + n, *dg = dz + 2 * n, *d_o = dz + 3 * n;
  float *bi = db, *bf = db + n, *bg = db + 2 * n, *bo = db + 3 * n;
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    const F i = gi[j], f = gf[j], g = gg[j], o = go[j], before = old[j], d = dh[j];
    const F bent = tanh(f * before + i * g);
    const F carry = F(dc[j]) + d * o * (1 - bent * bent);
    const F a = carry * g * i * (1 - i), b = carry * before * f * (1 - f), e = carry * i * (1 - g * g), p = d * bent * o * (1 - o);
    di[j] = a.v, df[j] = b.v, dg[j] = e.v, d_o[j] = p.v;
    bi[j] = (F(bi[j]) + a).v, bf[j] = (F(bf[j]) + b).v, bg[j] = (F(bg[j]) + e).v, bo[j] = (F(bo[j]) + p).v;
    dc[j] = (carry * f).v;
  }
}

void gru(int64_t n, float* __restrict x, const float* __restrict from, float* __restrict q, float* __restrict h, float* __restrict old) {
  float *xz = x, *xr = x + n, *xc = x + 2 * n;
  const float *hz = from, *hr = from + n, *hc = from + 2 * n;
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    const F z = sigmoid(F(xz[j]) + F(hz[j])), r = sigmoid(F(xr[j]) + F(hr[j])), inner = hc[j], before = h[j];
    const F candidate = tanh(F(xc[j]) + r * inner);
    xz[j] = z.v, xr[j] = r.v, xc[j] = candidate.v, q[j] = inner.v, old[j] = before.v;
    h[j] = (z * before + (1 - z) * candidate).v;
  }
}

void gru_back(int64_t n, const float* __restrict gates, const float* __restrict q, const float* __restrict old, const float* __restrict dh,
              float* __restrict rest, float* __restrict d, float* __restrict db) {
  const float *gz = gates, *gr = gates + n, *gc = gates + 2 * n;
  float *ds = d, *dz = d + n, *dr = d + 2 * n, *dx = d + 3 * n;
  float *bs = db, *bz = db + n, *br = db + 2 * n, *bx = db + 3 * n;
#pragma GCC ivdep
  for (int64_t j = 0; j < n; ++j) {
    const F z = gz[j], r = gr[j], c = gc[j], g = dh[j];
    const F candidate = g * (1 - z) * (1 - c * c), from_state = candidate * r;
    const F reset = candidate * F(q[j]) * r * (1 - r), update = g * (F(old[j]) - c) * z * (1 - z);
    ds[j] = from_state.v, dz[j] = update.v, dr[j] = reset.v, dx[j] = candidate.v;
    bs[j] = (F(bs[j]) + from_state).v, bz[j] = (F(bz[j]) + update).v, br[j] = (F(br[j]) + reset).v, bx[j] = (F(bx[j]) + candidate).v;
    rest[j] = (g * z).v;
  }
}

}  // namespace

void add_recurrent(RecurrentTable& t) { t = {lstm, lstm_back, gru, gru_back}; }

}  // namespace ninefold::cpu::NINEFOLD_ISA
