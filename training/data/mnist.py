"""MNIST: 60,000 and 10,000 scanned handwritten digits, 28x28 grey (LeCun, Cortes, Burges)."""

from training.data.dataset import Dataset
from training.data.torchvision_layout import Layout

_LAYOUT = Layout(
    folder="MNIST",
    classes=tuple("0123456789"),
    sha256={
        "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
)

DATASETS = (
    Dataset(
        name="mnist",
        title="MNIST",
        address="https://ossci-datasets.s3.amazonaws.com/mnist/",
        licence="CC BY-SA 3.0 according to the documentation of Keras and TensorFlow; the files state none",
        read=_LAYOUT.read,
    ),
)
