"""The pairs of networks that are measured: a step changes both, in either library, and they are the project's own."""

import sys

import pytest

import xdl
from tests.house.source import ROOT
from xdl.models.adversarial import DCGANCritic, DCGANGenerator


@pytest.fixture
def generators(monkeypatch):
    """bench/generative/generators.py."""
    monkeypatch.syspath_prepend(ROOT / "bench")
    from generative import generators

    yield generators
    for name in ("generative.generators", "generative"):
        sys.modules.pop(name, None)


def test_a_step_changes_both_networks(generators, monkeypatch):
    made, build = [], generators._points
    monkeypatch.setattr(generators, "_points", lambda nn: made.append(build(nn)) or made[-1])
    run = generators.generator("xdl", generators.POINTS)
    before = [[p.numpy().copy() for p in one.parameters()] for one in made[0]]
    run()
    for one, old in zip(made[0], before, strict=True):
        assert all((p.numpy() != q).any() for p, q in zip(one.parameters(), old, strict=True))
        assert all(p.requires_grad for p in one.parameters())


def test_the_images_pair_is_that_of_the_models(generators):
    make, judge = generators._dcgan(xdl.nn)
    own = DCGANGenerator(64, (1, 28, 28)).layers, DCGANCritic((1, 28, 28)).layers
    for found, expected in zip((make, judge), own, strict=True):
        shapes = [[p.shape for p in one.parameters()] for one in (found, expected)]
        assert shapes[0] == shapes[1]


@pytest.mark.torch
def test_both_libraries_make_a_step(generators):
    for library in ("torch", "xdl"):
        for name in generators.GENERATORS:
            generators.generator(library, name)()
