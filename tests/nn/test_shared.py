"""Parameters and modules that several modules share: listed once, saved under every path."""

from xdl import nn


def test_shared_parameters_are_listed_once():
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    module[1].weight = module[0].weight
    assert [name for name, _ in module.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    every = [name for name, _ in module.named_parameters("net", remove_duplicate=False)]
    assert every == ["net.0.weight", "net.0.bias", "net.1.weight", "net.1.bias"]
    assert list(module.named_parameters(recurse=False)) == []
    assert len(module.state_dict()) == 4


def test_a_shared_module_is_listed_once():
    shared = nn.BatchNorm1d(2)
    module = nn.Sequential(nn.Sequential(shared, nn.ReLU()), shared)
    assert [path for path, _ in module.named_modules()] == ["", "0", "0.0", "0.1"]
    every = [path for path, _ in module.named_modules("net", remove_duplicate=False)]
    assert every == ["net", "net.0", "net.0.0", "net.0.1", "net.1"]
    names = ["0.0.running_mean", "0.0.running_var", "0.0.num_batches_tracked"]
    assert [name for name, _ in module.named_buffers()] == names
    assert len(list(module.named_buffers(remove_duplicate=False))) == 6
    assert {name.rpartition(".")[0] for name in module.state_dict()} == {"0.0", "1"}
    assert module.get_submodule("1") is module.get_submodule("0.0") is shared
