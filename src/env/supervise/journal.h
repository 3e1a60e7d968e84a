// In: what PID 1 saw. Out: lines that survive a crash, and the runs that they tell of.
// One writer (PID 1), any number of readers, inside and outside. A line is
//   <crc32c of the rest, 8 hex> <what> <kind> <id> <pid> <began> <status> <milliseconds> <note>
// written in one O_APPEND write and synced before what it tells of has consequences. A torn or
// damaged line is skipped: what it told is then unknown, never guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ninefold::env::supervise {

// what: boot (id = the kernel's boot id, note = the session of this `up`), start, exit, stop, end; and in
// the keeper's own file `kills`, read after the journal: kill (pid and began of the job).
// kind: job, service. No word is empty or holds a blank; "-" stands for nothing.
struct Record {
  std::string what, kind = "-", id = "-";
  std::int64_t pid = 0;        // inside
  std::uint64_t began = 0;     // clock ticks since boot: with the pid it names one process for ever
  int status = 0;              // as waitpid gives it
  std::int64_t time = 0;       // milliseconds since 1970
  std::string note = "-";      // exit: "memory" when the kernel killed for memory
};

std::string line(const Record& record);                 // with its newline
std::optional<Record> parse_line(std::string_view text);  // without the newline
std::vector<Record> parse_journal(std::string_view text);

struct Run {
  std::string kind, id;
  std::int64_t pid = 0;
  std::uint64_t began = 0;
  std::int64_t started = 0, ended = 0;
  std::optional<int> status;  // empty: no end was recorded
  bool memory = false;
  bool stopped = false;       // it ended after `down` had begun
  std::size_t session = 0;    // index into Journal::sessions
};

struct Session {
  std::string boot, name;
  bool stopping = false;  // `down` began
  bool ended = false;     // PID 1 left in order, everything reaped
};

struct Journal {
  std::vector<Session> sessions;
  std::vector<Run> runs;  // in the order of their starts; a service has one for each start
};

Journal fold(const std::vector<Record>& records);

// What a job's record says. `live`: the last session's PID 1 is known to run; `boot`: the kernel's now.
struct JobState {
  std::string word;  // starting running done failed killed memory stopped environment-killed interrupted
                     // not-started
  std::string text;  // "failed with status 3", "killed for memory", ...
  int exit = 0;      // what `job wait` ends with: 0 only where the job itself ended with 0
};
JobState job_state(const Journal& journal, const std::string& id, bool live, const std::string& boot);

}  // namespace ninefold::env::supervise
