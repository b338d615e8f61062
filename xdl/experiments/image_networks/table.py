"""Networks of convolutions that classify images (part 6 of the checklist): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("lenet", "LeNet-5, the classic convolutional network, on images of 28x28 pixels",
     "6.20 6.21", "hwdong 6.5.1", IMAGES),
    ("book-cnn", "Convolutions 5x5x32 and 5x5x64 with pooling, then 512 and 10 units, by Adam",
     "6.19 6.20", "Xu Bin 5.7, 5.8, figure 5.5", IMAGES),
    ("book-cnn-batchnorm", "The same with batch norm: conv - batch norm - ReLU - pool, twice",
     "5.15", "Xu Bin 6.8, 6.9, figure 6.4", IMAGES),
    ("alexnet", "AlexNet: its size and one step at 224x224 pixels, and a small one trained",
     "6.22", "hwdong 6.5.2", IMAGES),
    ("vgg", "VGG: the same, with nothing but 3x3 convolutions", "6.23", "hwdong 6.5.3", IMAGES),
    ("googlenet", "GoogLeNet: the same, with Inception blocks", "6.26", "hwdong 6.5.6", IMAGES),
    ("nin", "Network in Network: 1x1 convolutions and means in place of linear layers", "6.27", "hwdong 6.5.7", IMAGES),
    ("resnet", "A residual network of 20 layers, and ResNet-50 at 224x224 pixels", "6.25", "hwdong 6.5.5", IMAGES),
    ("plain-vs-resnet", "Gradients by depth, and trainings, of plain and of residual networks",
     "6.24 6.25", "hwdong 6.5.4, 6.5.5", IMAGES),
    ("feature-maps", "Filters, feature maps, and heat maps of where the network looks (Grad-CAM)",
     "6.20", "hwdong 6.5; Xu Bin 5.8", IMAGES),
)
# fmt: on

ELSEWHERE = {"0.9": "xdl run lenet --backend cupy; xdl run lenet --backend cuda-on-host"}
