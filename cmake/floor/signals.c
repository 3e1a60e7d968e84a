/* In: a signal's number. Out: its name without SIG, which glibc tells since 2.32. */
#include <signal.h>
#include <stddef.h>

#define NAMED(name) [SIG##name] = #name
static const char* const kNames[] = {
    NAMED(HUP),  NAMED(INT),  NAMED(QUIT), NAMED(ILL),  NAMED(TRAP),   NAMED(ABRT), NAMED(BUS),  NAMED(FPE),    NAMED(KILL),  NAMED(USR1), NAMED(SEGV),
    NAMED(USR2), NAMED(PIPE), NAMED(ALRM), NAMED(TERM), NAMED(STKFLT), NAMED(CHLD), NAMED(CONT), NAMED(STOP),   NAMED(TSTP),  NAMED(TTIN), NAMED(TTOU),
    NAMED(URG),  NAMED(XCPU), NAMED(XFSZ), NAMED(VTALRM), NAMED(PROF), NAMED(WINCH), NAMED(POLL), NAMED(PWR),   NAMED(SYS)};

const char* sigabbrev_np(int signal);
const char* sigabbrev_np(int signal) {
  return signal > 0 && (size_t)signal < sizeof kNames / sizeof *kNames ? kNames[signal] : NULL;
}
