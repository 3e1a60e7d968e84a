// In: where this command lies. Out: the Python whose package it belongs to.
#pragma once

#include <string>
#include <vector>

namespace ninefold::cli {

// Looks, in this order, at NINEFOLD_PYTHON, a python beside the command (a virtual environment), and
// the lib/pythonX.Y of the command's prefix that holds the package (pip --user, a system install).
// Raises Error with the remedy where none is found.
std::string interpreter();

// Becomes `interpreter() arguments...`; returns only by raising Error.
[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace ninefold::cli
