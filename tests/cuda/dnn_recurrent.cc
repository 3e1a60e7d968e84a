// In: what device/cuda/dnn_recurrent.h asks of cuDNN. Out: an LSTM and a GRU from their formulas, with weights that lie in an order of
// their own, a reserve that the passes hand on to each other in their order, and cuDNN's manners.
#include <cmath>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "emulated_dnn.h"
#include "engine/device/cuda/dnn_recurrent.h"

namespace ninefold::cuda {
namespace {

using namespace dnn;

constexpr int kBad = 2000;
int the_handle = 0;

struct FakeLayer { bool lstm = false; int in = 0, units = 0, math = 0; int gates() const { return lstm ? 4 : 3; } };
struct FakeData { bool steps_first = false; int steps = 0, batch = 0, size = 0; std::vector<int> lengths = {}; };
struct FakeTensor { std::vector<int> sizes; };
FakeLayer& layer_of(void* p) { return *static_cast<FakeLayer*>(p); }
FakeData& data_of(void* p) { return *static_cast<FakeData*>(p); }

template <class T> int make(void** p) { return *p = new T(), 0; }
template <class T> int drop(void* p) { return delete static_cast<T*>(p), 0; }

int set_layer(void* l, int algorithm, int cell, int bias, int direction, int input, int type, int precision, int math, int32_t in, int32_t units,
              int32_t projected, int32_t layers, void* dropout, uint32_t flags) {
  const bool lstm = cell == kLstm;
  if ((!lstm && cell != kGru) || bias != (lstm ? kOneBias : kTwoBiases) || algorithm || direction || input || type != kFloat || precision != kFloat ||
      (math != kDefaultMath && math != kPlainMath) || projected != units || layers != 1 || dropout || flags != kPaddedData)
    return kBad;
  layer_of(l) = {lstm, in, units, math};
  return 0;
}
int set_data(void* d, int type, int layout, int steps, int batch, int size, const int* lengths, void* fill) {
  if (type != kFloat || (layout != kStepsFirst && layout != kSamplesFirst) || !fill) return kBad;
  for (int i = 0; i < batch; ++i)
    if (lengths[i] < 1 || lengths[i] > steps) return kBad;
  data_of(d) = {layout == kStepsFirst, steps, batch, size, {lengths, lengths + batch}};
  return 0;
}
int set_tensor(void* t, int type, int rank, const int* sizes, const int* strides) {
  if (type != kFloat || rank != 3 || strides[2] != 1 || strides[1] != sizes[2] || strides[0] != sizes[1] * sizes[2]) return kBad;
  static_cast<FakeTensor*>(t)->sizes.assign(sizes, sizes + 3);
  return 0;
}

// The last gate first, a gap of three floats, its bias behind it.
int64_t place_of(const FakeLayer& l, int gate, bool of_bias) {
  int64_t at = 1;
  for (int i = 2 * l.gates() - 1; i >= 0; --i) {
    const int64_t matrix = int64_t{l.units} * (i < l.gates() ? l.in : l.units);
    const bool bias = !l.lstm || i < l.gates();
    if (i == gate) return !of_bias ? at : bias ? at + matrix : -1;
    at += matrix + (bias ? l.units : 0) + 3;
  }
  return at;
}
int weight_bytes(Handle h, void* l, size_t* bytes) {
  if (h != &the_handle) return kBad;
  return *bytes = static_cast<size_t>(place_of(layer_of(l), -1, false)) * sizeof(float), 0;
}
int weight_at(Handle, void* l, int32_t of_layer, size_t, const void* weights, int32_t gate, void*, void** matrix, void*, void** bias) {
  if (of_layer != 0 || gate >= 2 * layer_of(l).gates()) return kBad;
  auto* const base = const_cast<float*>(static_cast<const float*>(weights));
  const int64_t b = place_of(layer_of(l), gate, true);
  *matrix = base + place_of(layer_of(l), gate, false);
  *bias = b < 0 ? nullptr : base + b;
  return 0;
}
// A row of the reserve: what each gate gave, for GRU what r scales, for LSTM both carries; then what flows into gates.
constexpr int64_t kColumns = 11;
int other_bytes(Handle h, void* l, int mode, void* x, size_t* workspace, size_t* reserve) {
  if (h != &the_handle || data_of(x).size != layer_of(l).in) return kBad;
  *workspace = mode == kTraining ? 48 : 0;
  *reserve = static_cast<size_t>(data_of(x).steps * data_of(x).batch * layer_of(l).units * kColumns) * sizeof(float);
  return 0;
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }
struct Rows {
  const FakeLayer& l;
  const FakeData& d;
  int64_t row(int t, int b) const { return d.steps_first ? int64_t{t} * d.batch + b : int64_t{b} * d.steps + t; }
  float weight(const float* w, int gate, int unit, int k) const {
    return w[place_of(l, gate, false) + int64_t{unit} * (gate < l.gates() ? l.in : l.units) + k];
  }
  float bias(const float* w, int gate, int unit) const {
    const int64_t at = place_of(l, gate, true);
    return at < 0 ? 0 : w[at + unit];
  }
  // A gate's product with its inputs or with the state.
  float product(const float* w, int gate, int unit, const float* v) const {
    double sum = static_cast<double>(bias(w, gate, unit));
    for (int k = 0; k < (gate < l.gates() ? l.in : l.units); ++k) sum += static_cast<double>(weight(w, gate, unit, k)) * static_cast<double>(v[k]);
    return static_cast<float>(sum);
  }
};

int forward(Handle h, void* layer, int mode, const int32_t* lengths, void* x_data, const void* x_, void* y_data, void* y_, void* h_data, const void* hx, void* hy,
            void*, const void* cx, void* cy, size_t bytes, const void* weights, size_t workspace_bytes, void* workspace, size_t reserve_bytes, void* reserve_) {
  const Rows r{layer_of(layer), data_of(x_data)};
  const FakeLayer& l = r.l;
  const int n = l.units;
  size_t wanted = 0, room = 0, all = 0;
  weight_bytes(h, layer, &all);
  if (other_bytes(h, layer, mode, x_data, &wanted, &room) || lengths || bytes != all || workspace_bytes < wanted || (wanted && !workspace) ||
      data_of(y_data).size != n || data_of(y_data).lengths != r.d.lengths || static_cast<FakeTensor*>(h_data)->sizes != std::vector<int>{1, r.d.batch, n} || l.lstm != (cy != nullptr))
    return kBad;
  if (mode == kTraining ? reserve_bytes < room || !reserve_ : reserve_ != nullptr) return kBad;
  if (workspace) std::memset(workspace, 0x5a, wanted);
  const auto *x = static_cast<const float*>(x_), *w = static_cast<const float*>(weights);
  auto *y = static_cast<float*>(y_), *reserve = static_cast<float*>(reserve_);
  for (int b = 0; b < r.d.batch; ++b) {
    std::vector<float> state(static_cast<const float*>(hx) + int64_t{b} * n, static_cast<const float*>(hx) + int64_t{b + 1} * n), carry(static_cast<size_t>(n));
    if (l.lstm) std::memcpy(carry.data(), static_cast<const float*>(cx) + int64_t{b} * n, static_cast<size_t>(n) * sizeof(float));
    const int length = r.d.lengths[static_cast<size_t>(b)];
    for (int t = length; t < r.d.steps; ++t) std::memset(y + r.row(t, b) * n, 0, static_cast<size_t>(n) * sizeof(float));   // as it is told to fill
    for (int t = 0; t < length; ++t) {
      const float* const in = x + r.row(t, b) * l.in;
      std::vector<float> next(state);
      for (int j = 0; j < n; ++j) {
        const auto u = static_cast<size_t>(j);
        const auto of_in = [&](int g) { return r.product(w, g, j, in); };
        const auto of_state = [&](int g) { return r.product(w, g + l.gates(), j, state.data()); };
        float keep[6] = {};
        if (l.lstm) {
          for (int g = 0; g < 4; ++g) keep[g] = g == 2 ? std::tanh(of_in(g) + of_state(g)) : sigmoid(of_in(g) + of_state(g));
          keep[4] = carry[u];
          carry[u] = keep[1] * carry[u] + keep[0] * keep[2];
          keep[5] = carry[u];
          next[u] = keep[3] * std::tanh(carry[u]);
        } else {
          keep[0] = sigmoid(of_in(0) + of_state(0)), keep[1] = sigmoid(of_in(1) + of_state(1));
          keep[3] = of_state(2);
          keep[2] = std::tanh(of_in(2) + keep[0] * keep[3]);
          next[u] = (1 - keep[1]) * keep[2] + keep[1] * state[u];
        }
        if (reserve)
          for (int i = 0; i < 6; ++i) reserve[(r.row(t, b) * n + j) * kColumns + i] = keep[i];
      }
      state = next;
      std::memcpy(y + r.row(t, b) * n, state.data(), static_cast<size_t>(n) * sizeof(float));
    }
    std::memcpy(static_cast<float*>(hy) + int64_t{b} * n, state.data(), static_cast<size_t>(n) * sizeof(float));
    if (l.lstm) std::memcpy(static_cast<float*>(cy) + int64_t{b} * n, carry.data(), static_cast<size_t>(n) * sizeof(float));
  }
  return 0;
}

// What flows into gates goes to columns 6 to 9: into what inputs enter; 10: into GRU's product of the state with the candidate's.
int back_to_data(Handle h, void* layer, const int32_t* lengths, void* y_data, const void* y_, const void* dy_, void* x_data, void* dx_, void*, const void* hx_,
                 const void* dhy, void* dhx_, void*, const void*, const void* dcy, void* dcx_, size_t, const void* weights, size_t workspace_bytes,
                 void* workspace, size_t reserve_bytes, void* reserve_) {
  const Rows r{layer_of(layer), data_of(x_data)};
  const FakeLayer& l = r.l;
  const int n = l.units;
  size_t wanted = 0, room = 0;
  if (other_bytes(h, layer, kTraining, x_data, &wanted, &room) || lengths || workspace_bytes < wanted || !workspace || reserve_bytes < room || !dy_ || !dx_ || data_of(y_data).lengths != r.d.lengths) return kBad;
  const auto *y = static_cast<const float*>(y_), *dy = static_cast<const float*>(dy_), *w = static_cast<const float*>(weights), *hx = static_cast<const float*>(hx_);
  auto *dx = static_cast<float*>(dx_), *reserve = static_cast<float*>(reserve_);
  for (int b = 0; b < r.d.batch; ++b) {
    std::vector<float> dh(static_cast<size_t>(n)), dc(static_cast<size_t>(n));
    if (dhy) std::memcpy(dh.data(), static_cast<const float*>(dhy) + int64_t{b} * n, dh.size() * sizeof(float));
    if (dcy) std::memcpy(dc.data(), static_cast<const float*>(dcy) + int64_t{b} * n, dc.size() * sizeof(float));
    const int length = r.d.lengths[static_cast<size_t>(b)];
    for (int t = length; t < r.d.steps; ++t) std::memset(dx + r.row(t, b) * l.in, 0x5a, static_cast<size_t>(l.in) * sizeof(float));   // nobody says what lies there
    for (int t = length - 1; t >= 0; --t) {
      const float* const before = t ? y + r.row(t - 1, b) * n : hx + int64_t{b} * n;
      std::vector<float> gates(static_cast<size_t>(4 * n)), of_state(static_cast<size_t>(4 * n)), next(static_cast<size_t>(n));
      for (int j = 0; j < n; ++j) {
        const auto u = static_cast<size_t>(j);
        float* const k = reserve + (r.row(t, b) * n + j) * kColumns;
        const float d = dh[u] + dy[r.row(t, b) * n + j];
        float g[5] = {};
        if (l.lstm) {
          const float tc = std::tanh(k[5]);
          const float into = dc[u] + d * k[3] * (1 - tc * tc);
          g[0] = into * k[2] * k[0] * (1 - k[0]), g[1] = into * k[4] * k[1] * (1 - k[1]);
          g[2] = into * k[0] * (1 - k[2] * k[2]), g[3] = d * tc * k[3] * (1 - k[3]);
          dc[u] = into * k[1];
        } else {
          g[1] = d * (before[j] - k[2]) * k[1] * (1 - k[1]);
          g[2] = d * (1 - k[1]) * (1 - k[2] * k[2]);
          g[0] = g[2] * k[3] * k[0] * (1 - k[0]);
          g[4] = g[2] * k[0];
          next[u] = d * k[1];
        }
        for (int i = 0; i < 5; ++i) k[6 + i] = g[i];
        for (int i = 0; i < l.gates(); ++i) {
          gates[static_cast<size_t>(i * n + j)] = g[i];
          of_state[static_cast<size_t>(i * n + j)] = !l.lstm && i == 2 ? g[4] : g[i];
        }
      }
      for (int i = 0; i < l.gates(); ++i)
        for (int j = 0; j < n; ++j)
          for (int k = 0; k < n; ++k) next[static_cast<size_t>(k)] += of_state[static_cast<size_t>(i * n + j)] * r.weight(w, i + l.gates(), j, k);
      for (int k = 0; k < l.in; ++k) {
        float sum = 0;
        for (int i = 0; i < l.gates(); ++i)
          for (int j = 0; j < n; ++j) sum += gates[static_cast<size_t>(i * n + j)] * r.weight(w, i, j, k);
        dx[r.row(t, b) * l.in + k] = sum;
      }
      dh = next;
    }
    std::memcpy(static_cast<float*>(dhx_) + int64_t{b} * n, dh.data(), dh.size() * sizeof(float));
    if (l.lstm) std::memcpy(static_cast<float*>(dcx_) + int64_t{b} * n, dc.data(), dc.size() * sizeof(float));
  }
  return 0;
}
int back_to_weights(Handle, void* layer, int add, const int32_t* lengths, void* x_data, const void* x_, void*, const void* hx_, void*, const void* y_, size_t bytes,
                    void* dweights, size_t, void* workspace, size_t, void* reserve_) {
  const Rows r{layer_of(layer), data_of(x_data)};
  const FakeLayer& l = r.l;
  const int n = l.units;
  size_t all = 0;
  weight_bytes(&the_handle, layer, &all);
  if (add != kAddWeights || lengths || bytes != all || !workspace) return kBad;
  const auto *x = static_cast<const float*>(x_), *y = static_cast<const float*>(y_), *hx = static_cast<const float*>(hx_), *reserve = static_cast<const float*>(reserve_);
  auto* dw = static_cast<float*>(dweights);
  for (int b = 0; b < r.d.batch; ++b)
    for (int t = 0; t < r.d.lengths[static_cast<size_t>(b)]; ++t) {
      const float* const before = t ? y + r.row(t - 1, b) * n : hx + int64_t{b} * n;
      for (int gate = 0; gate < 2 * l.gates(); ++gate)
        for (int j = 0; j < n; ++j) {
          const bool state = gate >= l.gates();
          const int i = state ? gate - l.gates() : gate;
          const float g = reserve[(r.row(t, b) * n + j) * kColumns + (!l.lstm && state && i == 2 ? 10 : 6 + i)];
          const int size = state ? n : l.in;
          for (int k = 0; k < size; ++k) dw[place_of(l, gate, false) + int64_t{j} * size + k] += g * (state ? before[k] : x[r.row(t, b) * l.in + k]);
          if (const int64_t at = place_of(l, gate, true); at >= 0) dw[at + j] += g;
        }
    }
  return 0;
}

constexpr RecurrentFunctions functions = {make<FakeLayer>, drop<FakeLayer>, set_layer, make<FakeData>, drop<FakeData>, set_data, make<FakeTensor>, drop<FakeTensor>,
                                          set_tensor, weight_bytes, other_bytes, weight_at, forward, back_to_data, back_to_weights};
std::mutex mutex;                                // guards what follows
std::string told;
int to_failure = 0;

}  // namespace

int emulated_recurrent_plan(const DnnRecurrent& what, void** plan, DnnRecurrentSizes* sizes) {
  auto* const made = new Layer(functions, what);
  static float weights[1];                       // only its address counts
  if (made->measure(&the_handle, sizes) || made->place(&the_handle, weights, sizes)) return delete made, kNoEngine;
  *plan = made;
  return 0;
}
int emulated_recurrent_run(const void* plan, const DnnRecurrentRun& run) {
  std::lock_guard hold(mutex);
  if (to_failure > 0 && --to_failure == 0) return told += "fault\n", kNoEngine;
  told += run.back ? "back\n" : run.reserve ? "forward, training\n" : "forward\n";
  return static_cast<const Layer*>(plan)->run(&the_handle, run) ? kNoEngine : 0;
}

}  // namespace ninefold::cuda

// What layers did since the last question; the run of that number from now on will fail (0: none).
extern "C" __attribute__((visibility("default"))) const char* ninefold_emulated_recurrent(int fail) {
  using namespace ninefold::cuda;
  static std::string last;
  std::lock_guard hold(mutex);
  last = std::exchange(told, {});
  to_failure = fail;
  return last.c_str();
}
