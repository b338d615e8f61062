"""Derivatives of functions, under the names of torch.func and torch.autograd.functional.

grad, grad_and_value    the gradient of a function with one value
vjp, jvp                products with the Jacobian, from the left and from the right
jacrev, hessian         functions that give the whole Jacobian or Hessian
jacobian, hvp           the Jacobian at a point, the product of the Hessian with a vector
numerical_gradient      two-sided differences, to compare with; numerical_gradients_of for a loss over parameters

Arguments and results may be Tensors, or tuples, lists and dicts of such. What comes out is on the tape exactly where it
depends on something that requires a gradient: so `grad(grad(f))` is the second derivative.
"""

from xdl.func.gradients import grad, grad_and_value
from xdl.func.jacobians import hessian, jacobian, jacrev
from xdl.func.numerical import numerical_gradient, numerical_gradients_of
from xdl.func.products import hvp, jvp, vjp

__all__ = [
    "grad",
    "grad_and_value",
    "hessian",
    "hvp",
    "jacobian",
    "jacrev",
    "jvp",
    "numerical_gradient",
    "numerical_gradients_of",
    "vjp",
]
