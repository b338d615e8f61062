"""A file is one idea of 20 to 250 lines, a folder has few enough modules to be seen at one look.

The exceptions only shrink: one that is no longer needed has to be taken out.
"""

from collections import Counter
from pathlib import Path

from tests.house.source import ROOT, project_files

LONGEST, SHORTEST = 250, 20  # lines
MOST = 22  # modules of a folder
SOURCES = (".py", ".cu", ".cuh", ".cpp", ".h")
SHORT_BY_NATURE = {"__init__.py", "__main__.py", "conftest.py", "table.py"}
SHORT = {"kernels/numpy/thin.py"}
CROWDED = set()


def lines():
    """Path -> how many lines a source file has."""
    return {
        str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in project_files()
        if path.suffix in SOURCES
    }


def crowded(paths):
    """The folders with too many modules."""
    folders = Counter(str(Path(path).parent) for path in paths if Path(path).name not in SHORT_BY_NATURE)
    return {folder for folder, count in folders.items() if count > MOST}


def test_no_file_is_longer_than_the_budget():
    found = lines()
    assert len(found) > 500
    assert {path: count for path, count in found.items() if count > LONGEST} == {}


def test_no_file_is_too_short_to_hold_an_idea():
    short = {path for path, count in lines().items() if count < SHORTEST and path.endswith(".py")}
    assert {path for path in short if Path(path).name not in SHORT_BY_NATURE} == SHORT


def test_no_folder_is_crowded():
    assert crowded(lines()) == CROWDED
    assert crowded([f"many/m{i}{SOURCES[i % len(SOURCES)]}" for i in range(MOST + 1)]) == {"many"}
