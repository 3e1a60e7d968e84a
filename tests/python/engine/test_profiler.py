"""In: programs under tf.profiler. Out: files that TensorFlow's messages and chrome://tracing's form describe; TensorFlow's errors."""
import gzip
import json
import pathlib
import threading
import time

import pytest

import ninefold as tf

P = tf.profiler.experimental


def space_of(folder):
    """The XSpace of a session as nests, by the field numbers of xplane.proto: [(plane, {line: [(event, stats)]})]."""
    file, = pathlib.Path(folder).glob("plugins/profile/*/*.xplane.pb")
    planes = []
    for plane in fields(file.read_bytes())[1]:
        parts = fields(plane)
        named = [{entry[1][0]: fields(entry[2][0])[2][0].decode() for entry in map(fields, parts.get(n, []))} for n in (4, 5)]
        lines = {}
        for line in map(fields, parts.get(3, [])):
            events = lines.setdefault(line[2][0].decode(), [])
            for event in map(fields, line.get(4, [])):
                stats = {named[1][s[1][0]]: s.get(4, s.get(5, s.get(2)))[0] for s in map(fields, event.get(4, []))}
                events.append((named[0][event[1][0]], stats))
        planes.append((parts[2][0].decode(), lines))
    return planes


def fields(data):
    """{number: [values]} of a message: numbers of varints and doubles, bytes of the rest."""
    at, out = 0, {}

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        key = varint()
        if key & 7 == 0:
            value = varint()
        else:
            size = {1: 8, 5: 4}.get(key & 7) or varint()
            value, at = bytes(data[at:at + size]), at + size
        out.setdefault(key >> 3, []).append(value)
    return out


def trace_of(folder):
    file, = pathlib.Path(folder).glob("plugins/profile/*/*.trace.json.gz")
    return json.loads(gzip.decompress(file.read_bytes()))


def all_events(folder):
    return [event for _, lines in space_of(folder) for events in lines.values() for event in events]


@tf.function
def squared(x):
    return tf.matmul(x, x)


def program(steps=3):
    data = tf.data.Dataset.range(4 * steps).map(lambda i: tf.cast(i, tf.float32)).batch(4).prefetch(1)
    for number, row in enumerate(data):
        with P.Trace("train", step_num=number, _r=1):
            squared(tf.reshape(row, [2, 2]))


def test_a_session_is_three_files(tmp_path):
    with P.Profile(str(tmp_path)):
        program()
    run, = (tmp_path / "plugins/profile").iterdir()
    assert sorted(p.name.split(".", 1)[1] for p in run.iterdir()) == ["steps.txt", "trace.json.gz", "xplane.pb"]
    assert len(list(tmp_path.glob("events.out.tfevents.*.profile-empty"))) == 1
    (plane, lines), = space_of(tmp_path)
    assert plane == "/host:CPU" and "tf_data_ahead" in lines
    events = [event for line in lines.values() for event in line]
    names = {name for name, _ in events}
    assert {"train", "FunctionRun", "MatMul:MatMul", "IteratorGetNext", "PrefetchProduce", "Iterator::Batch", "Iterator::Map"} <= names
    assert [stats["step_num"] for name, stats in events if name == "train"] == [0, 1, 2]
    assert {stats["is_eager"] for name, stats in events if name == "MatMul:MatMul"} == {0}
    assert {stats["is_eager"] for name, stats in events if name == "Reshape:Reshape"} == {1}
    text = next(run.glob("*.steps.txt")).read_text()
    assert "tracing, compiling" in text and "\n3 steps took " in text


def test_the_trace_of_chrome(tmp_path):
    P.start(str(tmp_path))
    with P.Trace('a "name"\n', fact="ä", number=3):
        tf.add(1, 2)
    P.stop()
    trace = trace_of(tmp_path)
    assert trace["displayTimeUnit"] == "ns" and trace["traceEvents"][-1] == {}
    named = {(e["name"], e["args"]["name"]) for e in trace["traceEvents"][:-1] if e["ph"] == "M"}
    assert ("process_name", "/host:CPU") in named
    mine, = [e for e in trace["traceEvents"] if e.get("name") == 'a "name"\n']
    added, = [e for e in trace["traceEvents"] if e.get("name") == "AddV2:AddV2"]
    assert mine["args"]["fact"] == "ä" and mine["args"]["number"] == "3" and mine["pid"] == added["pid"] and mine["tid"] == added["tid"]
    assert mine["ts"] <= added["ts"] and added["ts"] + added["dur"] <= mine["ts"] + mine["dur"]


# what is asked for -> what is there, and what is not
LEVELS = {
    "the default": (None, {"train", "FunctionRun", "MatMul:MatMul"}, set()),
    "nothing of the host": (P.ProfilerOptions(host_tracer_level=0), set(), {"train", "FunctionRun", "MatMul:MatMul"}),
    "critical": (P.ProfilerOptions(host_tracer_level=1), {"train", "FunctionRun", "IteratorGetNext"}, {"MatMul:MatMul"}),
    "verbose": (P.ProfilerOptions(host_tracer_level=3), {"train", "MatMul:MatMul"}, set()),
    "an hour later": (P.ProfilerOptions(delay_ms=3600000), set(), {"train", "FunctionRun"}),
    "Python's calls": (P.ProfilerOptions(python_tracer_level=1), {"train", "$test_profiler.py:%d program" % program.__code__.co_firstlineno}, set()),
}


@pytest.mark.parametrize("row", LEVELS)
def test_levels(tmp_path, row):
    options, there, missing = LEVELS[row]
    P.start(str(tmp_path), options=options)
    program()
    P.stop()
    names = {name for name, _ in all_events(tmp_path)}
    assert there <= names and not missing & names


def test_threads_have_lines_of_their_own(tmp_path):
    def work():
        for _ in range(3):
            tf.add(1.0, 2.0)
    with P.Profile(str(tmp_path)):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rows = {e["tid"] for e in trace_of(tmp_path)["traceEvents"] if e.get("name") == "AddV2:AddV2"}
    assert len(rows) == 4


def test_input_that_is_late_is_named(tmp_path):
    def slow():
        for i in range(4):
            time.sleep(0.05)
            yield float(i)
    data = tf.data.Dataset.from_generator(slow, output_signature=tf.TensorSpec([], tf.float32))
    with P.Profile(str(tmp_path)):
        for number, x in enumerate(data):
            with P.Trace("train", step_num=number, _r=1):
                x + 1.0
    text, = [p.read_text() for p in tmp_path.glob("plugins/profile/*/*.steps.txt")]
    assert "%: input." in text, text


def test_fit_marks_its_steps(tmp_path):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    with P.Profile(str(tmp_path)):
        model.fit(tf.ones([12, 3]), tf.ones([12, 1]), batch_size=4, verbose=0, shuffle=False)
    assert [stats["step_num"] for name, stats in all_events(tmp_path) if name == "train"] == [0, 1, 2]


# profile_batch -> steps of 3 epochs of 4 batches that are in the file; None: no file
BATCHES = {"none": (0, None), "one": (2, 1), "a range": ((2, 4), 3), "as text": ("3,5", 3), "to the end": ((11, 99), 2), "never": ((50, 60), None)}


@pytest.mark.parametrize("row", BATCHES)
def test_profile_batch(tmp_path, row):
    given, steps = BATCHES[row]
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    callback = tf.keras.callbacks.TensorBoard(str(tmp_path), profile_batch=given)
    model.fit(tf.ones([16, 3]), tf.ones([16, 1]), batch_size=4, epochs=3, verbose=0, callbacks=[callback])
    if steps is None:
        assert not list(tmp_path.glob("plugins/profile/*/*"))
    else:
        assert sum(name == "train" for name, _ in all_events(tmp_path)) == steps


def test_profile_batch_leaves_another_profiler_alone(tmp_path):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    P.start(str(tmp_path / "mine"))
    callback = tf.keras.callbacks.TensorBoard(str(tmp_path / "theirs"), profile_batch=1)
    model.fit(tf.ones([8, 3]), tf.ones([8, 1]), batch_size=4, verbose=0, callbacks=[callback])
    P.stop()
    assert sum(name == "train" for name, _ in all_events(tmp_path / "mine")) == 2
    assert not (tmp_path / "theirs/plugins").exists()


def test_trace_on(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.trace_on(profiler=True)
        squared(tf.ones([2, 2]))
        with pytest.raises(ValueError, match="Argument `profiler_outdir` is not specified"):
            tf.summary.trace_export("t", step=0)
        tf.summary.trace_export("t", step=0, profiler_outdir=str(tmp_path / "p"))
    assert "FunctionRun" in {name for name, _ in all_events(tmp_path / "p")}
    tf.summary.trace_on(profiler=True)
    tf.summary.trace_off()
    P.start("")
    P.stop()


def test_one_at_a_time(tmp_path):
    with pytest.raises(tf.errors.UnavailableError, match="Cannot export profiling results. No profiler is running."):
        P.stop()
    P.start(str(tmp_path))
    with pytest.raises(tf.errors.AlreadyExistsError, match="Another profiler is running."):
        P.start(str(tmp_path))
    P.stop(save=False)
    assert not (tmp_path / "plugins").exists()
    (tmp_path / "file").write_text("")
    P.start(str(tmp_path / "file"))
    with pytest.raises(tf.errors.OpError):
        P.stop()
    P.start("")                   # after a failure there is none
    P.stop()


FAULTS = {
    "level": (lambda: P.start("", P.ProfilerOptions(host_tracer_level=9)), tf.errors.InvalidArgumentError, "host_tracer_level must be 0, 1, 2 or 3, got 9"),
    "duration": (lambda: P.client.trace("localhost:1", "x", 0), tf.errors.InvalidArgumentError, "duration_ms must be greater than zero."),
    "address": (lambda: P.client.trace("nothost", "x", 1), tf.errors.InvalidArgumentError, 'Could not interpret "nothost" as a host-port pair.'),
    "client": (lambda: P.client.trace("grpc://localhost:1", "x", 1), NotImplementedError, "speaks gRPC"),
    "monitor": (lambda: P.client.monitor("localhost:1", 1), NotImplementedError, "speaks gRPC"),
    "server": (lambda: P.server.start(6009), NotImplementedError, "speaks gRPC"),
}


@pytest.mark.parametrize("row", FAULTS)
def test_faults(row):
    call, kind, text = FAULTS[row]
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)


def test_options():
    assert repr(P.ProfilerOptions()) == "ProfilerOptions(host_tracer_level=2, python_tracer_level=0, device_tracer_level=1, delay_ms=None)"


# ---- against TensorFlow's messages, as tests/referee/profiles.py recorded them ----

FIELDS = json.loads((pathlib.Path(__file__).parents[2] / "data/observed/xplane_fields.json").read_text())
WIRE = {1: 1, 3: 0, 4: 0, 9: 2, 11: 2, 12: 2}      # how protobuf writes double, int64, uint64, string, message, bytes


def checked(data, kind, seen):
    """Every field of a message is one that TensorFlow's has, of the type that it has there."""
    for number, values in fields(data).items():
        assert str(number) in FIELDS[kind], f"{kind} has no field {number}"
        name, of, inner = FIELDS[kind][str(number)]
        seen.add(f"{kind}.{name}")
        for value in values:
            assert isinstance(value, int) == (WIRE[of] == 0), f"{kind}.{name}"
            assert WIRE[of] != 1 or len(value) == 8
            if of == 9:
                value.decode()
            if inner:
                checked(value, inner, seen)


def test_the_file_is_tensorflows_message(tmp_path):
    with P.Profile(str(tmp_path)):
        program()
    file, = tmp_path.glob("plugins/profile/*/*.xplane.pb")
    seen = set()
    checked(file.read_bytes(), "XSpace", seen)
    assert {"XSpace.planes", "XSpace.hostnames", "XPlane.lines", "XLine.timestamp_ns", "XEvent.offset_ps", "XEvent.duration_ps",
            "XStat.int64_value", "XStat.str_value", "XStat.double_value", "XEventMetadata.display_name", "XStatMetadata.name"} <= seen
