"""In: `record`: TensorFlow 2.9.0's message classes; `check FOLDER`: a profile that Ninefold wrote. Out: the fields of XSpace and of what
it holds, for tests/python/engine/test_profiler.py; what TensorFlow's own tools make of the profile. Run with TensorFlow 2.9.0."""
import glob
import json
import pathlib
import sys

RECORDED = pathlib.Path(__file__).parents[1] / "data/observed/xplane_fields.json"


def recorded():
    from tensorflow.core.profiler.protobuf import xplane_pb2
    out = {}
    for name, message in xplane_pb2.DESCRIPTOR.message_types_by_name.items():
        nested = {**message.nested_types_by_name, "": message}
        for inner, kind in nested.items():
            out[inner or name] = {str(f.number): [f.name, f.type, f.message_type.name if f.message_type else None] for f in kind.fields}
    return out


def check(folder):
    from tensorflow.core.profiler.protobuf import xplane_pb2
    from tensorflow.python.profiler.internal import _pywrap_profiler as tools
    path, = glob.glob(f"{folder}/plugins/profile/*/*.xplane.pb")
    space = xplane_pb2.XSpace.FromString(pathlib.Path(path).read_bytes())
    for plane in space.planes:
        print(plane.name, {line.name: len(line.events) for line in plane.lines})
        for line in plane.lines:
            for event in line.events:
                assert event.metadata_id in plane.event_metadata and event.offset_ps + event.duration_ps <= line.duration_ps
                assert all(s.metadata_id in plane.stat_metadata for s in event.stats)
    for tool in ("trace_viewer", "overview_page", "input_pipeline_analyzer", "tensorflow_stats"):
        data, known = tools.xspace_to_tools_data([path], tool)
        assert known and data, tool
        print(tool, len(data), "bytes")


if __name__ == "__main__":
    if sys.argv[1] == "record":
        RECORDED.write_text(json.dumps(recorded(), indent=1, sort_keys=True) + "\n")
    else:
        check(sys.argv[2])
