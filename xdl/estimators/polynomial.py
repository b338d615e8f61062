"""Products and powers of features, so that a linear model draws curves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, combinations_with_replacement
from numbers import Integral
from typing import Any

from xdl.creation.filled import ones
from xdl.errors import SettingError
from xdl.estimators.given import given_back, host_values
from xdl.estimators.kinds import Transformer
from xdl.estimators.settings import is_pair
from xdl.functional.shape.rearrange import stack
from xdl.tensor import Tensor


class PolynomialFeatures(Transformer):
    """All products of features up to a degree, in scikit-learn's order: 1, a, b, a^2, a b, b^2 for two and degree 2.

    degree:           the largest degree, or (least, largest)
    interaction_only: whether each feature stands at most once in a product
    include_bias:     whether the constant 1 comes first
    """

    powers_: Any
    n_output_features_: int

    def __init__(
        self, degree: int | tuple[int, int] = 2, *, interaction_only: bool = False, include_bias: bool = True
    ) -> None:
        self.degree = degree
        self.interaction_only = interaction_only
        self.include_bias = include_bias

    def learn(self, x: Tensor) -> None:
        """Lists the products of x's features: powers_ (products, D). Raises SettingError."""
        products = list(self._products())
        if not products:
            raise SettingError("PolynomialFeatures", "a degree of at least 1, or include_bias", "degree 0 without it")
        powers = [[product.count(i) for i in range(x.shape[1])] for product in products]
        self.powers_ = host_values("PolynomialFeatures", "powers", powers)
        self.n_output_features_ = len(products)

    def transform(self, X: Any) -> Any:
        """The products (N, products) of X (N, D). Raises as `features`."""
        x = self.features(X)
        made: dict[tuple[int, ...], Tensor] = {(): ones(x.shape[0], dtype=x.dtype, device=x.device)}

        def product(factors: tuple[int, ...]) -> Tensor:
            if factors not in made:
                made[factors] = product(factors[:-1]) * x[:, factors[-1]]
            return made[factors]

        return given_back(stack([product(factors) for factors in self._products()], 1), X)

    def output_names(self, names: list[str]) -> list[str]:
        """ "1", "a", "b", "a^2", "a b", "b^2"."""
        return [_name(product, names) for product in self._products()]

    def _products(self) -> Iterator[tuple[int, ...]]:
        """The numbers of the features of each product, in order of degree."""
        bounds: Any = (0, self.degree) if isinstance(self.degree, Integral) else self.degree
        if not (is_pair(bounds, Integral) and 0 <= bounds[0] <= bounds[1]):
            expected = "degree: a whole number of at least 0, or (least, largest)"
            raise SettingError("PolynomialFeatures", expected, repr(self.degree))
        least, largest = map(int, bounds)
        choose = combinations if self.interaction_only else combinations_with_replacement
        degrees = range(max(1, least), largest + 1)
        bias = [()] if self.include_bias else []
        return chain(bias, *(choose(range(self.n_features_in_), degree) for degree in degrees))


def _name(product: tuple[int, ...], names: list[str]) -> str:
    """The product as text: "a^2 b"."""
    powers = [(names[i], product.count(i)) for i in sorted(set(product))]
    return " ".join(name if power == 1 else f"{name}^{power}" for name, power in powers) or "1"
