# In: the package as it is installed. Out: its platform tag says no less than its files need. Runs in a wheel's environment only.
import importlib.util
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def installed():
    try:
        return metadata.distribution("ninefold")
    except metadata.PackageNotFoundError:
        pytest.skip("ninefold runs from its build folder here")


def test_every_file_loads_on_what_the_tag_says(monkeypatch):
    package = installed()
    spec = importlib.util.spec_from_file_location("portable", ROOT / "tools/portable.py")
    portable = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "portable", portable)
    spec.loader.exec_module(portable)
    files = {str(f): Path(f.locate()).read_bytes() for f in package.files if Path(f.locate()).is_file()}
    binaries = {name: data for name, data in files.items() if data[:4] == b"\x7fELF"}
    assert any("libninefold.so" in name for name in binaries) and any(name.endswith("bin/ninefold") for name in binaries)
    tag = re.search(r"^Tag: \S+-(\S+)$", package.read_text("WHEEL"), re.M)[1]
    faults = portable.faults(binaries, re.compile("_?Py"))
    if "VERSION_CODENAME=bookworm" in Path("/etc/os-release").read_text():  # elsewhere libraries may travel that need more
        assert tag.startswith("manylinux_2_31_")
    assert (faults == {}) == tag.startswith("manylinux_2_31_"), faults
