"""The table: every public function and module, on the inputs that decide whether it is right."""

from tests.functional.cases import (
    arithmetic,
    images,
    indices,
    modules,
    products,
    rearranging,
    shapes,
    tensor_products,
)

CASES = [
    case
    for family in (arithmetic, shapes, rearranging, indices, products, tensor_products, images, modules)
    for case in family.cases()
]
DIFFERENTIABLE = [case for case in CASES if case.differentiable()]
SMOOTH = [case for case in DIFFERENTIABLE if case.smooth]
ORACLE = [case for case in CASES if case.oracle]
