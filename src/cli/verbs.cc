// In: the records of this folder. Out: their order in --help.
#include "cli/verb.h"

namespace ninefold::cli {

extern const Verb python, check_script, version, completion_verb, man_verb, names;
extern const Verb init, lock, refresh, add, remove_verb, build, save, load, verify, store_list, store_gc, store_remove;
extern const Verb up, down, restart, exec_verb, shell, run_verb, keeper, connect_verb;
extern const Verb status, logs, ssh_verb, cp, diff, doctor, gpu;
extern const Verb job_run, job_list, job_logs, job_attach, job_stop, job_wait;
extern const Verb notebook_export, notebook_strip, notebook_check, notebook_scan, notebook_run;
extern const Verb push, pull, keygen, login, logout, sbom, export_verb;

const std::vector<const Verb*>& verbs() {
  static const std::vector<const Verb*> all = {
      &init, &lock, &refresh, &add, &remove_verb, &build, &push, &pull, &keygen, &login, &logout, &sbom, &export_verb, &save, &load, &verify, &store_list, &store_gc, &store_remove,
      &up, &status, &exec_verb, &shell, &ssh_verb, &run_verb, &logs, &cp, &diff, &doctor, &gpu, &restart, &down,
      &job_run, &job_list, &job_logs, &job_attach, &job_stop, &job_wait,
      &notebook_run, &notebook_export, &notebook_strip, &notebook_check, &notebook_scan,
      &python, &check_script, &version, &completion_verb, &man_verb, &names, &keeper, &connect_verb,
  };
  return all;
}

}  // namespace ninefold::cli
