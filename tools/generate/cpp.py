# In: function records. Out: C++ functions of the same names: reduce_sum(x, {.axis = 1}), nn::relu(x).
HEAD = "// Generated from the records by tools/generate/generate.py: change those, not this.\n"
WORDS = {"default", "register", "and", "or", "not", "xor", "union", "switch", "new", "delete", "template", "operator"}
TYPES = {"bool": "bool", "int": "int64_t", "float": "double", "str": "std::string", "dtype": "DType", "ints": "Ints"}
RESULTS = {"tensor": ("Tensor", "tensor_of"), "tensors": ("Tensors", "tensors_of"), "value": ("Value", "value_of")}


def _safe(name):
    return name + "_" if name in WORDS else name


def _literal(parameter):
    """The C++ type and default of an optional parameter."""
    kind, text = parameter["type"], parameter["default"]
    if kind == "ints":
        return "Ints", "" if text == "None" else text
    if text == "None" or kind not in TYPES:
        if text == "None":
            return "Value", ""
        if text.startswith("tf."):
            return "Value", f'dtype_named("{text[3:]}")'
        return "Value", _plain(text)
    if kind == "dtype":
        return "DType", f'dtype_named("{text.strip(chr(39)).removeprefix("tf.")}")'
    return TYPES[kind], _plain(text)


def _plain(text):
    if text in ("True", "False"):
        return text.lower()
    if text[:1] in "'\"":
        return '"' + text[1:-1].replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') + '"'
    return text


def _camel(name):
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _wrapped(head, items, end):
    """head(items)end within 110 columns."""
    line = head + ", ".join(items) + end
    if len(line) <= 110:
        return line
    out, indent = head, " " * 4
    lines = []
    for i, item in enumerate(items):
        piece = item + (", " if i + 1 < len(items) else end)
        if len(out) + len(piece.rstrip()) > 110:
            lines.append(out.rstrip())
            out = indent
        out += piece
    return "\n".join([*lines, out])


def _one(function, name):
    """(declaration, definition) of one function."""
    required = [p for p in function["parameters"] if p["required"] or p["variadic"]]
    optional = [p for p in function["parameters"] if not p["required"] and not p["variadic"] and p["name"] != "name"]
    result, how = RESULTS[function["result"]]
    declared, values = [], {"name": "Value()"}   # the name stands in error texts only: the record's own default
    for p in function["parameters"]:
        if p["name"] == "name" and not p["required"] and p["default"] != "None":
            values["name"] = _plain(p["default"])
    for p in required:
        at = _safe(p["name"])
        kind = "ValueList" if p["variadic"] else TYPES.get(p["type"], "Value")
        plain = kind in ("bool", "int64_t", "double", "DType")
        declared.append(f"{kind} {at}" if plain else f"const {kind}& {at}")
        values[p["name"]] = f"{at}.value" if kind == "Ints" else at
    text = [f"// {line}" for line in _lines(function["doc"], 104)]
    options = _camel(name) + "Options"
    if optional:
        text.append(f"struct {options} {{")
        for p in optional:
            kind, default = _literal(p)
            at = _safe(p["name"])
            text.append(f"  {kind} {at}" + (f" = {default};" if default else " = {};"))
            values[p["name"]] = f"options.{at}.value" if kind == "Ints" else f"options.{at}"
        text.append("};")
    head = f"{result} {_safe(name)}("
    with_default = declared + ([f"const {options}& options = {{}}"] if optional else [])
    text.append(_wrapped("NINEFOLD_API " + head, with_default, ");"))
    arguments = [values[p["name"]] for p in function["parameters"]]
    given = declared + ([f"const {options}& options"] if optional else [])
    body = [_wrapped(head, given, ") {"),
            f'  static const Function& f = named("{function["names"][0]}");',
            _wrapped(f"  return {how}(f, {{", arguments, "});"), "}"]
    return "\n".join(text), "\n".join(body)


def _lines(text, width):
    out = [""]
    for word in text.split():
        if out[-1] and len(out[-1]) + 1 + len(word) > width:
            out.append("")
        out[-1] += (" " if out[-1] else "") + word
    return out


def files(functions, short_name):
    families = {}
    for function in functions:
        space, name = short_name(function)
        if space.split(".")[0] != "keras":   # keras.h is their C++ form
            families.setdefault(space, []).append((name, function))
    out, headers = {}, []
    for space, rows in sorted(families.items()):
        stem = space.replace(".", "_") or "root"
        inner = "ninefold" + "".join("::" + part for part in space.split(".") if part)
        spoken = "tf" + ("." + space if space else "")
        pairs = [_one(function, name) for name, function in sorted(rows, key=lambda r: r[0])]
        header = f"include/ninefold/functions/{stem}.h"
        headers.append(header)
        out[header] = HEAD + f"// In: values. Out: what the functions of {spoken} make of them.\n#pragma once\n\n" \
            '#include "ninefold/functions/arguments.h"\n\n' + f"namespace {inner} {{\n\n" + \
            "\n\n".join(d for d, _ in pairs) + f"\n\n}}  // namespace {inner}\n"
        out[f"src/engine/ops/functions/{stem}.cc"] = HEAD + \
            f"// In: C++ calls of the functions of {spoken}. Out: calls of their records.\n" \
            f'#include "ninefold/functions/{stem}.h"\n\n#include "engine/ops/functions/call.h"\n\n' + \
            f"namespace {inner} {{\n\n" + "\n\n".join(d for _, d in pairs) + f"\n\n}}  // namespace {inner}\n"
    out["include/ninefold/functions/all.h"] = HEAD + \
        "// In: values. Out: every public function.\n#pragma once\n\n" + \
        "".join(f'#include "{h.removeprefix("include/")}"\n' for h in sorted(headers))
    return out
