"""The graph of any expression: what is read, what is refused, and that slopes and contributions give the gradients."""

import io
from math import exp

import pytest

from xdl import plot
from xdl.errors import SettingError
from xdl.experiments.mathematics.computation import compute
from xdl.experiments.mathematics.graph import largest_error, picture, sentences, variables
from xdl.experiments.shared.expression import MOST, read
from xdl.runs.start import RunRequest, start

CASES = {
    "used twice": ("d = w*x + b - y; d*d", ""),
    "used thrice": ("x*x*x + y/x", "x=-1.25,y=3"),
    "dead relu": ("relu(w*x - 2)*b + x", ""),
    "saturated sigmoid": ("(sigmoid(20*x) - y)**2 + x", "y=0.25"),
    "deep chain": ("sin(" * 25 + "x" + ")" * 25, ""),
    "powers": ("x**y - 2**x + -x**-2", "y=0.5"),
    "all functions": ("exp(-x)*log(w) + cos(x)*tanh(b) + sqrt(abs(b*sin(y)))", ""),
}


def computed(text, values=""):
    steps = read(text)
    return compute(steps, variables(steps, values))


def test_the_book_s_neuron(tmp_path):
    stream = io.StringIO()
    summary = start("graph", RunRequest({}), out=tmp_path, stream=stream).perform()
    rows = {row["value"]: row for row in summary["values"]}
    a = 1 / (1 + exp(-(0.8 * 1.5 - 0.4)))
    assert list(rows) == ["w", "x", "v1", "b", "v2", "v3", "y", "d", "L"]
    assert rows["w"]["gradient"] == pytest.approx(2 * (a - 1) * a * (1 - a) * 1.5, rel=1e-12)
    assert rows["L"]["forward"] == pytest.approx((a - 1) ** 2, rel=1e-12)
    assert [(edge["step"], edge["value used"]) for edge in summary["edges"][:3]] == [("L", "d"), ("L", "d"), ("d", "y")]
    assert summary["largest_error"] < 1e-9
    assert "d is used 2 times: its gradient -0.6201 is the sum of -0.31 and -0.31" in stream.getvalue()
    (folder,) = (tmp_path / "graph").iterdir()
    data = plot.load_data(folder / "figures" / "graph.safetensors")
    assert data.options["labels"][0] == "w\nvalue 0.8\ngradient -0.199"
    assert data.options["labels"][-1].startswith("L = d * d\n")
    assert data.arrays["edges"].tolist()[-2:] == [[7, 8], [7, 8]]
    assert data.arrays["marked"].tolist() == [7, 8]


@pytest.mark.parametrize("name", CASES)
def test_slopes_times_gradients_add_up_to_the_gradients_of_the_tape(name):
    c = computed(*CASES[name])
    assert c.sums == pytest.approx(c.gradients, rel=1e-12, abs=1e-300)
    assert largest_error(c) < 1e-7
    drawn = picture(c, "")
    gradients = [0.0] * (len(c.steps) - 1) + [1.0]
    for (source, target), use in reversed(list(zip(drawn.arrays["edges"].tolist(), c.uses, strict=True))):
        gradients[source] += gradients[target] * use.slope
    assert gradients == pytest.approx(c.gradients, rel=1e-9, abs=1e-300)
    assert drawn.options["edge_labels"] == [f"{use.slope:.3g}" for use in c.uses]


def test_a_wrong_gradient_would_be_seen():
    c = computed("w*x + b")
    c.gradients[0] += 1e-3
    assert largest_error(c) > 1e-4


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("relu(w*x - 2)*b + x", "", "v3 = relu(v2) is dead"),
        ("sigmoid(20*x)", "", "L = sigmoid(v1) is saturated: only 9.4e-14 of the gradient"),
        ("relu(x) + x", "x=0", "L has a corner at x: no derivative exists"),
        ("x*x*x", "x=2", "x is used 3 times: its gradient 12 is the sum of 4 and 4 and 4"),
    ],
)
def test_what_there_is_to_see(text, values, said):
    assert said in " ".join(sentences(computed(text, values)))


def test_a_steep_curve_is_no_corner():
    assert computed("1/x + log(x)", "x=0.0005").corners == []
    assert computed("abs(x) + 1/y", "x=0,y=0.0005").corners == [0]


def test_names_and_numbers():
    steps = read("  a = x*2;\n k = 1/4; v1 = a + k; v1 + a ")
    assert [(step.name, step.formula) for step in steps] == [
        ("x", ""),
        ("a", "x * 2"),
        ("v1", "a + 0.25"),
        ("L", "v1 + a"),
    ]
    assert [step.name for step in read("L*v1 + 1")] == ["L", "v1", "v2", "v3"]
    assert variables(read("u*w"), "u = 3") == {"u": 3.0, "w": 0.8}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "an operation, found ''"),
        ("x", "an operation, found 'x'"),
        ("y + x % 2", "'x % 2' at character 5 of 'y [+] x % 2'"),
        ("x ^ 2", r"A power is written \*\*"),
        ("2x", "at character 1 of '2x'"),
        ("(x", "never closed at character 1"),
        ("__import__('os').remove('a')", "at character 1"),
        ("tann(x)", "a known function, found 'tann.x.' at character 1.*Did you mean 'tanh'"),
        ("x + exp", "'exp' at character 5"),
        ("exp(x, y)", r"'exp\(x, y\)'"),
        ("exp(x=y)", r"'exp\(x=y\)'"),
        ("x.y*2", "'x.y'"),
        ("µ*2 + é[0]", "'é.0.' at character 7"),
        ("'a'*x", "''a''|\"'a'\""),
        ("True*x", "'True' at character 1"),
        ("2j*x", "'2j'"),
        ("x < y", "'x < y'"),
        ("x if y else 2", "'x if y else 2'"),
        ("[x][0]*2", "at character 1"),
        ("a = x; a = y; a*x", "a new name before =, found 'a' at character 8"),
        ("exp = 3; exp*x", "a new name"),
        ("x*2; y*2", "name = value"),
        ("import os; x*2", "'import os'"),
        ("a = x*2; x + 1", "depends on every step, found .'a'. without a use"),
        ("1e999*x", "a finite number, found '1e999'"),
        ("9" * 390 + "*x", "a finite number"),
        ("x*log(0)", "a finite number, found 'log.0.'"),
        ("x/(1 - 1)", "a finite value, found inf for L = x / 0"),
        ("x*\x00", "null bytes"),
        ("-" * 100 + "x", "at most 30 operations inside each other"),
        ("(" * 150 + "x" + ")" * 150, "an operation"),
        ("(" * 199 + "x*2" + ")" * 199, "at most 400 characters, found 401"),
        ("+".join(f"({'+'.join(f'a{10 * i + j}' for j in range(9))})" for i in range(5)), f"at most {MOST} steps"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_what_is_not_understood_is_pointed_at(text, said):
    with pytest.raises(SettingError, match=said) as caught:
        computed(text)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("log(x)*2", "x=0", "a finite value, found -inf for v1 = log"),
        ("sqrt(x)*2", "x=0", "a finite slope of v1 = sqrt.x., found inf by x = 0"),
        ("sqrt(x)*2", "x=1e-9", "a finite derivative by x"),
        ("w*x", "z=1", "a variable of the expression before =, found 'z=1'. Known: w, x"),
        ("w*x", "w", "w=number"),
        ("w*x", "w=1,x=two", "x=number, found 'x=two'"),
        ("w*x", "w=nan", "a finite value"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_values_that_do_not_fit_are_refused(text, values, said):
    with pytest.raises(SettingError, match=said):
        computed(text, values)
