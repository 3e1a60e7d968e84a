// In: a config as text, "learning_rate=0.05 nesterov=true thresholds=[0.2 0.5]". Out: the config. Rows that are text
// compile in no time; rows of dicts do not.
#pragma once

#include <sstream>
#include <string>

#include "ninefold/keras.h"

namespace ninefold::keras::testing {

inline Value value_of(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (text.find_first_not_of("-0123456789") == std::string::npos) return static_cast<int64_t>(std::stoll(text));
  if (text.find_first_not_of("-0123456789.e") == std::string::npos) return std::stod(text);
  return text;
}
inline ValueDict config_of(const std::string& text) {
  ValueDict out;
  std::istringstream in(text);
  ValueList* list = nullptr;
  for (std::string word; in >> word;) {
    if (!list) {
      const size_t eq = word.find('=');
      out.push_back({word.substr(0, eq), {}});
      word = word.substr(eq + 1);
      if (word[0] == '[') {
        out.back().value = ValueList{};
        list = std::get_if<ValueList>(&out.back().value);
        word = word.substr(1);
      }
    }
    const bool last = list && word.back() == ']';
    if (last) word.pop_back();
    if (list) list->push_back(value_of(word));
    else out.back().value = value_of(word);
    if (last) list = nullptr;
  }
  return out;
}

}  // namespace ninefold::keras::testing
