"""What is imported is what git holds: no module that only one machine has, and none that .gitignore would hide."""

from tests.house.source import PACKAGES, ROOT, git, modules

SOURCES = (".py", ".cu", ".cuh", ".cpp", ".h", ".gz", ".csv", ".md", ".txt", ".toml")
SHIPPED = {ROOT / folder for folder in PACKAGES}


def shipped_files():
    """The files below the folders of the packages, as they lie on the disk."""
    found = [path for folder in SHIPPED for path in folder.rglob("*") if path.suffix in SOURCES]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if not {"__pycache__"} & {*path.parts})


def hidden(paths):
    """Those that a pattern of .gitignore matches, whether git tracks them already or not."""
    return git("check-ignore", "--no-index", "--stdin", text="\n".join(paths))


def test_git_tracks_every_module_and_every_file_that_ships():
    tracked = set(git("ls-files"))
    assert {path.relative_to(ROOT).as_posix() for path in modules().values()} <= {*shipped_files()}
    assert [path for path in shipped_files() if path not in tracked] == []  # new files: git add them


def test_no_pattern_hides_a_source_file_or_its_new_neighbours():
    tracked = git("ls-files")
    neighbours = {f"{path.rpartition('/')[0]}/new.py" for path in tracked if path.endswith(".py") and "/" in path}
    assert len(neighbours) > 40
    assert hidden([*tracked, *shipped_files(), *sorted(neighbours)]) == []


def test_what_is_hidden_is_seen():
    assert hidden(["runs/mlp/x.py", "xdl/runs/x.py", "xdl/__pycache__/x.pyc"]) == [
        "runs/mlp/x.py",
        "xdl/__pycache__/x.pyc",
    ]
