/* In: calls of the stat family. Out: the functions that they were inline forms of until glibc 2.33. */
#include <sys/types.h>

struct stat;
struct stat64;
#ifdef __x86_64__
enum { kStatVersion = 1, kMknodVersion = 0 };
#else
enum { kStatVersion = 0, kMknodVersion = 0 };
#endif
int __xstat(int, const char*, struct stat*);
int __lxstat(int, const char*, struct stat*);
int __fxstat(int, int, struct stat*);
int __fxstatat(int, int, const char*, struct stat*, int);
int __xstat64(int, const char*, struct stat64*);
int __lxstat64(int, const char*, struct stat64*);
int __fxstat64(int, int, struct stat64*);
int __fxstatat64(int, int, const char*, struct stat64*, int);
int __xmknod(int, const char*, mode_t, dev_t*);
int __xmknodat(int, int, const char*, mode_t, dev_t*);

#define OWN(result, name, parameters) result name parameters; result name parameters
OWN(int, stat, (const char* path, struct stat* out)) { return __xstat(kStatVersion, path, out); }
OWN(int, lstat, (const char* path, struct stat* out)) { return __lxstat(kStatVersion, path, out); }
OWN(int, fstat, (int fd, struct stat* out)) { return __fxstat(kStatVersion, fd, out); }
OWN(int, fstatat, (int fd, const char* path, struct stat* out, int flags)) { return __fxstatat(kStatVersion, fd, path, out, flags); }
OWN(int, stat64, (const char* path, struct stat64* out)) { return __xstat64(kStatVersion, path, out); }
OWN(int, lstat64, (const char* path, struct stat64* out)) { return __lxstat64(kStatVersion, path, out); }
OWN(int, fstat64, (int fd, struct stat64* out)) { return __fxstat64(kStatVersion, fd, out); }
OWN(int, fstatat64, (int fd, const char* path, struct stat64* out, int flags)) { return __fxstatat64(kStatVersion, fd, path, out, flags); }
OWN(int, mknod, (const char* path, mode_t mode, dev_t device)) { return __xmknod(kMknodVersion, path, mode, &device); }
OWN(int, mknodat, (int fd, const char* path, mode_t mode, dev_t device)) { return __xmknodat(kMknodVersion, fd, path, mode, &device); }
