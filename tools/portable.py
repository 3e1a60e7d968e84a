#!/usr/bin/env python3
"""In: shared libraries of this machine. Out: what they need, and how to need no more than an older system has.

A linker writes beside each symbol the version that the library at hand prefers; on a new system that
version is often newer than what the program uses. So the linker is shown other libraries: `stubs` makes
empty ones that offer each symbol in the newest version that the floor below has. They are read from this
machine's own, which keep every older version for old programs. What did not exist then is missing in
them, and comes from cmake/floor or from the static libstdc++.

`lower` does the same to a library that is linked already, and `needs` tells what a file asks for.
"""
import argparse
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

# Debian 11 and Ubuntu 20.04: glibc 2.31, and the C++ library of GCC 10.
FLOOR = {"GLIBC": (2, 31), "GLIBCXX": (3, 4, 28), "CXXABI": (1, 3, 12), "GCC": (10, 0, 0)}
ENDS = {62: ("x86_64", "GLIBC_2.2.5", "ld-linux-x86-64.so.2"), 183: ("aarch64", "GLIBC_2.17", "ld-linux-aarch64.so.1")}
# Where a function lived before it moved into libc.so.6 (glibc 2.32 to 2.34).
MOVED = [(re.compile(r"dl(addr1?|close|error|info|mopen|open|sym|vsym)$"), "libdl.so.2"),
         (re.compile(r"(aio_|lio_|mq_|shm_|timer_|__aio_|__timer_)"), "librt.so.1"),
         (re.compile(r"(forkpty|openpty|login|login_tty|logout|logwtmp)$"), "libutil.so.1"),
         (re.compile(r"(__)?(pthread_|sem_|mtx_|cnd_|thrd_|tss_|call_once)"), "libpthread.so.0")]
OBJECT, FUNCTION, TLS = 1, 2, 6
WEAK = 2


class Symbol(NamedTuple):
    index: int
    name: str
    version: str  # "" without
    file: str     # the library that an undefined one is expected in
    defined: bool
    kind: int
    binding: int
    address: int
    size: int


class Elf:
    """The dynamic symbols of a 64-bit little-endian shared object or program."""

    def __init__(self, data):
        self.data = bytearray(data)
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError("no 64-bit little-endian ELF file")
        self.machine = self.half(18)
        table, size, count = self.quad(40), self.half(58), self.half(60)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, table + i * size) for i in range(count)]
        self.dynsym = self.section(11)
        self.versym = self.section(0x6FFFFFFF)
        self.verneed = self.section(0x6FFFFFFE)
        self.verdef = self.section(0x6FFFFFFD)
        self.dynamic = self.section(6)
        self.strings = self.sections[self.dynsym[6]][4] if self.dynsym else 0

    def half(self, at):
        return struct.unpack_from("<H", self.data, at)[0]

    def word(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def quad(self, at):
        return struct.unpack_from("<Q", self.data, at)[0]

    def section(self, kind):
        return next((s for s in self.sections if s[1] == kind), None)

    def text(self, offset):
        at = self.strings + offset
        return self.data[at:self.data.index(0, at)].decode()

    def tags(self, tag):
        """Values of one tag of the dynamic section."""
        start, size = (self.dynamic[4], self.dynamic[5]) if self.dynamic else (0, 0)
        return [self.quad(at + 8) for at in range(start, start + size, 16) if self.quad(at) == tag]

    def needed(self):
        return [self.text(value) for value in self.tags(1)]

    def soname(self):
        return next((self.text(value) for value in self.tags(14)), "")

    def needs(self):
        """(file, version, index, place in the data) of every version that is asked for."""
        at = self.verneed[4] if self.verneed else 0
        while at:
            _, count, file, aux, following = struct.unpack_from("<HHIII", self.data, at)
            entry = at + aux
            for _ in range(count):
                _, _, index, name, step = struct.unpack_from("<IHHII", self.data, entry)
                yield self.text(file), self.text(name), index & 0x7FFF, entry
                entry += step
            at = at + following if following else 0

    def offers(self):
        """index -> version that is defined here."""
        at, found = self.verdef[4] if self.verdef else 0, {}
        while at:
            _, flags, index, _, _, aux, following = struct.unpack_from("<HHHHIII", self.data, at)
            if not flags & 1:  # the first names the file itself
                found[index] = self.text(self.word(at + aux))
            at = at + following if following else 0
        return found

    def symbols(self):
        if not self.dynsym:
            return
        asked = {index: (file, version) for file, version, index, _ in self.needs()}
        offered = self.offers()
        for i in range(1, self.dynsym[5] // 24):
            name, info, _, section, address, size = struct.unpack_from("<IBBHQQ", self.data, self.dynsym[4] + 24 * i)
            number = self.half(self.versym[4] + 2 * i) & 0x7FFF if self.versym else 1
            file, version = asked.get(number, ("", "")) if section == 0 else ("", offered.get(number, ""))
            if section != 0xFFF1:  # absolute: the names of the versions themselves
                yield Symbol(i, self.text(name), version, file, section != 0, info & 15, info >> 4, address, size)


def order(version):
    """("GLIBC", (2, 34)) of "GLIBC_2.34"; None for names without a number, GLIBC_PRIVATE for one."""
    family, _, number = version.partition("_")
    return (family, tuple(int(n) for n in number.split("."))) if re.fullmatch(r"[\d.]+", number) else None


def allowed(version):
    known = order(version)
    if not known:  # CXXABI_FLOAT128 and its like never changed; GLIBC_PRIVATE may be gone tomorrow
        return not version.endswith("_PRIVATE")
    return known[0] not in FLOOR or known[1] <= FLOOR[known[0]]


def oldest_common(library):
    """name -> its newest version that the floor has; and the names whose newest version is newer."""
    best, newer = {}, set()
    for symbol in Elf(Path(library).read_bytes()).symbols():
        if not symbol.defined or not symbol.version:
            continue
        if not allowed(symbol.version):
            newer.add(symbol.name)
        elif symbol.name not in best or (order(best[symbol.name].version) or ()) < (order(symbol.version) or ()):
            best[symbol.name] = symbol
    return best, newer


def own(compiler, name):
    """The library that this compiler links programs with."""
    path = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    if not path.startswith("/"):
        sys.exit(f"portable: {compiler} knows no {name}")
    return path


def libraries(compiler):
    """soname -> {name: symbol}: the standard libraries as the floor had them."""
    loader = ENDS[Elf(Path(own(compiler, "libc.so.6")).read_bytes()).machine][2]
    found = {}
    for name in ("libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", loader, "libgcc_s.so.1",
                 "libstdc++.so.6"):
        best, newer = oldest_common(own(compiler, name))
        found.setdefault(name, {}).update({n: s for n, s in best.items() if "placeholder" not in n})
        if name == "libc.so.6":
            for moved in newer & set(best):
                for pattern, place in MOVED:
                    if pattern.match(moved):
                        found.setdefault(place, {})[moved] = found[name].pop(moved)
                        break
    return found


def assembly(symbols, hidden):
    """Labels for symbols. Data keeps what lies at one address together: `environ` is `__environ`."""
    lines, places = [], {}
    for symbol in symbols.values():
        if symbol.name in hidden:
            continue
        label = f'"{symbol.name}"'
        bind = f".weak {label}" if symbol.binding == WEAK else f".globl {label}"
        kind = {OBJECT: "@object", TLS: "@tls_object"}.get(symbol.kind)
        if kind:
            text = f"{bind}\n.type {label}, {kind}\n.size {label}, {symbol.size}\n{label}:"
            places.setdefault((symbol.kind, symbol.address), []).append((symbol.size, text))
        else:
            lines.append(f"{bind}\n.type {label}, @function\n{label}: .byte 0")
    for kind, section in ((OBJECT, '.section .data'), (TLS, '.section .tbss,"awT",@nobits')):
        lines.append(section)
        for (_, _), there in sorted((p, t) for p, t in places.items() if p[0] == kind):
            lines += [".balign 32", *(text for _, text in there), f".skip {max(max(s for s, _ in there), 1)}"]
    return "\n".join(lines) + "\n"


def script(symbols, hidden):
    versions = {}
    for symbol in symbols.values():
        versions.setdefault(symbol.version, []).append(symbol.name)
    text = "".join(f"{version} {{ global: " + " ".join(f'"{n}";' for n in sorted(set(names) - hidden)) + " };\n"
                   for version, names in sorted(versions.items()))
    return text or "NONE { local: *; };\n"


def stubs(folder, compiler):
    """A folder for `-L`: libc.so, libm.so, libstdc++.so and the others, as the floor had them."""
    folder.mkdir(parents=True, exist_ok=True)
    machine, base, loader = ENDS[Elf(Path(own(compiler, "libc.so.6")).read_bytes()).machine]
    # Programs begin in cmake/floor/start.c, which calls the real one by its old version.
    hidden = {"__libc_start_main"}

    def call(*command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"portable: {' '.join(map(str, command))}\n{done.stderr}")

    for soname, symbols in libraries(compiler).items():
        source, versions = folder / f"{soname}.s", folder / f"{soname}.map"
        text = ".text\n" + assembly(symbols, hidden) + '.section .note.GNU-stack,"",@progbits\n'
        if soname == "libc.so.6":
            text += f".text\n.globl floor_start\nfloor_start: .byte 0\n.symver floor_start, __libc_start_main@{base}\n"
        source.write_text(text)
        versions.write_text(script(symbols, hidden))
        call(compiler, "-shared", "-nostdlib", f"-Wl,-soname,{soname}", f"-Wl,--version-script={versions}", "-Wl,--hash-style=gnu",
             "-o", folder / soname, source)
    objects = []
    for source in sorted((Path(__file__).resolve().parents[1] / "cmake/floor").glob("*.c")):
        objects.append(folder / f"{source.stem}.o")
        call(compiler, "-x", "c", "-c", "-O2", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", f'-DBASE_VERSION="{base}"', "-o", objects[-1], source)
    (folder / "libfloor.a").unlink(missing_ok=True)
    call("ar", "rcsD", folder / "libfloor.a", *objects)

    real = own(compiler, "libc_nonshared.a")
    here = {name: folder / name for name in ("libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", loader)}
    (folder / "libc.so").write_text(
        f"GROUP ( {folder / 'libc.so.6'} {folder / 'libfloor.a'} {real} AS_NEEDED ( {here['libpthread.so.0']} {here['libdl.so.2']} "
        f"{here['librt.so.1']} {here['libutil.so.1']} {here[loader]} ) )\n")
    for name, soname in (("m", "libm.so.6"), ("pthread", "libpthread.so.0"), ("dl", "libdl.so.2"), ("rt", "librt.so.1"), ("util", "libutil.so.1")):
        (folder / f"lib{name}.so").write_text(f"INPUT ( AS_NEEDED ( {here[soname]} ) )\n")
    (folder / "libgcc_s.so").write_text(f"GROUP ( {folder / 'libgcc_s.so.1'} -lgcc )\n")
    # What is younger than the floor's C++ library comes out of the static one, hidden.
    (folder / "libstdc++.so").write_text(f"GROUP ( {folder / 'libstdc++.so.6'} {own(compiler, 'libstdc++.a')} )\n")


def lower(data, known, elsewhere=()):
    """Bytes of a linked library that asks for nothing above the floor, and the libraries it must name beside its own.

    `known` is libraries(); symbols of `elsewhere` are defined by whoever loads this one: they lose their version.
    """
    elf = Elf(data)
    numbers = {version: index for _, version, index, _ in elf.needs()}
    add = set()
    for symbol in list(elf.symbols()):
        if symbol.defined or allowed(symbol.version):
            continue
        place = elf.versym[4] + 2 * symbol.index
        if symbol.name in elsewhere:
            struct.pack_into("<H", elf.data, place, 1)
            continue
        found = next(((file, symbols[symbol.name].version) for file, symbols in known.items() if symbol.name in symbols), None)
        if not found or found[1] not in numbers:
            raise ValueError(f"{symbol.name} of {symbol.version} has no older version")
        struct.pack_into("<H", elf.data, place, numbers[found[1]])
        if found[0] not in elf.needed():
            add.add(found[0])
    # Versions that nobody asks for any more would still be looked for: unlink them from their lists.
    at = elf.verneed[4] if elf.verneed else 0
    while at:
        _, count, _, aux, following = struct.unpack_from("<HHIII", elf.data, at)
        entries, entry = [], at + aux
        for _ in range(count):
            _, _, _, name, step = struct.unpack_from("<IHHII", elf.data, entry)
            entries.append((entry, elf.text(name)))
            entry += step
        keep = [place for place, version in entries if allowed(version)]
        if not keep:
            raise ValueError("a library of which only newer versions are asked for")
        struct.pack_into("<H", elf.data, at + 2, len(keep))
        struct.pack_into("<I", elf.data, at + 8, keep[0] - at)
        for place, after in zip(keep, keep[1:] + [None]):
            struct.pack_into("<I", elf.data, place + 12, after - place if after else 0)
        at = at + following if following else 0
    return bytes(elf.data), sorted(add)


def faults(binaries, provided=re.compile(r"$^")):
    """What keeps these files from loading on the floor: name of file -> reasons. `provided`: symbols without a
    version that whoever loads them brings."""
    offered = {s.name for data in binaries.values() for s in Elf(data).symbols() if s.defined and s.binding}
    found = {}
    for name, data in binaries.items():
        reasons = [f"{s.name}@{s.version}" for s in Elf(data).symbols() if not s.defined and not allowed(s.version)]
        reasons += [f"{file}: {version}" for file, version, _, _ in Elf(data).needs() if not allowed(version)]
        reasons += [f"{s.name}, which no library is named for" for s in Elf(data).symbols()
                    if not s.defined and not s.version and s.binding != WEAK and s.name not in offered and not provided.match(s.name)]
        if reasons:
            found[name] = sorted(set(reasons))
    return found


def main():
    parser = argparse.ArgumentParser(description="Links for an older system than this one.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    make = verbs.add_parser("stubs", help="a folder of libraries to link against")
    make.add_argument("folder", type=Path)
    make.add_argument("--compiler", default="g++")
    tell = verbs.add_parser("needs", help="what these files ask of a newer system; status 1 if anything")
    tell.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "stubs":
        stubs(arguments.folder.resolve(), arguments.compiler)
        return
    found = faults({str(path): path.read_bytes() for path in arguments.files}, re.compile("_?Py"))
    for name, reasons in found.items():
        print(f"{name}: {', '.join(reasons)}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
