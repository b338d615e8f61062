"""Who may import what: the directions of the layers, and the few places that touch each outside package."""

import ast
import re
import sys
import tomllib
from fnmatch import fnmatch

from tests.house.source import PACKAGES, ROOT, imports, modules, tree

LAYERS = (
    ("interrupt", "printable", "errors", "guard", "cache", "dtypes", "backend", "devices"),
    (
        "kernel",
        "kernel_options",
        "addition",
        "tensor",
        "promotion",
        "tape",
        "creation",
        "random",
        "threads",
        "overlap",
        "node",
        "observe",
        "recording",
        "unwritten",
        "broadcasting",
        "gradient_hooks",
        "cuda",
        "gradcheck",
        "capture",
    ),
    ("functional", "extend", "linalg"),
    ("nn", "optim", "profiling", "distributions", "autograd", "func"),
    ("models", "train", "data", "plot", "io", "report", "docs", "estimators"),
    ("runs",),
    ("experiments",),
    ("cli", "__main__", "as_torch"),
)
LEVEL = {f"xdl.{name}": level for level, names in enumerate(LAYERS) for name in names}
ROOT_LEVEL = 3  # `import xdl` loads everything up to nn and optim, so only what is above may import it

# What backends/ and kernels/ see of the core; the core sees nothing of them. The harness is a device for CUDA kernels.
BESIDE = {
    "xdl.backends": ("xdl.errors", "xdl.cache", "xdl.backend", "xdl.threads", "xdl.observe"),
    "xdl.kernels": (*(f"xdl.{name}" for names in LAYERS[:3] for name in names), "xdl.optim"),
}
HARNESS = "xdl.backends.cuda_on_host"
KERNEL_FAMILIES = ("xdl.kernels.numpy", "xdl.kernels.numba", "xdl.kernels.cuda")

OUTSIDE = {  # package -> the files that may import it
    "numpy": (
        "backends/numpy.py",
        "backends/cuda_on_host/*",
        "kernels/common/*",
        "kernels/numpy/*",
        "kernels/numba/*",
        "xdl/data/*",
        "xdl/io/*",
        "xdl/plot/*",
        "xdl/as_torch/vision/*",
        "xdl/as_torch/beside/child.py",  # which seeds its random numbers
    ),
    "cupy": ("backends/cupy.py", "backends/cupy_status.py", "backends/cupy_report.py", "kernels/cuda/*"),
    "cupyx": ("backends/cupy.py",),  # comes with cupy
    "numba": ("kernels/numba/*",),
    "llvmlite": ("kernels/numba/loops/*",),  # comes with numba
    "array_api_compat": ("backends/cupy.py",),
    "threadpoolctl": ("xdl/threads/blas.py",),
    "rich": ("xdl/cli/*", "xdl/train/callbacks/progress.py"),
    "typer": ("xdl/cli/*",),
    "matplotlib": ("xdl/plot/*",),
    "tensorboardX": ("xdl/train/callbacks/tensorboard.py", "xdl/io/event_file.py", "xdl/as_torch/writer.py"),
    "optuna": ("xdl/runs/tuning/*",),
    "PIL": ("xdl/data/pictures/decode.py", "xdl/as_torch/vision/pillow.py"),
    "torch": (  # what compares with it, where it is there
        "xdl/experiments/networks/beside_pytorch.py",
        "xdl/as_torch/beside/child.py",
    ),
    "sklearn": ("xdl/experiments/regression/beside_scikit_learn.py",),  # the same
    "pooch": ("xdl/data/fetching/mirror.py",),
}
ON_LOAD = ("numpy", "typer", "rich")  # the others only inside the function that needs them
LOOPS = "kernels/numba/loops/*"  # what is imported when Numba is wanted

CORE = [name for name in modules() if not name.startswith(tuple(BESIDE))]


def layer(name):
    """xdl.nn.linear -> xdl.nn"""
    return ".".join(name.split(".")[:2])


def place(name):
    return modules()[name].relative_to(ROOT).as_posix()


def outside(name):
    """The imports of a module from packages that are neither xdl nor Python's own."""
    return [(found.module.partition(".")[0], found) for found in imports(name) if not ours(found.module)]


def ours(module):
    return module.partition(".")[0] in ("xdl", *sys.stdlib_module_names)


def test_the_reader_sees_what_it_should():
    assert {modules()[package].parent.name for package in PACKAGES.values()} == set(PACKAGES)
    assert "xdl.backend" in [found.module for found in imports("xdl.tensor")]
    assert "xdl.tape" not in [found.module for found in imports("xdl.tensor")]  # for type checkers only
    assert [package for package, _ in outside("xdl.backends.cupy")] == ["cupy", "array_api_compat", "cupyx"]
    assert ("numpy", True) in [(package, found.on_load) for package, found in outside("xdl.plot.matrix")]
    assert ("matplotlib", False) in [(package, found.on_load) for package, found in outside("xdl.plot.figure")]


def test_every_module_has_a_place_among_the_layers():
    assert {layer(name) for name in CORE} - {"xdl"} <= set(LEVEL)


def test_nothing_imports_upwards():
    wrong = []
    for name in CORE:
        for found in imports(name):
            too_high = found.module.partition(".")[0] == "xdl" and _level(found.module) > _level(name)
            if too_high or (found.module == "xdl" and _level(name) == ROOT_LEVEL):
                wrong.append(f"{place(name)}:{found.line} imports {found.module}")
    assert wrong == []


def _level(name):
    if name.startswith(tuple(BESIDE)):
        return len(LAYERS)
    return ROOT_LEVEL if name == "xdl" else LEVEL[layer(name)]


def test_backends_and_kernels_import_only_what_lies_below_them():
    wrong = []
    for name in sorted(set(modules()) - set(CORE)):
        for found in imports(name):
            allowed = (*BESIDE[layer(name)], layer(name), *(["xdl.kernels"] if name.startswith(HARNESS) else []))
            if found.module.partition(".")[0] == "xdl" and layer(found.module) not in allowed:
                wrong.append(f"{place(name)}:{found.line} imports {found.module}")
    assert wrong == []


def test_families_of_kernels_never_import_each_other():
    assert all(family in modules() for family in KERNEL_FAMILIES)
    wrong = []
    for name in modules():
        own = [family for family in KERNEL_FAMILIES if name.startswith(family)]
        for found in imports(name):
            if own and any(found.module.startswith(other) for other in KERNEL_FAMILIES if other not in own):
                wrong.append(f"{place(name)}:{found.line} imports {found.module}")
    assert wrong == []


def test_loops_are_imported_by_name_alone():
    """So that nothing imports Numba before it is wanted."""
    package = "xdl.kernels.numba.loops"
    inside = [name for name in modules() if name.startswith(package)]
    assert len(inside) > 10
    others = [name for name in modules() if name not in inside]
    assert [name for name in others for found in imports(name) if found.module.startswith(package)] == []


def test_runs_know_no_experiment_and_folders_of_experiments_not_each_other():
    wrong = []
    for name in modules():
        part = name.split(".")[2] if name.count(".") > 2 and name.startswith("xdl.experiments.") else None
        for found in imports(name):
            if not found.module.startswith("xdl.experiments"):
                continue
            there = found.module.split(".")[2] if found.module.count(".") > 1 else None
            if name.startswith("xdl.runs") or (part and there not in (part, "shared", None)):
                wrong.append(f"{place(name)}:{found.line} imports {found.module}")
    assert wrong == []


def test_neighbours_are_imported_relatively_in_backends_and_kernels_and_absolutely_in_xdl():
    wrong = []
    for name, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                absolute = (node.module or "").startswith(layer(name))
                if absolute if layer(name) in BESIDE else node.level:
                    wrong.append(f"{place(name)}:{node.lineno} {ast.unparse(node)}")
    assert wrong == []


def test_no_imports_form_a_cycle():
    """Those inside functions count as well, since a reader follows them; those for type checkers alone do not."""
    done, path = set(), []

    def visit(name):
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name in modules() and name not in done:
            path.append(name)
            for found in imports(name):
                if found.module != "xdl":
                    visit(found.module)
            path.pop()
            done.add(name)

    for name in modules():
        visit(name)


def test_outside_packages_are_imported_where_they_belong():
    wrong = [
        f"{place(name)}:{found.line} imports {package}"
        for name in modules()
        for package, found in outside(name)
        if not any(fnmatch(place(name), allowed) for allowed in OUTSIDE.get(package, ()))
        or (found.on_load and package not in ON_LOAD and not fnmatch(place(name), LOOPS))
    ]
    assert wrong == []


def test_declared_dependencies_are_those_that_are_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[\w-]+", line).group().replace("-", "_") for line in project["dependencies"]}
    assert {package for name in modules() for package, _ in outside(name)} == declared | {
        "cupy",
        "cupyx",
        "numba",
        "llvmlite",
        "matplotlib",
        "tensorboardX",
        "optuna",
        "PIL",
        "torch",
        "sklearn",
    }


def test_nothing_runs_code_from_data():
    wrong = []
    for name, path in modules().items():
        if place(name) == "xdl/capture/program.py":  # it runs what it wrote itself, in which data are constants
            continue
        for found in imports(name):
            if found.module.partition(".")[0] in ("pickle", "marshal", "shelve"):
                wrong.append(f"{place(name)}:{found.line} imports {found.module}")
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                runs = ast.unparse(node.func) in ("eval", "exec", "compile", "__import__")
                if runs or "allow_pickle" in [keyword.arg for keyword in node.keywords]:
                    wrong.append(f"{place(name)}:{node.lineno} {ast.unparse(node.func)}")
    assert wrong == []
