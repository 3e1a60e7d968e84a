// In: calls of the RE2 library that a wheel brings along. Out: the two functions of the C++ library among them that the one
// of GCC 10 lacks (Debian 11, Ubuntu 20.04). tools/wheel lets the library look here first.
#include <new>
#include <string>

namespace ninefold::ops {

#define NINEFOLD_STANDS_FOR(name) asm(name) __attribute__((visibility("default"), used))

[[noreturn]] void throw_bad_array_new_length() NINEFOLD_STANDS_FOR("_ZSt28__throw_bad_array_new_lengthv");
void throw_bad_array_new_length() { throw std::bad_array_new_length(); }

void give_back(std::string* text) NINEFOLD_STANDS_FOR("_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE7reserveEv");
void give_back(std::string* text) { std::string(*text).swap(*text); }

}  // namespace ninefold::ops
