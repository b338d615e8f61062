"""The import hook, each time in a process of its own: in this one PyTorch itself may be imported."""

import json
import subprocess
import sys

import pytest

from tests.torch_style.run import LOSSES, SCRIPTS

RUN_ALL = """
import json, sys
from xdl import as_torch
as_torch.install()
as_torch.install()
import torch
from tests.torch_style.fixed import Fixed
from tests.torch_style.run import SEED, source
found = {}
for name in json.loads(sys.argv[1]):
    names = {"__name__": name}
    exec(compile(source(name, "torch"), name, "exec"), names)
    torch.manual_seed(0)
    found[name] = [float(value) for value in names["main"](Fixed(torch, SEED))]
print(json.dumps(found))
"""


def python(*arguments, text=None):
    """What a new interpreter writes, and its errors."""
    done = subprocess.run([sys.executable, *arguments], input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def ran(code):
    """What code writes that begins with the hook installed."""
    status, out, errors = python("-c", f"from xdl import as_torch\nas_torch.install()\n{code}")
    assert status == 0, errors
    return out.split("\n")[:-1]


def test_scripts_run_as_they_are_and_give_pytorchs_losses():
    status, out, errors = python("-c", RUN_ALL, json.dumps(SCRIPTS))
    assert status == 0, errors
    expected = json.loads(LOSSES.read_text())
    for name, losses in json.loads(out).items():
        assert losses == pytest.approx(expected[name], rel=1e-6, abs=1e-6), name


def test_xdl_knows_nothing_of_it():
    code = "import sys, xdl; print(any(n.startswith(('xdl.as_torch', 'torch')) for n in sys.modules))"
    assert python("-c", code)[1] == "False\n"


def test_types_of_tensors_are_understood():
    assert ran(
        "import torch\n"
        "x = torch.FloatTensor(2, 3)\n"
        "print(x.shape, x.dtype, isinstance(x, torch.Tensor), isinstance(x, torch.FloatTensor))\n"
        "print(isinstance(x, torch.LongTensor), isinstance(torch.nn.Parameter(x), torch.Tensor))\n"
        "print(x.type(torch.DoubleTensor).dtype, torch.LongTensor([1, 2]).tolist(), torch.Tensor([1]).tolist())\n"
        "print(issubclass(torch.nn.Parameter, torch.Tensor), isinstance(x.dtype, torch.dtype))"
    ) == [
        "(2, 3) float32 True True",
        "False True",
        "float64 [1, 2] [1.0]",
        "True True",
    ]


def test_a_name_that_is_missing_is_named_with_the_nearest():
    assert ran(
        "import torch\n"
        "print(hasattr(torch, 'sparse'), getattr(torch.nn, 'Lineer', None))\n"
        "try: torch.nn.Convv2d\n"
        "except AttributeError as error: print(error)\n"
        "try: torch.sparse\n"
        "except as_torch.MissingNameError as error: print(error)\n"
        "try: import torch.sparse.utils\n"
        "except ModuleNotFoundError as error: print(error)\n"
        "try: import torch.utils.cpp_extension\n"
        "except ModuleNotFoundError as error: print(error)"
    ) == [
        "False None",
        "as_torch: expected a name that xdl has, found torch.nn.Convv2d. The nearest is torch.nn.Conv2d",
        "as_torch: expected a name that xdl has, found torch.sparse. xdl has no sparse tensors. "
        "The nearest is torch.square",
        "as_torch: expected a module that xdl answers for, found torch.sparse, which only PyTorch itself has. "
        "The nearest is torch.special",
        "as_torch: expected a module that xdl answers for, found torch.utils.cpp_extension, which only PyTorch itself "
        "has. The nearest is torch.utils.tensorboard",
    ]


def test_dtypes_that_are_missing_have_names():
    assert ran(
        "import torch\n"
        "x = torch.ones(2)\n"
        "print(x.dtype in (torch.float16, torch.bfloat16), x.dtype == torch.complex64, torch.half is torch.float16)\n"
        "try: x.to(torch.float16)\n"
        "except TypeError as error: print(error)"
    ) == [
        "False False True",
        'dtype: expected float32 or float64: xdl has no half precision, found float16. Write dtype="float32"',
    ]


def test_tensors_without_elements_may_be_of_dtypes_that_are_missing():
    assert ran(
        "import torch\n"
        "from torch import torch as again\n"
        "sizes = [torch.empty(0, dtype=d).element_size() for d in (torch.float16, torch.bfloat16, torch.complex64)]\n"
        "x = torch.zeros(2, 0, dtype=torch.complex128)\n"
        "print(sizes, x.shape, x.numel(), x.is_complex(), x.is_floating_point(), again is torch)\n"
        "print(torch.bfloat16.is_floating_point, torch.bfloat16.itemsize, torch.complex64.is_complex)\n"
        "for use in (lambda: x + 1, lambda: x.sum(), lambda: torch.zeros(1, dtype=torch.float16)):\n"
        "    try: use()\n"
        "    except TypeError as error: print(str(error)[:70])"
    ) == [
        "[2, 2, 8] (2, 0) 0 True False True",
        "True 2 True",
        "unsupported operand type(s) for +: 'Unheld' and 'int'",
        "sum: expected float32 or float64: xdl has no half precision and no com",
        "dtype: expected float32 or float64: xdl has no half precision, found f",
    ]


def test_memory_is_shared_by_dlpack():
    assert ran(
        "import torch\n"
        "from torch.utils import dlpack\n"
        "x = torch.arange(3)\n"
        "y = dlpack.from_dlpack(x)\n"
        "y[0] = 7\n"
        "print(x, type(dlpack.to_dlpack(x)).__name__)"
    ) == ["tensor([7, 1, 2]) PyCapsule"]


def test_classes_that_are_missing_say_so_when_they_are_used():
    assert ran(
        "import torch\n"
        "from torch.distributions import LogisticNormal\n"
        "from torchvision.datasets import CIFAR100\n"
        "from torch.fft import fft2\n"
        "print(isinstance(torch.ones(2), torch.HalfTensor))\n"
        "class Own(LogisticNormal): pass\n"
        "for use in (Own, CIFAR100, lambda: fft2(torch.ones(2))):\n"
        "    try: use()\n"
        "    except Exception as error: print(str(error).split('. ')[0])"
    ) == [
        "False",
        "as_torch: expected a name that xdl has, found torch.distributions.LogisticNormal",
        "as_torch: expected a name that xdl has, found torchvision.datasets.CIFAR100",
        "torch.fft.fft2: expected real numbers all the way: xdl has no complex numbers, found a call",
    ]


def test_what_changes_nothing_is_accepted_and_said_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, torch\n"
        "from torch.cuda.amp import autocast, GradScaler\n"
        "torch.backends.cudnn.benchmark = True\n"
        "model = torch.compile(torch.nn.DataParallel(torch.nn.Linear(2, 1)))\n"
        "scaler, optimizer = GradScaler(), torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "for _ in range(2):\n"
        "    with autocast():\n"
        "        loss = model(torch.ones(1, 2)).sum()\n"
        "    scaler.scale(loss).backward()\n"
        "    scaler.step(optimizer)\n"
        "    scaler.update()\n"
        "print(sys.argv[1:], list(model.state_dict()), torch.backends.cudnn.benchmark)\n"
    )
    status, out, errors = python("-m", "xdl.as_torch", str(script), "--lr", "3")
    assert status == 0, errors
    assert out == "['--lr', '3'] ['module.weight', 'module.bias'] True\n"
    assert errors.count("autocast changes nothing") == 1
    assert errors.count("compile changes nothing") == 1


def test_states_are_saved_and_pickles_refused(tmp_path):
    assert ran(
        f"import torch, os; os.chdir({str(tmp_path)!r})\n"
        "model = torch.nn.Linear(2, 1)\n"
        "optimizer = torch.optim.Adam(model.parameters())\n"
        "model(torch.ones(1, 2)).sum().backward(); optimizer.step()\n"
        "torch.save({'model': model.state_dict(), 'optimizer': optimizer.state_dict(), 'epoch': 3}, 'state.pt')\n"
        "state = torch.load('state.pt', map_location='cpu', weights_only=True)\n"
        "torch.nn.Linear(2, 1).load_state_dict(state['model'])\n"
        "optimizer.load_state_dict(state['optimizer'])\n"
        "print(state['epoch'], (state['model']['weight'] == model.weight).all().item())\n"
        "open('other.pt', 'wb').write(b'PK' + bytes(20))\n"
        "for refused in (lambda: torch.load('other.pt'), lambda: torch.save(model, 'whole.pt')):\n"
        "    try: refused()\n"
        "    except RuntimeError as error: print(error)"
    ) == [
        "3 True",
        "torch.load other.pt: expected a safetensors file, found a pickle, which may run any code. "
        "Where PyTorch is, write it anew by safetensors.torch.save_file",
        "torch.save: expected a state: tensors and numbers in dicts and lists, found Linear. "
        "Save model.state_dict(), and load it into a new model",
    ]


def test_beside_pytorch_itself_it_is_refused():
    code = "import sys, types; sys.modules['torch'] = types.ModuleType('torch')\nfrom xdl import as_torch\n"
    status, _, errors = python("-c", code + "as_torch.install()")
    assert status == 1
    assert "a process that has not imported PyTorch, found ['torch']" in errors


def test_the_command_says_what_it_needs(tmp_path):
    assert python("-m", "xdl.as_torch")[0] == 2
    assert python("-m", "xdl.as_torch", "--help")[1].startswith("usage: python -m xdl.as_torch")
    status, _, errors = python("-m", "xdl.as_torch", str(tmp_path / "none.py"))
    assert (status, "found no file" in errors) == (2, True)
    status, out, errors = python("-m", "xdl.as_torch", "--coverage")
    assert status == 0, errors
    assert "torch.optim.lr_scheduler                   16        0        0\n" in out
