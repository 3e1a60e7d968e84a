# In: the package as it is when it has been imported, and the records. Out: type stubs, so that editors complete
# `tf.` and `tf.keras.` names with their signatures.
import inspect
import keyword
import types

HEAD = "# Generated from the records and the package by tools/generate/generate.py: change those, not this.\n"
KINDS = {"bool": "bool", "int": "int", "float": "float", "str": "str", "tensors": "Sequence[TensorLike]"}
RESULTS = {"tensor": "Tensor", "tensors": "list[Tensor]", "value": "Any"}
_PLAIN = (bool, int, float, str)
_SHOWN = ("__init__", "__call__", "__getitem__", "__len__", "__iter__")   # of the names with underscores
# Modules that are no part of TensorFlow's API.
_PRIVATE = {"alias", "autograph", "check_notebook", "check_script", "compat", "run_script", "data.dataset",
            "data.files", "data.fingerprint", "data.late", "data.records", "data.snapshot", "data.sources", "data.stages", "data.stored", "distribute.across",
            "distribute.contexts", "distribute.input", "distribute.strategies", "distribute.values", "keras.adapting",
            "keras.applications.common", "keras.applications.residual", "keras.applications.vgg",
            "keras.applications.weight_files",
            "keras.backend_experimental", "keras.backend_nn", "keras.backend_shapes", "keras.convolutions", "keras.copying", "keras.data", "keras.datasets.stored",
            "keras.described", "keras.enqueuers", "keras.experimental_layers", "keras.explaining",
            "keras.image_generator", "keras.image_iterators", "keras.image_moves", "keras.interactive", "keras.known_code", "keras.lambda_layer", "keras.layer", "keras.local_layers", "keras.model", "keras.parts",
            "keras.premade", "keras.reporting", "keras.sidecar",
            "keras.optimizers.loss_scale", "keras.optimizers.written", "keras.plotting", "keras.progbar", "keras.revived", "keras.compiled", "keras.saved_calls", "keras.saved_models", "keras.shell", "keras.symbolic",
            "keras.training"}


def _record(function, name):
    parts = []
    for p in function["parameters"]:
        kind = KINDS.get(p["type"], "TensorLike" if len(p["type"]) == 1 or p["type"] == "tensor" else "Any")
        if p["variadic"]:
            parts.append(f"*{p['name']}: Any")
        elif p["required"]:
            parts.append(f"{p['name']}: {kind}")
        else:
            parts.append(f"{p['name']}: {kind}{' | None' if p['default'] == 'None' and kind != 'Any' else ''} = ...")
    doc = function["doc"].replace("\\", "\\\\").replace('"""', "'''")
    return f"def {name}({', '.join(parts)}) -> {RESULTS[function['result']]}:\n    \"\"\"{doc}\"\"\"\n"


def _signature(value, method=False):
    """What stands between the parentheses; every argument where it is not known."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ("self, " if method else "") + "*args: Any, **kwargs: Any"
    parts, starred, positional_only = [], False, False
    for p in signature.parameters.values():
        if positional_only and p.kind != p.POSITIONAL_ONLY:
            parts.append("/")
            positional_only = False
        positional_only = positional_only or p.kind == p.POSITIONAL_ONLY
        if p.kind == p.VAR_POSITIONAL:
            starred = True
            parts.append(f"*{p.name}: Any")
        elif p.kind == p.VAR_KEYWORD:
            parts.append(f"**{p.name}: Any")
        else:
            if p.kind == p.KEYWORD_ONLY and not starred:
                parts.append("*")
                starred = True
            typed = p.name if p.name in ("self", "cls", "mcs") else f"{p.name}: Any"
            parts.append(typed + (" = ..." if p.default is not p.empty else ""))
    if positional_only:
        parts.append("/")
    return ", ".join(parts)


def _document(value, indent):
    doc = getattr(value, "__doc__", None)
    if not isinstance(doc, str) or not doc.strip():
        return " ...\n"
    line = doc.strip().split("\n\n")[0].replace("\\", "\\\\").replace('"""', "'''")
    line = " ".join(line.split()).rstrip('"')
    return f"\n{indent}\"\"\"{line}\"\"\"\n"


def _usable(name):
    return name.isidentifier() and not keyword.iskeyword(name)


# What tensors have only to say that they have it not.
_NOT_THERE = {"Tensor": {"T", "astype", "ravel", "transpose", "reshape", "clip", "size", "tolist", "data"}}


def _class(cls, name, module):
    """A class with what it has beside its nearest public base in the same namespace."""
    base = next((c for c in cls.__mro__[1:] if getattr(module, c.__name__, None) is c), None)
    known = set(base.__mro__) if base else set()
    doc = _document(cls, "    ").strip()
    body = [] if doc == "..." else ["    " + doc]
    for attribute in sorted(set(dir(cls))):
        if attribute.startswith("_") and attribute not in _SHOWN or not _usable(attribute) or attribute in _NOT_THERE.get(name, ()):
            continue
        owner = next((c for c in cls.__mro__ if attribute in c.__dict__), None)
        if attribute == "__init__" and base is None:
            owner = cls
        if owner is None or owner is object or owner.__module__ in ("builtins", "enum") or owner in known:
            continue
        body.append("    " + _member(cls, attribute))
    if "    def __init__" not in "\n".join(body) and hasattr(cls, "__signature__"):
        body.append("    " + _member(cls, "__init__"))
    return f"class {name}{f'({base.__name__})' if base else ''}:\n" + "\n".join(body or ["    ..."]) + "\n"


def _member(cls, attribute):
    static = inspect.getattr_static(cls, attribute)
    if attribute == "__init__":
        text = _signature(cls)
        return f"def __init__(self{', ' if text else ''}{text}) -> None: ..."
    if isinstance(static, classmethod):
        return f"@classmethod\n    def {attribute}({_signature(static.__func__, True)}) -> Any: ..."
    if isinstance(static, staticmethod):
        return f"@staticmethod\n    def {attribute}({_signature(static.__func__)}) -> Any: ..."
    if inspect.isfunction(static) or inspect.ismethoddescriptor(static):
        text = _signature(static, True)
        if not text.startswith(("self", "cls", "*", "mcs")):
            text = "self" + (", " + text if text else "")
        return f"def {attribute}({text}) -> Any: ..."
    return f"{attribute}: Any"


def _modules(root):
    """Every public namespace below the package: dotted name -> module."""
    found, todo = {}, [("", root)]
    while todo:
        name, module = todo.pop()
        if name in found:
            continue
        found[name] = module
        for key in dir(module):
            value = getattr(module, key, None)
            if isinstance(value, types.ModuleType) and not key.startswith("_") and \
                    value.__name__ == f"{root.__name__}.{name + '.' if name else ''}{key}":
                todo.append((f"{name}.{key}" if name else key, value))
    return found


def files(functions):
    import ninefold
    import ninefold.keras.applications  # noqa: F401   keras opens these at first use
    import ninefold.keras.experimental  # noqa: F401
    import ninefold.keras.wrappers  # noqa: F401
    import ninefold.data  # noqa: F401
    by_name = {name: f for f in functions for name in f["names"]}
    modules = {name: m for name, m in _modules(ninefold).items() if name not in _PRIVATE}
    out = {}
    for name, module in sorted(modules.items()):
        children = [m for m in modules if m.rpartition(".")[0] == name and m]
        lines = [HEAD + f"# In: nothing. Out: the names of {'tf' + ('.' + name if name else '')} for editors and checkers.\n"
                 "from typing import Any, Sequence\n"]
        package = bool(children) or _is_package(module)
        if name:
            lines.append("from " + "." * (name.count(".") + (2 if package else 1)) + " import Tensor\n")
        lines.append("TensorLike = Any\n")
        for key in sorted(dir(module)):
            if key.startswith("_") and key != "__version__" or not _usable(key) or key == "TensorLike":
                continue
            value = getattr(module, key)
            full = "tf." + (name + "." if name else "") + key
            if isinstance(value, types.ModuleType):
                if (f"{name}.{key}" if name else key) in modules:
                    lines.append(f"from . import {key} as {key}\n")
            elif full in by_name:
                lines.append(_record(by_name[full], key))
            elif isinstance(value, type):
                if not (name and key == "Tensor"):
                    lines.append(_class(value, key, module))
            elif callable(value):
                lines.append(f"def {key}({_signature(value)}) -> Any:" + _document(value, "    "))
            else:
                lines.append(f"{key}: {type(value).__name__ if isinstance(value, _PLAIN) else 'Any'}\n")
        path = "python/ninefold/" + name.replace(".", "/")
        path = path.rstrip("/") + "/__init__.pyi" if package else path + ".pyi"
        out[path] = "\n".join(lines)
    out["python/ninefold/py.typed"] = ""
    return out


def _is_package(module):
    return str(getattr(module, "__file__", "") or "").endswith("__init__.py")
