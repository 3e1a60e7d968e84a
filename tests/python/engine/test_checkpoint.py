# In: objects saved and restored. Out: what TensorFlow 2.9.0 restores, says and raises (its texts were recorded from it).
import gc
import logging
import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import ninefold as tf

L = tf.keras.layers


@pytest.fixture
def prefix(tmp_path):
    return str(tmp_path / "ck")


@pytest.fixture
def logged():
    """What tf.get_logger() is told."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    tf.get_logger().addHandler(handler)
    yield lines
    tf.get_logger().removeHandler(handler)


def keys(prefix):
    return [name for name, _ in tf.train.list_variables(prefix)]


def value(key):
    return key + "/.ATTRIBUTES/VARIABLE_VALUE"


class Holder(tf.Module):
    pass


def test_names_of_attributes_lists_dicts_and_private_ones(prefix):
    module = Holder()
    module.a, module._p, module.t = tf.Variable(1.0), tf.Variable(6.0), (tf.Variable(5.0),)
    module.l, module.d = [tf.Variable(2.0), 3], {"k/x": tf.Variable(3.0), "b.c": [tf.Variable(4.0)]}
    tf.train.Checkpoint(x=module).write(prefix)
    assert keys(prefix) == ["_CHECKPOINTABLE_OBJECT_GRAPH"] + [value("x/" + name) for name in (
        "_p", "a", "d/b..c/0", "d/k.Sx", "l/0", "t/0")]


def test_save_counts_and_restore_restores(prefix, tmp_path):
    saved = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), text=tf.Variable(["a", "b"]))
    assert [saved.save(prefix), saved.save(prefix)] == [prefix + "-1", prefix + "-2"]
    assert tf.train.latest_checkpoint(str(tmp_path)) == prefix + "-2"
    assert (tmp_path / "checkpoint").read_text() == (
        'model_checkpoint_path: "ck-2"\nall_model_checkpoint_paths: "ck-2"\n')
    again = tf.train.Checkpoint(v=tf.Variable([0.0, 0.0]), text=tf.Variable(["", ""]))
    again.restore(prefix + "-2").assert_consumed()
    assert again.v.numpy().tolist() == [1, 2] and again.text.numpy().tolist() == [b"a", b"b"]
    assert again.save_counter.numpy() == 2


def test_what_is_made_later_is_restored_when_it_is_made(prefix):
    full = Holder()
    full.v, full.inner = tf.Variable(7.0), Holder()
    full.inner.list = [tf.Variable(8.0)]
    tf.train.Checkpoint(m=full).write(prefix)
    late = Holder()
    status = tf.train.Checkpoint(m=late).read(prefix)
    with pytest.raises(AssertionError, match=r"Unresolved object in checkpoint \(root\)\.m\.v: attributes"):
        status.assert_consumed()
    late.v, late.inner = tf.Variable(0.0), Holder()
    late.inner.list = [tf.Variable(0.0)]
    assert late.v.numpy() == 7 and late.inner.list[0].numpy() == 8
    status.assert_consumed()


def test_layers_and_slots_that_are_made_later(prefix):
    def net():
        return tf.keras.Sequential([L.LSTM(3), L.Dense(2, activation="tanh"), L.Dense(1)])
    x, y = np.random.RandomState(0).rand(8, 4, 2).astype("float32"), np.ones((8, 1), "float32")
    first = net()
    first.compile(tf.keras.optimizers.Adam(0.02), "mse")
    first.fit(x, y, epochs=2, verbose=0)
    first.save_weights(prefix)
    unbuilt = net()
    unbuilt.compile("adam", "mse")
    status = unbuilt.load_weights(prefix)
    # The first call builds, and computes with what is restored, not with initial values.
    np.testing.assert_array_equal(unbuilt(x).numpy(), first(x).numpy())
    status.assert_consumed()
    for a, b in zip(unbuilt.trainable_weights, first.trainable_weights):
        for slot in ("m", "v"):
            np.testing.assert_array_equal(unbuilt.optimizer.get_slot(a, slot).numpy(), first.optimizer.get_slot(b, slot).numpy())
    np.testing.assert_allclose(unbuilt.optimizer.learning_rate.numpy(), 0.02)
    first.fit(x, y, verbose=0, shuffle=False)
    unbuilt.fit(x, y, verbose=0, shuffle=False)
    np.testing.assert_allclose(unbuilt.get_weights()[0], first.get_weights()[0], rtol=1e-6)


@pytest.mark.parametrize("make, error, text", [
    (lambda: {"v": tf.Variable([1.0, 2.0, 3.0])}, ValueError,
     "Received incompatible tensor with shape (2,) when attempting to restore variable with shape (3,) and name "
     "v/.ATTRIBUTES/VARIABLE_VALUE."),
    (lambda: {"v": tf.Variable([1, 2])}, tf.errors.InvalidArgumentError,
     "tensor_name = v/.ATTRIBUTES/VARIABLE_VALUE; expected dtype int32 does not equal original dtype float"),
])
def test_values_that_do_not_fit(prefix, make, error, text):
    tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(prefix)
    with pytest.raises(error) as raised:
        tf.train.Checkpoint(**make()).read(prefix).expect_partial()
    assert text in str(raised.value)


def test_assertions(prefix):
    tf.train.Checkpoint(v=tf.Variable(1.0), w=tf.Variable(2.0)).write(prefix)
    less = tf.train.Checkpoint(v=tf.Variable(0.0)).read(prefix).expect_partial()
    less.assert_existing_objects_matched().assert_nontrivial_match()
    with pytest.raises(AssertionError, match=r"Unresolved object in checkpoint \(root\)\.w"):
        less.assert_consumed()
    more = tf.train.Checkpoint(v=tf.Variable(0.0), z=tf.Variable(3.0)).read(prefix).expect_partial()
    for check in (more.assert_consumed, more.assert_existing_objects_matched):
        with pytest.raises(AssertionError, match="Found 1 Python objects that were not bound to checkpointed values, likely "
                                                 "due to changes in the Python program. Showing 1 of 1 unmatched objects"):
            check()
    none = tf.train.Checkpoint(v=tf.Variable(1.0)).restore(None)
    with pytest.raises(AssertionError, match="No checkpoint specified"):
        none.assert_consumed()
    assert none.expect_partial() is none and none.initialize_or_restore() is None


def test_values_that_nobody_took_are_told(prefix, logged):
    tf.train.Checkpoint(v=tf.Variable(1.0), w=tf.Variable(2.0)).write(prefix)
    taker = tf.train.Checkpoint(v=tf.Variable(0.0))
    taker.read(prefix)
    del taker
    gc.collect()
    assert logged[0].startswith("Detecting that an object or model or tf.train.Checkpoint is being deleted with unrestored")
    assert logged[1:] == ["Value in checkpoint could not be found in the restored object: (root).w"]
    del logged[:]
    quiet = tf.train.Checkpoint(v=tf.Variable(0.0))
    quiet.read(prefix).expect_partial()
    del quiet
    gc.collect()
    assert logged == []


@pytest.mark.parametrize("call, error, text", [
    (lambda p: tf.train.load_checkpoint(p + "none"), tf.errors.NotFoundError,
     "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for"),
    (lambda p: tf.train.Checkpoint(v=tf.Variable(1.0)).restore(p + "none"), tf.errors.NotFoundError,
     "Please double-check that the path is correct. You may be missing the checkpoint suffix"),
    (lambda p: tf.train.load_variable(p, "zz"), tf.errors.NotFoundError, "Key zz not found in checkpoint"),
    (lambda p: tf.train.load_checkpoint(os.path.dirname(p)), ValueError,
     "Couldn't find 'checkpoint' file or checkpoints in given directory"),
    (lambda p: tf.train.Checkpoint(x=3), ValueError, "`Checkpoint` was expecting x to be a trackable object"),
    (lambda p: tf.train.CheckpointManager(tf.train.Checkpoint(), p, max_to_keep=0), ValueError,
     "Expected a positive integer or `None` for `max_to_keep`, got 0."),
    (lambda p: tf.train.CheckpointManager(tf.train.Checkpoint(), p, max_to_keep=1, checkpoint_interval=2), ValueError,
     "`step_counter` should be passed if `checkpoint_interval` is not None."),
    (lambda p: tf.train.Checkpoint(d={1: tf.Variable(1.0)}).write(p + "2"), ValueError, "contains a non-string key"),
    (lambda p: tf.keras.Sequential([L.Dense(1)]).save_weights(p), ValueError, "have not yet been created"),
    (lambda p: _net().save_weights(p + ".h5", save_format="tf"), ValueError, "looks like an HDF5 file"),
    (lambda p: _net().save_weights(p, save_format="zz"), ValueError, 'Was expecting one of {"tf", "h5"}'),
    (lambda p: _net().load_weights(p, by_name=True), NotImplementedError, "Weights may only be loaded based on topology"),
    (lambda p: tf.keras.models.load_model(p + "none"), OSError, "No file or directory found at"),
])
def test_mistakes(prefix, call, error, text):
    tf.train.Checkpoint(v=tf.Variable(1.0)).write(prefix)
    with pytest.raises(error) as raised:
        call(prefix)
    assert text in str(raised.value)


def _net():
    return tf.keras.Sequential([L.Dense(2, input_shape=(3,))])


def test_damaged_files_raise_and_leave_variables_alone(prefix):
    tf.train.Checkpoint(v=tf.Variable([1.0] * 50)).write(prefix)
    for name in (prefix + ".index", prefix + ".data-00000-of-00001"):
        with open(name, "rb") as file:
            whole = file.read()
        for cut in range(0, len(whole), 7):
            with open(name, "wb") as file:
                file.write(whole[:cut])
            target = tf.train.Checkpoint(v=tf.Variable([0.0] * 50))
            with pytest.raises((tf.errors.DataLossError, tf.errors.NotFoundError)):
                target.read(prefix)
            assert not target.v.numpy().any()
        with open(name, "wb") as file:
            file.write(whole)


def test_tables_generators_and_metrics(prefix):
    def parts():
        return dict(table=tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1),
                    generator=tf.random.Generator.from_seed(3), metric=tf.keras.metrics.Mean())
    first = parts()
    first["table"].insert(["a", "b"], [1, 2])
    first["generator"].normal([5])
    first["metric"].update_state([1.0, 4.0])
    tf.train.Checkpoint(**first).write(prefix)
    assert "table/.ATTRIBUTES/table-keys" in keys(prefix) and value("generator/_state_var") in keys(prefix)
    second = parts()
    tf.train.Checkpoint(**second).read(prefix).assert_consumed()
    assert second["table"].lookup(tf.constant(["b", "c"])).numpy().tolist() == [2, -1]
    assert second["metric"].result().numpy() == 2.5
    np.testing.assert_array_equal(second["generator"].normal([3]).numpy(), first["generator"].normal([3]).numpy())


def test_manager(tmp_path):
    step = tf.Variable(0)
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2, step_counter=step, checkpoint_interval=2)
    assert manager.latest_checkpoint is None and manager.restore_or_initialize() is None
    saved = []
    for _ in range(7):
        saved.append(manager.save())
        step.assign_add(1)
    assert [s and os.path.basename(s) for s in saved] == ["ckpt-1", None, "ckpt-2", None, "ckpt-3", None, "ckpt-4"]
    assert [os.path.basename(p) for p in manager.checkpoints] == ["ckpt-3", "ckpt-4"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "checkpoint", "ckpt-3.data-00000-of-00001", "ckpt-3.index", "ckpt-4.data-00000-of-00001", "ckpt-4.index"]
    again = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=3)
    assert again.checkpoints == manager.checkpoints and again.restore_or_initialize() == manager.latest_checkpoint
    assert step.numpy() == 6
    assert list(tf.train.checkpoints_iterator(str(tmp_path), timeout=0)) == [manager.latest_checkpoint]
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert state.model_checkpoint_path == manager.latest_checkpoint and len(state.all_model_checkpoint_timestamps) == 2


def test_callback_writes_checkpoints(tmp_path):
    model = _net()
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), epochs=2, verbose=0, callbacks=[
        tf.keras.callbacks.ModelCheckpoint(str(tmp_path / "w-{epoch}"), save_weights_only=True),
        tf.keras.callbacks.ModelCheckpoint(str(tmp_path / "m.h5"))])
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "w-2")
    loaded = tf.keras.models.load_model(str(tmp_path / "m.h5"))
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_whole_models_with_objects_of_the_user(tmp_path):
    class Twice(L.Layer):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

        def get_config(self):
            return dict(super().get_config(), factor=self.factor)

    def off(y_true, y_pred):
        return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)

    path = str(tmp_path / "m.h5")
    model = tf.keras.Sequential([L.Dense(2, input_shape=(3,)), Twice(3.0)])
    model.compile(tf.keras.optimizers.SGD(0.1, momentum=0.9), loss=off, metrics=["mae", tf.keras.metrics.MeanSquaredError(name="z")])
    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    model.fit(x, y, verbose=0)
    model.save(path)
    with pytest.raises(ValueError, match="Unknown layer: Twice"):
        tf.keras.models.load_model(path)
    loaded = tf.keras.models.load_model(path, custom_objects={"Twice": Twice, "off": off})
    assert loaded.layers[1].factor == 3.0 and loaded.optimizer.momentum.numpy() == np.float32(0.9)
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    model.fit(x, y, verbose=0)
    loaded.fit(x, y, verbose=0)
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
    with tf.keras.utils.custom_object_scope({"Twice": Twice}):
        assert tf.keras.models.load_model(path, compile=False).optimizer is None


def test_registered_objects_have_the_names_that_keras_gives_them(tmp_path):
    @tf.keras.utils.register_keras_serializable("Pack")
    class Thrice(L.Layer):
        def call(self, x):
            return 3 * x

    @tf.keras.utils.register_keras_serializable("Pack")
    def square(x):
        return x * x

    try:
        model = tf.keras.Sequential([L.Dense(3, activation=square, input_shape=(2,)), Thrice()])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.save(str(tmp_path / "m.h5"))
        config, training, _ = tf._core.checkpoint.read_model(str(tmp_path / "m.h5"))
        assert '"Pack>Thrice"' in config and '"Pack>square"' in config
        assert '"sparse_categorical_accuracy"' in training      # which Keras could not guess
        x = np.random.RandomState(1).rand(4, 2).astype("float32")
        loaded = tf.keras.models.load_model(str(tmp_path / "m.h5"))
        np.testing.assert_array_equal(loaded(x).numpy(), model(x).numpy())
    finally:
        for name in ("Pack>Thrice", "Thrice", "Pack>square", "square"):
            tf.keras.utils.get_custom_objects().pop(name, None)


def test_metrics_of_several_outputs_as_keras_writes_them(tmp_path):
    """Lists in the order of the outputs, their names before the metrics' own."""
    from ninefold.keras import compiled
    wrapped = [[{"class_name": "MeanMetricWrapper", "config": {"name": "p_accuracy", "dtype": "float32", "fn": "binary_accuracy"}}],
               [{"class_name": "MeanMetricWrapper", "config": {"name": "q_mae", "dtype": "float32", "fn": "mean_absolute_error"}}]]
    x = tf.keras.Input((3,))
    model = tf.keras.Model(x, {"p": L.Dense(1, name="p")(x), "q": L.Dense(1, name="q")(x)})
    metrics = compiled._parts(compiled._by_output(wrapped, model.output_names), tf.keras.metrics.deserialize, {})
    model.compile("sgd", {"p": "mse", "q": "mse"}, metrics=metrics)
    y = np.zeros((4, 1), "float32")
    found = model.evaluate(np.ones((4, 3)), {"p": y, "q": y}, verbose=0, return_dict=True)
    assert list(found) == ["loss", "p_loss", "q_loss", "p_accuracy", "q_mae"]


def test_an_interrupted_fit_goes_on(tmp_path):
    x, y = np.random.RandomState(2).rand(8, 3).astype("float32"), np.ones((8, 2), "float32")

    class Stop(tf.keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("power cut")

    def fit(model, *callbacks):
        return model.fit(x, y, epochs=4, verbose=0, shuffle=False, callbacks=list(callbacks))

    def net():
        tf.random.set_seed(4)
        model = tf.keras.Sequential([L.Dense(2, input_shape=(3,), kernel_initializer="ones")])
        model.compile("adam", "mse")
        return model

    straight = net()
    fit(straight)
    with pytest.raises(RuntimeError, match="power cut"):
        fit(net(), tf.keras.callbacks.BackupAndRestore(str(tmp_path)), Stop())
    resumed = net()
    history = fit(resumed, tf.keras.callbacks.BackupAndRestore(str(tmp_path)))
    assert history.epoch == [2, 3] and resumed.optimizer.iterations.numpy() == 4
    np.testing.assert_array_equal(resumed.get_weights()[0], straight.get_weights()[0])
    assert list(tmp_path.iterdir()) == []


def test_a_save_that_is_killed_leaves_the_old_or_the_new(prefix):
    """Ten kills here; the bundle's own test has 150 of them at finer moments."""
    script = textwrap.dedent("""
        import sys, ninefold as tf
        variables = [tf.Variable(tf.zeros([3000])) for _ in range(4)]
        checkpoint = tf.train.Checkpoint(v=variables)
        checkpoint.read(sys.argv[1])
        print("ready", flush=True)
        while True:
            for v in variables:
                v.assign_add(tf.ones([3000]))
            checkpoint.write(sys.argv[1])
    """)
    variables = [tf.Variable(tf.zeros([3000])) for _ in range(4)]
    checkpoint = tf.train.Checkpoint(v=variables)
    checkpoint.write(prefix)
    random, last = np.random.RandomState(5), 0.0
    for _ in range(10):
        child = subprocess.Popen([sys.executable, "-c", script, prefix], stdout=subprocess.PIPE)
        child.stdout.readline()
        time.sleep(random.rand() * 0.1)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        checkpoint.read(prefix).assert_consumed()
        values = {float(x) for v in variables for x in v.numpy()}
        assert len(values) == 1 and min(values) >= last
        last = values.pop()
    assert last > 0


def test_names_are_enough_where_there_are_no_objects(tmp_path):
    from ninefold import _core
    prefix = str(tmp_path / "old")
    writer = _core.checkpoint.BundleWriter(prefix)
    for name, value in (("dense/kernel", tf.fill([3, 2], 4.0)), ("dense/bias", tf.ones(2)), ("v", tf.constant(7.0))):
        writer.add(name, value)
    writer.finish()
    v = tf.Variable(1.0, name="v")
    tf.train.Checkpoint(v=v).restore(prefix).assert_consumed()
    assert float(v) == 7.0
    model = tf.keras.Sequential([tf.keras.layers.Dense(2, name="dense")])
    status = model.load_weights(prefix)
    assert model(tf.ones((1, 3))).numpy().tolist() == [[13.0, 13.0]]      # made after the restore
    status.assert_existing_objects_matched()
    other = tf.keras.Sequential([tf.keras.layers.Dense(2, name="other", input_shape=(3,))])
    with pytest.raises(AssertionError, match="Some objects had attributes which were not restored: .*other/kernel"):
        other.load_weights(prefix)


def test_slots_by_their_names(prefix):
    """A checkpoint without a graph of objects restores the slots that are there, as TensorFlow does."""
    from ninefold import _core

    def trained():
        tf.keras.backend.clear_session()
        model = tf.keras.Sequential([L.Dense(2, input_shape=(3,))])
        model.compile("adam", "mse")
        model.fit(np.ones((4, 3)), np.zeros((4, 2)), verbose=0)
        return model
    first = trained()
    first.fit(np.ones((4, 3)), np.zeros((4, 2)), epochs=2, verbose=0)
    writer = _core.checkpoint.BundleWriter(prefix)
    for variable in first.weights + first.optimizer.weights:
        writer.add(variable.name.split(":")[0], variable)
    writer.finish()
    second = trained()
    tf.train.Checkpoint(model=second, optimizer=second.optimizer).restore(prefix)
    assert int(second.optimizer.iterations) == 3
    for a, b in zip(first.weights + first.optimizer.weights, second.weights + second.optimizer.weights):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.name)
