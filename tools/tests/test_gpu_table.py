# In: the table of C functions between libninefold and the GPU library. Out: that its version changes whenever it does: an old
# library must be told from a new one, which would find other functions in its places.
import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ABI = ROOT / "src/engine/device/cuda/abi.h"
KNOWN = Path(__file__).with_name("gpu_tables.txt")


def table_of(text):
    """The version, and what else the two libraries must agree upon: all declarations, without comments and white space."""
    version = re.search(r"constexpr uint32_t kAbiVersion = (\d+);", text)
    rest = text.replace(version[0], "")
    return int(version[1]), hashlib.sha256("".join(re.sub(r"//[^\n]*", "", rest).split()).encode()).hexdigest()[:16]


def agreed():
    """abi.h and the headers that it includes of ours."""
    text = ABI.read_text()
    return text + "".join((ROOT / "src" / header).read_text() for header in re.findall(r'#include "([^"]+)"', text))


def known():
    return dict((int(n), digest) for n, digest in (line.split() for line in KNOWN.read_text().splitlines()))


def test_a_table_that_changes_has_a_new_version():
    version, digest = table_of(agreed())
    assert known().get(version, "none") == digest, (
        f"abi.h is not the table of version {version}: raise kAbiVersion, and add the line '{version + 1} {digest}' to "
        "tools/tests/gpu_tables.txt (the latest version is the last line; one that was shipped stays as it is)")
    assert version == max(known())


def test_what_counts_as_a_change():
    text = agreed()
    version, digest = table_of(text)
    assert table_of(text.replace("// A context is", "// A  context may be")) == (version, digest)
    assert table_of(text.replace("int (*trim)", "int (*trims)"))[1] != digest
    assert table_of(text.replace("  int64_t m, n, k, batch;", "  int64_t m, k, n, batch;"))[1] != digest
    assert table_of(text.replace("int64_t lstm, batch, steps", "int64_t lstm, steps, batch"))[1] != digest
