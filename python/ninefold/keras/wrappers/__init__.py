# Out: tf.keras.wrappers: models as scikit-learn's estimators.
from . import scikit_learn  # noqa: F401
