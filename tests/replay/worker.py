# In: a module's, a program's and a case's name, a file. Out: the result in that file, as JSON.
# A process runs one case, so that no case sees the seeds, names or devices of another.
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import replay  # noqa: E402

if __name__ == "__main__":
    module, program, name, out = sys.argv[1:]
    result = replay.run(replay.load(program)[name], replay.module(module))
    pathlib.Path(out).write_text(json.dumps(result))
