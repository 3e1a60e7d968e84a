# Out: tf.keras.experimental: models of one line, and older names.
from .optimizers.schedules import CosineDecay, CosineDecayRestarts  # noqa: F401
from .premade import LinearModel, WideDeepModel  # noqa: F401
from .sidecar import SidecarEvaluatorExperimental as SidecarEvaluator  # noqa: F401
