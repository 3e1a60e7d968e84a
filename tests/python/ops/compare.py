# In: recorded rows of one op and Ninefold. Out: a list of texts, one a row that differs.
import calls
from tensors import difference


NO_KERNEL = ("is not in the list of allowed values", "Could not find device for node")


def same_error(got, want):
    """A dtype without a kernel is refused by TensorFlow's record or later by its list of kernels; here by the record."""
    return got == want or all(any(t in text for t in NO_KERNEL) for _, text in (got, want))


def faults(tf, name, rows, ulps, of_scale, worded=None):
    """worded: index of an error's row -> our own text of it; its class is TensorFlow's."""
    found, worded = [], worded or {}
    for index, row in enumerate(rows):
        def note(where, text):
            found.append(f"{name}[{index}] {row['kind']} {where}: {text} for {_brief(row)}")
        for where in ("eager", "traced") if "error" not in row else ("eager",):
            try:
                call = calls.Call(tf, name, row["in"], row.get("attrs", {}))
                got = getattr(call, where)()
            except Exception as error:  # noqa: BLE001
                if "error" not in row:
                    note(where, "raises " + ": ".join(calls.failure(error)))
                elif not same_error(calls.failure(error), [row["error"][0], worded.get(str(index), row["error"][1])]):
                    note(where, f"{calls.failure(error)}, TensorFlow's {row['error']}")
                continue
            if "error" in row:
                note(where, f"gives {got}, TensorFlow raises {row['error']}")
                continue
            if len(got) != len(row["out"]):
                note(where, f"{len(got)} results, TensorFlow's {len(row['out'])}")
            for at, (a, b) in enumerate(zip(got, row["out"])):
                text = difference(a, b, ulps, of_scale)
                if text:
                    note(where, f"result {at}: {text}")
        if "gradients" in row:
            try:
                got = dict(calls.Call(tf, name, row["in"], row.get("attrs", {})).gradients())
            except Exception as error:  # noqa: BLE001
                note("gradient", "raises " + ": ".join(calls.failure(error)))
                continue
            for key, want in row["gradients"]:
                have = got.get(key)
                if want is None or have is None:
                    if want is not None or have is not None:
                        note("gradient", f"of {key}: {have}, TensorFlow's {want}")
                    continue
                text = difference(have, want, max(ulps, 16) * 4, True, floor=1)
                if text:
                    note("gradient", f"of {key}: {text}")
    return found


def _brief(row):
    from tensors import numbers

    def one(literal):
        if isinstance(literal, dict):
            return {"variable": one(literal["variable"])}
        if isinstance(literal, list) and literal and isinstance(literal[0], str):
            return f"{literal[0]}{literal[1]}{numbers(literal).reshape(-1).tolist()[:8]}"
        return [one(x) for x in literal]
    return str({**{k: one(v) for k, v in row["in"].items()}, **row.get("attrs", {})})[:300]
