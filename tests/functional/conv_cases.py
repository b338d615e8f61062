"""Convolutions for the kernel tests: {name: (shape of x, shape of w, geometry)}."""

from xdl.functional.conv import Geometry


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
}
WIDE = {  # enough channels for the ways that copy all channels of a pixel at once
    "many blocks": ((5, 16, 33, 31), (8, 16, 3, 3), geometry(padding=1)),
    "wide 3x3": ((2, 16, 9, 10), (17, 16, 3, 3), geometry(padding=1)),
    "wide 3x3 padded by 2": ((3, 33, 8, 8), (16, 33, 3, 3), geometry(padding=(2, 0))),
    "wide 3x3 on 32": ((3, 16, 32, 32), (16, 16, 3, 3), geometry(padding=1)),
    "wide 3x3 of many": ((2, 96, 8, 8), (90, 96, 3, 3), geometry(padding=1)),
    "wide 5x5": ((2, 16, 14, 13), (31, 16, 5, 5), geometry(padding=2)),
    "wide 3x3 stride 2": ((2, 16, 11, 12), (20, 16, 3, 3), geometry(2, 1)),
    "wide rest": ((2, 16, 12, 12), (20, 16, 3, 2), geometry((3, 2), (1, 0))),
    "wide dilated": ((2, 16, 11, 12), (20, 16, 3, 3), geometry(1, (1, 2), 2)),
    "wide no image": ((0, 16, 11, 12), (20, 16, 3, 3), geometry()),
    "many filters": ((2, 16, 4, 4), (256, 16, 3, 3), geometry(padding=1)),
    "one output pixel": ((3, 16, 3, 3), (16, 16, 3, 3), geometry()),
}
GEOMETRIES = SMALL | WIDE
