"""Convolutional networks (part 6 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("convolution-1d", "A signal convolved: valid, same, full, strides; and the same as a product with a matrix",
     "6.2 6.14", "hwdong 6.1.1, 6.1.2, 6.3.1, 6.3.3", ()),
    ("correlation", "Cross-correlation and the classic, flipped convolution: their relation, on a drawn photograph",
     "6.5", "hwdong 6.1.1, 6.1.3; Xu Bin 4.2", ()),
    ("pooling", "Max and average pooling, strides and padding, on arrays and on a drawn photograph",
     "6.8", "hwdong 6.1.5; Xu Bin 4.2", ()),
    ("conv-layer", "A neuron, a layer and a network of convolutions by numbers; flatten and what follows, backward",
     "6.9 6.12", "hwdong 6.2.1, 6.2.2; Xu Bin 4.2, 4.3", ()),
    ("lenet", "LeNet-5, the classic convolutional network, on images of 28x28 pixels",
     "6.20 6.21", "hwdong 6.5.1", IMAGES),
    ("book-cnn", "Convolutions 5x5x32 and 5x5x64 with pooling, then 512 and 10 units, by Adam",
     "6.19 6.20", "Xu Bin 5.7, 5.8, figure 5.5", IMAGES),
    ("book-cnn-batchnorm", "The same with batch norm: conv - batch norm - ReLU - pool, twice",
     "5.15", "Xu Bin 6.8, 6.9, figure 6.4", IMAGES),
    ("conv-speed", "One convolution by plain loops, im2col, indices and xdl: equal results, a table of times",
     "6.7 6.10 6.11 6.15 6.16 6.17 6.18", "hwdong 6.2.3, 6.3, 6.4; Xu Bin 4.3, 5.1 to 5.3", ()),
    ("alexnet", "AlexNet: its size and one step at 224x224 pixels, and a small one trained",
     "6.22", "hwdong 6.5.2", IMAGES),
    ("vgg", "VGG: the same, with nothing but 3x3 convolutions", "6.23", "hwdong 6.5.3", IMAGES),
    ("googlenet", "GoogLeNet: the same, with Inception blocks", "6.26", "hwdong 6.5.6", IMAGES),
    ("inception-cost", "What shared weights and 1x1 bottlenecks save, counted and timed",
     "6.1 6.26", "hwdong 6.2.1, 6.5.6; Xu Bin 4.1", ()),
    ("nin", "Network in Network: 1x1 convolutions and means in place of linear layers", "6.27", "hwdong 6.5.7", IMAGES),
    ("resnet", "A residual network of 20 layers, and ResNet-50 at 224x224 pixels", "6.25", "hwdong 6.5.5", IMAGES),
    ("plain-vs-resnet", "Gradients by depth, and trainings, of plain and of residual networks",
     "6.24 6.25", "hwdong 6.5.4, 6.5.5", IMAGES),
    ("feature-maps", "Filters, feature maps, and heat maps of where the network looks (Grad-CAM)",
     "6.20", "hwdong 6.5; Xu Bin 5.8", IMAGES),
    ("naive-cnn", "A convolutional network by plain loops, and the time of its steps",
     "6.13", "hwdong 6.2.4; Xu Bin 4.4", IMAGES),
)
# fmt: on

ELSEWHERE: dict[str, str] = {}
