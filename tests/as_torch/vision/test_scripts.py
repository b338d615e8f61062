"""Scripts that use torchvision as their authors wrote them, each in a process of its own."""

import subprocess
import sys

import numpy as np
import pytest

import xdl
from tests.as_torch.vision.made import mnist, picture
from xdl import nn, optim
from xdl.nn import functional as F

TRAINING = """
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, 1)
        self.fc1 = nn.Linear(4 * 13 * 13, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.log_softmax(self.fc1(torch.flatten(x, 1)), dim=1)


torch.manual_seed(1)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.1307,), (0.3081,))
])
dataset1 = datasets.MNIST('data', train=True, download=True, transform=transform)
dataset2 = datasets.MNIST('data', train=False, transform=transform)
train_loader = torch.utils.data.DataLoader(dataset1, batch_size=4)
test_loader = torch.utils.data.DataLoader(dataset2, batch_size=2, num_workers=1, pin_memory=True, shuffle=True)
model = Net().to(device)
optimizer = optim.SGD(model.parameters(), lr=0.1)
model.train()
for batch_idx, (data, target) in enumerate(train_loader):
    data, target = data.to(device), target.to(device)
    optimizer.zero_grad()
    loss = F.nll_loss(model(data), target)
    loss.backward()
    optimizer.step()
    print('%.6f' % loss.item())
model.eval()
with torch.no_grad():
    correct = sum(model(data).argmax(dim=1, keepdim=True).eq(target.view_as(data[:, 0, 0, :1])).sum().item()
                  for data, target in test_loader)
print(len(train_loader.dataset), len(test_loader.dataset), 0 <= correct <= 5)
"""

FINETUNING = """
import torch, torch.nn as nn, torch.optim as optim, os
from torch.optim import lr_scheduler
import torchvision
from torchvision import datasets, models, transforms

torch.manual_seed(int(os.environ["SEED"]))
data_transforms = {
    'train': transforms.Compose([
        transforms.RandomResizedCrop(32), transforms.RandomHorizontalFlip(), transforms.ColorJitter(0.2, 0.2, 0.2, 0.1),
        transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]),
    'val': transforms.Compose([
        transforms.Resize(36), transforms.CenterCrop(32),
        transforms.ToTensor(), transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]),
}
image_datasets = {x: datasets.ImageFolder(os.path.join('pets', x), data_transforms[x]) for x in ['train', 'val']}
dataloaders = {x: torch.utils.data.DataLoader(image_datasets[x], batch_size=4, shuffle=True, num_workers=2)
               for x in ['train', 'val']}
class_names = image_datasets['train'].classes
model = models.resnet18(weights=None)
model.fc = nn.Linear(model.fc.in_features, len(class_names))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
scheduler = lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.1)
for phase in ['train', 'val']:
    model.train() if phase == 'train' else model.eval()
    for inputs, labels in dataloaders[phase]:
        optimizer.zero_grad()
        with torch.set_grad_enabled(phase == 'train'):
            loss = criterion(model(inputs), labels)
            if phase == 'train':
                loss.backward()
                optimizer.step()
        print('%s %.6f' % (phase, loss.item()))
    scheduler.step()
torchvision.utils.save_image(torchvision.utils.make_grid(inputs, normalize=True), 'last.png')
"""

WITHOUT_PILLOW = """
import sys
sys.modules["PIL"] = None
from xdl import as_torch
as_torch.install()
import numpy as np, torch
from torchvision import datasets, transforms, utils
print(transforms.ToTensor()(np.zeros((2, 3, 1), np.uint8)).shape, transforms.CenterCrop(2)(torch.ones(1, 4, 4)).shape)
print(utils.make_grid(torch.ones(2, 3, 2, 2)).shape)
try: datasets.FakeData()[0]
except RuntimeError as error: print(error)
"""


def ran(folder, *arguments):
    """What a new interpreter writes, line by line."""
    done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def losses(images, labels):
    """Those of the script, on the arrays themselves."""
    xdl.manual_seed(1)
    conv, fc = nn.Conv2d(1, 4, 3, 1), nn.Linear(4 * 13 * 13, 10)
    optimizer = optim.SGD([*conv.parameters(), *fc.parameters()], lr=0.1)
    scaled = (images[:, None].astype(np.float32) / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)
    for i in range(0, len(scaled), 4):
        hidden = F.max_pool2d(F.relu(conv(xdl.tensor(scaled[i : i + 4]))), 2)
        loss = F.cross_entropy(fc(hidden.flatten(1)), xdl.tensor(labels[i : i + 4].astype(np.int64)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def test_the_usual_training_on_mnist_runs_as_it_is(tmp_path):
    parts = mnist(tmp_path / "data")
    (tmp_path / "main.py").write_text(TRAINING)
    *found, last = ran(tmp_path, "-m", "xdl.as_torch", "main.py")
    assert [float(line) for line in found] == pytest.approx(list(losses(*parts["train"])), abs=2e-6)
    assert last == "7 5 True"


def test_the_usual_finetuning_on_folders_follows_its_seed(tmp_path, monkeypatch):
    for i in range(12):
        folder = tmp_path / "pets" / ("train" if i < 8 else "val") / ("cat", "dog")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture(40, 50, seed=i).save(folder / f"{i}.png")
    (tmp_path / "main.py").write_text(FINETUNING)
    found = []
    for seed in "001":
        monkeypatch.setenv("SEED", seed)
        found.append(ran(tmp_path, "-m", "xdl.as_torch", "main.py"))
    assert found[0] == found[1] != found[2]
    assert [line.split()[0] for line in found[0]] == ["train", "train", "val"]
    assert all(0 < float(line.split()[1]) < 20 for line in found[0])
    assert (tmp_path / "last.png").stat().st_size > 100


def test_modules_and_names_of_torchvision_are_found(tmp_path):
    picture().save(tmp_path / "a.png")
    code = (
        "from xdl import as_torch; as_torch.install()\n"
        "import torch, torchvision\n"
        "import torchvision.transforms as T, torchvision.transforms.functional as TF, torchvision.models as models\n"
        "from torchvision.datasets.folder import default_loader\n"
        "from torchvision.models.resnet import ResNet, BasicBlock\n"
        "from torchvision.models import resnet18, ResNet18_Weights\n"
        "from torchvision.utils import save_image\n"
        "image = T.ToTensor()(default_loader('a.png'))\n"
        "save_image([image, image], 'b.png', nrow=1, padding=0)\n"
        "print(TF.to_tensor(default_loader('b.png'))[:, 20:].eq(image).all().item(), torchvision.get_image_backend())\n"
        "net = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=3)\n"
        "size = sum(p.numel() for p in models.resnet18(num_classes=5).parameters())\n"
        "print(net(torch.zeros(2, 3, 32, 32)).shape, size)\n"
        "try: resnet18(weights=ResNet18_Weights.DEFAULT)\n"
        "except RuntimeError as error: print(error)\n"
        "try: T.RandomPerspectiv\n"
        "except AttributeError as error: print(str(error)[:70])"
    )
    assert ran(tmp_path, "-c", code) == [
        "True PIL",
        "(2, 3) 11179077",
        "torchvision.models.resnet18: expected weights=None, found Weights.DEFAULT: they are published as pickles, "
        "which may run any code. Where torchvision is, write its state_dict by safetensors.torch.save_file, and load "
        "that file",
        "as_torch: expected a name that xdl has, found torchvision.transforms.R",
    ]


def test_without_pillow_tensors_are_served_and_pictures_say_what_is_missing(tmp_path):
    arrays, grid, error = ran(tmp_path, "-c", WITHOUT_PILLOW)
    assert (arrays, grid) == ("(1, 2, 3) (1, 2, 2)", "(3, 6, 10)")
    assert error.startswith("torchvision: expected Pillow, found none (")
    assert error.endswith("Install it: pip install pillow")
