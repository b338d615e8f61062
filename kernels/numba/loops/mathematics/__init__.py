"""Functions of a number by polynomials, without a branch, so that LLVM computes many numbers at once.

    exponential.py      exp, log            hyperbolic.py       tanh, sigmoid
    error_function.py   erf, the normal distribution            trigonometric.py    sin, cos

Each follows the same plan. The argument is brought into a small range by what is exact (powers of two, multiples of
pi / 2, the sign). There a polynomial is as good as the float, fitted by Remez's algorithm so that its largest relative
error is as small as that of any polynomial of its degree: below a fiftieth of the last digit. All that is left are the
roundings of a few operations: at most 4 units in the last place of every result, 6 of erf. nan stays nan, and at
infinity there is the limit.
"""
