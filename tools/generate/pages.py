# In: function and op records. Out: reference pages, one a namespace, and one of all ops.
HEAD = "<!-- Generated from the records by tools/generate/generate.py: change those, not this. -->\n"
WORDS = {
    "tensor": "a tensor, or what converts to one", "tensors": "a list of tensors", "bool": "a bool", "int": "an int",
    "float": "a float", "str": "a string", "dtype": "a dtype", "shape": "a shape", "ints": "ints: one, a list, a tensor",
    "value": "any value",
}


def _type(parameter):
    kind = parameter["type"]
    if len(kind) == 1:
        return f"a tensor of dtype {kind}"
    if len(kind) == 3 and kind[0] == "[":
        return f"a list of tensors of dtype {kind[1]}"
    return WORDS.get(kind, kind)


def _signature(function, name):
    parts = []
    for p in function["parameters"]:
        parts.append("*" + p["name"] if p["variadic"] else p["name"] if p["required"] else f"{p['name']}={p['default']}")
    return f"tf.{name}({', '.join(parts)})"


def _function(function, name):
    lines = [f"### {name.rsplit('.', 1)[-1]}", "", "```python", _signature(function, name), "```", function["doc"], ""]
    others = [n for n in function["names"] if n != "tf." + name]
    if others:
        lines += ["Also " + ", ".join(f"`{n}`" for n in others) + ".", ""]
    shown = [p for p in function["parameters"] if p["name"] != "name"]
    if shown:
        lines += ["| argument | takes | default |", "|---|---|---|"]
        lines += [f"| `{p['name']}` | {_type(p)} | {'' if p['required'] or p['variadic'] else '`' + p['default'] + '`'} |"
                  for p in shown] + [""]
    made = {"tensor": "a tensor", "tensors": "a list of tensors", "value": "a value or a nest of them"}
    return lines + [f"Returns {made[function['result']]}.", ""]


def files(functions, ops, short_name):
    spaces = {}
    for function in functions:
        space, name = short_name(function)
        spaces.setdefault(space, []).append((f"{space}.{name}" if space else name, function))
    out, index = {}, []
    for space, rows in sorted(spaces.items()):
        title = "tf" + ("." + space if space else "")
        lines = [f"# {title}", "", "Arguments that share a letter as dtype must agree; numbers beside a tensor take its "
                 "dtype, those of `D` the one that `dtype` names. A wrong dtype, shape or value raises the class of error that TensorFlow 2.9 raises.", ""]
        for name, function in sorted(rows, key=lambda r: r[0]):
            lines += _function(function, name)
        path = title.replace(".", "_") + ".md"
        index.append(f"- [{title}]({path}): {len(rows)} functions")
        out["docs/reference/" + path] = HEAD + "\n".join(lines).rstrip() + "\n"
    lines = ["# Ops", "", "What `tf.raw_ops` calls and what traces hold. `N * T` is a list of N tensors of dtype T. "
             "Dtypes are those of the CPU kernels; an op without a gradient stops one or raises LookupError.", ""]
    for op in ops:
        lines += [f"### {op['op']}", "", op["doc"], "", f"Inputs: {_listed(op['inputs'])}. Outputs: {_listed(op['outputs'])}."]
        if op["attrs"]:
            lines += ["", f"Attributes: {_listed(op['attrs'])}."]
        facts = ([f"Dtypes: {', '.join(op['dtypes'])}."] if op["dtypes"] else []) + \
            ([f"Effect: {op['effect']}."] if op["effect"] != "none" else []) + \
            ([] if op["differentiable"] else ["No gradient."])
        lines += (["", " ".join(facts)] if facts else []) + [""]
    out["docs/reference/ops.md"] = HEAD + "\n".join(lines).rstrip() + "\n"
    out["docs/reference/README.md"] = HEAD + "# Reference\n\n" + \
        "The public functions that the engine's records define, by namespace, and the [ops](ops.md) that they are made " \
        "of. What only Python can say (classes, decorators, `tf.function`) has its docstring.\n\n" + "\n".join(index) + "\n"
    return out


def _listed(items):
    return ", ".join("`" + " ".join(i.replace("\n", "\\n").split(" ")) + "`" for i in items) or "none"
