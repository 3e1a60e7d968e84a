// In: an errno and what was tried. Out: the typed Error with the symbol's name and a remedy.
#include "base/result.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

namespace ninefold {
namespace {

struct Known {
  int number;
  Code code;
  const char* name;
  const char* text;
  const char* hint;
};

constexpr Known kKnown[] = {
    {ENOENT, Code::not_found, "ENOENT", "no such file or folder", "check the path"},
    {ENOTDIR, Code::not_found, "ENOTDIR", "a part of the path is not a folder", "check the path"},
    {EISDIR, Code::failed_precondition, "EISDIR", "the path is a folder", "name a file"},
    {EACCES, Code::permission_denied, "EACCES", "permission denied",
     "check the rights of the file and of its folders"},
    {EPERM, Code::permission_denied, "EPERM", "operation not permitted",
     "check the owner and the rights of the file"},
    {EROFS, Code::permission_denied, "EROFS", "the file system is read-only", "choose another folder"},
    {EEXIST, Code::already_exists, "EEXIST", "it exists already", "choose another name"},
    {ENOSPC, Code::resource_exhausted, "ENOSPC", "no space left on the device",
     "free some space or choose another folder"},
    {EDQUOT, Code::resource_exhausted, "EDQUOT", "disk quota exceeded",
     "free some space or choose another folder"},
    {EFBIG, Code::resource_exhausted, "EFBIG", "the file would be larger than allowed",
     "raise the limit (ulimit -f) or choose another file system"},
    {EMFILE, Code::resource_exhausted, "EMFILE", "too many open files", "raise the limit (ulimit -n)"},
    {ENFILE, Code::resource_exhausted, "ENFILE", "too many open files in the whole system",
     "close some programs"},
    {ENOMEM, Code::resource_exhausted, "ENOMEM", "out of memory", "close some programs"},
    {ENAMETOOLONG, Code::invalid_argument, "ENAMETOOLONG", "the name is too long", "choose a shorter one"},
    {ELOOP, Code::invalid_argument, "ELOOP", "too many symbolic links", "check the path"},
    {EIO, Code::os, "EIO", "the device reports an input or output error", "check the disk"},
    {ENOEXEC, Code::os, "ENOEXEC", "not a program of this machine", "check the file"},
};

}  // namespace

Error errno_error(int number, const std::string& phrase) {
  for (const Known& known : kKnown) {
    if (known.number == number) {
      return Error(known.code, fmt::format("{}: {} ({}); {}", phrase, known.text, known.name, known.hint));
    }
  }
  return Error(Code::os, fmt::format("{}: {} (errno {})", phrase, std::strerror(number), number));
}

}  // namespace ninefold
