// In: the environment's variables. Out: shell text of an environment: its login profile, and the answer to
// those who ask for root.
#include "env/run/plan.h"

namespace ninefold::env::run {

std::string login_profile(const std::vector<std::string>& environment) {
  std::string text = "# Written by Ninefold: /etc/profile knows nothing of the environment's PATH.\n";
  for (const std::string& variable : environment) {
    if (variable.rfind("PATH=", 0) != 0) continue;
    std::string value;
    for (const char c : variable.substr(5)) value += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "export PATH='" + value + "'\n";
  }
  return text;
}

std::string matplotlib_words() {
  return "# Written by Ninefold when this folder was made; yours to change.\n"
         "font.family: sans-serif, WenQuanYi Micro Hei\n";
}

std::string root_words() {
  return R"sh(#!/bin/sh
# Written by Ninefold. Nobody is root inside an environment: what is in it stands in its file.
called=${0##*/}
asked=$called
if [ "$called" = sudo ]; then
  while [ $# -gt 0 ]; do
    case $1 in
      -[ugCDhpRTU]) shift; [ $# -gt 0 ] && shift ;;
      -* | *=*) shift ;;
      *) break ;;
    esac
  done
  asked=${1##*/}
  [ $# -gt 0 ] && shift
fi
verb= packages=
for word in "$@"; do
  case $word in
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else packages="$packages $word"; fi ;;
  esac
done
host="On the host, in the project's folder:"
restart="    ninefold restart      # files in volumes and mounts stay"
tell() {
  printf '%s: %s\n' "$called" "nobody is root inside ${NINEFOLD_ENVIRONMENT:-an environment}; $1" >&2
  shift
  printf '%s\n' "$@" >&2
  exit 1
}
case $asked in
  apt | apt-get | aptitude)
    case $verb in
      install | reinstall)
        tell "Debian packages come from its file. $host" \
          "    ninefold add --apt${packages:- PACKAGE}" "$restart" ;;
      remove | purge | autoremove)
        tell "Debian packages come from its file. $host" \
          "    ninefold remove --apt${packages:- PACKAGE}" "$restart" ;;
      update | upgrade | full-upgrade | dist-upgrade)
        tell "newer packages come by a new lock. $host" "    ninefold lock --upgrade" "$restart" ;;
    esac
    [ "$called" = sudo ] || exec "/usr/bin/$called" "$@" ;;
  pip | pip3 | uv | conda)
    tell "Python packages need no sudo, and last when its file names them. $host" \
      "    ninefold add${packages:- PACKAGE}" "$restart" ;;
  service | systemctl)
    tell "programs that shall keep running stand in its file: [services]. $host" \
      "    ninefold restart SERVICE" "    ninefold logs SERVICE" ;;
esac
tell "Debian packages come from its file, and no command gets more rights. $host" \
  "    ninefold add --apt PACKAGE" "$restart"
)sh";
}

}  // namespace ninefold::env::run
