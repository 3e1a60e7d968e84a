# In: counts and values of a loop of the user's own. Out: tf.keras.utils.Progbar, written as Keras' bar is.
import math
import sys
import time

import numpy as np

from .interactive import write


class Progbar:
    """A bar of progress on the standard output.

    target: how many steps there are, None if unknown. verbose: 0 silent, 1 a bar, 2 a line at the end. interval: the least
    seconds between two pictures. stateful_metrics: names whose values are shown as they are, not as means.
    """

    def __init__(self, target, width=30, verbose=1, interval=0.05, stateful_metrics=None, unit_name="step"):
        self.target, self.width, self.verbose, self.interval, self.unit_name = target, width, verbose, interval, unit_name
        self.stateful_metrics = set(stateful_metrics or ())
        out = sys.stdout
        self._dynamic_display = hasattr(out, "isatty") and out.isatty() or "ipykernel" in sys.modules
        self._total_width, self._seen_so_far = 0, 0
        self._values, self._values_order = {}, []
        self._start = self._epoch_began = time.time()
        self._last_update, self._time_after_first_step = 0, None

    def update(self, current, values=None, finalize=None):
        """Shows `current` steps. values: [(name, value of the last step)]; finalize: whether this is the end."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or []:
            if name not in self._values_order:
                self._values_order.append(name)
            if name in self.stateful_metrics:
                self._values[name] = [value, 1]
                continue
            steps = max(current - self._seen_so_far, 1)
            before = self._values.get(name, [0, 0])
            self._values[name] = [before[0] + value * steps, before[1] + steps]
        self._seen_so_far = current
        text, now = "", time.time()
        info = " - %.0fs" % (now - self._start)
        if current == self.target:
            self._time_after_first_step = None
        if self.verbose == 1:
            if now - self._last_update < self.interval and not finalize:
                return
            before = self._total_width
            text += "\b" * before + "\r" if self._dynamic_display else "\n"
            if self.target is not None:
                digits = int(math.log10(self.target)) + 1 if self.target else 1
                bar = ("%" + str(digits) + "d/%d [") % (current, self.target)
                progress = float(current) / self.target if self.target else 1.0
                filled = int(self.width * progress)
                if filled > 0:
                    bar += "=" * (filled - 1) + (">" if current < self.target else "=")
                bar += "." * (self.width - filled) + "]"
            else:
                bar = "%7d/Unknown" % current
            self._total_width = len(bar)
            text += bar
            each = self._seconds_a_step(current, now)
            if self.target is None or finalize:
                info += self._format_time(each, self.unit_name)
            else:
                eta = each * (self.target - current)
                if eta > 3600:
                    shown = "%d:%02d:%02d" % (eta // 3600, (eta % 3600) // 60, eta % 60)
                else:
                    shown = "%d:%02d" % (eta // 60, eta % 60) if eta > 60 else "%ds" % eta
                info = " - ETA: %s" % shown
            info += self._shown(lambda mean: abs(mean) > 1e-3)
            self._total_width += len(info)
            if before > self._total_width:
                info += " " * (before - self._total_width)
            text += info + ("\n" if finalize else "")
        elif self.verbose == 2 and finalize:
            digits = int(math.log10(self.target)) + 1 if self.target else 1
            text = ("%" + str(digits) + "d/%d") % (current, self.target) + info + self._shown(lambda mean: mean > 1e-3)
            if current == self.target:
                took, self._epoch_began = now - self._epoch_began, now
                text += " -" + self._format_time(took, "epoch") + " -" + self._format_time(took / self.target, self.unit_name) + "\n"
        if text:
            write(text)
        self._last_update = now

    def add(self, n, values=None):
        """Shows n steps more."""
        self.update(self._seen_so_far + n, values)

    def _shown(self, plainly):
        text = ""
        for name in self._values_order:
            total, count = self._values[name]
            text += " - %s:" % name
            mean = np.mean(total / max(1, count))
            text += (" %.4f" if plainly(mean) else " %.4e") % mean
        return text

    def _format_time(self, each, unit):
        if each >= 1 or each == 0:
            return " %.0fs/%s" % (each, unit)
        return " %.0fms/%s" % (each * 1e3, unit) if each >= 1e-3 else " %.0fus/%s" % (each * 1e6, unit)

    def _seconds_a_step(self, current, now):
        """Without the first step, which traces."""
        if not current:
            return 0
        if self._time_after_first_step is not None and current > 1:
            each = (now - self._time_after_first_step) / (current - 1)
        else:
            each = (now - self._start) / current
        if current == 1:
            self._time_after_first_step = now
        return each
