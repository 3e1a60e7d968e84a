# In: paths of checkpoints. Out: the file `checkpoint` of a folder, which says which are the latest; CheckpointManager.
import glob
import os
import re
import time

from . import export, logs


class CheckpointState:
    """What the file `checkpoint` says; prints as TensorFlow's message does."""

    def __init__(self, model_checkpoint_path="", all_model_checkpoint_paths=(), all_model_checkpoint_timestamps=(),
                 last_preserved_timestamp=0.0):
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = list(all_model_checkpoint_paths)
        self.all_model_checkpoint_timestamps = list(all_model_checkpoint_timestamps)
        self.last_preserved_timestamp = last_preserved_timestamp

    def __str__(self):
        lines = [f"model_checkpoint_path: {_quoted(self.model_checkpoint_path)}"] if self.model_checkpoint_path else []
        lines += [f"all_model_checkpoint_paths: {_quoted(p)}" for p in self.all_model_checkpoint_paths]
        lines += [f"all_model_checkpoint_timestamps: {t!r}" for t in self.all_model_checkpoint_timestamps]
        if self.last_preserved_timestamp:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "".join(line + "\n" for line in lines)

    __repr__ = __str__

    def __eq__(self, other):
        return isinstance(other, CheckpointState) and str(self) == str(other)

    __hash__ = None


def _quoted(text):
    out = ""
    for byte in text.encode():
        out += {34: '\\"', 92: "\\\\", 10: "\\n", 13: "\\r", 9: "\\t", 39: "\\'"}.get(byte) or (
            chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")
    return f'"{out}"'


_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.S)


def _unquoted(text):
    def plain(match):
        octal, hexadecimal, letter = match.groups()
        if letter is not None:
            return {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(letter, letter)
        return bytes([int(octal, 8) & 255 if octal else int(hexadecimal, 16)])
    return _ESCAPE.sub(plain, text.encode()).decode(errors="replace")


def _parsed(text):
    """Raises ValueError for what is no such message."""
    state = CheckpointState()
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"""(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([-+.\w]+))\s*""", line)
        name = match and match.group(1)
        if match is None or name not in vars(state):
            raise ValueError(f"not understood: {line!r}")
        value = float(match.group(4)) if match.group(4) is not None else _unquoted(match.group(2) or match.group(3) or "")
        if isinstance(value, float) != name.endswith(("timestamp", "timestamps")):
            raise ValueError(f"not understood: {line!r}")
        if name.startswith("all_"):
            getattr(state, name).append(value)
        else:
            setattr(state, name, value)
    return state


def _file(folder, latest_filename=None):
    return os.path.join(folder, latest_filename or "checkpoint")


@export("train.get_checkpoint_state")
def get_checkpoint_state(checkpoint_dir, latest_filename=None):
    """What the folder's file `checkpoint` says, with whole paths; None if there is none that can be read."""
    folder = os.fspath(checkpoint_dir)
    path = _file(folder, latest_filename)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            state = _parsed(file.read())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logs.warn(f"{type(error).__name__}: {error}")
        logs.warn(f"{path}: Checkpoint ignored")
        return None
    if not state.model_checkpoint_path:
        logs.get_logger().error("Invalid checkpoint state loaded from %s", folder)
        return None
    state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)
    state.all_model_checkpoint_paths = [os.path.join(folder, p) for p in state.all_model_checkpoint_paths]
    return state


def _relative(folder, path):
    return os.path.relpath(path, folder or ".") if os.path.isabs(path) or folder else path


def update(folder, path, paths, timestamps=(), last_preserved=0.0):
    """Writes the file `checkpoint`, whole or not at all; paths in the folder become relative to it."""
    state = CheckpointState(_relative(folder, path), [_relative(folder, p) for p in paths], timestamps, last_preserved)
    if state.model_checkpoint_path not in state.all_model_checkpoint_paths:
        state.all_model_checkpoint_paths.append(state.model_checkpoint_path)
    target = _file(folder)
    beside = f"{target}.tmp{os.getpid()}"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write(str(state))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def _there(prefix):
    return os.path.exists(prefix + ".index") or bool(glob.glob(glob.escape(prefix)))


@export("train.latest_checkpoint")
def latest_checkpoint(checkpoint_dir, latest_filename=None):
    """The prefix of the latest checkpoint of a folder, or None."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    if _there(state.model_checkpoint_path):
        return state.model_checkpoint_path
    logs.get_logger().error("Couldn't match files for checkpoint %s", state.model_checkpoint_path)
    return None


@export("train.checkpoints_iterator")
def checkpoints_iterator(checkpoint_dir, min_interval_secs=0, timeout=None, timeout_fn=None):
    """Yields the folder's latest checkpoint whenever there is a new one; ends after `timeout` seconds without one, unless
    timeout_fn() is false."""
    last = None
    while True:
        began, new = time.time(), None
        while new is None:
            found = latest_checkpoint(checkpoint_dir)
            if found is not None and found != last:
                new = found
            elif timeout is not None and time.time() - began + min(1.0, timeout) > timeout:
                break
            else:
                time.sleep(1 if timeout is None else min(1.0, timeout))
        if new is None:
            if timeout_fn is None or timeout_fn():
                return
            continue
        began, last = time.time(), new
        yield new
        time.sleep(max(0, began + min_interval_secs - time.time()))


@export("train.CheckpointManager")
class CheckpointManager:
    """Numbers checkpoints in a folder and keeps the latest `max_to_keep` of them, and one every few hours."""

    def __init__(self, checkpoint, directory, max_to_keep, keep_checkpoint_every_n_hours=None, checkpoint_name="ckpt",
                 step_counter=None, checkpoint_interval=None, init_fn=None):
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is not None.")
        self._checkpoint, self._max_to_keep = checkpoint, max_to_keep
        self._hours, self._directory = keep_checkpoint_every_n_hours, os.fspath(directory)
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._step_counter, self._interval, self._last_step = step_counter, checkpoint_interval, None
        self._init_fn = init_fn
        self._kept = {}         # path -> when it was saved, oldest first
        now = time.time()
        state = get_checkpoint_state(self._directory)
        self._latest = state.model_checkpoint_path if state else None
        self._preserved = now - 1 if state is None else min(state.last_preserved_timestamp, now)
        if state is not None:
            times = state.all_model_checkpoint_timestamps or [self._preserved] * len(state.all_model_checkpoint_paths)
            for path, saved in zip(state.all_model_checkpoint_paths, times):
                if min(saved, now) > self._preserved:
                    self._kept[path] = min(saved, now)

    directory = property(lambda self: self._directory)
    checkpoint_interval = property(lambda self: self._interval)
    latest_checkpoint = property(lambda self: self._latest)
    checkpoints = property(lambda self: list(self._kept))
    checkpoint = property(lambda self: self._checkpoint)

    def save(self, checkpoint_number=None, check_interval=True, options=None):
        """Writes a checkpoint unless its time has not come yet (then None), notes it, and deletes what is too many."""
        if self._interval is not None:
            step = _number(self._step_counter)
            if self._last_step is not None and (step == self._last_step or (
                    check_interval and step < self._last_step + self._interval)):
                return None
            self._last_step = step
        counter = self._checkpoint.save_counter
        counter.assign_add(1)
        number = _number(counter if checkpoint_number is None else checkpoint_number)
        path = self._checkpoint.write(f"{self._prefix}-{number}", options=options)
        self._kept.pop(path, None)
        self._kept[path] = time.time()
        self._latest = path
        self._record()          # before anything is deleted: at no moment does the file name what is gone
        self._sweep()
        self._record()
        return path

    def _record(self):
        update(self._directory, self._latest, list(self._kept), list(self._kept.values()), self._preserved)

    def _sweep(self):
        while self._max_to_keep and len(self._kept) > self._max_to_keep:
            path = next(iter(self._kept))
            saved = self._kept.pop(path)
            if self._hours and saved - self._hours * 3600.0 >= self._preserved:
                self._preserved = saved
                continue
            for file in [path + ".index"] + glob.glob(glob.escape(path) + ".data-?????-of-?????"):
                if os.path.exists(file):
                    os.unlink(file)

    def restore_or_initialize(self):
        """Restores the latest checkpoint and returns its path; without one calls init_fn and returns None."""
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._interval is not None:
                self._last_step = _number(self._step_counter)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None


def _number(value):
    return int(value.numpy() if hasattr(value, "numpy") else value)
