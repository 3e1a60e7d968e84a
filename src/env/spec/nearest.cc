// In: a word that nothing is called, and what things are called. Out: what was probably meant.
#include <algorithm>
#include <cstdlib>

#include "env/spec/parse.h"

namespace ninefold::env {
namespace {

constexpr std::size_t kLongest = 64;  // a longer word is no misspelt key

// Damerau's distance without repeated edits of one letter: "memroy" is one swap from "memory".
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongest) return {};
  std::string best;
  std::size_t best_distance = std::min<std::size_t>(word.size() > 7 ? 4 : word.size() > 2 ? 3 : 2, word.size());
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    if (const std::size_t d = distance(word, candidate); d < best_distance) best = candidate, best_distance = d;
  }
  return best;
}

}  // namespace ninefold::env
