"""What scikit-learn asks an estimator about itself, in its own words.

scikit-learn is never imported: who asks has loaded it.
"""

from __future__ import annotations

import sys
from typing import Any

from xdl.errors import SettingError

LIBRARY = "sklearn.utils"


def sklearn_tags(kind: str, multi_class: bool = True, multi_output: bool = False) -> Any:
    """scikit-learn's `Tags` (1.6 and later) of an estimator.

    kind:         "regressor", "classifier" or "transformer"
    multi_class:  whether a classifier takes more than two classes
    multi_output: whether a regressor takes several targets

    Raises SettingError where scikit-learn is not loaded.
    """
    utils = sys.modules.get(LIBRARY)
    if utils is None:
        raise SettingError("__sklearn_tags__", "scikit-learn loaded", "no module " + LIBRARY, "It alone asks for tags")
    return utils.Tags(
        estimator_type=kind,
        target_tags=utils.TargetTags(required=kind != "transformer", multi_output=multi_output),
        transformer_tags=utils.TransformerTags() if kind == "transformer" else None,
        classifier_tags=utils.ClassifierTags(multi_class=multi_class) if kind == "classifier" else None,
        regressor_tags=utils.RegressorTags() if kind == "regressor" else None,
        input_tags=utils.InputTags(),
    )
