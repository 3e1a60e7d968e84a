// In: sequences whose last steps are masked. Out: the steps that count, with what stands for the others; what flows out of those. And a
// step of LSTM and GRU, forward and back, around the products with the state.
#include <cmath>

#include "engine/device/cuda/kernel.cuh"
#include "engine/ops/sequence_launch.h"

namespace {

using namespace ninefold::cuda;

NF_KERNEL(keep_rows, KeepRows) {
  for (int64_t i = nf_thread(); i < p.m.batch * p.m.steps * p.m.columns; i += nf_threads()) {
    const int64_t row = i / p.m.columns, sample = p.m.time_major ? row % p.m.batch : row / p.m.steps;
    p.to[i] = p.m.mask[row] ? p.from[i] : p.otherwise ? p.otherwise[sample * p.m.columns + i % p.m.columns] : 0;
  }
}
NF_KERNEL(join_ends, JoinEnds) {
  for (int64_t i = nf_thread(); i < p.m.batch * p.m.columns; i += nf_threads()) {
    const int64_t sample = i / p.m.columns, column = i % p.m.columns;
    float sum = 0;
    for (const float* end : p.ends)
      if (end) sum += end[i];
    for (int64_t t = 0; p.rows && t < p.m.steps; ++t) {
      const int64_t row = p.m.time_major ? t * p.m.batch + sample : sample * p.m.steps + t;
      if (!p.m.mask[row]) sum += p.rows[row * p.m.columns + column];
    }
    p.to[i] = sum;
  }
}

NF_DEVICE float gate_of(float x) { return 1 / (1 + std::exp(-x)); }

// What every step does with the new output, if it counts.
NF_DEVICE void give_step(const StepForward& p, int64_t i, bool counts, float h) {
  if (counts) p.h[i] = p.last[i] = h;
  else if (p.s.zero_masked) p.last[i] = 0;
  if (p.output) p.output[i / p.s.units * p.output_apart + i % p.s.units] = p.last[i];
}
// What flows into the output of element i, and whether its step counts; what does not is held for the one before.
NF_DEVICE bool take_step(const StepBack& p, int64_t i, float* dh) {
  const int64_t sample = i / p.s.units;
  float held = p.held[i];
  if (p.output) held += p.output[sample * p.output_apart + i % p.s.units];
  if (p.last) held += p.last[i];
  const float h = p.h[i] + (p.product ? p.product[i] : 0);
  const bool counts = !p.s.mask || p.s.mask[p.s.first + sample * p.s.apart];
  *dh = counts ? h + held : h;
  p.held[i] = counts || p.s.zero_masked ? 0 : held;
  return counts;
}

NF_KERNEL(lstm_step, StepForward) {
  for (int64_t i = nf_thread(); i < p.s.batch * p.s.units; i += nf_threads()) {
    const int64_t n = p.s.units, sample = i / n, j = i % n, row = p.s.first + sample * p.s.apart;
    const float c = p.c[i], h = p.h[i];
    if (p.gates) p.old_c[row * n + j] = c, p.old_h[row * n + j] = h;
    const bool counts = !p.s.mask || p.s.mask[row];
    float now = h;
    if (counts) {
      float g[4];
      for (int k = 0; k < 4; ++k) {
        const float sum = p.inputs[row * 4 * n + k * n + j] + p.bias[k * n + j] + p.state[sample * 4 * n + k * n + j];
        g[k] = k == 2 ? std::tanh(sum) : gate_of(sum);
        if (p.gates) p.gates[row * 4 * n + k * n + j] = g[k];
      }
      p.c[i] = g[1] * c + g[0] * g[2];
      now = g[3] * std::tanh(p.c[i]);
    }
    give_step(p, i, counts, now);
  }
}
NF_KERNEL(gru_step, StepForward) {
  for (int64_t i = nf_thread(); i < p.s.batch * p.s.units; i += nf_threads()) {
    const int64_t n = p.s.units, sample = i / n, j = i % n, row = p.s.first + sample * p.s.apart;
    const float h = p.h[i];
    if (p.gates) p.old_h[row * n + j] = h;
    const bool counts = !p.s.mask || p.s.mask[row];
    float now = h;
    if (counts) {
      const float *x = p.inputs + row * 3 * n + j, *s = p.state + sample * 3 * n + j, *b = p.bias + j;
      const float z = gate_of(x[0] + b[0] + s[0] + b[3 * n]), r = gate_of(x[n] + b[n] + s[n] + b[4 * n]), q = s[2 * n] + b[5 * n];
      const float candidate = std::tanh(x[2 * n] + b[2 * n] + r * q);
      now = z * h + (1 - z) * candidate;
      if (p.gates) {
        float* const g = p.gates + row * 4 * n + j;
        g[0] = z, g[n] = r, g[2 * n] = candidate, g[3 * n] = q;
      }
    }
    give_step(p, i, counts, now);
  }
}
NF_KERNEL(lstm_step_back, StepBack) {
  for (int64_t i = nf_thread(); i < p.s.batch * p.s.units; i += nf_threads()) {
    const int64_t n = p.s.units, sample = i / n, j = i % n, row = p.s.first + sample * p.s.apart;
    float dh, d[4] = {0, 0, 0, 0};
    const bool counts = take_step(p, i, &dh);
    if (counts) {
      const float* const g = p.gates + row * 4 * n + j;
      const float in = g[0], forget = g[n], candidate = g[2 * n], out = g[3 * n], old = p.old_c[row * n + j];
      const float t = std::tanh(forget * old + in * candidate), dc = p.c[i] + dh * out * (1 - t * t);
      d[0] = dc * candidate * in * (1 - in);
      d[1] = dc * old * forget * (1 - forget);
      d[2] = dc * in * (1 - candidate * candidate);
      d[3] = dh * t * out * (1 - out);
      p.c[i] = dc * forget;
    }
    p.h[i] = counts ? 0 : dh;
    for (int k = 0; k < 4; ++k) p.to_state[row * 4 * n + k * n + j] = p.now[sample * 4 * n + k * n + j] = d[k];
  }
}
NF_KERNEL(gru_step_back, StepBack) {
  for (int64_t i = nf_thread(); i < p.s.batch * p.s.units; i += nf_threads()) {
    const int64_t n = p.s.units, sample = i / n, j = i % n, row = p.s.first + sample * p.s.apart;
    float dh, d[4] = {0, 0, 0, 0};
    const bool counts = take_step(p, i, &dh);
    float past = dh;
    if (counts) {
      const float* const g = p.gates + row * 4 * n + j;
      const float z = g[0], r = g[n], candidate = g[2 * n], q = g[3 * n];
      d[0] = dh * (p.old_h[row * n + j] - candidate) * z * (1 - z);
      d[2] = dh * (1 - z) * (1 - candidate * candidate);
      d[1] = d[2] * q * r * (1 - r);
      d[3] = d[2] * r;
      past = dh * z;
    }
    p.h[i] = past;
    for (int k = 0; k < 3; ++k) {
      const float of_state = d[k == 2 ? 3 : k];
      p.to_inputs[row * 3 * n + k * n + j] = d[k];
      p.to_state[row * 3 * n + k * n + j] = p.now[sample * 3 * n + k * n + j] = of_state;
    }
  }
}

}  // namespace
