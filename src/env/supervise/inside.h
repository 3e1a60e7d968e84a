// In: the namespaces of an environment. Out: sockets that belong to its network. A socket stays in the
// network where it was made, whoever uses it; so one small process joins that network and hands them out,
// and the connector itself stays outside.
#pragma once

#include <sys/types.h>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/plan.h"

namespace ninefold::env::supervise {

class Inside {
 public:
  // Starts the process; it ends when this object does, or its parent.
  static Result<Inside> join(const run::Plan& plan, pid_t first);

  Fd socket(int family) const;      // a TCP socket that does not wait
  Fd listener(int port) const;      // on 127.0.0.1; none with errno
  int fd() const { return line_.get(); }

 private:
  Fd ask(char what, int number) const;
  Fd line_;
};

// What whoever serves strangers does not need: root's rights, and rights to come.
void drop_rights(const run::Plan& plan);

}  // namespace ninefold::env::supervise
