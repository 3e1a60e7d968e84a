// In: strings and RE2's patterns. Out: whether each matches as a whole; what matches replaced.
#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"
#include "engine/ops/regex.h"

namespace ninefold::ops {
namespace {

std::shared_ptr<const Regex> compiled(KernelCtx& k, const std::string& pattern) {
  std::string why;
  auto regex = Regex::of(pattern, &why);
  k.check(regex != nullptr, "Invalid pattern: {}, error: {}", pattern, why);
  return regex;
}
void scalar_beside(ShapeCtx& c) {   // what stands beside the strings is one for all
  const char* const names[] = {"", "Pattern", "Rewrite"};
  for (int i = 1; i < c.num_inputs(); ++i)
    c.check(c.shape(i).rank() <= 0, "{} must be scalar, but received {}", names[i], c.shape(i).str());
  c.same_as_input();
}
void replace(KernelCtx& k, const std::string& pattern, const std::string& rewrite) {
  const auto regex = compiled(k, pattern);
  const bool all = k.flag("replace_global");
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) k.out<std::string>(0)[i] = regex->replaced(k.in<std::string>(0)[i], rewrite, all);
}
void match(KernelCtx& k, const std::string& pattern) {
  const auto regex = compiled(k, pattern);
  for (int64_t i = 0, n = k.shape(0).size(); i < n; ++i) k.out<bool>(0)[i] = regex->full_match(k.in<std::string>(0)[i]);
}

const Op regex_replace = {
    .name = "RegexReplace", .inputs = {"input: string", "pattern: string", "rewrite: string"}, .outputs = {"output: string"},
    .attrs = {"replace_global: bool = true"}, .doc = "Each string with what matches replaced: all of it, or the first.",
    .shape = scalar_beside, .stops_gradient = true,
};
NINEFOLD_REGISTER(regex_replace);
NINEFOLD_KERNEL(regex_replace, "CPU", (Kernel{[](KernelCtx& k) { replace(k, *k.in<std::string>(1), *k.in<std::string>(2)); }}));

const Op static_replace = {
    .name = "StaticRegexReplace", .inputs = {"input: string"}, .outputs = {"output: string"},
    .attrs = {"pattern: string", "rewrite: string", "replace_global: bool = true"},
    .doc = "Each string with what matches replaced: all of it, or the first.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(static_replace);
NINEFOLD_KERNEL(static_replace, "CPU", (Kernel{[](KernelCtx& k) { replace(k, k.text("pattern"), k.text("rewrite")); }}));

const Op full_match = {
    .name = "RegexFullMatch", .inputs = {"input: string", "pattern: string"}, .outputs = {"output: bool"}, .attrs = {},
    .doc = "Whether each string matches as a whole.", .shape = scalar_beside, .stops_gradient = true,
};
NINEFOLD_REGISTER(full_match);
NINEFOLD_KERNEL(full_match, "CPU", (Kernel{[](KernelCtx& k) { match(k, *k.in<std::string>(1)); }}));

const Op static_full_match = {
    .name = "StaticRegexFullMatch", .inputs = {"input: string"}, .outputs = {"output: bool"}, .attrs = {"pattern: string"},
    .doc = "Whether each string matches as a whole.", .shape = shapes::same, .stops_gradient = true,
};
NINEFOLD_REGISTER(static_full_match);
NINEFOLD_KERNEL(static_full_match, "CPU", (Kernel{[](KernelCtx& k) { match(k, k.text("pattern")); }}));

const Function strings_regex_replace = {
    .names = {"tf.strings.regex_replace"},
    .signature = "(input: tensor, pattern: value, rewrite: value, replace_global: bool = True, name: str = None)",
    .doc = "Each string with what matches RE2's `pattern` replaced by `rewrite`, where \\1 to \\9 are the groups: all of it, or the "
           "first. Raises InvalidArgumentError for a pattern that is none.",
    .body = [](Args& a) -> Value {
      const Tensor input = operand(a, "input", DType::string);
      const auto *pattern = a["pattern"].get<std::string>(), *rewrite = a["rewrite"].get<std::string>();
      if (pattern && rewrite)
        return op("StaticRegexReplace", {input}, {{"pattern", *pattern}, {"rewrite", *rewrite}, {"replace_global", a.flag("replace_global")}});
      return op("RegexReplace", {input, operand(a, "pattern", DType::string), operand(a, "rewrite", DType::string)},
                {{"replace_global", a.flag("replace_global")}});
    },
};
NINEFOLD_REGISTER(strings_regex_replace);
const Function strings_regex_full_match = {
    .names = {"tf.strings.regex_full_match"}, .signature = "(input: tensor, pattern: value, name: str = None)",
    .doc = "Whether each string matches RE2's `pattern` as a whole. Raises InvalidArgumentError for a pattern that is none.",
    .body = [](Args& a) -> Value {
      const Tensor input = operand(a, "input", DType::string);
      if (const auto* pattern = a["pattern"].get<std::string>()) return op("StaticRegexFullMatch", {input}, {{"pattern", *pattern}});
      return op("RegexFullMatch", {input, operand(a, "pattern", DType::string)});
    },
};
NINEFOLD_REGISTER(strings_regex_full_match);

}  // namespace
}  // namespace ninefold::ops
