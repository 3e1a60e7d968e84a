// In: good files of every kind that the workstation reads, and a seed. Out: thousands of damaged ones, each of
// which ends in a value or in an Error of ours that names the file; never a crash, never memory without bounds.
//
// The same seed makes the same inputs. NINEFOLD_FUZZ=ROUNDS runs longer, NINEFOLD_SEED=N elsewhere:
//   NINEFOLD_FUZZ=1000000 NINEFOLD_SEED=$RANDOM build/release/tests/ninefold_env_tests --gtest_filter='*Fuzz*'
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "base/hash.h"
#include "base/text.h"
#include "env/doctor/gather.h"
#include "env/image/archive.h"
#include "env/image/image.h"
#include "env/image/tar.h"
#include "env/lock/apt.h"
#include "env/lock/make.h"
#include "env/lock/pip.h"
#include "env/lock/zip.h"
#include "base/process.h"
#include "env/run/cdi.h"
#include "env/run/elf.h"
#include "env/run/linker_cache.h"
#include "env/run/plan.h"
#include "env/spec/parse.h"
#include "env/supervise/journal.h"
#include "env/supervise/state.h"
#include "env/supervise/wire.h"
#include "temporary_folder.h"

namespace ninefold::env {
namespace {
namespace fs = std::filesystem;
using Random = std::mt19937_64;
using supervise::Fields;

// What a reader made of one input: nothing to complain about, or the error.
using Outcome = Result<void>;

struct Target {
  std::string name;
  std::string tokens;  // pieces that mean something to this parser, by blanks
  std::vector<std::string> (*seeds)(const std::string& folder);
  // `file` is a path that the input may be written to.
  Outcome (*read)(const std::string& bytes, const std::string& file);
  bool names_file;                                             // else the caller adds the file's name
  void (*mend)(std::string& bytes, Random& random) = nullptr;  // makes checksums hold again
  int share = 1;                                               // one round in so many: dear targets
};

void write_to(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

template <class T>
Outcome outcome(const Result<T>& result) {
  return result ? Outcome() : Outcome(result.error());
}

std::string hex(char digit) { return "sha256:" + std::string(64, digit); }

// --- ninefold.toml, lock

std::vector<std::string> toml_seeds(const std::string&) {
  return {initial_file("tf29"),
          "name = \"a\"\n[secrets]\nA = { env = \"A\" }\n[services.x]\ncommand = [\"a\", \"b\"]\nport = 8000\n"
          "[mounts]\n\"~/d\" = { to = \"/tf/d\", read_only = true }\n[limits]\nmemory = \"1.5g\"\ncpus = 0.5\n"
          "[environment]\nX = \"y\"\n[proxy]\nhttp = \"http://p:1\"\n[volumes]\nm = \"/m\"\n"};
}

Outcome read_toml(const std::string& bytes, const std::string& file) {
  write_to(file, bytes);
  return outcome(load_spec(file));
}

Lock a_lock() {
  Lock lock;
  lock.spec = hex('1'), lock.base = "debian:bookworm", lock.python = "3.11", lock.architecture = "amd64", lock.epoch = 1700000000;
  lock.releases = {{"bookworm", hex('2')}};
  lock.locales = {"C.UTF-8"};
  lock.index = {"index", "1", "index.gz", 7, hex('3')};
  lock.uv = {"uv", "0.1", "uv-0.1-py3-none-any.whl", 9, hex('4')};
  lock.os = {{"bash", "5.2", "pool/b/bash.deb", 12, hex('5')}};
  lock.packages = {{"numpy", "1.26", "numpy-1.26-cp311-none-any.whl", 12, hex('6')}};
  return lock;
}

std::vector<std::string> lock_seeds(const std::string&) {
  Lock upon_image = a_lock();
  upon_image.base = "oci:team/base:1", upon_image.glibc = "2.36", upon_image.codename = "bookworm";
  for (const char* part : {"team/base:1", "config", "dpkg-status", "layer-01"}) upon_image.image.push_back({part, "1", part, 3, hex('9')});
  return {to_text(a_lock()), to_text(upon_image)};
}

Outcome read_lock_file(const std::string& bytes, const std::string& file) {
  Spec spec;
  spec.folder = fs::path(file).parent_path();
  write_to(lock_path(spec), bytes);
  return outcome(read_lock(spec));
}

std::vector<std::string> package_seeds(const std::string&) {
  const std::string digest(64, 'a');
  return {"Package: bash\nVersion: 1:5.2-1\nFilename: pool/b/bash.deb\nSize: 12\nSHA256: " + digest + "\n\n",
          "[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{ url = \"https://h/p/a-1%2B-py3-none-any.whl#x\", hashes = "
          "{ sha256 = \"" + digest + "\" } }]\n",
          "deb [arch=amd64 signed-by=/k.gpg] http://m/debian bookworm main contrib # x\n",
          "Types: deb\nURIs: http://m/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n",
          tensorflow_wheel()};
}

Outcome read_packages(const std::string& bytes, const std::string&) {
  (void)parse_source_lines(bytes);
  (void)parse_source_stanzas(bytes);
  (void)read_zip_member(bytes, "/METADATA");
  (void)parse_pylock(bytes);
  return outcome(parse_stanzas(bytes));
}

// --- images

std::string a_manifest() {
  return R"({"schemaVersion":2,"config":{"mediaType":"c","digest":")" + hex('7') + R"(","size":3},"layers":[{"mediaType":)" +
         R"("application/vnd.oci.image.layer.v1.tar","digest":")" + hex('8') + R"(","size":1,"annotations":{"ninefold.layer":"os"}}]})";
}

std::string a_config() {
  return R"({"architecture":"amd64","os":"linux","config":{"Env":["A=b"],"Labels":{"x":"y"},"User":"1000:1000"},)" +
         std::string(R"("rootfs":{"type":"layers","diff_ids":[")") + hex('8') + "\"]}}";
}

std::vector<std::string> image_seeds(const std::string&) { return {a_manifest(), a_config()}; }

// The store holds whatever bytes have the digest: the reader must not believe them.
Outcome read_image(const std::string& bytes, const std::string& file) {
  Result<Store> store = Store::open(file + ".store");
  if (!store) return store.error();
  const std::string digest = "sha256:" + sha256_hex(bytes);
  write_to(store.value().path(Shelf::blobs, digest), bytes);
  // As the manifest, and as the configuration of a good one.
  std::string whole = a_manifest();
  whole.replace(whole.find(hex('7')), digest.size(), digest);
  const std::string other = "sha256:" + sha256_hex(whole);
  write_to(store.value().path(Shelf::blobs, other), whole);
  const Result<image::Image> first = image::open_image(store.value(), digest), second = image::open_image(store.value(), other);
  for (const std::string& one : {digest, other}) fs::remove(store.value().path(Shelf::blobs, one));
  if (!first && first.error().message().find(store.value().root()) == std::string::npos) return first.error();
  return outcome(second);
}

image::Manifest some_entries(const std::string& source) {
  using image::Entry, image::Kind;
  image::Manifest all;
  const auto add = [&](const std::string& path, Kind kind, const std::string& link = {}) {
    Entry entry;
    entry.kind = kind, entry.mode = 0644, entry.mtime = 1700000000, entry.link = link;
    if (kind == Kind::file) entry.source = source, entry.size = 10, entry.xattrs["user.a"] = "b";
    all[path] = entry;
  };
  add("a", Kind::folder), add("a/file", Kind::file), add("a/sym", Kind::symlink, "../x"), add("b", Kind::hardlink, "a/file");
  add("fifo", Kind::fifo), add(std::string(120, 'd') + "/" + std::string(140, 'f'), Kind::file);
  return all;
}

std::vector<std::string> tar_seeds(const std::string& folder) {
  write_to(folder + "/source", "0123456789");
  {
    const Fd out = open_file("test", folder + "/seed.tar", O_RDWR | O_CREAT | O_TRUNC).value();
    image::write_tar(out.get(), folder + "/seed.tar", some_entries(folder + "/source")).value();
  }
  return {read_file("test", folder + "/seed.tar").value()};
}

Outcome read_tar_file(const std::string& bytes, const std::string& file) {
  write_to(file, bytes);
  const Result<image::Manifest> read = image::tar_manifest(file, true);
  if (read) {
    for (const auto& [path, entry] : read.value()) EXPECT_EQ(("/" + path + "/").find("/../"), std::string::npos) << path;
  }
  return outcome(read);
}

// A header whose checksum holds gets further into the parser.
void mend_tar(std::string& bytes, Random&) {
  for (std::size_t block = 0; block + 512 <= bytes.size(); block += 512) {
    if (bytes.compare(block + 257, 5, "ustar") != 0) continue;
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[block + i]);
    std::snprintf(bytes.data() + block + 148, 8, "%06o", sum);
  }
}

std::vector<std::string> archive_seeds(const std::string& folder) {
  Store store = Store::open(folder + "/saved").value();
  const std::string layer = store.put(Shelf::blobs, tar_seeds(folder)[0]).value();
  std::string config = a_config(), manifest = a_manifest();
  config.replace(config.find(hex('8')), layer.size(), layer);
  manifest.replace(manifest.find(hex('8')), layer.size(), layer);
  const std::string put = store.put(Shelf::blobs, config).value();
  manifest.replace(manifest.find(hex('7')), put.size(), put);
  store.set_ref({"small", store.put(Shelf::blobs, manifest).value(), store.put(Shelf::blobs, to_text(a_lock())).value()}).value();
  image::save(store, "small", folder + "/saved.tar", false).value();
  return {read_file("test", folder + "/saved.tar").value()};
}

Outcome read_archive(const std::string& bytes, const std::string& file) {
  write_to(file, bytes);
  Store store = Store::open(file + ".store").value();
  const Result<Ref> loaded = image::load(store, file, "");
  const std::vector<Ref> refs = store.refs().value();
  EXPECT_EQ(refs.size(), loaded ? 1u : 0u) << "half an image has a name";
  fs::remove_all(file + ".store");
  return outcome(loaded);
}

// --- what runs

std::vector<std::string> journal_seeds(const std::string&) {
  using supervise::line;
  return {line({.what = "boot", .id = "b", .note = "s"}) + line({.what = "start", .kind = "job", .id = "1", .pid = 5, .began = 7}) +
          line({.what = "start", .kind = "service", .id = "ssh", .pid = 6, .began = 8}) + line({.what = "stop"}) +
          line({.what = "exit", .kind = "job", .id = "1", .pid = 5, .began = 7, .status = 9}) +
          line({.what = "kill", .kind = "job", .pid = 5, .began = 7}) + line({.what = "end"})};
}

Outcome read_journal_text(const std::string& bytes, const std::string&) {
  const auto records = supervise::parse_journal(bytes);
  const supervise::Journal journal = supervise::fold(records);
  for (const bool live : {false, true})
    for (const char* id : {"1", "2", "ssh"}) {
      const supervise::JobState state = supervise::job_state(journal, id, live, "b");
      bool ended_well = false;
      for (const auto& record : records) ended_well = ended_well || (record.what == "exit" && record.status == 0);
      EXPECT_TRUE(state.exit != 0 || ended_well) << "a success that nobody wrote down: " << state.word;
    }
  return {};
}

void mend_journal(std::string& bytes, Random&) {
  std::string mended;
  for (const std::string_view one : split(bytes, '\n')) {
    char sum[9] = "";
    if (one.size() > 9) std::snprintf(sum, sizeof sum, "%08x", crc32c(one.substr(9)));
    mended += (one.size() > 9 ? sum + std::string(one.substr(8)) : std::string(one)) + "\n";
  }
  bytes = mended;
}

std::vector<std::string> wire_seeds(const std::string&) {
  const std::string body = supervise::pack({{"op", "exec"}, {"arg", "a b"}, {"arg", ""}, {"env", "A=b=c"}, {"cwd", "/tf"}});
  return {std::string({static_cast<char>(body.size()), 0, 0, 0}) + body};
}

Outcome read_wire(const std::string& bytes, const std::string&) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno_error(errno, "socketpair");
  const Fd reader(ends[1]);
  Fd writer(ends[0]);
  const std::string sent = bytes.substr(0, 60000);  // what a socket's buffer takes
  (void)!::send(writer.get(), sent.data(), sent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  writer.close();
  Fields fields;
  while (supervise::receive_message(reader.get(), fields)) {
    Fields back;
    EXPECT_TRUE(supervise::unpack(supervise::pack(fields), back));
    EXPECT_EQ(back, fields);
  }
  return {};
}

std::vector<std::string> state_seeds(const std::string& folder) {
  fs::create_directories(folder);
  supervise::write_state(folder, {.phase = "running", .session = "s", .boot = "b", .project = "/p/ninefold.toml", .image = hex('1'),
                                  .first = 77, .first_began = 78, .started = 79}).value();
  return {read_file("test", folder + "/record").value()};
}

Outcome read_record(const std::string& bytes, const std::string& file) {
  const std::string folder = fs::path(file).parent_path();
  write_to(folder + "/record", bytes);
  const Result<supervise::State> state = supervise::read_state(folder);
  if (state) (void)supervise::alive(state.value());
  return outcome(state);
}

std::vector<std::string> plan_seeds(const std::string&) {
  run::Plan plan;
  plan.name = "e", plan.state = "/s", plan.tree = "/t", plan.image = hex('1');
  plan.binds = {{.from = "/a", .to = "/b", .read_only = true}};
  plan.services = {{.name = "ssh", .arguments = {"sshd"}, .environment = {{"A", "b"}}}};
  plan.ports = {{"ssh", 22, 22, false}};
  plan.files = {{"etc/hosts", "x\n"}};
  plan.cgroups.folders = {{"/c", {{"f", "t"}}, {{"g", "u"}}}};
  return {run::to_text(plan)};
}

Outcome read_plan_file(const std::string& bytes, const std::string& file) {
  const std::string folder = fs::path(file).parent_path();
  write_to(folder + "/plan", bytes);
  return outcome(supervise::read_plan(folder));
}

std::vector<std::string> seccomp_seeds(const std::string&) {
  return {R"({"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],"syscalls":[)"
          R"({"names":["read","unshare"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},)"
          R"({"names":["bpf"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"includes":{"caps":["CAP_BPF"]},"excludes":{"arches":["arm64"]}}]})"};
}

Outcome read_seccomp(const std::string& bytes, const std::string&) { return outcome(run::seccomp_profile(bytes, "x86_64")); }

std::vector<std::string> cgroup_seeds(const std::string&) {
  return {"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n4:memory:/a/b\n3:cpu,cpuacct:/\n0::/user.slice/s.scope\n"};
}

std::vector<std::string> training_seeds(const std::string&) {
  return {R"({"version": 1, "written": 1700000000, "steps": 800, "step_ms": 2.5, "waiting": 0.25, "batch": 32, "device": "CPU:0", )"
          R"("threads": 4, "processors": 8, "denormals": 0.5})"};
}

Outcome read_training(const std::string& bytes, const std::string&) { return outcome(doctor::parse_training(bytes)); }

// The two files of the kernel in one: lines of either kind are told apart by their shape.
Outcome read_cgroups(const std::string& bytes, const std::string&) {
  run::Facts facts;
  facts.mountinfo = facts.cgroup_self = bytes;
  facts.writable = [](const std::string& path) { return path.size() % 2 == 0; };
  facts.read = [](const std::string& path) { return std::string(path.size() % 3 ? "cpu memory pids" : ""); };
  (void)run::plan_cgroups(facts, {.memory = 1 << 30, .cpus = 2, .processes = 9, .shared_memory = 0}, "n");
  return {};
}

std::vector<std::string> cdi_seeds(const std::string&) {
  run::Driver driver;
  driver.version = "1.2", driver.libraries = {{"/l/libcuda.so.1.2", "libcuda.so.1"}}, driver.programs = {"/b/nvidia-smi"};
  driver.cards = {{"0000:01:00.0", "GPU-1", "x", 0, {"/dev/nvidia-caps/nvidia-cap1"}}};
  return {run::to_text(run::cdi_of(driver)),
          "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ncontainerEdits:\n  env: [A=b]\n  hooks:\n  - args: [a, --link, b::c]\n    hookName: c\n    path: /x\n"
          "devices:\n- name: \"0\"\n  containerEdits:\n    deviceNodes:\n    - path: /dev/a\n    mounts:\n    - hostPath: /a\n      containerPath: /b\n"};
}

Outcome read_cdi(const std::string& bytes, const std::string& file) {
  const Result<run::Cdi> cdi = run::parse_cdi(bytes, file + ".yaml");
  if (cdi) (void)run::to_text(cdi.value());
  return outcome(cdi);
}

std::vector<std::string> cache_seeds(const std::string&) {
  return {run::with_libraries("", {{0, "liba.so.1", "/l/liba.so.1", 0, 0}, {0, "libb.so.2", "/l/libb.so.2", 0, 0}})};
}

Outcome read_cache(const std::string& bytes, const std::string&) {
  const std::string again = run::with_libraries(bytes, {{0, "libcuda.so.1", "/d/libcuda.so.1", 0, 0}});
  EXPECT_TRUE(run::parse_linker_cache(again).ok());
  return outcome(run::parse_linker_cache(bytes));
}

std::vector<std::string> library_seeds(const std::string& folder) {
  Program compiler;
  compiler.arguments = {"cc", "-shared", "-nostdlib", "-s", "-Wl,-soname,libcuda.so.1", "-x", "c", "/dev/null", "-o", folder + "/seed.so"};
  run_or_fail("test", compiler).value();
  EXPECT_EQ(run::soname_of(folder + "/seed.so"), "libcuda.so.1");
  return {read_file("test", folder + "/seed.so").value()};
}

Outcome read_library(const std::string& bytes, const std::string& file) {
  write_to(file, bytes);
  EXPECT_EQ(run::soname_of(file).find('/'), std::string::npos);
  return {};
}

constexpr const char* kJson = "{ } [ ] \" : , null true -1 1e999 18446744073709551616 \\u0000 \\ud800 \xff [[[[[[[[ {\"a\":";

const Target kTargets[] = {
    {"NinefoldToml", "[ ] [[ { } = \" ' # . , \n true 1e999 -9223372036854775809 0x 1979-05-27 \"\"\" [[[[[[[[ \xff extends name", toml_seeds,
     read_toml, true},
    {"Lock", kJson, lock_seeds, read_lock_file, true},
    {"Packages", "\n\n : = [ ] { } \" deb SHA256 PK %2 \xff", package_seeds, read_packages, false},
    {"ImageManifest", kJson, image_seeds, read_image, true},
    {"LayerTar", "ustar ../ / 77777777777 \xff\xff\xff\xff x g L K 30 path=../x\n", tar_seeds, read_tar_file, true, mend_tar},
    {"Archive", "ustar {\"manifests\":[ sha256: \xff 0", archive_seeds, read_archive, true, mend_tar, 4},
    {"Journal", "boot start exit stop end kill job 1 b - -9223372036854775808 0 \n \xff", journal_seeds, read_journal_text, false, mend_journal},
    {"Wire", "op= arg= = exec \xff\xff\xff\x7f \x01", wire_seeds, read_wire, false},
    {"StateRecord", kJson, state_seeds, read_record, true},
    {"Plan", kJson, plan_seeds, read_plan_file, true},
    {"Seccomp", kJson, seccomp_seeds, read_seccomp, false},
    {"Cdi", "- : { } [ ] \" ' | > & * ! \n --- ... /../ /dev/ kind 0 \xff", cdi_seeds, read_cdi, true},
    {"LinkerCache", "glibc-ld.so.cache1.1 ld.so-1.7.0 \xff\xff\xff\xff \x01 lib", cache_seeds, read_cache, false},
    {"Library", "\x7f" "ELF \xff\xff\xff\xff\xff\xff\xff\xff \x01 \x02 / ..", library_seeds, read_library, false, nullptr, 4},
    {"Training", kJson, training_seeds, read_training, false},
    {"Cgroups", ": / , - cgroup cgroup2 \\040 0:: \n memory /..", cgroup_seeds, read_cgroups, false},
};

std::string damaged(const std::vector<std::string>& seeds, const std::vector<std::string>& tokens, Random& random) {
  std::string bytes = seeds[random() % seeds.size()];
  for (std::size_t edits = 1 + random() % 6; edits > 0; --edits) {
    if (bytes.empty()) bytes = "x";
    const std::size_t at = random() % bytes.size(), length = random() % 24;
    const std::string& token = tokens[random() % tokens.size()];
    switch (random() % 9) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
      case 2: bytes.erase(at, length); break;
      case 3: bytes.insert(at, token); break;
      case 4: bytes.replace(at, token.size(), token); break;
      case 5: bytes.insert(at, bytes.substr(random() % bytes.size(), length)); break;
      case 6: bytes.resize(at); break;
      case 7: {  // another file's piece
        const std::string& other = seeds[random() % seeds.size()];
        bytes.insert(at, other.substr(random() % other.size(), length * 8));
        break;
      }
      default:
        if (random() % 8) break;
        std::string many;  // deep nesting, long lists
        for (std::size_t i = 1 + random() % 4000; i > 0; --i) many += token;
        bytes.insert(at, many);
    }
  }
  return bytes;
}

std::uint64_t peak_memory() {
  const std::string text = read_file("test", "/proc/self/status").value();
  return std::strtoull(text.c_str() + text.find("VmHWM:") + 6, nullptr, 10) * 1024;
}

class Fuzz : public testing::TestWithParam<Target> {};

TEST_P(Fuzz, EndsInAValueOrAnErrorThatNamesTheFile) {
  const Target& target = GetParam();
  const TemporaryFolder temporary("fuzz", TemporaryFolder::Where::memory);
  const std::string &folder = temporary.path, file = folder + "/input";
  const char* rounds_given = std::getenv("NINEFOLD_FUZZ");
  const char* seed_given = std::getenv("NINEFOLD_SEED");
  const int rounds = (rounds_given ? std::atoi(rounds_given) : 3000) / target.share;
  const std::uint64_t seed = seed_given ? std::strtoull(seed_given, nullptr, 10) : 20261121;
  Random random(seed);
  const std::vector<std::string> seeds = target.seeds(folder);
  std::vector<std::string> tokens;
  for (const std::string_view token : split(target.tokens, ' '))
    if (!token.empty()) tokens.emplace_back(token);
  for (const std::string& good : seeds) {
    const Outcome read = target.read(good, file);
    // Of these the seeds are several kinds of file for one reader.
    if (target.name != "ImageManifest" && target.name != "Packages") {
      EXPECT_TRUE(read) << read.error().message();
    }
  }
  [[maybe_unused]] const std::uint64_t before = peak_memory();
  int refused = 0;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    std::string bytes = damaged(seeds, tokens, random);
    if (target.mend && random() % 2) target.mend(bytes, random);
    try {
      const Outcome read = target.read(bytes, file);
      if (read) continue;
      ++refused;
      EXPECT_FALSE(read.error().message().empty());
      if (target.names_file) {
        EXPECT_NE(read.error().message().find(folder), std::string::npos) << read.error().message();
      }
    } catch (const std::exception& stray) {
      ADD_FAILURE() << "an exception came through: " << stray.what();
    }
  }
#if !defined(__SANITIZE_ADDRESS__)  // which keeps what is freed
  EXPECT_LT(peak_memory(), before + (256u << 20));  // the kernel counts a few pages late: it may also be less
#endif
  if (target.names_file) {
    EXPECT_GT(refused, rounds / 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Parsers, Fuzz, testing::ValuesIn(kTargets),
                         [](const testing::TestParamInfo<Target>& row) { return row.param.name; });

}  // namespace
}  // namespace ninefold::env
