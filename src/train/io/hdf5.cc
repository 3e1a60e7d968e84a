// In: paths inside an HDF5 file. Out: its contents, through the private module.
#include "train/io/hdf5.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
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

// Whether the objects of every global heap lie within it. HDF5 1.10 walks these heaps by sizes that it does not check: one of 0
// is a walk without end. (HDF5 File Format Specification, III.E: "GCOL", version 1, 3 zeros, size; then objects of index,
// count, 4 zeros, size and data in steps of 8; index 0 is free space, whose size has its own 16 bytes in it.)
static bool sound_heaps(int fd, std::uint64_t file_size) {
  constexpr std::uint64_t kPiece = 1 << 20, kHead = 16, kLeast = 4096;
  static constexpr char kMark[] = {'G', 'C', 'O', 'L', 1, 0, 0, 0};
  const auto number = [](const char* at) {
    std::uint64_t v;
    std::memcpy(&v, at, sizeof v);
    return v;
  };
  std::string piece(kPiece, '\0'), heap;
  for (std::uint64_t start = 0; start < file_size; start += kPiece) {
    const ssize_t got = ::pread(fd, piece.data(), kPiece, static_cast<off_t>(start));
    for (std::uint64_t at = 0; got > 0 && at + kHead <= static_cast<std::uint64_t>(got); at += 8) {
      if (std::memcmp(piece.data() + at, kMark, sizeof kMark) != 0) continue;
      const std::uint64_t size = number(piece.data() + at + 8), here = start + at;
      if (size < kLeast || size > file_size - here) continue;     // other bytes that look like a heap
      heap.resize(size);
      if (::pread(fd, heap.data(), size, static_cast<off_t>(here)) != static_cast<ssize_t>(size)) continue;
      for (std::uint64_t object = kHead; object + kHead <= size;) {
        std::uint16_t index;
        std::memcpy(&index, heap.data() + object, sizeof index);
        const std::uint64_t claimed = number(heap.data() + object + 8), left = size - object;
        if (claimed > left || (index == 0 && claimed < kHead)) return false;
        object += index == 0 ? claimed : kHead + (claimed + 7) / 8 * 8;
      }
    }
  }
  return true;
}

Hdf5File::Hdf5File(const std::string& operation, const std::string& path)
    : operation_(operation), path_(path), lock_(hdf5_mutex), table_(table_for(operation)) {}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : operation_(std::move(other.operation_)), path_(std::move(other.path_)), lock_(std::move(other.lock_)),
      table_(other.table_), file_(std::exchange(other.file_, nullptr)), file_size_(other.file_size_) {}

Hdf5File::~Hdf5File() {
  if (file_ != nullptr) table_->close(file_);
}

Hdf5File Hdf5File::open(const std::string& operation, const std::string& path) {
  Hdf5File file(operation, path);
  {  // HDF5's own words for a missing file are long and hide the cause
    const Fd opened = as_os_error(open_file(operation, path, O_RDONLY));
    struct stat status {};
    check(::fstat(opened.get(), &status) == 0 && S_ISREG(status.st_mode), Code::os,
          "{}: {} is no regular file; name an HDF5 file", operation, path);
    file.file_size_ = static_cast<std::uint64_t>(status.st_size);
    check(sound_heaps(opened.get(), file.file_size_), Code::os, "{}: {} is damaged: a heap of texts in it has objects of "
          "impossible sizes", operation, path);
  }
  char why[512] = "";
  file.file_ = file.table_->open(path.c_str(), why, sizeof why);
  check(file.file_ != nullptr, Code::os, "{}: {} is damaged or no HDF5 file: {}", operation, path, why);
  return file;
}

Hdf5File Hdf5File::create(const std::string& operation, const std::string& path) {
  Hdf5File file(operation, path);
  file.file_ = file.table_->create();
  check(file.file_ != nullptr, Code::resource_exhausted, "{}: no memory for the file {}", operation, path);
  return file;
}

void Hdf5File::expect(int status) const {
  check(status == 0, Code::os, "{}: {}: {}; the file may be damaged", operation_, path_, table_->error(file_));
}

void Hdf5File::put_group(const std::string& path) { expect(table_->put_group(file_, path.c_str())); }

void Hdf5File::put(const std::string& path, const std::string& attribute, int dtype,
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

void Hdf5File::put_string(const std::string& path, const std::string& attribute, const std::string& text) {
  const char* one = text.c_str();
  expect(table_->put_strings(file_, path.c_str(), or_null(attribute), 0, 1, &one, 0));
}

void Hdf5File::put_strings(const std::string& path, const std::string& attribute,
                           const std::vector<std::string>& texts, std::size_t fixed_size) {
  std::vector<const char*> all;
  for (const std::string& text : texts) all.push_back(text.c_str());
  expect(table_->put_strings(file_, path.c_str(), or_null(attribute), 1, all.size(), all.data(), fixed_size));
}

void Hdf5File::save() {
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

bool Hdf5File::info(const std::string& path, const std::string& attribute, Hdf5Info& info) const {
  const int status = table_->info(file_, path.c_str(), or_null(attribute), &info);
  if (status == 1) return false;
  expect(status);
  return true;
}

bool Hdf5File::has(const std::string& path) const { return table_->exists(file_, path.c_str()) == 0; }

bool Hdf5File::has(const std::string& path, const std::string& attribute) const {
  Hdf5Info unused;
  return info(path, attribute, unused);
}

Hdf5Data Hdf5File::get(const std::string& path, const std::string& attribute) const {
  Hdf5Info found;
  check(info(path, attribute, found), Code::value, "{}: {} holds no '{}{}{}'; it was written by another program or "
        "is damaged", operation_, path_, path, attribute.empty() ? "" : "@", attribute);
  check(found.dtype != 0 && found.dtype != 7, Code::type, "{}: {}: '{}' is no array of numbers", operation_, path_,
        path);
  // Deflate packs at most 1:1032; beyond that a header lies, and memory would be asked for nothing.
  check(found.bytes <= (file_size_ + 4096) * 1032, Code::os, "{}: {}: '{}' claims {} bytes, the file has {}; it is "
        "damaged", operation_, path_, path, found.bytes, file_size_);
  Hdf5Data data{found.dtype, {found.dims, found.dims + found.rank}, std::string(found.bytes, '\0')};
  if (found.bytes > 0) expect(table_->get(file_, path.c_str(), or_null(attribute), data.bytes.data()));
  return data;
}

std::vector<std::string> Hdf5File::get_strings(const std::string& path, const std::string& attribute) const {
  std::vector<std::string> texts;
  expect(table_->get_strings(file_, path.c_str(), or_null(attribute),
                             [](void* user, const char* text, std::size_t size) {
                               static_cast<std::vector<std::string>*>(user)->emplace_back(text, size);
                             }, &texts));
  return texts;
}

}  // namespace ninefold::io
