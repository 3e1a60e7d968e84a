# In: a build folder. Out: what each family of sources costs: seconds of compiling and bytes of object code, summed by
# folder (or by file with --files), the dearest first.
#   python tools/generate/cost.py build/release [--files] [folder prefix]
import argparse
import collections
import os
import re


def family(output, files):
    """src/engine/ops of CMakeFiles/ninefold_objects.dir/src/engine/ops/matmul.cc.o."""
    path = re.sub(r"^.*?\.dir/", "", output)
    path = re.sub(r"^.*/(?=python/ninefold|isa/|tests/)", "", path)
    return path.removesuffix(".o") if files else os.path.dirname(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("prefix", nargs="?", default="")
    parser.add_argument("--files", action="store_true")
    arguments = parser.parse_args()
    last = {}
    with open(os.path.join(arguments.build, ".ninja_log")) as log:
        for line in log:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 5 and fields[3].endswith(".o"):
                last[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    seconds, size, count = collections.Counter(), collections.Counter(), collections.Counter()
    for output, took in last.items():
        whole = os.path.join(arguments.build, output)
        name = family(output, arguments.files)
        if os.path.exists(whole) and name.startswith(arguments.prefix):
            seconds[name] += took
            size[name] += os.path.getsize(whole)
            count[name] += 1
    print(f"{'seconds':>8} {'kB':>8} {'files':>5}  family")
    for name, took in seconds.most_common():
        print(f"{took:8.1f} {size[name] / 1024:8.0f} {count[name]:5}  {name or '.'}")
    print(f"{sum(seconds.values()):8.1f} {sum(size.values()) / 1024:8.0f} {sum(count.values()):5}  all; a file that the "
          "compiler cache gave counts the time of fetching it")


if __name__ == "__main__":
    main()
