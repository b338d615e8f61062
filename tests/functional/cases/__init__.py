"""The table: every public function and module, on the inputs that decide whether it is right."""

from tests.functional.cases import (
    activations,
    arithmetic,
    attention,
    batch_norms,
    class_losses,
    convolutions,
    indices,
    linear_algebra,
    logic,
    losses,
    modules,
    norms,
    pointwise,
    pools,
    products,
    rearranging,
    reductions,
    sampling,
    sequences,
    shapes,
    tensor_products,
)
from tests.functional.cases.users import everyday, keywords, older
from tests.functional.special import cases as special_values

FAMILIES = (
    arithmetic,
    pointwise,
    logic,
    shapes,
    rearranging,
    indices,
    keywords,
    reductions,
    products,
    tensor_products,
    linear_algebra,
    activations,
    convolutions,
    everyday,
    older,
    batch_norms,
    pools,
    norms,
    losses,
    class_losses,
    sampling,
    modules,
    sequences,
    attention,
    special_values,
)
CASES = [case for family in FAMILIES for case in family.cases()]
DIFFERENTIABLE = [case for case in CASES if case.differentiable()]
SMOOTH = [case for case in DIFFERENTIABLE if case.smooth]
ORACLE = [case for case in CASES if case.oracle]
