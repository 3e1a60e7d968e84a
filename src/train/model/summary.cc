// In: a built model. Out: the table of its layers, as Keras' print_summary prints it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/check.h"
#include "train/layers/described.h"
#include "train/model/functional.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

using Strings = std::vector<std::string>;

std::string repeated(std::string_view what, int64_t times) {
  std::string out;
  for (int64_t i = 0; i < times; ++i) out += what;
  return out;
}

std::string with_commas(int64_t n) {
  std::string out = std::to_string(n);
  for (auto at = static_cast<int64_t>(out.size()) - 3; at > 0; at -= 3) out.insert(static_cast<size_t>(at), ",");
  return out;
}

int64_t parameters(const std::vector<Weight>& weights) {
  int64_t n = 0;
  for (const Weight& w : weights) n += w.variable.shape().fully_known() ? w.variable.shape().size() : 0;
  return n;
}

std::string shape_text(const Value& v) {
  if (const KerasTensorPtr t = nest::keras_tensor(v)) return t->spec.shape.known_rank() ? t->spec.shape.tuple() : "None";
  std::string out;
  if (const ValueList* list = v.get<ValueList>()) {
    for (const Value& item : *list) out += (out.empty() ? "" : ", ") + shape_text(item);
    return "[" + out + "]";
  }
  if (const ValueDict* dict = v.get<ValueDict>()) {
    for (const Entry& e : *dict) out += (out.empty() ? "'" : ", '") + e.key + "': " + shape_text(e.value);
    return "{" + out + "}";
  }
  return "None";
}

std::string output_shape(const Layer& layer) {
  std::set<std::string> seen;
  if (const auto* model = dynamic_cast<const Model*>(&layer); model && !model->output_tensors.empty())
    seen.insert(shape_text(model->output_structure));
  for (const auto& node : layer.calls()) seen.insert(shape_text(node->outputs()));
  if (seen.size() != 1) return "multiple";
  return is_input_layer(layer) ? "[" + *seen.begin() + "]" : *seen.begin();
}

class Table {
 public:
  Table(const Model& model, int64_t line_length, bool expand, bool show_trainable, std::vector<double> positions)
      : model_(model), expand_(expand), show_trainable_(show_trainable) {
    linear_ = is_linear();
    width_ = line_length > 0 ? line_length : linear_ ? 65 : 98;
    if (positions.empty()) positions = linear_ ? std::vector<double>{.45, .85, 1.} : std::vector<double>{.33, .55, .67, 1.};
    const double scale = positions.back() <= 1 ? static_cast<double>(width_) : 1;
    for (double p : positions) ends_.push_back(static_cast<int64_t>(scale * p));
    if (show_trainable) {
      width_ += 11;
      ends_.push_back(width_);
    }
  }

  std::string text() {
    line("Model: \"" + model_.name() + "\"");
    line(repeated("_", width_));
    Strings head = {"Layer (type)", "Output Shape", "Param #"};
    if (!linear_) head.push_back("Connected to");
    if (show_trainable_) head.push_back("Trainable");
    row(head, 0);
    line(repeated("=", width_));
    for (const LayerPtr& l : model_.layers()) layer(*l, 0, false);
    line(repeated("=", width_));
    const int64_t trainable = parameters(model_.trainable_weights()), fixed = parameters(model_.non_trainable_weights());
    line("Total params: " + with_commas(trainable + fixed));
    line("Trainable params: " + with_commas(trainable));
    line("Non-trainable params: " + with_commas(fixed));
    line(repeated("_", width_));
    return out_;
  }

 private:
  // One node a depth, one input each, no layer twice.
  bool is_linear() const {
    const auto* graph = dynamic_cast<const Functional*>(&model_);
    if (!graph) return true;
    const auto& nodes = Graph::nodes(*graph);
    const auto& depths = Graph::depths(*graph);
    std::set<const Layer*> layers;
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (i > 0 && depths[i] == depths[i - 1]) return false;
      if (keras_inputs(*nodes[i]).size() > 1) return false;
      if (!layers.insert(nodes[i]->layer.get()).second) return false;
    }
    return true;
  }

  void line(const std::string& text) { out_ += text + "\n"; }

  // Cells break where their column ends, or behind a closing bracket and comma.
  void row(Strings left, int64_t nested) {
    const auto any = [&] { return std::any_of(left.begin(), left.end(), [](const std::string& s) { return !s.empty(); }); };
    while (any()) {
      std::string text;
      for (size_t col = 0; col < left.size(); ++col) {
        const int64_t start = col ? ends_[col - 1] : 0;
        const int64_t gap = col + 1 == ends_.size() ? 0 : 2;
        size_t cut = static_cast<size_t>(std::max<int64_t>(ends_[col] - start - gap, 1));
        std::string fit = left[col].substr(0, cut);
        size_t best = std::string::npos;
        for (const char* end : {"),", "},", "],", "',"})
          if (const size_t at = fit.find(end); at != std::string::npos) best = std::min(best, at + 2);
        if (best != std::string::npos) {
          cut = best;
          fit.resize(cut);
        }
        if (col == 0) text += repeated("|", nested) + " ";
        text += fit + repeated(" ", gap);
        left[col] = left[col].size() > cut ? left[col].substr(cut) : "";
        text += repeated(" ", ends_[col] - static_cast<int64_t>(text.size()) - nested);
      }
      line(text + repeated("|", nested));
    }
  }

  std::string connections(const Layer& layer) const {
    const auto* graph = dynamic_cast<const Functional*>(&model_);
    Strings out;
    for (const auto& node : layer.calls()) {
      const auto& mine = Graph::nodes(*graph);
      if (std::find(mine.begin(), mine.end(), node) == mine.end()) continue;
      for (const KerasTensorPtr& t : keras_inputs(*node)) {
        const Origin from = origin_of(*t);
        if (from.layer) out.push_back(fmt::format("{}[{}][{}]", from.layer->name(), from.node, from.tensor));
      }
    }
    return nest::python_keys(out);
  }

  void layer(const Layer& l, int64_t nested, bool last) {
    Strings cells = {l.name() + " (" + class_of(l) + ")", output_shape(l),
                     l.built() ? std::to_string(parameters(l.weights())) : "0 (unused)"};
    if (!linear_) cells.push_back(connections(l));
    if (show_trainable_) cells.push_back(l.trainable() ? "Y" : "N");
    row(cells, nested);
    const std::string bars = repeated("|", nested);
    if (const auto* inner = dynamic_cast<const Model*>(&l); inner && expand_) {
      const std::vector<LayerPtr> layers = inner->layers();
      if (!layers.empty()) {
        const std::string more = repeated("|", nested + 1);
        line(more + repeated("¯", width_ - 2 * nested - 2) + more);
        // As in Keras, the frame stands for the row that would follow.
        for (size_t i = 0; i < layers.size(); ++i) layer(*layers[i], nested + 1, i + 1 == layers.size());
        line(bars + repeated("¯", width_ - 2 * nested) + bars);
        last = true;
      }
    }
    if (!last) line(bars + repeated(" ", width_ - 2 * nested) + bars);
  }

  const Model& model_;
  bool expand_, show_trainable_, linear_ = true;
  int64_t width_ = 0;
  std::vector<int64_t> ends_;
  std::string out_;
};

}  // namespace

std::string Model::summary(int64_t line_length, bool expand_nested, bool show_trainable,
                           std::vector<double> positions) const {
  check(built(), Code::value, "This model has not yet been built. Build the model first by calling `build()` or by "
        "calling the model on a batch of data.");
  return Table(*this, line_length, expand_nested, show_trainable, std::move(positions)).text();
}

}  // namespace ninefold::keras
