// In: a question. Out: what was typed at the terminal.
#pragma once

#include <string>

#include "cli/verb.h"

namespace ninefold::cli {

// Without `echo` nothing of it shows. Where nobody can be asked, an error that tells what `instead` to give.
std::string ask(const std::string& verb, Io& io, const std::string& question, bool echo, const std::string& instead);

// True iff somebody is there and says y or yes.
bool agrees(Io& io, const std::string& question);

// Of a signing key: NINEFOLD_KEY_PASSWORD, else it is asked for.
std::string key_passphrase(const std::string& verb, Io& io, const std::string& question);

}  // namespace ninefold::cli
