"""Diffusion: the closed form of the noise, and samplers that are exact where the best denoiser is known."""

import numpy as np
import pytest

import xdl
from xdl import nn, optim
from xdl.errors import SettingError, ShapeError
from xdl.models.diffusion import Diffusion, TimeMLP, cosine_betas, linear_betas, time_waves


class Known(nn.Module):
    """The best denoiser of data N(mean, std²): E[e | x_t] = sqrt(1 - a) (x - sqrt(a) mean) / (a std² + 1 - a)."""

    def __init__(self, mean, std, betas):
        self.mean, self.std = mean, std
        self.left = xdl.tensor(np.concatenate([[1.0], np.cumprod(1 - np.array(betas))]))

    def forward(self, x, t):
        a = self.left[t].unsqueeze(1).to(x.dtype)
        return (1 - a).sqrt() * (x - a.sqrt() * self.mean) / (a * self.std**2 + 1 - a)


def known(mean=3.0, std=0.5, steps=50, dtype="float64"):
    betas = cosine_betas(steps)
    return Diffusion(Known(mean, std, betas), betas).to(dtype)


@pytest.mark.parametrize("betas", [linear_betas(60), cosine_betas(60)])
def test_all_steps_at_once_are_the_steps_one_by_one(betas):
    model = Diffusion(TimeMLP(2), betas)
    share, variance = 1.0, 0.0
    x, noise = xdl.ones(1, 2, dtype="float32"), xdl.zeros(1, 2)
    for t, b in enumerate(betas, 1):
        share, variance = share * (1 - b) ** 0.5, variance * (1 - b) + b
        at = xdl.tensor([t])
        assert model.noised(x, at, noise).tolist()[0] == pytest.approx([share] * 2, abs=1e-6)
        spread = model.noised(0 * x, at, noise + 1).tolist()[0]
        assert spread == pytest.approx([variance**0.5] * 2, abs=1e-6)
    assert share < 0.03
    assert betas == sorted(betas)


def test_schedules_by_hand():
    assert linear_betas(1000)[:1] + linear_betas(1000)[-1:] == pytest.approx([1e-4, 0.02])
    assert linear_betas(100)[-1] == pytest.approx(0.2)
    left = np.cumprod(1 - np.array(cosine_betas(100)))
    f = [np.cos((t / 100 + 0.008) / 1.008 * np.pi / 2) ** 2 for t in (0, 50)]
    assert left[49] == pytest.approx(f[1] / f[0])
    with pytest.raises(SettingError, match="at least 2 steps, found 1"):
        cosine_betas(1)
    with pytest.raises(SettingError, match="0 < first <= last < 1"):
        linear_betas(10, 0.5, 0.1)


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 7, 50])
def test_a_single_point_is_found_exactly_in_any_number_of_steps(eta, steps):
    found = known(std=0.0).sample((5, 2), steps, eta)
    np.testing.assert_allclose(found.numpy(), 3.0, rtol=1e-6)


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_samples_of_a_normal_distribution_have_its_moments(eta):
    xdl.manual_seed(0)
    found = known(steps=200).sample((20000, 1), eta=eta).numpy()
    assert found.mean() == pytest.approx(3.0, abs=0.02)
    assert found.std() == pytest.approx(0.5, abs=0.02)


def test_one_step_back_has_the_mean_and_variance_of_bayes():
    """q(x_(t-1) | x_t, x_0) from the product of the densities of x_t given x_(t-1) and of x_(t-1) given x_0."""
    xdl.manual_seed(0)
    model, t, x_t, x_0 = known(std=0.0), 20, 1.7, 3.0
    a, before = float(model.left[t]), float(model.left[t - 1])
    b = 1 - a / before
    precision = (1 - b) / b + 1 / (1 - before)
    mean = ((1 - b) ** 0.5 * x_t / b + before**0.5 * x_0 / (1 - before)) / precision
    found = model.back(xdl.full((200000, 1), x_t, dtype="float64"), t, t - 1).numpy()
    assert found.mean() == pytest.approx(mean, abs=5 * (1 / precision / 200000) ** 0.5)
    assert found.var() == pytest.approx(1 / precision, rel=0.02)


def test_a_path_without_new_noise_is_decided_by_its_start():
    paths = []
    for _ in range(2):
        xdl.manual_seed(4)
        told = []
        model = known()
        model.sample((3, 1), 5, 0.0, lambda t, x, told=told: told.append((t, x.numpy().copy())))
        paths.append(told)
    assert [t for t, _ in paths[0]] == [50, 40, 30, 20, 10, 0]
    assert all((one[1] == other[1]).all() for one, other in zip(*paths, strict=True))


def test_the_guess_of_the_data_undoes_the_noise():
    model = known(std=0.0)
    t = xdl.tensor([1, 25, 50])
    noised = model.noised(xdl.full((3, 2), 3.0, dtype="float64"), t, xdl.randn(3, 2, dtype="float64"))
    np.testing.assert_allclose(model(noised, t).numpy(), 3.0, rtol=1e-6)


def test_guesses_are_cut_to_what_data_can_be():
    betas = cosine_betas(50)
    model = Diffusion(Known(3.0, 0.0, betas), betas, bound=2.0).to("float64")
    x = xdl.randn(3, 1, dtype="float64")
    assert model(x, xdl.tensor([50, 50, 1])).tolist() == [[2.0]] * 3
    assert model.sample((4, 1), 10, 0.0).numpy() == pytest.approx(2.0, abs=1e-6)


def test_gradients_of_the_denoiser():
    model = TimeMLP(2, 4, 2, 8).to("float64")
    names = [name for name, _ in model.named_parameters()]
    t = xdl.tensor([3, 17])

    def function(x, *parameters):
        for name, parameter in zip(names, parameters, strict=True):
            *path, last = name.split(".")
            vars(model.get_submodule(".".join(path)))[last] = parameter
        return model(x, t)

    given = [xdl.randn(2, 2, dtype="float64"), *model.parameters()]
    assert xdl.gradcheck(function, [x.detach().clone().requires_grad_() for x in given])


def test_waves_by_hand():
    found = time_waves(xdl.tensor([0, 2]), 6, "float64").numpy()
    angles = 2 * np.array([1, 0.01, 0.0001])
    np.testing.assert_allclose(found[0], [0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(found[1], [*np.sin(angles), *np.cos(angles)], rtol=1e-12)


def test_it_learns_where_points_are():
    xdl.manual_seed(0)
    model = Diffusion(TimeMLP(2, 32, 2, 8), cosine_betas(20))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        x = xdl.tensor([[2.0, -1.0]]).expand(64, 2) + 0.05 * xdl.randn(64, 2)
        optimizer.zero_grad()
        loss = model.loss(x)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.4
    np.testing.assert_allclose(model.sample((200, 2)).numpy().mean(0), [2, -1], atol=0.3)


def test_on_the_strict_backend_no_value_is_looked_at(strict, no_synchronization):
    xdl.use("array_api_strict")
    model = Diffusion(TimeMLP(2, 8, 1, 8), cosine_betas(10))
    x = xdl.randn(4, 2)
    with no_synchronization():
        loss = model.loss(x)
        loss.backward()
        found = model.sample((4, 2), 3)
    assert np.isfinite(loss.item())
    assert np.isfinite(found.numpy()).all()


def test_settings_out_of_range_are_refused():
    model = known()
    with pytest.raises(SettingError, match=r"betas in \(0, 1\)"):
        Diffusion(TimeMLP(2), [0.1, 1.0])
    with pytest.raises(SettingError, match="0 <= s < t <= 50"):
        model.back(xdl.zeros(1, 1), 3, 3)
    with pytest.raises(SettingError, match="0 <= eta <= 1"):
        model.back(xdl.zeros(1, 1), 3, 2, 2.0)
    with pytest.raises(SettingError, match="1 to 50 steps, found 51"):
        model.sample((1, 1), 51)
    with pytest.raises(ShapeError, match=r"t of \(2,\)"):
        model.noised(xdl.zeros(2, 1), xdl.tensor([1]), xdl.zeros(2, 1))
    with pytest.raises(SettingError, match="an even size of at least 4, found 3"):
        time_waves(xdl.tensor([1]), 3)
