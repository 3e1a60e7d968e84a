# In: code of functions that Lambda layers hold. Out: that of functions which this user has written into a config himself, as
# code again; other code is refused, since whoever loads it runs it.
#
# What was written is noted by its digest in a file of the user's (NINEFOLD_KNOWN_CODE, else below XDG_STATE_HOME), so that a model
# saved today loads tomorrow, in another process. NINEFOLD_TRUST_CODE=1 takes the code of any file, as TensorFlow does.
import codecs
import hashlib
import marshal
import os

_written = set()        # by this process, should the file not be writable


def _path():
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.environ.get("NINEFOLD_KNOWN_CODE") or os.path.join(state, "ninefold", "known_code")


def _digest(text):
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()


def _noted(digest):
    try:
        with open(_path(), encoding="ascii", errors="replace") as file:
            return any(line.rstrip("\n") == digest for line in file)
    except OSError:
        return False


def write(code):
    """The code as text, which `read` takes."""
    text = codecs.encode(marshal.dumps(code), "base64").decode("ascii")
    digest = _digest(text)
    if digest not in _written:
        _written.add(digest)
        if not _noted(digest):
            try:
                os.makedirs(os.path.dirname(_path()), mode=0o700, exist_ok=True)
                handle = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                try:
                    os.write(handle, (digest + "\n").encode("ascii"))       # one line at once: others may append, too
                finally:
                    os.close(handle)
            except OSError:
                pass        # then only this process knows it
    return text


def read(text):
    """The code that `write` made this text of. Raises ValueError for text of others, and for what another Python wrote."""
    if not isinstance(text, str):
        raise ValueError(f"a Lambda layer's function: expected code as text, got {type(text).__name__}; the file is damaged")
    digest = _digest(text)
    if digest not in _written and os.environ.get("NINEFOLD_TRUST_CODE") != "1" and not _noted(digest):
        raise ValueError(
            "The config holds a Lambda layer whose function is code that was not written here, and whoever loads it runs it. If you "
            "trust whoever made the file, set the environment variable NINEFOLD_TRUST_CODE=1; or make the model with its own "
            "program and load its weights.")
    try:
        return marshal.loads(codecs.decode(text.encode("ascii"), "base64"))
    except (ValueError, EOFError, TypeError) as fault:
        raise ValueError(f"a Lambda layer's function: this Python cannot read the code, which another version of Python wrote or "
                         f"which is damaged ({fault}); make the model with its own program and load its weights") from fault
