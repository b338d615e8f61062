"""Improving networks: batch norm, penalties, dropout, early stopping (part 5): the table of its experiments."""

from xdl.experiments.shared import IMAGES

# name, what it does in one line, rows of the checklist, sections of the books, data sets to choose from
# fmt: off
TABLE = (
    ("augmentation", "Every augmentation of one picture; what they win with few images, and which ones do harm",
     "5.1", "hwdong 5.1.1", IMAGES),
    ("pca-whitening", "The ellipse of 25 points, whitening by PCA and ZCA, images in 2-D and by component",
     "5.2 5.3", "hwdong 5.1.3", IMAGES),
    ("initialization", "Activations and gradients through 50 layers by initial weights, and which networks learn",
     "5.4", "hwdong 5.2.1; Xu Bin 7", IMAGES),
    ("mlp-l2", "The same network with and without a penalty on its weights (L2, L1)",
     "4.22 4.25 5.16", "hwdong 5.4.1; Xu Bin 3.4", IMAGES),
    ("mlp-dropout", "The same network with and without dropout", "5.17", "hwdong 5.4.2; Xu Bin 9", IMAGES),
    ("mlp-batchnorm", "The same network with and without batch norm", "5.14", "hwdong 5.3.3; Xu Bin 6.4", IMAGES),
    ("early-stopping", "The same network trained to the end and stopped in time", "5.18", "hwdong 5.4.3", IMAGES),
    ("batchnorm", "Batch norm taken apart: training, inference, by feature, channel and pixel",
     "5.7 5.8 5.9 5.10", "hwdong 5.3.1, 5.3.2; Xu Bin 6.3, 6.6, 6.7", ()),
    ("batchnorm-effect", "Activations, saturation and gradients by layer, with and without batch norm",
     "5.6 5.11 5.12", "hwdong 5.3; Xu Bin 6.1, 6.2, 6.4", IMAGES),
    ("batchnorm-noise", "Whether batch norm regularizes: the noise of its statistics, at equal training loss",
     "5.13", "Xu Bin 6.4.3, 6.5", IMAGES),
)
# fmt: on

# rows that no single experiment shows: commands
ELSEWHERE = {
    "2.23": 'xdl tune mlp --set "lr=log(1e-4,1e-1)" --set "hidden=choice(32,64,128)"',
    "5.5": 'xdl tune mlp --set "lr=log(1e-4,1e-1)" --set "dropout=uniform(0,0.5)"',
}
