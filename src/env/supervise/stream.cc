// In: sockets. Out: bytes, in the clear or through OpenSSL.
#include "env/supervise/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>

namespace ninefold::env::supervise {

void Stream::Free::operator()(ssl_st* tls) const { ::SSL_free(tls); }

bool Stream::encrypt(ssl_ctx_st* context) {
  tls_.reset(::SSL_new(context));
  if (!tls_ || ::SSL_set_fd(tls_.get(), socket_.get()) != 1) return false;
  ::SSL_set_accept_state(tls_.get());
  return true;
}

Moved Stream::told(int result) {
  if (result == 1) {
    wants_to_write_ = false;
    return Moved::some;
  }
  const int error = ::SSL_get_error(tls_.get(), result);
  wants_to_write_ = error == SSL_ERROR_WANT_WRITE;
  ::ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Moved::later;
  return error == SSL_ERROR_ZERO_RETURN ? Moved::ended : Moved::broken;
}

Moved Stream::shake_hands() {
  if (!tls_) return Moved::some;
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(tls_.get());
  return told(result);
}

Moved Stream::receive(char* into, std::size_t size, std::size_t& got) {
  got = 0;
  if (tls_) {
    ::ERR_clear_error();
    const int result = ::SSL_read_ex(tls_.get(), into, size, &got);
    return told(result);
  }
  for (;;) {
    const ssize_t count = ::recv(socket_.get(), into, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Moved::later : Moved::broken;
    got = static_cast<std::size_t>(count);
    return count == 0 ? Moved::ended : Moved::some;
  }
}

Moved Stream::send(const char* from, std::size_t size, std::size_t& sent) {
  sent = 0;
  if (tls_) {
    ::ERR_clear_error();
    const int result = ::SSL_write_ex(tls_.get(), from, size, &sent);
    return told(result);
  }
  for (;;) {
    const ssize_t count = ::send(socket_.get(), from, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Moved::later : Moved::broken;
    sent = static_cast<std::size_t>(count);
    return Moved::some;
  }
}

Moved Stream::finish() {
  if (tls_) {
    ::ERR_clear_error();
    const int result = ::SSL_shutdown(tls_.get());  // 0: said, and the other side has not yet
    if (result >= 0) return Moved::some;
    return told(result) == Moved::later ? Moved::later : Moved::broken;
  }
  return ::shutdown(socket_.get(), SHUT_WR) == 0 ? Moved::some : Moved::broken;
}

bool Stream::holds_some() const { return tls_ && ::SSL_pending(tls_.get()) > 0; }

}  // namespace ninefold::env::supervise
