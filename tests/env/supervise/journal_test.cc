// In: journals as crashes leave them. Out: what they tell, a row a case; nothing is guessed.
#include "env/supervise/journal.h"

#include <gtest/gtest.h>

#include <csignal>
#include <random>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

constexpr int kExit3 = 3 << 8;

std::string boot(const std::string& id) { return line({.what = "boot", .kind = "-", .id = id, .note = "s"}); }
std::string start(int pid) { return line({.what = "start", .kind = "job", .id = "1", .pid = pid, .began = 7}); }
std::string ended(int pid, int status, const std::string& note = "-") {
  return line({.what = "exit", .kind = "job", .id = "1", .pid = pid, .began = 7, .status = status, .note = note});
}
std::string kill(int pid) { return line({.what = "kill", .kind = "job", .id = "-", .pid = pid, .began = 7}); }

struct Row {
  std::string name, text;
  bool live;
  std::string word;
  int exit;
};

TEST(Journal, TellsHowAJobEnded) {
  const std::string torn = ended(5, 0).substr(0, 20);
  std::string damaged = ended(5, 0);
  damaged[12] ^= 1;
  const Row rows[] = {
      {"nothing, running", boot("b"), true, "starting", 125},
      {"nothing, down", boot("b"), false, "not-started", 125},
      {"running", boot("b") + start(5), true, "running", 125},
      {"PID 1 was killed", boot("b") + start(5), false, "environment-killed", 125},
      {"PID 1 was killed and started again", boot("b") + start(5) + boot("b"), true, "environment-killed", 125},
      {"the machine was restarted", boot("other") + start(5), false, "interrupted", 125},
      {"and an environment runs again", boot("other") + start(5) + boot("b"), true, "interrupted", 125},
      {"done", boot("b") + start(5) + ended(5, 0), true, "done", 0},
      {"failed", boot("b") + start(5) + ended(5, kExit3), true, "failed", 3},
      {"killed", boot("b") + start(5) + ended(5, SIGKILL), true, "killed", 137},
      {"killed for memory", boot("b") + start(5) + ended(5, SIGKILL, "memory"), true, "memory", 137},
      {"by the watchdog", boot("b") + start(5) + ended(5, SIGKILL) + kill(5), true, "memory", 137},
      {"the watchdog took another's child", boot("b") + start(5) + ended(5, 0) + kill(5), true, "done", 0},
      {"by down", boot("b") + start(5) + line({.what = "stop"}) + ended(5, SIGTERM), false, "stopped", 143},
      {"before down", boot("b") + start(5) + ended(5, SIGKILL) + line({.what = "stop"}), false, "killed", 137},
      {"a torn line", boot("b") + start(5) + torn, false, "environment-killed", 125},
      {"a torn line and more", boot("b") + start(5) + torn + "\n" + ended(5, kExit3), true, "failed", 3},
      {"a damaged line", boot("b") + start(5) + damaged, false, "environment-killed", 125},
      {"another process of that number", boot("b") + start(5) + ended(6, 0), true, "running", 125},
      {"rubbish", "rubbish\n\n" + boot("b") + "\n" + start(5), true, "running", 125},
  };
  for (const Row& row : rows) {
    const JobState state = job_state(fold(parse_journal(row.text)), "1", row.live, "b");
    EXPECT_EQ(state.word, row.word) << row.name;
    EXPECT_EQ(state.exit, row.exit) << row.name;
  }
}

TEST(Journal, NeverSaysDoneForAnyCut) {
  const std::string whole = boot("b") + start(5) + ended(5, SIGKILL);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const JobState state = job_state(fold(parse_journal(whole.substr(0, cut))), "1", false, "b");
    EXPECT_NE(state.exit, 0) << cut;
  }
}

TEST(Journal, TakesAnyBytes) {
  std::mt19937 random(4);
  const std::string whole = boot("b") + start(5) + ended(5, 0);
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    const std::vector<Record> records = parse_journal(text);
    EXPECT_LE(records.size(), 3u);
    (void)job_state(fold(records), "1", round % 2, "b");
  }
}

TEST(Wire, ReadsWhatItWrites) {
  const Fields fields = {{"op", "job"}, {"arg", "a b"}, {"arg", ""}, {"env", "A=b=c"}};
  Fields back;
  ASSERT_TRUE(unpack(pack(fields), back));
  EXPECT_EQ(back, fields);
  EXPECT_EQ(every(back, "arg"), (std::vector<std::string>{"a b", ""}));
  EXPECT_EQ(first(back, "none", "else"), "else");
}

TEST(Wire, RefusesWhatItNeverWrites) {
  Fields back;
  for (const std::string& bad : {std::string("op=job"), std::string("op\0", 3), std::string("=x\0", 3)}) {
    EXPECT_FALSE(unpack(bad, back));
    EXPECT_TRUE(back.empty());
  }
  EXPECT_TRUE(unpack("", back));
}

}  // namespace
}  // namespace ninefold::env::supervise
