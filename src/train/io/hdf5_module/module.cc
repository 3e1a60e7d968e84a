// In: calls through the table of hdf5_abi.h. Out: HDF5 files as h5py with its defaults writes them.
// Built into libninefold-hdf5.so alone, with HDF5 linked statically and hidden; see cmake/hdf5.cmake.
#include <hdf5.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "train/io/hdf5_abi.h"

// The static library expects the C library's variables in reach of a 32-bit offset, which a shared object cannot
// promise; cmake/hdf5.cmake renames them to these two.
extern "C" {
FILE* ninefold_hdf5_stderr;
FILE* ninefold_hdf5_stdout;
}

namespace ninefold::io {
namespace {

class Id {
 public:
  using Close = herr_t (*)(hid_t);
  Id(hid_t id, Close close) : id_(id), close_(close) {}
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  ~Id() { if (id_ >= 0) close_(id_); }
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  Close close_;
};

struct File {
  explicit File(hid_t id) : id(id, &H5Fclose) {}
  Id id;
  std::string error;
};

void start() {
  static const bool once = [] {
    ninefold_hdf5_stderr = stderr;
    ninefold_hdf5_stdout = stdout;
    H5dont_atexit();  // the order of exit handlers of a process we are a guest in is not ours
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    return true;
  }();
  (void)once;
}

std::string innermost_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    auto& what = *static_cast<std::string*>(out);
    if (what.empty() && error->desc != nullptr) what = error->desc;
    return 0;
  }, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "HDF5 gives no reason" : text;
}

int failed(File* file, const std::string& what) {
  file->error = what + ": " + innermost_error();
  return -1;
}

// IEEE half, which the library has no name for: as h5py defines it.
hid_t half_type() {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}
// A bool is an enumeration over int8, as h5py writes it.
hid_t bool_type() {
  const hid_t type = H5Tenum_create(H5T_STD_I8LE);
  const signed char no = 0, yes = 1;
  H5Tenum_insert(type, "FALSE", &no);
  H5Tenum_insert(type, "TRUE", &yes);
  return type;
}
hid_t type_of(int dtype) {
  switch (dtype) {
    case 1: return H5Tcopy(H5T_IEEE_F32LE);
    case 2: return H5Tcopy(H5T_IEEE_F64LE);
    case 3: return H5Tcopy(H5T_STD_I32LE);
    case 4: return H5Tcopy(H5T_STD_U8LE);
    case 5: return H5Tcopy(H5T_STD_I16LE);
    case 6: return H5Tcopy(H5T_STD_I8LE);
    case 9: return H5Tcopy(H5T_STD_I64LE);
    case 10: return bool_type();
    case 17: return H5Tcopy(H5T_STD_U16LE);
    case 19: return half_type();
    case 22: return H5Tcopy(H5T_STD_U32LE);
    case 23: return H5Tcopy(H5T_STD_U64LE);
    default: return -1;
  }
}

bool link_exists(File* file, const std::string& path) {
  // H5Lexists wants each parent to exist, so every prefix is asked in turn.
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && part != "/" && H5Lexists(file->id, part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

bool is_there(File* file, const char* path) {
  const bool there = link_exists(file, path);
  H5Eclear2(H5E_DEFAULT);
  return there;
}

int write_item(File* file, const char* path, const char* attribute, hid_t type, hid_t space, const void* data) {
  if (type < 0 || space < 0) return failed(file, std::string("describe ") + path);
  if (attribute != nullptr) {
    const Id id(H5Acreate_by_name(file->id, path, attribute, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                &H5Aclose);
    const bool empty = H5Sget_simple_extent_npoints(space) == 0;
    if (id < 0 || (!empty && H5Awrite(id, type, data) < 0)) return failed(file, std::string("write attribute ") + attribute);
    return 0;
  }
  const Id links(H5Pcreate(H5P_LINK_CREATE), &H5Pclose), creation(H5Pcreate(H5P_DATASET_CREATE), &H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  H5Pset_obj_track_times(creation, false);  // the same weights give the same bytes
  const Id id(H5Dcreate2(file->id, path, type, space, links, creation, H5P_DEFAULT), &H5Dclose);
  if (id < 0) return failed(file, std::string("create data set ") + path);
  if (H5Sget_simple_extent_npoints(space) > 0 && H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) {
    return failed(file, std::string("write data set ") + path);
  }
  return 0;
}

hid_t make_space(int rank, const std::uint64_t* dims) {
  if (rank == 0) return H5Screate(H5S_SCALAR);
  std::vector<hsize_t> sizes(dims, dims + rank);
  return H5Screate_simple(rank, sizes.data(), nullptr);
}

void* create() {
  start();
  const Id access(H5Pcreate(H5P_FILE_ACCESS), &H5Pclose);
  H5Pset_fapl_core(access, 1 << 20, false);  // grows by 1 MB, never touches the disk
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  const hid_t id = H5Fcreate("ninefold.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  return id < 0 ? nullptr : new (std::nothrow) File(id);
}

void close(void* file) { delete static_cast<File*>(file); }
const char* error(void* file) { return static_cast<File*>(file)->error.c_str(); }

int put_group(void* opaque, const char* path) {
  auto* file = static_cast<File*>(opaque);
  if (is_there(file, path)) return 0;
  const Id links(H5Pcreate(H5P_LINK_CREATE), &H5Pclose);
  H5Pset_create_intermediate_group(links, 1);
  const Id group(H5Gcreate2(file->id, path, links, H5P_DEFAULT, H5P_DEFAULT), &H5Gclose);
  return group < 0 ? failed(file, std::string("create group ") + path) : 0;
}

int put(void* opaque, const char* path, const char* attribute, int dtype, int rank, const std::uint64_t* dims,
        const void* data) {
  auto* file = static_cast<File*>(opaque);
  const Id type(type_of(dtype), &H5Tclose), space(make_space(rank, dims), &H5Sclose);
  return write_item(file, path, attribute, type, space, data);
}

int put_strings(void* opaque, const char* path, const char* attribute, int rank, std::uint64_t count,
                const char* const* strings, std::size_t fixed_size) {
  auto* file = static_cast<File*>(opaque);
  const Id type(H5Tcopy(H5T_C_S1), &H5Tclose), space(make_space(rank, &count), &H5Sclose);
  if (fixed_size == 0) {
    H5Tset_size(type, H5T_VARIABLE);
    return write_item(file, path, attribute, type, space, strings);
  }
  H5Tset_size(type, fixed_size);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  std::string block(count * fixed_size, '\0');
  for (std::uint64_t i = 0; i < count; ++i) {
    std::memcpy(&block[i * fixed_size], strings[i], std::min(std::strlen(strings[i]), fixed_size));
  }
  return write_item(file, path, attribute, type, space, block.data());
}

int exists(void* opaque, const char* path) { return is_there(static_cast<File*>(opaque), path) ? 0 : 1; }

int image(void* opaque, void (*take)(void*, const void*, std::size_t), void* user) {
  auto* file = static_cast<File*>(opaque);
  if (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0) return failed(file, "flush");
  void* driver_buffer = nullptr;  // the core driver's own memory: no copy is made
  const ssize_t size = H5Fget_file_image(file->id, nullptr, 0);
  if (size < 0 || H5Fget_vfd_handle(file->id, H5P_DEFAULT, &driver_buffer) < 0) return failed(file, "flush");
  take(user, *static_cast<void**>(driver_buffer), static_cast<std::size_t>(size));
  return 0;
}

// A C++ exception (no memory) becomes a plain failure at the border.
template <auto function, class... A>
int guarded(void* file, A... args) {
  try {
    return function(file, args...);
  } catch (const std::exception& exception) {
    try {
      static_cast<File*>(file)->error = exception.what();
    } catch (...) {
    }
    return -1;
  }
}

constexpr Hdf5Table kTable = {
    kHdf5AbiVersion, &create, &close, &error,
    [](auto... a) { return guarded<&put_group>(a...); },
    [](auto... a) { return guarded<&put>(a...); },
    [](auto... a) { return guarded<&put_strings>(a...); },
    [](auto... a) { return guarded<&exists>(a...); },
    [](auto... a) { return guarded<&image>(a...); }};

}  // namespace
}  // namespace ninefold::io

extern "C" __attribute__((visibility("default"))) const ninefold::io::Hdf5Table* ninefold_hdf5_table() {
  return &ninefold::io::kTable;
}
