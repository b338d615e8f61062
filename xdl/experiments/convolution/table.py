"""Convolution, its speed and its cost (part 6 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("convolution-1d", "A signal convolved: valid, same, full, strides; the same as a product with a matrix",
     "6.2 6.14", "hwdong 6.1.1, 6.1.2, 6.3.1, 6.3.3", ()),
    ("denoise-1d", "A noisy signal smoothed by Gaussian kernels: decibels won by width, and the best one",
     "6.3", "hwdong 6.1.2", ()),
    ("image-filters", "Blur, sharpen, Sobel, edges on a drawn picture; valid, same, full; channels in and out",
     "6.4 6.6 9.12", "hwdong 6.1.3, 6.1.4; Xu Bin 4.2", ()),
    ("correlation", "Cross-correlation and the classic, flipped convolution: their relation, on a picture",
     "6.5", "hwdong 6.1.1, 6.1.3; Xu Bin 4.2", ()),
    ("convolution-matrix", "A convolution as a product with a matrix: im2row, row2im and their index arrays, drawn",
     "6.15 6.16", "hwdong 6.3.2, 6.3.4, 6.4; Xu Bin 5.2.3, 5.3.2", ()),
    ("pooling", "Max and average pooling, strides and padding, on an array and on a picture",
     "6.8", "hwdong 6.1.5; Xu Bin 4.2", ()),
    ("conv-layer", "A neuron, a layer, a network by numbers; flatten and a linear layer, backward",
     "6.9 6.12", "hwdong 6.2.1, 6.2.2; Xu Bin 4.2, 4.3", ()),
    ("conv-speed", "One convolution by plain loops, im2col, indices and xdl: equal results, a table of times",
     "6.7 6.10 6.11 6.15 6.16 6.17 6.18", "hwdong 6.2.3, 6.3, 6.4; Xu Bin 4.3, 5.1 to 5.3", ()),
    ("inception-cost", "What shared weights and 1x1 bottlenecks save, counted and timed",
     "6.1 6.26", "hwdong 6.2.1, 6.5.6; Xu Bin 4.1", ()),
    ("naive-cnn", "A convolutional network by plain loops, and the time of its steps",
     "6.13", "hwdong 6.2.4; Xu Bin 4.4", IMAGES),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
