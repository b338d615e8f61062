"""Convolutions for the kernel tests: {name: (shape of x, shape of w, geometry)}, and the arguments of their slots."""

import numpy as np

from xdl.functional.conv.conv import Geometry, output_size


def geometry(stride=1, padding=0, dilation=1, groups=1):
    """A Geometry from numbers or pairs."""
    both = [v if isinstance(v, tuple) else (v, v) for v in (stride, padding, dilation)]
    return Geometry(*both, groups)


SMALL = {
    "3x3": ((3, 4, 6, 7), (5, 4, 3, 3), geometry()),
    "3x3 padded": ((5, 3, 5, 5), (4, 3, 3, 3), geometry(padding=1)),
    "1x1": ((3, 5, 4, 4), (2, 5, 1, 1), geometry()),
    "1x1 stride 2": ((2, 3, 5, 7), (4, 3, 1, 1), geometry((2, 3))),
    "1x1 no image": ((0, 3, 5, 7), (4, 3, 1, 1), geometry()),
    "1x1 stride 2 groups 2": ((3, 4, 5, 5), (2, 2, 1, 1), geometry(2, groups=2)),
    "all at once": ((4, 4, 9, 8), (6, 2, 3, 2), geometry((2, 1), (2, 1), (1, 2), 2)),
    "depthwise": ((2, 3, 7, 7), (3, 1, 3, 3), geometry(2, 1, groups=3)),
    "one image": ((1, 1, 28, 28), (6, 1, 5, 5), geometry(padding=2)),
    "no image": ((0, 2, 5, 5), (3, 2, 3, 3), geometry()),
    "many images": ((17, 3, 9, 8), (4, 3, 3, 2), geometry((2, 1), padding=1)),
    "many images, groups 2": ((16, 4, 6, 6), (6, 2, 3, 3), geometry(groups=2)),
    "many images over threads": ((40, 4, 24, 24), (3, 4, 5, 5), geometry(padding=2)),
}
WIDE = {  # enough channels for the ways that copy all channels of a pixel at once
    "many blocks": ((5, 16, 33, 31), (8, 16, 3, 3), geometry(padding=1)),
    "wide 3x3": ((2, 16, 9, 10), (17, 16, 3, 3), geometry(padding=1)),
    "wide 3x3 padded by 2": ((3, 33, 8, 8), (16, 33, 3, 3), geometry(padding=(2, 0))),
    "wide 3x3 on 32": ((3, 16, 32, 32), (16, 16, 3, 3), geometry(padding=1)),
    "wide 3x3 of many": ((2, 96, 8, 8), (90, 96, 3, 3), geometry(padding=1)),
    "tiles of 3x3": ((24, 16, 4, 4), (16, 16, 3, 3), geometry(padding=1)),
    "tiles of 3x3 at edges": ((20, 17, 7, 4), (16, 17, 3, 3), geometry(padding=1)),
    "tiles of 5x5": ((8, 16, 6, 8), (16, 16, 5, 5), geometry(padding=2)),
    "wide 5x5": ((2, 16, 14, 13), (31, 16, 5, 5), geometry(padding=2)),
    "wide 3x3 stride 2": ((2, 16, 11, 12), (20, 16, 3, 3), geometry(2, 1)),
    "wide rest": ((2, 16, 12, 12), (20, 16, 3, 2), geometry((3, 2), (1, 0))),
    "squares of 4x4": ((17, 33, 15, 16), (32, 33, 4, 4), geometry(2, 1)),
    "squares of 5x5": ((12, 32, 18, 15), (33, 32, 5, 5), geometry(2, (3, 0))),
    "squares of 6x6": ((17, 32, 14, 14), (32, 32, 6, 6), geometry(2, (0, 5))),
    "few squares of 5x5": ((8, 16, 10, 10), (16, 16, 5, 5), geometry(2, 2)),
    "wide 4x4 stride 2": ((3, 16, 14, 13), (20, 16, 4, 4), geometry(2, 1)),
    "wide 5x4 stride 3 and 2": ((2, 16, 16, 9), (17, 16, 5, 4), geometry((3, 2), (2, 3))),
    "wide 2x3 stride 2 and 3": ((2, 16, 7, 11), (16, 16, 2, 3), geometry((2, 3), (0, 2))),
    "wide padded beyond the kernel": ((2, 16, 5, 4), (16, 16, 3, 3), geometry((2, 1), 7)),
    "wide dilated": ((2, 16, 11, 12), (20, 16, 3, 3), geometry(1, (1, 2), 2)),
    "wide 1x1": ((3, 17, 6, 5), (16, 17, 1, 1), geometry()),
    "wide no image": ((0, 16, 11, 12), (20, 16, 3, 3), geometry()),
    "many filters": ((2, 16, 4, 4), (256, 16, 3, 3), geometry(padding=1)),
    "large 7x7": ((16, 8, 12, 9), (9, 8, 7, 7), geometry(padding=3)),
    "large 11x9": ((9, 9, 11, 13), (8, 9, 11, 9), geometry(padding=(5, 0))),
    "large 8x8, no padding": ((17, 8, 17, 16), (16, 8, 8, 8), geometry()),
    "depthwise 5x5": ((3, 33, 7, 9), (33, 1, 5, 5), geometry(1, 2, groups=33)),
    "depthwise dilated": ((2, 16, 9, 9), (16, 1, 3, 2), geometry((1, 2), (2, 1), (2, 1), 16)),
    "few pixels": ((4, 32, 2, 2), (48, 32, 3, 3), geometry(padding=1)),
    "few pixels, stride 2": ((5, 16, 4, 4), (32, 16, 3, 3), geometry(2, 1)),
    "few pixels of 5x4": ((4, 48, 3, 2), (16, 48, 5, 4), geometry(padding=(2, 1))),
    "few pixels, dilated": ((4, 16, 5, 4), (32, 16, 2, 3), geometry((3, 2), (1, 2), (2, 1))),
    "one output pixel": ((3, 16, 3, 3), (16, 16, 3, 3), geometry()),
}
FEW = {  # few channels, and rows of many pixels
    "few 3x3": ((2, 3, 9, 18), (16, 3, 3, 3), geometry(padding=1)),
    "few 5x5": ((3, 1, 28, 28), (32, 1, 5, 5), geometry(padding=2)),
    "few, stride 2 in rows": ((2, 2, 9, 22), (17, 2, 3, 4), geometry((2, 1), (0, 2), (2, 1))),
    "few of 8": ((2, 8, 6, 20), (16, 8, 2, 3), geometry(1, 0, (1, 2))),
}
IMAGES = {  # enough images for vectors of them
    "many images of 3 channels": ((64, 3, 6, 5), (6, 3, 3, 3), geometry(padding=1)),
    "many images of 4 channels": ((64, 4, 5, 4), (8, 4, 2, 3), geometry(1, (1, 0))),
    "many images of 4 channels, dilated": ((64, 4, 6, 6), (7, 4, 2, 2), geometry(1, 0, 2)),
}
GEOMETRIES = SMALL | WIDE | FEW | IMAGES
ACTIVATED = {
    *("3x3", "3x3 padded", "1x1", "all at once", "depthwise", "no image", "wide 3x3"),
    "tiles of 3x3",
    "tiles of 5x5",
    *("few pixels", "few pixels, stride 2", "few pixels of 5x4"),
    *IMAGES,
}


def conv_cases(draw):
    """{slot name: maker of {case name: arguments}}, see `kernel_cases.py`."""
    conv = GEOMETRIES.items()
    return {
        "conv2d": lambda: {label: (draw(*x), draw(*w), draw(w[0]), g) for label, (x, w, g) in conv}
        | {
            "without bias": (draw(2, 2, 5, 5), draw(3, 2, 3, 3), None, GEOMETRIES["3x3"][2]),
            **{
                f"CHWN, {label}": (images_behind(draw(*x)), draw(*w), draw(w[0]), g)
                for label, (x, w, g) in conv
                if label.startswith("many images")
            },
        },
        "conv2d_activation": lambda: {
            f"{label}, {f[0]}{'' if bias else ' without bias'}": (draw(*x), draw(*w), bias and draw(w[0]), g, f)
            for label, (x, w, g) in conv
            if label in ACTIVATED
            for f, bias in (
                (("relu",), True), (("gelu",), True), (("gelu_tanh",), True), (("leaky_relu", 0.2), True),
                (("relu",), None),
            )
        },
        "conv2d_input_grad": lambda: {label: (draw(*output(x, w, g)), draw(*w), x, g) for label, (x, w, g) in conv}
        | {
            f"CHWN, {label}": (images_behind(draw(*output(x, w, g))), draw(*w), x, g)
            for label, (x, w, g) in IMAGES.items()
        },
        "conv2d_weight_grad": lambda: {label: (draw(*output(x, w, g)), draw(*x), w, g) for label, (x, w, g) in conv}
        | {
            f"CHWN, {label}": (images_behind(draw(*output(x, w, g))), images_behind(draw(*x)), w, g)
            for label, (x, w, g) in IMAGES.items()
        },
    }  # fmt: skip


def images_behind(x):
    """The same x (N, C, ...) in CHWN memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)


def output(x, w, g):
    """The output's shape of a convolution of x with w."""
    return x[0], w[0], *output_size(x[2:], w[2:], g)
