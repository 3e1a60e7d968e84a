# In: checkpoints as another process writes them. Out: tf.keras.utils.SidecarEvaluator, which evaluates a model on each of them.
from .._framework import logs

_WAIT = 60      # seconds without a checkpoint until a hint is given
_NONE = -1      # no optimizer has made so many steps


class SidecarEvaluator:
    """Evaluates `model` on `data` whenever a new checkpoint lies in `checkpoint_dir`: of tf.train.Checkpoint(model=.., optimizer=..)
    or of the callback ModelCheckpoint(save_weights_only=True).

    max_evaluations: the number of the checkpoint after which start() returns; without one it never does.
    """

    def __init__(self, model, data, checkpoint_dir, steps=None, max_evaluations=None, callbacks=None):
        from .. import Variable
        self.model, self.data, self.checkpoint_dir, self.steps = model, data, checkpoint_dir, steps
        self.max_evaluations, self.callbacks = max_evaluations, callbacks or []
        self._iterations = Variable(_NONE, name="iterations", dtype="int64")

    def _no_checkpoint_yet(self):
        logs.get_logger().info(
            "No checkpoints appear to be found after %s seconds. Please check if you are properly using a `tf.train.Checkpoint/"
            "CheckpointManager` or `tf.keras.callbacks.ModelCheckpoint(save_weights_only=True)` to save checkpoints by the training. See "
            "`tf.keras.SidecarEvaluator` doc for recommended flows of saving checkpoints.", _WAIT)
        return False    # wait on

    def start(self):
        """Evaluates until max_evaluations. Raises RuntimeError for a checkpoint that has no optimizer's steps."""
        from .. import train
        from .._framework.faults import OpError
        log = logs.get_logger()
        checkpoint = train.Checkpoint(model=self.model, optimizer=train.Checkpoint(iter=self._iterations))
        for latest in train.checkpoints_iterator(self.checkpoint_dir, timeout=_WAIT, timeout_fn=self._no_checkpoint_yet):
            try:
                checkpoint.restore(latest).expect_partial()
                parts = {name.split("/")[0] for name in train.load_checkpoint(latest).get_variable_to_shape_map()}
                if "model" not in parts:
                    self.model.load_weights(latest)
                if self.model.optimizer:
                    self.model.optimizer.iterations.assign(self._iterations)
            except OpError as error:    # it may just be written, or be deleted
                log.info("SidecarEvaluator encountered an error when loading the checkpoint at %s. Retrying. Error: %s: %s", latest,
                         type(error).__name__, error)
                continue
            if int(self._iterations.numpy()) == _NONE:
                raise RuntimeError(f"Variable `iterations` cannot be loaded from the checkpoint file at {self.checkpoint_dir}. Please "
                                   "ensure `iterations` is included in the checkpoint saved during training.")
            log.info("Evaluation starts: Model weights loaded from latest checkpoint file %s", latest)
            found = self.model.evaluate(self.data, steps=self.steps, callbacks=self.callbacks, verbose=2, return_dict=True)
            log.info("End of evaluation. Metrics: %s", " ".join(f"{name}={value}" for name, value in found.items()))
            if self.max_evaluations and self.max_evaluations <= int(latest.split("-")[-1]):
                log.info("Last checkpoint evaluated. SidecarEvaluator stops.")
                return


class SidecarEvaluatorExperimental(SidecarEvaluator):
    """SidecarEvaluator by its older name, with a warning."""

    def __init__(self, *args, **kwargs):
        logs.warn("`tf.keras.experimental.SidecarEvaluator` endpoint is deprecated and will be removed in a future release. Please use "
                  "`tf.keras.utils.SidecarEvaluator`.")
        super().__init__(*args, **kwargs)
