// In: the records of this folder. Out: their order in --help.
#include "cli/verb.h"

namespace ninefold::cli {

extern const Verb python, check_script, version, completion_verb, man_verb;

const std::vector<const Verb*>& verbs() {
  static const std::vector<const Verb*> all = {
      &python, &check_script, &version, &completion_verb, &man_verb,
  };
  return all;
}

}  // namespace ninefold::cli
