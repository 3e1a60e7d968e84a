// In: a command. Out: a job that outlives the caller; its record and its logs, also after `down`.
// Lists, logs and statuses are read from the journal's files: they need no living supervisor.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "base/check.h"
#include "cli/environment.h"
#include "env/supervise/wire.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace supervise = env::supervise;
namespace {

struct Jobs {  // of one environment, up or down
  std::string name, folder;
  bool live = false;
  supervise::Journal journal;
  std::string boot;

  void look() {
    Result<supervise::State> state = supervise::read_state(folder);
    live = state && supervise::alive(state.value());
    journal = supervise::read_journal(folder);
  }
  std::string place(const std::string& id) const { return folder + "/shared/jobs/" + id; }
  supervise::JobState state(const std::string& id) const { return supervise::job_state(journal, id, live, boot); }
  const supervise::Run* run(const std::string& id) const {
    const supervise::Run* found = nullptr;
    for (const supervise::Run& run : journal.runs)
      if (run.kind == "job" && run.id == id) found = &run;
    return found;
  }
};

Jobs jobs_of(const std::string& verb, const Args& args) {
  Jobs jobs;
  jobs.name = environment_name(args);
  jobs.folder = supervise::environment_folder(jobs.name);
  jobs.boot = supervise::boot_id();
  // Finds the keeper dead as well; without a record there are only the jobs of earlier times.
  if (supervise::read_state(jobs.folder)) (void)supervise::find(jobs.name).within(verb).value();
  jobs.look();
  return jobs;
}

std::vector<std::string> ids(const Jobs& jobs) {
  std::vector<std::string> list;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(jobs.folder + "/shared/jobs", ignored))
    if (const std::string name = entry.path().filename(); std::atoi(name.c_str()) > 0) list.push_back(name);
  std::sort(list.begin(), list.end(), [](auto& a, auto& b) { return std::atoi(a.c_str()) < std::atoi(b.c_str()); });
  return list;
}

supervise::Fields spec_of(const Jobs& jobs, const std::string& id) {
  supervise::Fields fields;
  Result<std::string> text = read_file("job", jobs.place(id) + "/spec");
  if (text) supervise::unpack(text.value(), fields);
  return fields;
}

// The job that an argument names, by number or by --job-name; without one the last.
std::string wanted(const std::string& verb, const Jobs& jobs, const Args& args) {
  const std::vector<std::string> all = ids(jobs);
  check(!all.empty(), Code::not_found, "{}: {} has no jobs; ninefold job run starts one", verb, jobs.name);
  if (args.rest.empty()) return all.back();
  for (auto id = all.rbegin(); id != all.rend(); ++id)
    if (*id == args.rest[0] || supervise::first(spec_of(jobs, *id), "name") == args.rest[0]) return *id;
  fail(Code::not_found, "{}: {} has no job {}; ninefold job list shows them", verb, jobs.name, args.rest[0]);
}

std::string command_text(const supervise::Fields& spec) {
  std::string text;
  for (const std::string& word : supervise::every(spec, "arg")) text += (text.empty() ? "" : " ") + word;
  std::replace(text.begin(), text.end(), '\n', ' ');  // a job is a line
  return text;
}

nlohmann::ordered_json record(const Jobs& jobs, const std::string& id) {
  const supervise::JobState state = jobs.state(id);
  const supervise::Fields spec = spec_of(jobs, id);
  nlohmann::ordered_json json = {{"id", id}, {"state", state.word}, {"text", state.text}};
  json["exit"] = state.word == "running" || state.word == "starting" ? nlohmann::ordered_json() : nlohmann::ordered_json(state.exit);
  json["command"] = supervise::every(spec, "arg");
  if (const std::string name = supervise::first(spec, "name"); !name.empty()) json["name"] = name;
  if (const supervise::Run* run = jobs.run(id)) {
    json["pid"] = run->pid;
    json["started"] = run->started;
    json["ended"] = run->ended ? nlohmann::ordered_json(run->ended) : nlohmann::ordered_json();
  }
  json["out"] = jobs.place(id) + "/out";
  json["err"] = jobs.place(id) + "/err";
  return json;
}

bool over(const supervise::JobState& state) { return state.word != "running" && state.word != "starting"; }

// Copies what the files hold beyond `at`; true where there was something.
bool copy(int from, std::int64_t& at, int to) {
  bool some = false;
  for (char piece[65536];;) {
    const ssize_t got = ::pread(from, piece, sizeof piece, at);
    if (got <= 0) return some;
    check(write_all("job", "output", to, {piece, static_cast<size_t>(got)}).ok(), Code::aborted,
          "job: the output was closed");
    at += got;
    some = true;
  }
}

// Follows the two logs until the job is over, then to their ends.
supervise::JobState follow(Jobs& jobs, const std::string& id, bool from_start) {
  const std::string paths[2] = {jobs.place(id) + "/out", jobs.place(id) + "/err"};
  Fd files[2];
  std::int64_t at[2] = {0, 0};
  const Fd notes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ::inotify_add_watch(notes.get(), jobs.place(id).c_str(), IN_MODIFY | IN_CREATE);
  ::inotify_add_watch(notes.get(), (jobs.folder + "/shared").c_str(), IN_MODIFY);
  for (bool last = false;;) {
    // Looked at before the last copy: what the job wrote until its end is then all there.
    jobs.look();
    const supervise::JobState state = jobs.state(id);
    last = over(state);
    for (int i = 0; i < 2; ++i) {
      if (!files[i]) {
        files[i] = Fd(::open(paths[i].c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status {};
        if (files[i] && !from_start && ::fstat(files[i].get(), &status) == 0) at[i] = status.st_size;
      }
      if (files[i]) copy(files[i].get(), at[i], i + 1);
    }
    from_start = true;  // a file that appears later is new
    if (last) return state;
    pollfd watch{notes.get(), POLLIN, 0};
    ::poll(&watch, 1, 200);
    char drop[4096];
    while (::read(notes.get(), drop, sizeof drop) > 0) {}
  }
}

const std::string kExits = "the job's own where it has ended: 128 + N after signal N; 125 where its end is unknown";

}  // namespace

extern const Verb job_run, job_list, job_logs, job_attach, job_stop, job_wait;

const Verb job_run = {
    .name = "job run",
    .usage = "[OPTIONS] PROGRAM [ARGUMENTS]",
    .brief = "Start a job that goes on when the terminal, the browser or the SSH session is gone.",
    .flags = {name_flag,
              {"--job-name WORD", "a name of its own, for logs, wait and stop"},
              {"--folder FOLDER", "the working folder inside; default: the user's home"},
              {"--env NAME=VALUE", "set a variable; may be given several times"},
              {"--tty", "give it a terminal; its output then passes through one more process"},
              {"--attach", "show its output and end with its status"},
              {"--json", "as JSON"}},
    .examples = {"ninefold job run python train.py", "ninefold job run --folder /tf/notebooks -- python train.py --epochs 90"},
    .exits = "0: it was started; with --attach: the job's own; 127: it was not started",
    .run = [](const Args& args, Io& io) -> int {
      check(!args.rest.empty(), "job run: expected a program, got none; see ninefold job run --help");
      const supervise::Environment environment = running("job run", args);
      supervise::Fields request = {{"op", "job"}, {"cwd", args.get("--folder", environment.plan.home)}};
      if (args.has("--job-name")) request.emplace_back("name", args.get("--job-name"));
      if (args.has("--tty")) request.emplace_back("tty", "1");
      for (const std::string& variable : args.every("--env")) request.emplace_back("env", variable);
      for (const std::string& word : args.rest) request.emplace_back("arg", word);
      const supervise::Fields answer = supervise::ask(environment, request).within("job run").value();
      const std::string id = supervise::first(answer, "id");
      Jobs jobs = jobs_of("job run", args);
      if (args.has("--json")) io.out << record(jobs, id).dump() << std::endl;
      else if (args.has("--attach")) io.err << "job run: started job " << id << "\n";
      else io.out << fmt::format("{}\n", id) << std::flush;
      return args.has("--attach") ? follow(jobs, id, true).exit : ok;
    },
    .parsing = Parsing::leading};

const Verb job_list = {
    .name = "job list",
    .usage = "",
    .brief = "List the jobs, also those of an environment that is down, and how they ended.",
    .flags = {name_flag, {"--json", "as JSON"}},
    .examples = {"ninefold job list", "ninefold job list --json"},
    .exits = "0",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.empty(), "job list: expected no arguments");
      const Jobs jobs = jobs_of("job list", args);
      nlohmann::ordered_json all = nlohmann::ordered_json::array();
      for (const std::string& id : ids(jobs)) {
        if (args.has("--json")) {
          all.push_back(record(jobs, id));
          continue;
        }
        const supervise::Run* run = jobs.run(id);
        const supervise::Fields spec = spec_of(jobs, id);
        const std::string name = supervise::first(spec, "name");
        const std::int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::system_clock::now().time_since_epoch()).count();
        const std::string took = !run ? "-" : run->ended ? duration_text(run->ended - run->started)
                                 : jobs.state(id).word == "running" ? duration_text(now - run->started) : "?";
        io.out << fmt::format("{:>4}  {:<12} {:<28} {}\n", id, took, jobs.state(id).text,
                              (name.empty() ? "" : "[" + name + "] ") + command_text(spec));
      }
      if (args.has("--json")) io.out << all.dump() << "\n";
      return ok;
    }};

const Verb job_logs = {
    .name = "job logs",
    .usage = "[JOB]",
    .brief = "Show what a job wrote: its output on standard output, its errors on standard error.",
    .flags = {name_flag},
    .examples = {"ninefold job logs", "ninefold job logs 3 2> errors"},
    .exits = "0",
    .run = [](const Args& args, Io&) -> int {
      const Jobs jobs = jobs_of("job logs", args);
      const std::string id = wanted("job logs", jobs, args);
      for (int i = 0; i < 2; ++i) {
        const Fd file(::open((jobs.place(id) + (i ? "/err" : "/out")).c_str(), O_RDONLY | O_CLOEXEC));
        std::int64_t at = 0;
        if (file) copy(file.get(), at, i + 1);
      }
      return ok;
    },
    .completes = "job"};

const Verb job_attach = {
    .name = "job attach",
    .usage = "[JOB]",
    .brief = "Show a job's output from its beginning and as it comes; leaving does not disturb the job.",
    .flags = {name_flag, {"--new", "only what comes from now on"}},
    .examples = {"ninefold job attach", "ninefold job attach 3 --new"},
    .exits = kExits,
    .run = [](const Args& args, Io& io) -> int {
      Jobs jobs = jobs_of("job attach", args);
      const std::string id = wanted("job attach", jobs, args);
      const supervise::JobState state = follow(jobs, id, !args.has("--new"));
      io.err << fmt::format("job attach: job {}: {}\n", id, state.text);
      return state.exit;
    },
    .completes = "job"};

const Verb job_wait = {
    .name = "job wait",
    .usage = "[JOB]",
    .brief = "Wait until a job has ended, and end with its status.",
    .flags = {name_flag, {"--json", "as JSON"}},
    .examples = {"ninefold job wait 3 && echo fine"},
    .exits = kExits,
    .run = [](const Args& args, Io& io) -> int {
      Jobs jobs = jobs_of("job wait", args);
      const std::string id = wanted("job wait", jobs, args);
      while (!over(jobs.state(id))) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        jobs.look();
      }
      if (args.has("--json")) io.out << record(jobs, id).dump() << "\n";
      else io.err << fmt::format("job wait: job {}: {}\n", id, jobs.state(id).text);
      return jobs.state(id).exit;
    },
    .completes = "job"};

const Verb job_stop = {
    .name = "job stop",
    .usage = "[JOB]",
    .brief = "Ask a job to end (SIGTERM), and kill it when it has not ended in time.",
    .flags = {name_flag, {"--grace SECONDS", "how long it has", "10"}, {"--json", "as JSON"}},
    .examples = {"ninefold job stop 3", "ninefold job stop --grace 60"},
    .exits = "0: it has ended; 127: it cannot be asked",
    .run = [](const Args& args, Io& io) -> int {
      Jobs jobs = jobs_of("job stop", args);
      const std::string id = wanted("job stop", jobs, args);
      if (!over(jobs.state(id))) {
        const supervise::Environment environment = running("job stop", args);
        const std::int64_t grace = static_cast<std::int64_t>(std::atof(args.get("--grace").c_str()) * 1000);
        supervise::ask(environment, {{"op", "stop"}, {"id", id}, {"grace_ms", std::to_string(grace)}})
            .within("job stop").value();
        while (!over(jobs.state(id))) {
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          jobs.look();
        }
      }
      if (args.has("--json")) io.out << record(jobs, id).dump() << "\n";
      else io.err << fmt::format("job stop: job {}: {}\n", id, jobs.state(id).text);
      return ok;
    },
    .completes = "job"};

}  // namespace ninefold::cli
