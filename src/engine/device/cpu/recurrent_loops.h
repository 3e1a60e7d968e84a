// The table of row loops of LSTM and GRU that an instruction set fills in.
#pragma once

#include <cstdint>

namespace ninefold::cpu {

// One row of a step, `n` units. Sums of inputs and state come in, gates go out in their place.
struct RecurrentTable {
  // z: [i, f, g, o] of n each; c, h: the state, moved one step on; old: carry, then output as they were.
  void (*lstm)(int64_t n, float* z, float* c, float* h, float* old);
  // gates, old as above; dh: into the output, dc: into the carry, in and out; dz: [4 n]; db: sums of dz.
  void (*lstm_back)(int64_t n, const float* gates, const float* old, const float* dh, float* dc, float* dz, float* db);
  // x: [z, r, candidate] from the inputs, from: the same from the state; out: x holds the gates, q what r scales, h the output.
  void (*gru)(int64_t n, float* x, const float* from, float* q, float* h, float* old);
  // d: [candidate from the state, z, r, candidate]; rest: what of dh goes on past the products; db: sums of d.
  void (*gru_back)(int64_t n, const float* gates, const float* q, const float* old, const float* dh, float* rest, float* d, float* db);
};

}  // namespace ninefold::cpu
