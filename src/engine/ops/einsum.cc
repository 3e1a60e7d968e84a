// In: an equation over labelled axes and tensors. Out: their sum of products, by diagonals, sums and one batched
// matrix product for each further tensor.
#include <algorithm>
#include <map>
#include <set>

#include "engine/ops/array_args.h"
#include "engine/ops/extent.h"

namespace ninefold::ops {
namespace {

// Axes of "..." get labels of their own, below those of letters; the last axis of every "..." is the same label.
using Labels = std::vector<int>;
constexpr int kDots = 1000;

struct Term {
  Tensor value;
  Labels labels;
};

Labels letters(const std::string& text, const std::string& equation) {
  Labels all;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "...") == 0) {
      all.push_back(0);   // to be opened once the rank is known
      i += 2;
    } else {
      check(std::isalpha(static_cast<unsigned char>(text[i])), Code::value, "Indices have incorrect format: {}", equation);
      all.push_back(text[i]);
    }
  }
  return all;
}

void open_dots(Labels& labels, int dims) {
  auto at = std::find(labels.begin(), labels.end(), 0);
  if (at == labels.end()) return;
  at = labels.erase(at);
  for (int i = 0; i < dims; ++i) at = labels.insert(at, kDots + i);
  // Inserted one before the other: kDots + dims - 1 comes first, kDots is the last axis.
}

Tensor dim(const Tensor& t, size_t axis) {
  const int64_t d = t.shape()[static_cast<int>(axis)];
  return d >= 0 ? int_scalar(d) : op("GatherV2", {shape_tensor(t), int_scalar(static_cast<int64_t>(axis)), int_scalar(0)});
}
Tensor shape_of(const Tensors& dims) {
  std::vector<int64_t> known;
  for (const Tensor& d : dims)
    if (const Tensor* k = known_value(d)) known.push_back(k->int_at(0));
  if (known.size() == dims.size()) return int_vector(known);
  return op_all("Pack", dims).at(0);
}
Tensor product(const Tensors& dims) {
  Tensor all = int_scalar(1);
  int64_t known = 1;
  for (const Tensor& d : dims) {
    if (const Tensor* k = known_value(d)) known *= k->int_at(0);
    else all = all * d;
  }
  return known_value(all) ? int_scalar(known) : all * int_scalar(known);
}

Term ordered(const Term& t, const Labels& to) {
  std::vector<int64_t> perm;
  for (int l : to) perm.push_back(std::find(t.labels.begin(), t.labels.end(), l) - t.labels.begin());
  if (std::is_sorted(perm.begin(), perm.end())) return t;
  return {op("Transpose", {t.value, int_vector(perm)}), to};
}
Term summed(const Term& t, const std::set<int>& kept) {
  std::vector<int64_t> axes;
  Labels left;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (kept.contains(t.labels[i])) left.push_back(t.labels[i]);
    else axes.push_back(static_cast<int64_t>(i));
  }
  return axes.empty() ? t : Term{op("Sum", {t.value, int_vector(axes)}), left};
}
// A label that stands twice names a diagonal.
Term without_repeats(Term t) {
  for (size_t i = 0; i < t.labels.size(); ++i) {
    const auto again = std::find(t.labels.begin() + static_cast<int64_t>(i) + 1, t.labels.end(), t.labels[i]);
    if (again == t.labels.end()) continue;
    const auto j = static_cast<size_t>(again - t.labels.begin());
    std::vector<int64_t> perm;
    Labels rest;
    for (size_t k = 0; k < t.labels.size(); ++k)
      if (k != i && k != j) perm.push_back(static_cast<int64_t>(k)), rest.push_back(t.labels[k]);
    perm.insert(perm.end(), {static_cast<int64_t>(i), static_cast<int64_t>(j)});
    rest.push_back(t.labels[i]);
    const Tensor last = op("Transpose", {t.value, int_vector(perm)});
    return without_repeats({op("MatrixDiagPartV3", {last, int_scalar(0), scalar(0, last.dtype())}), rest});
  }
  return t;
}

Term contracted(Term a, Term b, const std::set<int>& needed) {
  auto has = [](const Term& t, int l) { return std::find(t.labels.begin(), t.labels.end(), l) != t.labels.end(); };
  auto keep_for = [&](const Term& own, const Term& other) {
    std::set<int> kept = needed;
    for (int l : own.labels)
      if (has(other, l)) kept.insert(l);
    return kept;
  };
  const std::set<int> of_a = keep_for(a, b), of_b = keep_for(b, a);
  a = summed(a, of_a);
  b = summed(b, of_b);
  Labels batch, inner, left, right;
  for (int l : a.labels) (!has(b, l) ? left : needed.contains(l) ? batch : inner).push_back(l);
  for (int l : b.labels)
    if (!has(a, l)) right.push_back(l);
  auto join = [](const Labels& x, const Labels& y, const Labels& z) {
    Labels all = x;
    all.insert(all.end(), y.begin(), y.end());
    all.insert(all.end(), z.begin(), z.end());
    return all;
  };
  a = ordered(a, join(batch, left, inner));
  b = ordered(b, join(batch, inner, right));
  const size_t nb = batch.size(), nl = left.size(), ni = inner.size();
  Tensors heads, rows, middle, columns;
  for (size_t i = 0; i < nb; ++i) heads.push_back(dim(a.value, i));
  for (size_t i = 0; i < nl; ++i) rows.push_back(dim(a.value, nb + i));
  for (size_t i = 0; i < ni; ++i) middle.push_back(dim(a.value, nb + nl + i));
  for (size_t i = 0; i < right.size(); ++i) columns.push_back(dim(b.value, nb + ni + i));
  Tensors x = heads, y = heads, whole = heads;
  x.insert(x.end(), {product(rows), product(middle)});
  y.insert(y.end(), {product(middle), product(columns)});
  whole.insert(whole.end(), rows.begin(), rows.end());
  whole.insert(whole.end(), columns.begin(), columns.end());
  const Tensor z = op("BatchMatMulV2", {op("Reshape", {a.value, shape_of(x)}), op("Reshape", {b.value, shape_of(y)})});
  return {op("Reshape", {z, whole.empty() ? int_vector({}) : shape_of(whole)}), join(batch, left, right)};
}

Value einsum(Args& a) {
  std::string equation;
  for (char c : a.text("equation"))
    if (c != ' ') equation += c;
  const size_t arrow = equation.find("->");
  std::vector<std::string> parts(1);
  for (char c : equation.substr(0, arrow)) {
    if (c == ',') parts.emplace_back();
    else parts.back() += c;
  }
  const Tensors inputs = a.tensors("inputs");
  check(inputs.size() == parts.size(), Code::value, "Got {} inputs for equation \"{}\", expecting {}", inputs.size(), equation, parts.size());
  std::vector<Term> terms;
  int dots = 0;
  std::map<int, int> uses;
  for (size_t i = 0; i < parts.size(); ++i) {
    Term t{inputs[i], letters(parts[i], equation)};
    if (!t.value.shape().known_rank()) {   // without "..." the letters tell it
      check(std::count(t.labels.begin(), t.labels.end(), 0) == 0, Code::value,
            "tf.einsum: the rank of input {}, which has \"...\", must be known while tracing; set it with tf.ensure_shape", i);
      t.value = with_static_shape(t.value, Shape(std::vector<int64_t>(t.labels.size(), -1)));
    }
    const auto named = static_cast<int>(t.labels.size()), rank = t.value.rank();
    const bool open = std::count(t.labels.begin(), t.labels.end(), 0) > 0;
    if (open) check(rank >= named - 1, "Expected input {} to have rank at least {} but got: {} [Op:Einsum]", i, named - 1, rank);
    else check(rank == named, "Expected input {} to have rank {} but got: {} [Op:Einsum]", i, named, rank);
    if (open) dots = std::max(dots, rank - named + 1);
    for (int l : t.labels) ++uses[l];
    open_dots(t.labels, rank - named + 1);
    terms.push_back(std::move(t));
  }
  Labels out;
  if (arrow != std::string::npos) {
    out = letters(equation.substr(arrow + 2), equation);
    for (int l : out) {
      check(l == 0 || uses.contains(l), Code::value, "Output subscripts contain the label {} not present in the input subscripts.", static_cast<char>(l));
      check(std::count(out.begin(), out.end(), l) == 1, Code::value, "Output subscripts may not contain the label {} twice", static_cast<char>(l));
    }
  } else {
    if (uses.contains(0)) out.push_back(0);
    for (const auto& [l, n] : uses)
      if (l != 0 && n == 1) out.push_back(l);
  }
  open_dots(out, dots);
  // One length a label; an axis of "..." with length 1 stretches, which is to leave it out.
  std::map<int, int64_t> length;
  for (Term& t : terms)
    for (size_t i = 0; i < t.labels.size(); ++i) {
      const int64_t d = t.value.shape()[static_cast<int>(i)];
      int64_t& have = length.try_emplace(t.labels[i], -1).first->second;
      if (d < 0) continue;
      const bool stretches = t.labels[i] >= kDots && (d == 1 || have == 1);
      check(have < 0 || have == d || stretches, "Expected dimension {} at axis {} of the input shaped {} but got dimension {} [Op:Einsum]", have, i,
            t.value.shape().str(), d);
      have = std::max(have, d);
    }
  for (Term& t : terms) {
    std::vector<int64_t> ones;
    Labels left;
    for (size_t i = 0; i < t.labels.size(); ++i) {
      if (t.labels[i] >= kDots && t.value.shape()[static_cast<int>(i)] == 1 && length[t.labels[i]] != 1) ones.push_back(static_cast<int64_t>(i));
      else left.push_back(t.labels[i]);
    }
    if (!ones.empty()) t = {op("Squeeze", {t.value}, {{"squeeze_dims", ones}}), left};
    t = without_repeats(t);
  }
  Term all = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    std::set<int> needed(out.begin(), out.end());
    for (size_t j = i + 1; j < terms.size(); ++j) needed.insert(terms[j].labels.begin(), terms[j].labels.end());
    all = contracted(all, terms[i], needed);
  }
  return ordered(summed(all, {out.begin(), out.end()}), out).value;
}
const Function record = {
    .names = {"tf.einsum", "tf.linalg.einsum"}, .signature = "(equation: str, *inputs: tensors, name: str = None)",
    .doc = "Sums of products over labelled axes: \"ij,jk->ik\" is a matrix product, \"ii->i\" a diagonal, \"...\" any axes in front. "
           "Without \"->\" the labels that occur once are kept, in alphabetical order.",
    .body = einsum,
};
NINEFOLD_REGISTER(record);

}  // namespace
}  // namespace ninefold::ops
