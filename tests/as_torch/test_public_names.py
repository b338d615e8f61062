"""What public packages ask for beside: star imports, derivatives at a point, names of types; each in a new process."""

import pytest

from tests.as_torch.test_hook import ran


def test_star_imports_take_what_is_answered():
    assert ran(
        "from torch.nn import *\n"
        "from torch.distributions import *\n"
        "print(Linear.__name__, Normal.__name__, 'functional' in globals())"
    ) == ["Linear Normal True"]


def test_derivatives_of_functions_at_a_point():
    assert ran(
        "import torch\n"
        "from torch.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp\n"
        "x, v = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 1.0])\n"
        "cube = lambda x: (x**3).sum()\n"
        "print([t.tolist() for t in vjp(lambda x: x**2, x, v)], [t.tolist() for t in jvp(lambda x: x**2, x, v)])\n"
        "print(vjp(cube, x)[1].tolist(), hessian(cube, x).tolist(), jacobian(cube, x).tolist())\n"
        "print(hvp(cube, x, v)[1].tolist(), vhp(cube, x, v)[1].tolist())\n"
        "pair = vjp(lambda a, b: a * b, (x, v), torch.ones(2))[1]\n"
        "print([t.tolist() for t in pair], pair[0].requires_grad)\n"
        "x.requires_grad_()\n"
        "print(vjp(cube, x)[1].requires_grad, vjp(cube, x, create_graph=True)[1].requires_grad)"
    ) == [
        "[[1.0, 4.0], [6.0, 4.0]] [[1.0, 4.0], [6.0, 4.0]]",
        "[3.0, 12.0] [[6.0, 0.0], [0.0, 12.0]] [3.0, 12.0]",
        "[18.0, 12.0] [18.0, 12.0]",
        "[[3.0, 1.0], [1.0, 2.0]] False",
        "False True",
    ]


def test_names_for_annotations_and_isinstance():
    assert ran(
        "import torch\n"
        "from torch import TensorType\n"
        "from torch.types import Number\n"
        "from torch.distributed.optim import ZeroRedundancyOptimizer\n"
        "from torchvision.models.densenet import DenseNet\n"
        "from torch.distributions.transforms import _InverseTransform, ExpTransform\n"
        "print(isinstance(2.0, Number), isinstance(ExpTransform().inv, _InverseTransform), torch.uint16)\n"
        "for use in (ZeroRedundancyOptimizer, DenseNet):\n"
        "    try: use()\n"
        "    except Exception as error: print(str(error).split('. ')[0])"
    ) == [
        "True True uint16",
        "torch.distributed.optim.ZeroRedundancyOptimizer: expected a script in one process, found several",
        "as_torch: expected a name that xdl has, found torchvision.models.densenet.DenseNet",
    ]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_layers_of_a_vgg(batch_norm):
    assert ran(
        "import torch\n"
        "from torchvision.models.vgg import make_layers\n"
        f"net = make_layers([4, 'M', 8], batch_norm={batch_norm})\n"
        "print(net(torch.ones(2, 3, 6, 6)).shape, len(net))"
    ) == [f"(2, 8, 3, 3) {7 if batch_norm else 5}"]


def test_the_children_of_a_resnet_in_a_row_are_the_network():
    assert ran(
        "import torch\n"
        "from torchvision.models.resnet import BasicBlock, ResNet\n"
        "net, x = ResNet(BasicBlock, [1, 1, 1, 1]).eval(), torch.randn(2, 3, 32, 32)\n"
        "features = torch.nn.Sequential(*list(net.children())[:-1])\n"
        "print([name for name, _ in net.named_children()][:4])\n"
        "print(torch.equal(net.fc(torch.flatten(features(x), 1)), net(x)))"
    ) == ["['conv1', 'bn1', 'relu', 'maxpool']", "True"]
