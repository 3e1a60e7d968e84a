# In: small programs, linked as the wheel is and as this machine likes it. Out: what they need of which glibc.
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("portable", TOOLS / "portable.py")
portable = importlib.util.module_from_spec(spec)
sys.modules["portable"] = portable
spec.loader.exec_module(portable)

# Threads, files, constructors before main and destructors after it, exceptions, locales, functions that moved or are new.
PROGRAM = r"""
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <unistd.h>
struct Global { Global() { std::puts("before"); std::fflush(stdout); } ~Global() { std::puts("after"); } } global;
int main(int count, char** words) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread other([&] { std::lock_guard lock(mutex); ready = true; changed.notify_one(); });
  { std::unique_lock lock(mutex); changed.wait(lock, [&] { return ready; }); }
  other.join();
  char text[32];
  *std::to_chars(text, text + 32, 1.5 * count).ptr = 0;
  std::string long_text(100, 'x');
  long_text.resize(3);
  long_text.shrink_to_fit();
  ::setenv("NINEFOLD_WORD", "seen", 1);
  int seen = 0;
  for (char** one = environ; *one; ++one) seen += std::strcmp(*one, "NINEFOLD_WORD=seen") == 0;
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception& error) {
    std::cout << error.what() << " " << text << " " << long_text << " " << std::hypot(3., 4.) << " " << seen << " "
              << (std::filesystem::file_size(words[0]) > 0) << " " << (std::random_device{}() != std::random_device{}()) << std::endl;
  }
}
"""
SAYS = "before\ncaught 1.5 xxx 5 1 1 1\nafter\n"


@pytest.fixture(scope="module")
def stubs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stubs")
    portable.stubs(folder, "g++")
    return folder


def link(folder, *options, source=PROGRAM, name="program"):
    (folder / "program.cc").write_text(source)
    subprocess.run(["g++", "-std=c++20", "-O1", "program.cc", "-o", name, *options], cwd=folder, check=True)
    return folder / name


@pytest.mark.parametrize("options", [[], ["-static-libstdc++"], ["-no-pie", "-fno-pie"]], ids=["shared", "static", "no-pie"])
def test_a_program_needs_the_floor_only_and_runs_here(tmp_path, stubs, options):
    program = link(tmp_path, f"-L{stubs}", *options)
    assert portable.faults({"program": program.read_bytes()}) == {}
    done = subprocess.run([program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (SAYS, 0)


def test_what_this_machine_would_need_is_named(tmp_path):
    program = link(tmp_path)
    found = " ".join(portable.faults({"program": program.read_bytes()}).get("program", []))
    machine = tuple(int(n) for n in subprocess.run(["getconf", "GNU_LIBC_VERSION"], capture_output=True, text=True).stdout.split()[1].split("."))
    assert ("__libc_start_main@GLIBC_2.34" in found) == (machine >= (2, 34)), found
    assert re.search("GLIBCXX_3.4.(29|30)", found)


LIBRARY = r"""
#include <pthread.h>
#include <string>
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int value = 0;
extern "C" int answer() { pthread_once(&once, [] { value = 42; }); return value; }
"""


def test_a_finished_library_is_lowered(tmp_path):
    library = link(tmp_path, "-shared", "-fPIC", source=LIBRARY, name="library.so")
    before = library.read_bytes()
    data, named = portable.lower(before, portable.libraries("g++"))
    assert portable.faults({"library.so": data}) == {}
    if portable.faults({"library.so": before}):  # linked with a glibc that pthread_once has moved in
        assert named == ["libpthread.so.0"]
    library.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", f"import ctypes; print(ctypes.CDLL('{library}').answer())"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_a_function_without_an_older_version_is_refused_by_name(tmp_path):
    library = link(tmp_path, "-shared", "-fPIC", name="library.so",
                   source='#include <sys/stat.h>\nextern "C" int size() { struct stat s; return stat("/", &s); }')
    if not portable.faults({"library.so": library.read_bytes()}):
        pytest.skip("this machine's glibc has stat as the floor has it")
    with pytest.raises(ValueError, match="stat of GLIBC_2.33 has no older version"):
        portable.lower(library.read_bytes(), portable.libraries("g++"))
    data, _ = portable.lower(library.read_bytes() , portable.libraries("g++"), elsewhere={"stat"})
    assert portable.faults({"library.so": data}) == {"library.so": ["stat, which no library is named for"]}
    assert portable.faults({"library.so": data}, re.compile("stat$")) == {}


@pytest.mark.parametrize("version, fine", [("GLIBC_2.31", True), ("GLIBC_2.4", True), ("GLIBC_2.32", False), ("GLIBC_PRIVATE", False), ("", True),
                                           ("GLIBCXX_3.4.28", True), ("GLIBCXX_3.4.29", False), ("GLIBCXX_3.4", True), ("CXXABI_1.3.12", True),
                                           ("CXXABI_1.3.13", False), ("CXXABI_TM_1", True), ("GCC_3.0", True), ("GCC_12.0.0", False), ("LIBRE2_9", True)])
def test_versions_are_numbers(version, fine):
    assert portable.allowed(version) is fine
