/* Out: what libstdc++ asks before it counts references without atomic operations; glibc has it since 2.32.
   "Perhaps not single" is always right. */
extern char __libc_single_threaded;
char __libc_single_threaded = 0;
