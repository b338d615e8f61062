"""What every function, network, layer, optimizer and experiment costs on a GPU, counted on the stand-in: budget.json.

    python -m tests.gpu.test_budget [WORDS]

writes the table anew, or the rows whose names begin with the words. launches: kernels of xdl and of CuPy, and memsets;
products: calls of cuBLAS; waits: the host waits for the device; copies: between the two, and inside the device. More
than the table says fails, and so does less: then the table is out of date. An eighth of the functions and some
experiments are looked at always, the others under the mark tools, and the longest under slow.
"""

import json
import sys
from pathlib import Path

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.gpu.experiments import LONG, QUICK, READ, UNCOUNTED, WITHOUT_STEPS, of_experiment
from tests.gpu.workloads import LARGE, of_training, workloads
from tests.stand_in_cupy import installed
from xdl import kernel
from xdl.experiments import EXPERIMENTS

pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]
TABLE = Path(__file__).with_name("budget.json")
ALL = workloads()
COUNTED = {f"experiment {name}": (of_experiment, name) for name in sorted(EXPERIMENTS.keys() - UNCOUNTED)}
NETWORKS = {f"training {name}": (of_training, *made) for name, made in LARGE.items()}
AIMS = {  # launches and products together
    "training MLP": 20,
    "training LeNet5": 60,
    "experiment lenet": 60,
    "training resnet20": 400,
    "layer LSTM": 12,
    "layer GRU": 12,
}


@pytest.fixture(scope="module")
def table():
    return json.loads(TABLE.read_text())


@pytest.fixture(autouse=True)
def on_cupy(stand_in):
    xdl.use("cupy")


def numbers(costs):
    """A row of the table."""
    return {name: getattr(costs, name).total() for name in ("launches", "products", "waits", "copies")}


def check(name, run, *arguments, table):
    if name.startswith("training"):
        kernel.set_mode("required")  # no network falls to a slot's reference
    costs = run(*arguments)
    if run is not of_experiment or arguments[0] not in WITHOUT_STEPS | READ.keys():
        assert [what for what in costs.waits.by_name() if not what.startswith("linalg.")] == [], costs.waits.listing()
    assert numbers(costs) == table[name], costs.listing()


FUNCTIONS = [name for name in ALL if name.startswith("function ")]
ALWAYS = [*FUNCTIONS[::8], *(ALL.keys() - set(FUNCTIONS))]


@pytest.mark.parametrize("name", sorted(ALWAYS))
def test_the_costs_are_those_of_the_table(name, table):
    check(name, *ALL[name], table=table)


@pytest.mark.tools
@pytest.mark.parametrize("name", sorted(ALL.keys() - set(ALWAYS)))
def test_the_costs_of_all_other_functions(name, table):
    check(name, *ALL[name], table=table)


@pytest.mark.tools
@pytest.mark.parametrize("name", NETWORKS)
def test_the_costs_of_the_larger_networks(name, table):
    check(name, *NETWORKS[name], table=table)


def marked(name):
    """The mark of an experiment's row."""
    kind = name.removeprefix("experiment ")
    marks = () if kind in QUICK else (pytest.mark.slow if kind in LONG else pytest.mark.tools,)
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [marked(name) for name in COUNTED])
def test_the_costs_of_the_experiments(name, table, without_figures):
    check(name, *COUNTED[name], table=table)


def test_the_table_has_no_other_rows(table):
    assert table.keys() == ALL.keys() | NETWORKS.keys() | COUNTED.keys()


def test_no_experiment_waits_in_its_steps_but_those_that_say_why(table):
    waiting = {name for name in EXPERIMENTS.keys() - UNCOUNTED if table[f"experiment {name}"]["waits"]}
    assert waiting - WITHOUT_STEPS == READ.keys()


@pytest.mark.parametrize("name", AIMS)
def test_aims_are_kept(name, table):
    assert table[name]["launches"] + table[name]["products"] <= AIMS[name]


def write(words=""):
    """Writes the table anew, or the rows whose names begin with the words."""
    rows = json.loads(TABLE.read_text())
    made = ALL | NETWORKS | COUNTED
    for name, (run, *arguments) in made.items():
        if name.startswith(words):
            with installed():
                xdl.use("cupy")
                xdl.manual_seed(0)
                rows[name] = numbers(run(*arguments))
    lines = [f" {json.dumps(name)}: {json.dumps(rows[name])}" for name in made]
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write(*sys.argv[1:])
