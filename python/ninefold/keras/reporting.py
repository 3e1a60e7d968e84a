# In: logs of a training loop. Out: callbacks that average, print and send them.
import json

import numpy as np

from .callbacks import Callback
from .interactive import write
from .progbar import Progbar


class BaseLogger(Callback):
    """Means of what batches log under "size" rows each, in the logs of an epoch's end: of the names in params["metrics"].

    stateful_metrics: names whose last value counts. For loops of the user's own; fit() averages by itself.
    """

    def __init__(self, stateful_metrics=None):
        super().__init__()
        self.stateful_metrics = set(stateful_metrics or ())

    def on_epoch_begin(self, epoch, logs=None):
        self.seen, self.totals = 0, {}

    def on_batch_end(self, batch, logs=None):
        logs = logs or {}
        rows = logs.get("size", 0)
        self.seen += rows * logs.get("num_steps", 1)
        for name, value in logs.items():
            self.totals[name] = value if name in self.stateful_metrics else self.totals.get(name, 0) + value * rows

    def on_epoch_end(self, epoch, logs=None):
        if logs is None:
            return
        for name in self.params["metrics"]:
            if name in self.totals:
                logs[name] = self.totals[name] if name in self.stateful_metrics else self.totals[name] / self.seen


class ProgbarLogger(Callback):
    """The bar of fit(), evaluate() and predict(), in the place of their own.

    count_mode "steps" counts batches; "samples" what logs name as "size", without a target before an epoch has ended.
    Raises ValueError for another one.
    """

    def __init__(self, count_mode="samples", stateful_metrics=None):
        super().__init__()
        if count_mode not in ("samples", "steps"):
            raise ValueError(f'Unknown `count_mode`: {count_mode}. Expected values are ["samples", "steps"]')
        self.use_steps = count_mode == "steps"
        self.stateful_metrics = set(stateful_metrics or ())
        self.seen, self.target, self.progbar, self.verbose, self.epochs = 0, None, None, 1, 1
        self._called_in_fit, self._batches = False, 0

    def set_params(self, params):
        self.params = params
        self.verbose, self.epochs = params["verbose"], params["epochs"]
        self.target = params.get("steps" if self.use_steps else "samples")

    def on_train_begin(self, logs=None):
        self._called_in_fit = True

    def on_epoch_begin(self, epoch, logs=None):
        self._start()
        if self.verbose and self.epochs > 1:
            write(f"Epoch {epoch + 1}/{self.epochs}\n")

    def on_train_batch_end(self, batch, logs=None):
        self._show(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._finish(logs)

    def on_test_begin(self, logs=None):
        if not self._called_in_fit:
            self._start()

    def on_test_batch_end(self, batch, logs=None):
        if not self._called_in_fit:
            self._show(batch, logs)

    def on_test_end(self, logs=None):
        if not self._called_in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs=None):
        self._start()

    def on_predict_batch_end(self, batch, logs=None):
        self._show(batch, None)

    def on_predict_end(self, logs=None):
        self._finish(logs)

    def _start(self):
        self.seen = self._batches = 0
        self.progbar = Progbar(target=self.target, verbose=self.verbose, unit_name="step" if self.use_steps else "sample")
        self._name_metrics()

    def _name_metrics(self):
        """A model's metrics are means already; some are made by its first step only."""
        if self.model:
            self.stateful_metrics |= {metric.name for metric in self.model.metrics}
        self.progbar.stateful_metrics |= self.stateful_metrics

    def _show(self, batch, logs):
        logs, self._batches = dict(logs or {}), batch + 1
        self._name_metrics()
        if self.use_steps:
            self.seen = batch + 1
        else:
            self.seen += logs.pop("size", 0) * logs.pop("num_steps", 1)
            logs.pop("batch", None)
        if self.verbose == 1:
            self.progbar.update(self.seen, list(logs.items()), finalize=False)

    def _finish(self, logs):
        logs = dict(logs or {})
        if self.target is None:
            self.target = self.progbar.target = self._batches * (1 if self.use_steps else logs.get("size", 1)) or self.seen
        self.progbar.update(self.target, list(logs.items()), finalize=True)


class RemoteMonitor(Callback):
    """Sends the logs of every epoch to a server, as a form with JSON in `field`, or as JSON itself.

    Needs the package requests, else on_epoch_end raises ImportError. A server that does not answer is a warning.
    """

    def __init__(self, root="http://localhost:9000", path="/publish/epoch/end/", field="data", headers=None, send_as_json=False):
        super().__init__()
        self.root, self.path, self.field, self.headers, self.send_as_json = root, path, field, headers, send_as_json

    def on_epoch_end(self, epoch, logs=None):
        try:
            import requests
        except ImportError:
            raise ImportError("RemoteMonitor requires the `requests` library.") from None
        sent = {"epoch": epoch, **{name: value.item() if isinstance(value, (np.ndarray, np.generic)) else value
                                   for name, value in (logs or {}).items()}}
        form = {"json": sent} if self.send_as_json else {"data": {self.field: json.dumps(sent)}}
        try:
            requests.post(self.root + self.path, headers=self.headers, **form)
        except requests.exceptions.RequestException:
            from .._framework import logs as log
            log.warn(f"Warning: could not reach RemoteMonitor root server at {self.root}")
