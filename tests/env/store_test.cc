// In: a store in a temporary folder, several processes, some killed. Out: entries whole or absent, nothing
// needed ever collected.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "base/hash.h"
#include "env/image/image.h"
#include "env/image/needs.h"
#include "env/store/gc.h"
#include "env/store/store.h"
#include "temporary_folder.h"

namespace ninefold::env {
namespace {
namespace fs = std::filesystem;

class Stores : public testing::Test {
 protected:
  Store open() { return Store::open(folder + "/store").value(); }

  // A small image of one layer; its manifest's digest.
  static std::string put_image(Store& store, const std::string& bytes) {
    const std::string layer = store.put(Shelf::blobs, bytes).value();
    const std::string config = store.put(Shelf::blobs, R"({"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[")" + layer + "\"]}}").value();
    return store.put(Shelf::blobs, R"({"schemaVersion":2,"config":{"digest":")" + config + R"(","size":1},"layers":[{"mediaType":")" +
                                       "application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + layer + "\",\"size\":1}]}").value();
  }
  bool stands_in_the_turnstile() {
    const Fd turn(::open((folder + "/store/turn").c_str(), O_RDWR | O_CLOEXEC));
    return turn && ::flock(turn.get(), LOCK_EX | LOCK_NB) != 0;
  }
  static Result<Collected> gc(const Store& store) {
    return collect(store, image::needs, [](const Store& s, const std::string& inside) -> Result<void> {
      fs::remove_all(s.root() + "/" + inside);
      return {};
    }, false, false);
  }
  const TemporaryFolder temporary{"store"};
  const std::string& folder = temporary.path;
};

TEST_F(Stores, WhoWaitsForAFreeStoreIsNotOvertaken) {
  const Store store = open();
  Fd build = store.enter(false).value();
  std::mutex mutex;
  std::string order;  // locked by mutex
  const auto come = [&](bool exclusive, char mark) {
    const Fd in = store.enter(exclusive).value();
    const std::lock_guard lock(mutex);
    order += mark;
  };
  std::thread gc(come, true, 'g');
  while (!stands_in_the_turnstile()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  std::thread next(come, false, 'b');
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(order, "");
  }
  build.close();
  gc.join();
  next.join();
  EXPECT_EQ(order, "gb");
}

TEST_F(Stores, FindWhatWasPutByItsDigest) {
  Store store = open();
  const std::string digest = store.put(Shelf::inputs, "wheel").value();
  EXPECT_EQ(digest, "sha256:" + sha256_hex("wheel"));
  EXPECT_EQ(store.put(Shelf::inputs, "wheel").value(), digest);
  EXPECT_EQ(store.get(Shelf::inputs, digest).value(), "wheel");
  EXPECT_FALSE(store.has(Shelf::blobs, digest));
  EXPECT_EQ(store.get(Shelf::inputs, "sha256:../../etc/passwd").error().code(), Code::invalid_argument);
}

TEST_F(Stores, RefuseAFileOfAnotherDigestAndNameACorruptedOne) {
  Store store = open();
  std::ofstream(folder + "/file") << "not what was promised";
  const auto refused = store.put_file(Shelf::inputs, folder + "/file", "sha256:" + sha256_hex("promised"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("it was damaged or replaced, fetch it again"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(store.root() + "/temp"));
  const std::string digest = store.put(Shelf::blobs, "layer").value();
  std::ofstream(store.path(Shelf::blobs, digest)) << "lAyer";
  EXPECT_EQ(store.get(Shelf::blobs, digest).error().code(), Code::data_loss);
  const auto damaged = store.verify(Shelf::blobs, digest);
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().message().find(digest.substr(7) + " is corrupted"), std::string::npos);
}

TEST_F(Stores, NamesOfRefsAreChecked) {
  Store store = open();
  const std::string image = put_image(store, "a");
  EXPECT_EQ(store.set_ref({"../evil", image, ""}).error().code(), Code::invalid_argument);
  ASSERT_TRUE(store.set_ref({"tf29", image, ""}));
  const auto none = store.ref("tf30");
  EXPECT_EQ(none.error().message(), "there is no image 'tf30' in the store; there are: tf29");
  std::ofstream(store.root() + "/refs/tf29") << "{";
  EXPECT_EQ(store.ref("tf29").error().code(), Code::data_loss);
}

TEST_F(Stores, CollectKeepsWhatRefsAndLeasesReach) {
  Store store = open();
  const std::string kept = put_image(store, "kept"), dropped = put_image(store, "dropped"), leased = put_image(store, "leased");
  ASSERT_TRUE(store.set_ref({"kept", kept, ""}));
  const std::string loose = store.put(Shelf::inputs, "loose").value();
  const std::string chain = image::open_image(store, kept).value().chain.substr(7);
  fs::create_directory(store.root() + "/trees/" + chain + "@map");
  fs::create_directory(store.root() + "/trees/" + sha256_hex("other") + "@map");
  {
    Lease lease = store.lease().value();
    ASSERT_TRUE(lease.hold({leased}));
    EXPECT_EQ(store.leased().value(), std::vector<std::string>{leased});
    ASSERT_TRUE(gc(store));
    EXPECT_TRUE(image::open_image(store, leased));
  }
  EXPECT_TRUE(store.leased().value().empty());
  EXPECT_TRUE(image::open_image(store, kept));
  EXPECT_FALSE(image::open_image(store, dropped));
  EXPECT_FALSE(store.has(Shelf::inputs, loose));
  EXPECT_TRUE(fs::exists(store.root() + "/trees/" + chain + "@map"));
  EXPECT_FALSE(fs::exists(store.root() + "/trees/" + sha256_hex("other") + "@map"));
  ASSERT_TRUE(gc(store));
  EXPECT_FALSE(image::open_image(store, leased));
}

TEST_F(Stores, CollectTouchesNothingWhileAnImageIsDamaged) {
  Store store = open();
  const std::string image = put_image(store, "a"), other = store.put(Shelf::inputs, "x").value();
  ASSERT_TRUE(store.set_ref({"a", image, ""}));
  fs::remove(store.path(Shelf::blobs, image));
  const auto refused = gc(store);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("`ninefold verify` names what is damaged"), std::string::npos);
  EXPECT_TRUE(store.has(Shelf::inputs, other));
}

TEST_F(Stores, CompiledWheelsStayWithStoredPackages) {
  Store store = open();
  const auto put = [&](const std::string& name) {
    const std::string digest = store.put(Shelf::compiled, name).value();
    EXPECT_TRUE(store.cache(Cache::wheels, sha256_hex(name), digest));
    return digest;
  };
  put("needed"), put("loose");
  const std::string image = put_image(store, "a");
  ASSERT_TRUE(store.set_ref({"a", image, ""}));
  const auto read = [](const Store& s, const std::string& digest, const std::string& lock) -> Result<Needs> {
    Result<Needs> all = image::needs(s, digest, lock);
    if (all) all.value().wheels = {sha256_hex("needed"), sha256_hex("never made")};
    return all;
  };
  const auto clean = [&](bool keep) { return collect(store, read, [](const Store&, const std::string&) -> Result<void> { return {}; }, keep, false); };
  EXPECT_EQ(clean(true).value().items, 0u);
  EXPECT_EQ(clean(false).value().items, 1u);
  EXPECT_NE(store.cached(Cache::wheels, sha256_hex("needed")), "");
  EXPECT_EQ(store.cached(Cache::wheels, sha256_hex("loose")), "");
  EXPECT_FALSE(fs::exists(store.root() + "/wheels/" + sha256_hex("loose")));
  // Byte code is not synced: what a power cut leaves of the line is no entry.
  std::ofstream(store.root() + "/wheels/" + sha256_hex("needed")) << "sha256:12";
  EXPECT_EQ(store.cached(Cache::wheels, sha256_hex("needed")), "");
}

TEST_F(Stores, ALeaseEndsWithItsProcess) {
  Store store = open();
  const std::string image = put_image(store, "a");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    Lease lease = store.lease().value();
    (void)lease.hold({image});
    (void)!::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(store.leased().value(), std::vector<std::string>{image});
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(store.leased().value().empty());
  ::close(ready[0]), ::close(ready[1]);
}

// Workers put images under names, read them back and collect, and are killed at random. Whoever was
// killed, every ref that stands leads to a whole image.
TEST_F(Stores, SurviveKillsInMixedWork) {
  Store store = open();
  std::mt19937 random(20261121);
  constexpr int kWorkers = 4, kKills = 15;
  const auto start = [&](int worker) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    Store own = open();
    for (int round = 0; round < 100000; ++round) {
      if (worker == 0) {
        (void)gc(own);
      } else {
        Result<Lease> lease = own.lease();
        Result<Fd> entered = own.enter(false);
        const std::string image = put_image(own, std::string(static_cast<size_t>(round % 50) * 1000, static_cast<char>('a' + worker)));
        if (lease) (void)lease.value().hold({image});
        (void)own.set_ref({"w" + std::to_string(worker), image, ""});
      }
    }
    ::_exit(0);
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(start(i));
  for (int kill = 0; kill < kKills; ++kill) {
    ::usleep(20000 + random() % 30000);
    const int victim = static_cast<int>(random() % kWorkers);
    ::kill(workers[static_cast<size_t>(victim)], SIGKILL);
    ::waitpid(workers[static_cast<size_t>(victim)], nullptr, 0);
    workers[static_cast<size_t>(victim)] = start(victim);
  }
  for (pid_t pid : workers) ::kill(pid, SIGKILL), ::waitpid(pid, nullptr, 0);
  int images = 0;
  for (const Ref& ref : store.refs().value()) {
    const auto verified = image::verify(store, ref, [](const std::string&) {}).value();
    EXPECT_TRUE(verified.faults.empty()) << verified.faults[0];
    ++images;
  }
  EXPECT_GT(images, 0);
  ASSERT_TRUE(gc(store));  // also removes what the killed left half done
  EXPECT_TRUE(fs::is_empty(store.root() + "/temp"));
  EXPECT_TRUE(store.leased().value().empty());
}

TEST(Images, DamagedManifestsAndConfigurationsAreRefused) {
  const std::string digest = "sha256:" + sha256_hex("x");
  struct Row {
    std::string text, says;
  };
  const Row manifests[] = {{"", "expected JSON text"},
                           {"[]", "the manifest has no config or no layers"},
                           {R"({"config":{"digest":"sha256:../../x"},"layers":[]})", "the manifest's config has no digest"},
                           {R"({"config":{"digest":")" + digest + R"("},"layers":[{"digest":7}]})", "a layer has no digest"},
                           {R"({"config":{"digest":")" + digest + R"("},"layers":[{"digest":")" + digest + R"(","mediaType":"x+gzip"}]})",
                            "is of type x+gzip; tar layers"}};
  for (const Row& row : manifests) {
    const auto image = image::parse_manifest(row.text);
    ASSERT_FALSE(image) << row.text;
    EXPECT_NE(image.error().message().find(row.says), std::string::npos) << image.error().message();
  }
  EXPECT_NE(image::parse_config("{}").error().message().find("has no rootfs"), std::string::npos);
  EXPECT_NE(image::parse_config(R"({"rootfs":{"diff_ids":["x"]}})").error().message().find("holds 'x' as a digest"), std::string::npos);
  std::mt19937 random(7);
  const std::string whole = R"({"config":{"digest":")" + digest + R"(","size":3},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":")" + digest + R"("}]})";
  for (int round = 0; round < 2000; ++round) {
    std::string text = whole;
    for (int edits = 1 + round % 5; edits > 0; --edits) text[random() % text.size()] = "{}[]\",:0a"[random() % 9];
    (void)image::parse_manifest(text);
    (void)image::parse_config(text);
  }
}

}  // namespace
}  // namespace ninefold::env
