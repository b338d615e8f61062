"""Estimators in scikit-learn's manner: `fit`, `predict`, `transform`, `score`, `get_params`, `set_params`.

They compute on any backend and work in scikit-learn's pipelines, searches and cross-validation. Lists, NumPy arrays and
Tensors come in: for a Tensor they compute where it lies and give Tensors back, for all else NumPy arrays. What `fit`
learns ends with an underscore and is kept as NumPy arrays. Values are checked: nan and infinity are refused.
"""

from xdl.estimators.base import Estimator
from xdl.estimators.hinge import HingeClassifier
from xdl.estimators.kinds import Classifier, Regressor, Transformer
from xdl.estimators.lasso import Lasso
from xdl.estimators.linear_regression import LinearRegression
from xdl.estimators.logistic_regression import LogisticRegression, SoftmaxRegression
from xdl.estimators.one_vs_rest import OneVsRest
from xdl.estimators.pca import PCA
from xdl.estimators.perceptron import Perceptron
from xdl.estimators.polynomial import PolynomialFeatures
from xdl.estimators.ridge import Ridge
from xdl.estimators.scaling import MinMaxScaler, StandardScaler
from xdl.estimators.whitening import Whitening

__all__ = [
    "PCA",
    "Classifier",
    "Estimator",
    "HingeClassifier",
    "Lasso",
    "LinearRegression",
    "LogisticRegression",
    "MinMaxScaler",
    "OneVsRest",
    "Perceptron",
    "PolynomialFeatures",
    "Regressor",
    "Ridge",
    "SoftmaxRegression",
    "StandardScaler",
    "Transformer",
    "Whitening",
]
