// In: numbers, texts and groups by path. Out: an HDF5 file, made by the private module.
#include "train/io/hdf5/writer.h"

#include <dlfcn.h>

#include <utility>

#include "base/atomic_file.h"
#include "base/check.h"

namespace ninefold::io {
namespace {

std::mutex hdf5_mutex;  // HDF5 is built without threads: whoever holds a file holds this

// The module lies beside the library (or program) that holds this code, or one folder above (tests).
const Hdf5Table* load_table(const std::string& operation) {
  Dl_info self{};
  NINEFOLD_INVARIANT(::dladdr(reinterpret_cast<const void*>(&hdf5_mutex), &self) != 0);
  const std::string image = self.dli_fname;
  const std::size_t slash = image.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : image.substr(0, slash);
  std::string reason;
  for (const std::string& place : {folder, folder + "/.."}) {
    // RTLD_LOCAL: its symbols are nobody else's. It is never closed, as HDF5 keeps state until the end.
    void* module = ::dlopen((place + "/libninefold-hdf5.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
      if (reason.empty()) reason = ::dlerror();
      continue;
    }
    using Get = const Hdf5Table* (*)();
    const auto get = reinterpret_cast<Get>(::dlsym(module, kHdf5Symbol));
    if (get != nullptr && get()->version == kHdf5AbiVersion) return get();
    fail(Code::failed_precondition, "{}: {}/libninefold-hdf5.so belongs to another version of Ninefold; install "
         "Ninefold anew", operation, place);
  }
  fail(Code::failed_precondition, "{}: HDF5 support could not be loaded: {}; install Ninefold anew", operation,
       reason);
}

const Hdf5Table* table_for(const std::string& operation) {  // under hdf5_mutex
  static const Hdf5Table* table = nullptr;
  if (table == nullptr) table = load_table(operation);
  return table;
}

const char* or_null(const std::string& attribute) { return attribute.empty() ? nullptr : attribute.c_str(); }

// h5py raises OSError for whatever the system refuses; programs catch that.
template <class T>
T as_os_error(Result<T> result) {
  if (!result) throw Error(Code::os, result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::string& operation, const std::string& path)
    : operation_(operation), path_(path), lock_(hdf5_mutex), table_(table_for(operation)) {}

Hdf5Writer::Hdf5Writer(Hdf5Writer&& other) noexcept
    : operation_(std::move(other.operation_)), path_(std::move(other.path_)), lock_(std::move(other.lock_)),
      table_(other.table_), file_(std::exchange(other.file_, nullptr)) {}

Hdf5Writer::~Hdf5Writer() {
  if (file_ != nullptr) table_->close(file_);
}

Hdf5Writer Hdf5Writer::create(const std::string& operation, const std::string& path) {
  Hdf5Writer file(operation, path);
  file.file_ = file.table_->create();
  check(file.file_ != nullptr, Code::resource_exhausted, "{}: no memory for the file {}", operation, path);
  return file;
}

void Hdf5Writer::expect(int status) const {
  check(status == 0, Code::os, "{}: {}: {}", operation_, path_, table_->error(file_));
}

void Hdf5Writer::put_group(const std::string& path) { expect(table_->put_group(file_, path.c_str())); }

void Hdf5Writer::put(const std::string& path, const std::string& attribute, int dtype,
                   const std::vector<std::int64_t>& dims, const void* data) {
  const bool writable = (dtype >= 1 && dtype <= 6) || dtype == 9 || dtype == 10 || dtype == 17 || dtype == 19 ||
                        dtype == 22 || dtype == 23;
  check(writable, Code::type, "{}: {}: HDF5 files hold integers, bool, half, float and double; '{}' has dtype "
        "number {}; cast it first", operation_, path_, path, dtype);
  check(dims.size() <= kHdf5MaxRank, Code::value, "{}: {}: '{}' has {} dimensions, HDF5 allows {}", operation_,
        path_, path, dims.size(), kHdf5MaxRank);
  const std::vector<std::uint64_t> sizes(dims.begin(), dims.end());
  expect(table_->put(file_, path.c_str(), or_null(attribute), dtype, static_cast<int>(sizes.size()), sizes.data(),
                     data));
}

void Hdf5Writer::put_string(const std::string& path, const std::string& attribute, const std::string& text) {
  const char* one = text.c_str();
  expect(table_->put_strings(file_, path.c_str(), or_null(attribute), 0, 1, &one, 0));
}

void Hdf5Writer::put_strings(const std::string& path, const std::string& attribute,
                           const std::vector<std::string>& texts, std::size_t fixed_size) {
  std::vector<const char*> all;
  for (const std::string& text : texts) all.push_back(text.c_str());
  expect(table_->put_strings(file_, path.c_str(), or_null(attribute), 1, all.size(), all.data(), fixed_size));
}

void Hdf5Writer::save() {
  AtomicFile target = as_os_error(AtomicFile::create(operation_, path_));
  struct Sink {
    AtomicFile& target;
    Result<void> result;
  } sink{target, {}};
  expect(table_->image(file_, [](void* user, const void* data, std::size_t size) {
    auto& to = *static_cast<Sink*>(user);
    to.result = to.target.write({static_cast<const char*>(data), size});
  }, &sink));
  as_os_error(std::move(sink.result));
  as_os_error(target.commit());
}

bool Hdf5Writer::has(const std::string& path) const { return table_->exists(file_, path.c_str()) == 0; }

}  // namespace ninefold::io
