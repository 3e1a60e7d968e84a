// In: parameters as a command line gives them. Out: what runs a notebook inside an environment without a browser.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "env/notebook/notebook.h"

namespace ninefold::env::notebook {

struct Parameter {
  std::string name, value;   // the value as Python writes it: 3, 0.1, True, [1, 2], 'text'
};
// "rate=0.1" -> rate, 0.1; "name=sgd" -> name, 'sgd': what is no literal of Python's is a text.
Result<Parameter> parse_parameter(const std::string& text);

// The notebook with a cell that sets the parameters: behind the one tagged `parameters`, in place of one that an earlier
// run injected, or before all others.
std::string with_parameters(const Notebook& notebook, const std::vector<Parameter>& parameters);

// A Python program for the environment's tools: reads a notebook from standard input, runs it with the environment's
// kernel and writes it, as far as it came, to standard output. It tells of each cell on standard error and ends with 0, with
// 1 where a cell failed, or 3 where there is no kernel. Arguments: seconds that a cell may take (0: any), the folder.
extern const char* const kRunner;

}  // namespace ninefold::env::notebook
