"""Public names stay: whoever imported one goes on importing it.

`public_names.txt` has what each module offered in the release before the house was laid out anew (commit 9ec7532): its
`__all__`, or what it defined without an underscore. Adding names is free; one that goes away needs a line in the
changelog and a changed file here.
"""

from importlib import import_module

from tests.house.source import ROOT

LIST = ROOT / "tests/house/public_names.txt"


def listed():
    """Module -> its names."""
    found, module = {}, None
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.endswith(":"):
            module = found.setdefault(line[:-1], [])
        else:
            module += line.split()
    return found


def missing(names):
    """The names that cannot be imported, or that `import *` no longer gives."""
    gone = []
    for path, wanted in names.items():
        module = import_module(path)
        exported = getattr(module, "__all__", wanted)
        gone += [f"{path}.{name}" for name in wanted if name not in exported or not hasattr(module, name)]
    return gone


def test_no_public_name_is_gone():
    names = listed()
    assert len(names) > 15
    assert sum(map(len, names.values())) > 850
    assert missing(names) == []


def test_a_name_that_is_gone_is_seen():
    assert missing({"xdl.nn": ["Linear", "Lineal"], "xdl.errors": ["none"]}) == ["xdl.nn.Lineal", "xdl.errors.none"]
