// In: bytes of a file. Out: what zlib makes of them, a piece at a time: GZIP and ZLIB, as TensorFlow's record files use them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ninefold::io {

// True iff a compression is asked for. Raises ValueError for a name that is neither "" nor "GZIP" nor "ZLIB".
bool is_compressed(std::string_view name);

// Inflates what `more` hands out (0: the end). Members of a GZIP file may follow one another.
class Inflater {
 public:
  using Source = std::function<std::size_t(char* into, std::size_t size)>;
  // `what` begins the messages of DataLossError for damaged streams.
  Inflater(std::string_view compression, Source more, std::string what);
  ~Inflater();
  std::size_t read(char* into, std::size_t size);  // less than size only at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Deflater {
 public:
  Deflater(std::string_view compression, int level);  // level -1: zlib's own choice, else 0 to 9
  ~Deflater();
  void add(std::string_view bytes, std::string& out);
  void finish(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A whole zlib stream, as PNG has it.
std::string deflated(std::string_view bytes);

}  // namespace ninefold::io
