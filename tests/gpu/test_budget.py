"""What every function, network, layer and optimizer costs on a GPU, counted on the stand-in: the table budget.json.

    python -m tests.gpu.test_budget

writes the table anew. launches: kernels of xdl and of CuPy, and memsets; products: calls of cuBLAS; waits: the host
waits for the device; copies: between the two, and inside the device. More than the table says fails, and so does less:
then the table is out of date. An eighth of the functions is looked at always, all of them under the mark tools.
"""

import json
from pathlib import Path

import pytest

import xdl
from tests.cuda_on_host.needs import needs_compiler
from tests.gpu.workloads import LARGE, of_training, workloads
from tests.stand_in_cupy import installed
from xdl import kernel

pytestmark = [needs_compiler, pytest.mark.filterwarnings("ignore::RuntimeWarning")]
TABLE = Path(__file__).with_name("budget.json")
ALL = workloads()
NETWORKS = {f"training {name}": (of_training, *made) for name, made in LARGE.items()}
AIMS = {  # launches and products together
    "training MLP": 20,
    "training LeNet5": 60,
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
    assert [what for what in costs.waits.by_name() if not what.startswith("linalg.")] == [], costs.waits.listing()
    assert numbers(costs) == table[name], costs.listing()


FUNCTIONS = [name for name in ALL if name.startswith("function ")]
QUICK = [*FUNCTIONS[::8], *(ALL.keys() - set(FUNCTIONS))]


@pytest.mark.parametrize("name", sorted(QUICK))
def test_the_costs_are_those_of_the_table(name, table):
    check(name, *ALL[name], table=table)


@pytest.mark.tools
@pytest.mark.parametrize("name", sorted(ALL.keys() - set(QUICK)))
def test_the_costs_of_all_other_functions(name, table):
    check(name, *ALL[name], table=table)


@pytest.mark.tools
@pytest.mark.parametrize("name", NETWORKS)
def test_the_costs_of_the_larger_networks(name, table):
    check(name, *NETWORKS[name], table=table)


def test_the_table_has_no_other_rows(table):
    assert table.keys() == ALL.keys() | NETWORKS.keys()


@pytest.mark.parametrize("name", AIMS)
def test_aims_are_kept(name, table):
    assert table[name]["launches"] + table[name]["products"] <= AIMS[name]


def write():
    """Writes the table anew."""
    rows = {}
    for name, (run, *arguments) in (ALL | NETWORKS).items():
        with installed():
            xdl.use("cupy")
            xdl.manual_seed(0)
            rows[name] = numbers(run(*arguments))
    lines = [f" {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    write()
