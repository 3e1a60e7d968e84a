"""In: a script and its arguments. Out: its run, in which nothing but `tensorflow` differs from Python's.

sys.argv, sys.path[0], __main__, exit status and tracebacks are as `python script` has them.
"""
import builtins
import os
import sys
import types


def run(arguments):
    """Runs arguments[0] (a file, folder, zip, "-c", "-m" or "-") with the rest as its arguments."""
    first, rest = arguments[0], arguments[1:]
    if first in ("-c", "-m") and not rest:
        sys.exit(f"ninefold: {first} needs {'a program text' if first == '-c' else 'a module name'}")
    try:
        if first == "-c":
            sys.argv = ["-c"] + rest[1:]
            _search_in("")
            _execute(rest[0], "<string>", {})
        elif first == "-m":
            import runpy
            sys.argv = ["-m"] + rest[1:]
            _search_in(os.getcwd())
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        elif first == "-":
            sys.argv = ["-"] + rest
            _search_in("")
            _execute(sys.stdin.buffer.read(), "<stdin>", {})
        else:
            sys.argv = [first] + rest
            _file(first)
    except BaseException:
        _hide_our_frames()
        raise


def _file(path):
    if os.path.isdir(path) or _is_zip(path):
        import runpy
        _search_in(None)
        runpy.run_path(path, run_name="__main__")
        return
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        print(f"ninefold: can't open file {path!r}: [Errno {error.errno}] {error.strerror}",
              file=sys.stderr)
        sys.exit(2)
    from importlib.machinery import SourceFileLoader
    _search_in(os.path.dirname(os.path.realpath(path)))
    path = os.path.abspath(path)  # as Python does since 3.9; sys.argv keeps what was typed
    _execute(text, path, {"__file__": path, "__loader__": SourceFileLoader("__main__", path)})


def _is_zip(path):
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"PK":
                return False
    except OSError:
        return False
    import zipfile
    return zipfile.is_zipfile(path)


def _search_in(folder):
    """sys.path[0] is the working folder, put there by -m; Python would have put `folder`."""
    if getattr(sys.flags, "safe_path", False) or sys.flags.isolated:
        return
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    if folder is not None:
        sys.path.insert(0, folder)


def _execute(text, name, names):
    module = types.ModuleType("__main__")
    module.__dict__.update({"__builtins__": builtins, "__spec__": None, "__cached__": None}, **names)
    sys.modules["__main__"] = module
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        if sys.version_info < (3, 10) and name != "<string>":
            _at_end_of_file(error, text)
        raise
    exec(code, module.__dict__)


def _at_end_of_file(error, text):
    """Before 3.10, Python finds an early end of a file behind its last line, but that of a text in it."""
    lines = text.count(b"\n") + 1
    if error.msg.startswith("EOF while scanning triple-quoted") or text.rstrip().endswith(b"\\"):
        error.lineno = lines + 1
    elif error.msg in ("unexpected EOF while parsing", "expected an indented block"):
        if error.lineno >= len(text.splitlines()) and error.offset > len((error.text or "").rstrip("\n")):
            error.lineno, error.offset, error.text = lines + (not text.endswith(b"\n")), 1, "\n"


def _hide_our_frames():
    """Whoever prints the traceback (Python's hook or the script's own) sees it begin in the script."""
    hook = sys.excepthook

    def shown(kind, value, trace):
        while trace and _ours(trace.tb_frame):
            trace = trace.tb_next
        hook(kind, value.with_traceback(trace), trace)
    sys.excepthook = shown


def _ours(frame):
    file = frame.f_code.co_filename
    return (file.startswith("<frozen ") or os.path.basename(file) == "runpy.py" or
            os.path.dirname(file) == os.path.dirname(__file__))
