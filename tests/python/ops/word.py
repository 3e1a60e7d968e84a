# In: the recorded errors and this Ninefold. Out: tests/data/ops/worded.json: where the class is TensorFlow's and the
# text says the same in other words, our text, which the test then asserts. Read the difference before it is checked in.
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import all_cases  # noqa: E402
import calls  # noqa: E402
import compare  # noqa: E402

import ninefold as tf  # noqa: E402


def main():
    worded = {}
    for family in all_cases.FAMILIES:
        for name, rows in json.loads((all_cases.DATA / f"{family}.json").read_text()).items():
            for index, row in enumerate(rows):
                if "error" not in row:
                    continue
                try:
                    calls.Call(tf, name, row["in"], row.get("attrs", {})).eager()
                except Exception as error:  # noqa: BLE001
                    got = calls.failure(error)
                    if got[0] == row["error"][0] and not compare.same_error(got, row["error"]):
                        worded.setdefault(name, {})[str(index)] = got[1]
                        print(f"{name}[{index}]\n  TensorFlow: {row['error'][1][:200]}\n  Ninefold:   {got[1][:200]}")
    lines = [f"{json.dumps(n)}: {json.dumps(w)}" for n, w in sorted(worded.items())]
    (all_cases.DATA / "worded.json").write_text("{\n" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
