// In: records or bytes. Out: bytes or runs; pure, so that every crash can be a row of a test.
#include "env/supervise/journal.h"

#include <sys/wait.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/hash.h"

namespace ninefold::env::supervise {
namespace {

std::string word(const std::string& text) {
  std::string safe = text.empty() ? "-" : text;
  for (char& c : safe)
    if (static_cast<unsigned char>(c) <= ' ' || c == 127) c = '_';
  return safe;
}

template <class Number>
bool number(std::string_view text, Number& value) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size();
}

std::string checksum(std::string_view text) {
  char hex[9];
  std::snprintf(hex, sizeof hex, "%08x", crc32c(text));
  return hex;
}

}  // namespace

std::string line(const Record& r) {
  const std::string text = word(r.what) + " " + word(r.kind) + " " + word(r.id) + " " +
                           std::to_string(r.pid) + " " + std::to_string(r.began) + " " +
                           std::to_string(r.status) + " " + std::to_string(r.time) + " " + word(r.note);
  return checksum(text) + " " + text + "\n";
}

std::optional<Record> parse_line(std::string_view text) {
  if (text.size() < 10 || text[8] != ' ' || checksum(text.substr(9)) != text.substr(0, 8)) return {};
  std::vector<std::string_view> words;
  for (std::string_view rest = text.substr(9);;) {
    const std::size_t blank = rest.find(' ');
    words.push_back(rest.substr(0, blank));
    if (words.back().empty() || words.size() > 8) return {};
    if (blank == std::string_view::npos) break;
    rest.remove_prefix(blank + 1);
  }
  Record r;
  if (words.size() != 8 || !number(words[3], r.pid) || !number(words[4], r.began) ||
      !number(words[5], r.status) || !number(words[6], r.time)) {
    return {};
  }
  r.what = words[0], r.kind = words[1], r.id = words[2], r.note = words[7];
  return r;
}

std::vector<Record> parse_journal(std::string_view text) {
  std::vector<Record> records;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // being written, or torn by a crash
    if (std::optional<Record> record = parse_line(text.substr(0, end))) records.push_back(*record);
    text.remove_prefix(end + 1);
  }
  return records;
}

Journal fold(const std::vector<Record>& records) {
  Journal journal;
  for (const Record& r : records) {
    if (r.what == "boot") {
      journal.sessions.push_back({.boot = r.id, .name = r.note});
      continue;
    }
    if (journal.sessions.empty()) continue;  // its boot line is damaged: belongs to nothing we know
    Session& session = journal.sessions.back();
    if (r.what == "stop") session.stopping = true;
    if (r.what == "end") session.ended = true;
    if (r.what == "start") {
      Run run;
      run.kind = r.kind, run.id = r.id, run.pid = r.pid, run.began = r.began, run.started = r.time;
      run.session = journal.sessions.size() - 1;
      journal.runs.push_back(run);
    }
    // Written by the keeper, which kills where no cgroup does: the job whose process group it hit.
    if (r.what == "kill")
      for (Run& run : journal.runs)
        if (run.pid == r.pid && run.began == r.began && run.status.value_or(0) != 0) run.memory = true;
    if (r.what != "exit") continue;
    for (auto run = journal.runs.rbegin(); run != journal.runs.rend(); ++run) {
      if (run->kind != r.kind || run->id != r.id || run->pid != r.pid || run->began != r.began) continue;
      run->status = r.status;
      run->ended = r.time;
      run->memory = r.note == "memory";
      run->stopped = journal.sessions[run->session].stopping;
      break;
    }
  }
  return journal;
}

JobState job_state(const Journal& journal, const std::string& id, bool live, const std::string& boot) {
  const Run* found = nullptr;
  for (const Run& run : journal.runs)
    if (run.kind == "job" && run.id == id) found = &run;
  if (!found) {
    if (live) return {"starting", "starting", 125};
    return {"not-started", "never started: the environment ended first", 125};
  }
  const Session& session = journal.sessions[found->session];
  if (!found->status) {
    const bool last = found->session + 1 == journal.sessions.size();
    if (last && live) return {"running", "running", 125};
    if (session.boot != boot)
      return {"interrupted", "interrupted: the machine was restarted while it ran", 125};
    return {"environment-killed", "environment killed while it ran; its own end is unknown", 125};
  }
  const int status = *found->status;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {"done", "done", 0};
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (found->memory) return {"memory", "killed for memory", code};
  if (WIFEXITED(status)) return {"failed", "failed with status " + std::to_string(code), code};
  const char* name = ::sigabbrev_np(WTERMSIG(status));
  std::string text = "killed by SIG" + std::string(name ? name : std::to_string(WTERMSIG(status)));
  if (found->stopped) text += " as the environment went down";
  return {found->stopped ? "stopped" : "killed", text, code};
}

}  // namespace ninefold::env::supervise
