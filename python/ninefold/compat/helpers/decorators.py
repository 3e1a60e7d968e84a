# In: functions and their wrappers. Out: tf_decorator, tf_inspect, tf_export, deprecation, tf_contextlib and doc_controls: what
# packages wrap and describe their functions by.
import contextlib
import functools
import inspect as _inspect
from inspect import *  # noqa: F401,F403   tf_inspect is Python's inspect that looks through decorators

from ..._framework import logs


def make_decorator(target, decorator_func, decorator_name=None, decorator_doc="", decorator_argspec=None):
    """`decorator_func`, which calls `target`, with the name, the documentation and the signature of `target`."""
    made = functools.wraps(target)(decorator_func) if callable(target) else decorator_func
    made._tf_decorator = TFDecorator(decorator_name or _inspect.currentframe().f_back.f_code.co_name, target, decorator_doc,
                                     decorator_argspec)
    made.__wrapped__ = target
    return made


class TFDecorator:
    """What make_decorator keeps of a decorator."""

    def __init__(self, decorator_name, target, decorator_doc="", decorator_argspec=None):
        self._decorated_target, self.decorator_name = target, decorator_name
        self.decorator_doc, self.decorator_argspec = decorator_doc, decorator_argspec

    @property
    def decorated_target(self):
        return self._decorated_target


def tf_decorator(target):
    return target


def has_tf_decorator(obj):
    return hasattr(obj, "_tf_decorator")


def unwrap(maybe_tf_decorator):
    """([the decorators, the outermost first], the function beneath them)."""
    found, target = [], maybe_tf_decorator
    while hasattr(target, "_tf_decorator"):
        found.append(target._tf_decorator)
        target = target._tf_decorator.decorated_target
    return found, target


def rewrap(decorator_func, previous_target, new_target):
    """Exchanges the function beneath a decorator."""
    if hasattr(decorator_func, "_tf_decorator") and decorator_func._tf_decorator._decorated_target is previous_target:
        decorator_func._tf_decorator._decorated_target = decorator_func.__wrapped__ = new_target
        return decorator_func
    return new_target


def getfullargspec(obj):
    """inspect.getfullargspec of the function beneath decorators, a partial or an object that is called."""
    decorators, target = unwrap(obj)
    for one in decorators:
        if one.decorator_argspec is not None:
            return one.decorator_argspec
    if hasattr(target, "python_function"):
        target = target.python_function
    told = getattr(getattr(target, "function_spec", None), "fullargspec", None)     # of a SavedModel's function
    if told is not None:
        return told
    if not (_inspect.isroutine(target) or _inspect.isclass(target) or isinstance(target, functools.partial)):
        target = target.__call__
    try:
        return _inspect.getfullargspec(target)
    except TypeError:
        return _inspect.getfullargspec(target.__call__)


getargspec = getfullargspec


def fn_args(fn):
    """The names of a function's arguments, without self and without those of a partial."""
    if isinstance(fn, functools.partial):
        inner = fn_args(fn.func)
        return tuple(name for name in inner[len(fn.args):] if name not in (fn.keywords or {}))
    if hasattr(fn, "__call__") and not _inspect.isroutine(fn) and not _inspect.isclass(fn):
        fn = fn.__call__
    args = list(getfullargspec(fn).args)
    if _inspect.ismethod(fn):
        args = args[1:]
    return tuple(args)


def has_kwargs(fn):
    """Whether a function takes any keyword."""
    if isinstance(fn, functools.partial):
        fn = fn.func
    return getfullargspec(fn).varkw is not None


def get_func_name(func):
    _, func = unwrap(func)
    return func.__name__ if hasattr(func, "__name__") else type(func).__name__


# ---- tf_export, deprecation, all_util, tf_contextlib ----

class tf_export:
    """Decorator: a package's note of a public name; the function stays as it is."""

    def __init__(self, *args, **kwargs):
        self._names = args

    def __call__(self, func):
        return func

    def export_constant(self, module_name, name):
        pass


keras_export = estimator_export = tf_export


def _said(kind, name, date, instructions):
    logs.log_first_n(f"From {name}: {kind} is deprecated and will be removed "
                     f"{'in a future version' if date is None else 'after ' + date}.\nInstructions for updating:\n{instructions}")


def deprecated(date, instructions, warn_once=True):
    """Decorator: the first call says that the function is deprecated."""
    def decorate(func):
        if _inspect.isclass(func):
            return func

        @functools.wraps(func)
        def call(*args, **kwargs):
            _said(f"{func.__qualname__} (from {func.__module__})", func.__qualname__, date, instructions)
            return func(*args, **kwargs)
        return make_decorator(func, call, "deprecated")
    return decorate


def deprecated_alias(deprecated_name, name, func_or_class, warn_once=True):
    return deprecated(None, f"Please use {name} instead.", warn_once)(func_or_class)


def deprecated_args(date, instructions, *deprecated_arg_names_or_tuples, **kwargs):
    """Decorator: a call that gives one of these arguments says that it is deprecated."""
    names = [one if isinstance(one, str) else one[0] for one in deprecated_arg_names_or_tuples]

    def decorate(func):
        parameters = list(_inspect.signature(func).parameters)

        @functools.wraps(func)
        def call(*args, **given):
            for name in names:
                if name in given or name in parameters and parameters.index(name) < len(args):
                    _said(f"argument {name} of {func.__qualname__}", func.__qualname__, date, instructions)
            return func(*args, **given)
        return make_decorator(func, call, "deprecated")
    return decorate


def deprecated_arg_values(date, instructions, warn_once=True, **deprecated_kwargs):
    """Decorator: a call that gives an argument such a value says that it is deprecated."""
    def decorate(func):
        @functools.wraps(func)
        def call(*args, **given):
            for name, value in deprecated_kwargs.items():
                if name in given and given[name] == value:
                    _said(f"{name}={value!r} of {func.__qualname__}", func.__qualname__, date, instructions)
            return func(*args, **given)
        return make_decorator(func, call, "deprecated")
    return decorate


def deprecated_argument_lookup(new_name, new_value, old_name, old_value):
    """The value of an argument that has a new and an old name."""
    if old_value is None:
        return new_value
    if new_value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old_value


@contextlib.contextmanager
def silence():
    """Within, deprecations are not told."""
    told, logs.log_first_n = logs.log_first_n, lambda *_: None
    try:
        yield
    finally:
        logs.log_first_n = told


def make_all(module_name, doc_string_modules=None):
    import sys
    return [name for name in dir(sys.modules[module_name]) if not name.startswith("_")]


def remove_undocumented(module_name, allowed_exception_list=None, doc_string_modules=None):
    """Packages shorten their namespaces by it; here they stay whole."""


def contextmanager(target):
    """contextlib.contextmanager that keeps the signature."""
    return make_decorator(target, contextlib.contextmanager(target), "contextmanager")


# ---- tensorflow.tools.docs.doc_controls: marks for a generator of pages ----

def _mark(name):
    def mark(obj):
        try:
            setattr(obj.fget if isinstance(obj, property) else getattr(obj, "__func__", obj), name, None)
        except (AttributeError, TypeError):
            pass
        return obj
    return mark


do_not_generate_docs = _mark("_tf_docs_do_not_document")
do_not_doc_inheritable = _mark("_tf_docs_do_not_doc_inheritable")
for_subclass_implementers = _mark("_tf_docs_tools_for_subclass_implementers")
doc_private = _mark("_tf_docs_doc_private")
doc_in_current_and_subclasses = _mark("_tf_docs_doc_in_current_and_subclasses")
set_deprecated = _mark("_tf_docs_deprecated")


def inheritable_header(text):
    """Decorator: a header for the pages of a class and those derived from it."""
    def mark(cls):
        cls._tf_docs_inheritable_header = _inspect.cleandoc(text)
        return cls
    return mark
