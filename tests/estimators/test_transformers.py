"""Scaling, polynomial features, PCA and whitening beside scikit-learn."""

import numpy as np
import pytest
from sklearn import decomposition, preprocessing

from xdl.data.iris import read_iris
from xdl.errors import DataError, SettingError, ShapeError
from xdl.estimators import PCA, MinMaxScaler, PolynomialFeatures, StandardScaler, Whitening

X, _ = read_iris()
RANDOM = np.random.default_rng(3)
WIDE = RANDOM.normal(size=(6, 10))
ODD = np.c_[X, np.full(150, 3.7), 1e-12 * X[:, 0], 1e12 + np.arange(150)]


@pytest.mark.parametrize("with_mean", [True, False])
@pytest.mark.parametrize("with_std", [True, False])
def test_standard_scaler(with_mean, with_std):
    mine = StandardScaler(with_mean=with_mean, with_std=with_std).fit(ODD)
    there = preprocessing.StandardScaler(with_mean=with_mean, with_std=with_std).fit(ODD)
    np.testing.assert_allclose(mine.transform(ODD), there.transform(ODD), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mine.inverse_transform(mine.transform(ODD)), ODD, rtol=1e-12)
    assert mine.n_samples_seen_ == 150
    reference = preprocessing.StandardScaler().fit(ODD)
    for name in ("mean_", "var_", "scale_"):
        np.testing.assert_allclose(getattr(mine, name), getattr(reference, name), rtol=1e-9, atol=1e-25)


@pytest.mark.parametrize("bounds", [(0, 1), (-2.0, 5.0)])
def test_min_max_scaler(bounds):
    mine, there = MinMaxScaler(bounds).fit(ODD), preprocessing.MinMaxScaler(bounds).fit(ODD)
    np.testing.assert_allclose(mine.transform(ODD), there.transform(ODD), rtol=1e-4, atol=1e-9)  # 1e12 + n is rounded
    np.testing.assert_allclose(mine.inverse_transform(mine.transform(ODD)), ODD, rtol=1e-9)
    for name in ("data_min_", "data_max_", "data_range_", "scale_", "min_"):
        np.testing.assert_allclose(getattr(mine, name), getattr(there, name), rtol=1e-9)
    beyond = MinMaxScaler(bounds, clip=True).fit(X[:50]).transform(X)
    assert beyond.min() == bounds[0]
    assert beyond.max() == bounds[1]
    np.testing.assert_allclose(beyond, preprocessing.MinMaxScaler(bounds, clip=True).fit(X[:50]).transform(X))
    with pytest.raises(SettingError, match="low < high"):
        MinMaxScaler((1, 1)).fit(X)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("degree", [1, 2, 3, (2, 3), (0, 2), 5])
def test_polynomial_features(degree, once, bias):
    mine = PolynomialFeatures(degree, interaction_only=once, include_bias=bias).fit(X)
    there = preprocessing.PolynomialFeatures(degree, interaction_only=once, include_bias=bias).fit(X)
    np.testing.assert_allclose(mine.transform(X), there.transform(X), rtol=1e-12)
    np.testing.assert_array_equal(mine.powers_, there.powers_)
    assert mine.n_output_features_ == there.n_output_features_
    assert list(mine.get_feature_names_out()) == list(there.get_feature_names_out())
    names = ["a", "b", "c", "d"]
    assert list(mine.get_feature_names_out(names)) == list(there.get_feature_names_out(names))


def test_the_order_of_two_features():
    mine = PolynomialFeatures(2).fit([[2.0, 3.0]])
    assert mine.transform([[2.0, 3.0]]).tolist() == [[1, 2, 3, 4, 6, 9]]
    assert list(mine.get_feature_names_out(["a", "b"])) == ["1", "a", "b", "a^2", "a b", "b^2"]
    with pytest.raises(ShapeError, match="2 names"):
        mine.get_feature_names_out(["a"])


@pytest.mark.parametrize("whiten", [True, False])
@pytest.mark.parametrize(("data", "n"), [(X, None), (X, 2), (X, 0.95), (X, 0.5), (WIDE, 5), (WIDE, None)])
def test_pca(data, n, whiten):
    mine = PCA(n, whiten=whiten).fit(data)
    there = decomposition.PCA(n, whiten=whiten, svd_solver="full").fit(data)
    assert mine.n_components_ == there.n_components_
    real = min(mine.n_components_, len(data) - 1)  # what is beyond has no variance, and any direction
    for name in ("components_", "explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(mine, name)[:real], getattr(there, name)[:real], rtol=1e-8, atol=1e-10)
    assert mine.noise_variance_ == pytest.approx(there.noise_variance_, abs=1e-12)
    z = mine.transform(data)[:, :real]
    np.testing.assert_allclose(z, there.transform(data)[:, :real], atol=1e-9)
    back = mine.inverse_transform(mine.transform(data))
    np.testing.assert_allclose(back, there.inverse_transform(there.transform(data)), atol=1e-9)
    if whiten:
        np.testing.assert_allclose(np.cov(z.T), np.eye(real), atol=1e-9)


def test_pca_refuses():
    for n in (0, 5, -1, 1.5, 0.0, "mle"):
        with pytest.raises(SettingError, match="n_components from 1 to 4"):
            PCA(n).fit(X)
    with pytest.raises(ShapeError, match="at least 2 samples"):
        PCA().fit(X[:1])
    with pytest.raises(ShapeError, match=r"X \(N, 2\)"):
        PCA(2).fit(X).inverse_transform(X)


@pytest.mark.parametrize("method", ["pca", "zca"])
def test_whitening(method):
    mine = Whitening(method).fit(X)
    z = mine.transform(X)
    np.testing.assert_allclose(np.cov(z.T), np.eye(4), atol=1e-10)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(mine.inverse_transform(z), X, rtol=1e-10)
    np.testing.assert_allclose(mine.matrix_ @ mine.inverse_, np.eye(4), atol=1e-10)
    if method == "pca":
        there = decomposition.PCA(whiten=True).fit(X)
        np.testing.assert_allclose(z, there.transform(X), atol=1e-9)
        np.testing.assert_allclose(mine.explained_variance_, there.explained_variance_)
    else:
        np.testing.assert_allclose(mine.matrix_, mine.matrix_.T, atol=1e-12)
        others = [Whitening("pca").fit(X).transform(X) @ turn for turn in turns(4)]
        assert all(np.sum((z - X + X.mean(0)) ** 2) < np.sum((o - X + X.mean(0)) ** 2) for o in others)


def turns(size):
    """Some orthogonal matrices."""
    return [np.linalg.qr(RANDOM.normal(size=(size, size)))[0] for _ in range(20)] + [np.eye(size)]


def test_whitening_holds_weak_directions_down():
    mine = Whitening("zca", eps=0.1).fit(X)
    variances = np.sort(np.linalg.eigvalsh(np.cov(mine.transform(X).T)))[::-1]
    np.testing.assert_allclose(variances, mine.explained_variance_ / (mine.explained_variance_ + 0.1))
    assert Whitening(eps=1e-3).fit(WIDE).transform(WIDE).shape == (6, 10)
    with pytest.raises(DataError, match="variance in every direction"):
        Whitening().fit(WIDE)
    with pytest.raises(SettingError, match="pca, zca"):
        Whitening("zka").fit(X)
    with pytest.raises(SettingError, match="eps"):
        Whitening(eps=-1).fit(X)
    assert list(Whitening("zca").fit(X).get_feature_names_out(list("abcd"))) == list("abcd")
