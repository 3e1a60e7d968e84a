// In: the process's arguments. Out: its exit status.
#include <iostream>

#include "cli/verb.h"

int main(int count, char** values) {
  ninefold::cli::Io io{std::cout, std::cerr};
  return ninefold::cli::run_command({values + 1, values + count}, io);
}
