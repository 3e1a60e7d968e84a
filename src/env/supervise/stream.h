// In: a connected socket, and TLS where it is wanted. Out: reads and writes that never wait.
#pragma once

#include <cstddef>
#include <memory>

#include "base/fd.h"

struct ssl_st;
struct ssl_ctx_st;

namespace ninefold::env::supervise {

enum class Moved { some, later, ended, broken };  // later: the socket must be readable or writable first

class Stream {
 public:
  Stream() = default;
  explicit Stream(Fd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  bool encrypted() const { return tls_ != nullptr; }

  // The server's side of TLS; shake_hands() until it says `some`.
  bool encrypt(ssl_ctx_st* context);
  Moved shake_hands();

  Moved receive(char* into, std::size_t size, std::size_t& got);
  Moved send(const char* from, std::size_t size, std::size_t& sent);
  // Tells the other side that no more comes; it may still send. `later`: call again.
  Moved finish();

  // TLS has to write before it can go on.
  bool wants_to_write() const { return wants_to_write_; }
  // Bytes that are decrypted already: the socket will not become readable for them.
  bool holds_some() const;

 private:
  struct Free {
    void operator()(ssl_st* tls) const;
  };
  Moved told(int result);

  Fd socket_;
  std::unique_ptr<ssl_st, Free> tls_;
  bool wants_to_write_ = false;
};

}  // namespace ninefold::env::supervise
