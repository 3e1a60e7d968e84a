// In: questions. Out: answers of whoever sits at the terminal.
#include "cli/ask.h"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/check.h"

namespace ninefold::cli {

std::string ask(const std::string& verb, Io& io, const std::string& question, bool echo, const std::string& instead) {
  check(::isatty(0), "{}: this is no terminal to ask at; give {}", verb, instead);
  termios before{};
  ::tcgetattr(0, &before);
  termios quiet = before;
  if (!echo) quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  io.err << question << std::flush;
  ::tcsetattr(0, TCSAFLUSH, &quiet);
  std::string line;
  std::getline(std::cin, line);
  ::tcsetattr(0, TCSAFLUSH, &before);
  if (!echo) io.err << "\n";
  return line;
}

bool agrees(Io& io, const std::string& question) {
  if (!::isatty(0) || !::isatty(2)) return false;
  const std::string answer = ask("", io, question + " [y/N] ", true, "");
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::string key_passphrase(const std::string& verb, Io& io, const std::string& question) {
  const char* given = std::getenv("NINEFOLD_KEY_PASSWORD");
  return given ? given : ask(verb, io, question, false, "NINEFOLD_KEY_PASSWORD");
}

}  // namespace ninefold::cli
