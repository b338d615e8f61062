"""The table: every public function and module, on the inputs that decide whether it is right."""

from tests.functional.cases import (
    activations,
    arithmetic,
    images,
    logic,
    modules,
    pointwise,
    products,
    reductions,
    sequences,
    shapes,
)

FAMILIES = (arithmetic, pointwise, logic, shapes, reductions, products, activations, images, modules, sequences)
CASES = [case for family in FAMILIES for case in family.cases()]
DIFFERENTIABLE = [case for case in CASES if case.differentiable()]
TWICE = [case for case in DIFFERENTIABLE if case.smooth and case.twice]
SMOOTH = [case for case in DIFFERENTIABLE if case.smooth]
ORACLE = [case for case in CASES if case.oracle]
