// In: names of files. Out: their bytes, files written, names that match a pattern: ReadFile, WriteFile, MatchingFiles.
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

void one_name(KernelCtx& k) {
  k.check(k.shape(0).rank() == 0, "Input filename tensor must be scalar, but had shape: {}", k.shape(0).str());
}
[[noreturn]] void fault(const std::string& name, int number, const char* op_name) {
  const Code code = number == ENOENT ? Code::not_found : number == EACCES || number == EPERM ? Code::permission_denied
                    : number == EISDIR || number == ENOTDIR ? Code::failed_precondition : Code::unknown;
  fail(code, "{}; {} [Op:{}]", name, std::strerror(number), op_name);
}

const Op read_file = {
    .name = "ReadFile", .inputs = {"filename: string"}, .outputs = {"contents: string"}, .attrs = {}, .doc = "The bytes of a file.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 0);
      c.output({});
    },
    .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(read_file);
NINEFOLD_KERNEL(read_file, "CPU", (Kernel{[](KernelCtx& k) {
  one_name(k);
  const std::string& name = *k.in<std::string>(0);
  struct stat about = {};
  if (::stat(name.c_str(), &about) != 0) fault(name, errno, "ReadFile");
  if (S_ISDIR(about.st_mode)) fault(name, EISDIR, "ReadFile");
  std::string bytes;
  if (S_ISREG(about.st_mode)) {   // a device or a pipe may have no end: it counts as empty, as its size says
    std::ifstream file(name, std::ios::binary);
    if (!file) fault(name, errno ? errno : EIO, "ReadFile");
    bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    if (file.bad()) fault(name, EIO, "ReadFile");
  }
  *static_cast<std::string*>((k.has_output(0) ? k.out(0) : k.allocate(0, DType::string, {})).writable()) = std::move(bytes);
}}));

const Op write_file = {
    .name = "WriteFile", .inputs = {"filename: string", "contents: string"}, .outputs = {}, .attrs = {},
    .doc = "Writes the bytes to a file, whose folder is made if it is not there.",
    .shape = [](ShapeCtx& c) {
      c.rank(0, 0);
      c.rank(1, 0);
    },
    .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(write_file);
NINEFOLD_KERNEL(write_file, "CPU", (Kernel{[](KernelCtx& k) {
  one_name(k);
  k.check(k.shape(1).rank() == 0, "Contents tensor must be scalar, but had shape: {}", k.shape(1).str());
  const std::string& name = *k.in<std::string>(0);
  std::error_code ignored;   // what is wrong with the folder, opening the file says
  const std::filesystem::path folder = std::filesystem::path(name).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  errno = 0;
  std::ofstream file(name, std::ios::binary | std::ios::trunc);
  if (!file) fault(name, errno ? errno : EIO, "WriteFile");
  const std::string& bytes = *k.in<std::string>(1);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) fault(name, errno ? errno : EIO, "WriteFile");
}}));

const Op matching_files = {
    .name = "MatchingFiles", .inputs = {"pattern: string"}, .outputs = {"filenames: string"}, .attrs = {},
    .doc = "The names of the files that match one of the patterns, in the order of the alphabet.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() <= 1, "Input patterns tensor must be scalar or vector, but had shape: {}", c.shape(0).str());
      c.output({-1});
    },
    .effect = Effect::world, .foldable = false, .stops_gradient = true,
};
NINEFOLD_REGISTER(matching_files);
NINEFOLD_KERNEL(matching_files, "CPU", (Kernel{[](KernelCtx& k) {
  k.check(k.shape(0).rank() <= 1, "Input patterns tensor must be scalar or vector, but had shape: {}", k.shape(0).str());
  std::set<std::string> found;
  for (int64_t i = 0; i < k.shape(0).size(); ++i) {
    glob_t names = {};
    if (::glob(k.in<std::string>(0)[i].c_str(), 0, nullptr, &names) == 0)
      for (size_t j = 0; j < names.gl_pathc; ++j) found.insert(names.gl_pathv[j]);
    ::globfree(&names);
  }
  Tensor& out = k.allocate(0, DType::string, {static_cast<int64_t>(found.size())});
  std::copy(found.begin(), found.end(), static_cast<std::string*>(out.writable()));
}}));

const Function functions[] = {
    {{"tf.io.read_file"}, "(filename: value, name: str = None)", "The bytes of a file, as a string. Raises NotFoundError if there is none.",
     [](Args& a) -> Value { return op("ReadFile", {operand(a, "filename", DType::string)}); }},
    {{"tf.io.write_file"}, "(filename: value, contents: value, name: str = None)", "Writes a string to a file, whose folder is made if it is not there.",
     [](Args& a) -> Value {
       const Tensor in[] = {operand(a, "filename", DType::string), operand(a, "contents", DType::string)};
       op_all("WriteFile", in);
       return {};
     }, "value"},
    {{"tf.io.matching_files"}, "(pattern: value, name: str = None)", "The names of the files that match a pattern, or one of several.",
     [](Args& a) -> Value { return op("MatchingFiles", {operand(a, "pattern", DType::string)}); }},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
