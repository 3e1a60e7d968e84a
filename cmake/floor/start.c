/* In: main. Out: a program's start, for the C library's older way of starting programs: since glibc 2.34 it calls the
   constructors of a program itself, before that the program handed it a function that does. */
typedef int Main(int, char**, char**);
int floor_start(Main* main, int argc, char** argv, void (*init)(int, char**, char**), void (*fini)(void), void (*loader_fini)(void), void* stack_end);
__asm__(".symver floor_start, __libc_start_main@" BASE_VERSION);

extern void _init(void);
extern void (*__preinit_array_start[])(int, char**, char**);
extern void (*__preinit_array_end[])(int, char**, char**);
extern void (*__init_array_start[])(int, char**, char**);
extern void (*__init_array_end[])(int, char**, char**);

static void construct(int argc, char** argv, char** environment) {
  for (void (**one)(int, char**, char**) = __preinit_array_start; one != __preinit_array_end; ++one) (*one)(argc, argv, environment);
  _init();
  for (void (**one)(int, char**, char**) = __init_array_start; one != __init_array_end; ++one) (*one)(argc, argv, environment);
}

int __libc_start_main(Main* main, int argc, char** argv, void (*init)(void), void (*fini)(void), void (*loader_fini)(void), void* stack_end);
int __libc_start_main(Main* main, int argc, char** argv, void (*init)(void), void (*fini)(void), void (*loader_fini)(void), void* stack_end) {
  (void)init, (void)fini; /* null from today's crt1.o; destructors are run by the loader, in the old way as in the new */
  return floor_start(main, argc, argv, construct, 0, loader_fini, stack_end);
}
