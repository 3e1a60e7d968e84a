# In: tables of every kind. Out: SavedModels and checkpoints that bring them back with what they held, again and again; and the
# graph that TensorFlow Serving runs: what fills tables, a saver.
import numpy as np
import pytest

import ninefold as tf

LOOKUP, MUTABLE = tf.lookup, tf.lookup.experimental


class Tables(tf.Module):
    def __init__(self, lines):
        super().__init__()
        self.static = LOOKUP.StaticHashTable(LOOKUP.KeyValueTensorInitializer(["a", "x"], [7, 8]), -9)
        self.lines = LOOKUP.StaticVocabularyTable(LOOKUP.TextFileInitializer(
            lines, tf.string, LOOKUP.TextFileIndex.WHOLE_LINE, tf.int64, LOOKUP.TextFileIndex.LINE_NUMBER), 2)
        self.words = MUTABLE.MutableHashTable(tf.string, tf.int64, -1)
        self.rows = MUTABLE.MutableHashTable(tf.int64, tf.float32, [-1.0, -2.0])
        self.dense = MUTABLE.DenseHashTable(tf.int64, tf.float32, -1.0, -1, -2, initial_num_buckets=8)
        self.texts = MUTABLE.DenseHashTable(tf.string, tf.string, "none", "", "$", initial_num_buckets=4)
        self.step = tf.Variable(3)

    def fill(self):
        self.words.insert(["a", "b"], [1, 2])
        self.rows.insert([5], [[0.5, 0.25]])
        self.dense.insert([3, 19, 35, -7], [1.0, 2.0, 3.0, 4.0])
        self.dense.erase(tf.constant([35], tf.int64))
        self.texts.insert(["k", "m", "n", "o", "p"], ["v", "w", "x", "y", "z"])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text"), tf.TensorSpec([None], tf.int64, name="ids")])
    def look(self, text, ids):
        return {"static": self.static.lookup(text), "lines": self.lines.lookup(text), "words": self.words.lookup(text),
                "rows": self.rows.lookup(ids), "dense": self.dense.lookup(ids), "texts": self.texts.lookup(text), "step": self.step}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string), tf.TensorSpec([None], tf.int64)])
    def put(self, keys, values):
        self.words.insert(keys, values)
        return self.words.size()


TEXT, IDS = tf.constant(["a", "b", "k", "p", "q"]), tf.constant([3, 5, 19, 35], tf.int64)


@pytest.fixture
def module(tmp_path):
    (tmp_path / "lines.txt").write_text("a\nk\n")
    made = Tables(str(tmp_path / "lines.txt"))
    made.fill()
    return made


def _answers(m):
    return {k: v.numpy().tolist() for k, v in m.look(TEXT, IDS).items()}


def test_tables_come_back_and_are_saved_again(module, tmp_path):
    expected = _answers(module)
    assert expected["dense"] == [1.0, -1.0, 2.0, -1.0] and expected["texts"] == [b"none", b"none", b"v", b"z", b"none"]
    before, path = module, str(tmp_path / "0")
    for turn in range(3):
        path = str(tmp_path / str(turn))
        tf.saved_model.save(before, path, signatures=before.look)
        (tmp_path / "lines.txt").unlink(missing_ok=True)            # the file came along
        before = tf.saved_model.load(path)
        assert _answers(before) == expected
        served = before.signatures["serving_default"](text=TEXT, ids=IDS)
        assert {k: v.numpy().tolist() for k, v in served.items()} == expected
    assert before.put(["q"], [9]).numpy() == 3
    assert _answers(before)["words"] == [1, 2, -1, -1, 9]
    tf.saved_model.save(before, str(tmp_path / "changed"))
    assert _answers(tf.saved_model.load(str(tmp_path / "changed")))["words"] == [1, 2, -1, -1, 9]


def test_a_loaded_module_in_checkpoints(module, tmp_path):
    tf.saved_model.save(module, str(tmp_path / "m"))
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    loaded.put(["z"], [5])
    tf.train.Checkpoint(module=loaded).write(str(tmp_path / "ck"))
    names = [name for name, _ in tf.train.list_variables(str(tmp_path / "ck"))]
    assert "module/words/.ATTRIBUTES/table-keys" in names and "module/dense/.ATTRIBUTES/table-values" in names
    again = tf.saved_model.load(str(tmp_path / "m"))
    tf.train.Checkpoint(module=again).read(str(tmp_path / "ck")).assert_consumed()
    assert again.look(tf.constant(["z"]), IDS)["words"].numpy().tolist() == [5]
    own = Tables.__new__(Tables)
    own.words = MUTABLE.MutableHashTable(tf.string, tf.int64, -1)
    tf.train.Checkpoint(module=own).read(str(tmp_path / "ck")).expect_partial()
    assert sorted(own.words.export()[0].numpy().tolist()) == [b"a", b"b", b"z"]


def test_buckets_of_dense_tables():
    """As TensorFlow 2.9.0 exports them: keys where their hashes lead, free buckets with the empty key."""
    table = MUTABLE.DenseHashTable(tf.int64, tf.float32, -1.0, -1, -2, initial_num_buckets=8)
    table.insert([3, 19, 35, -7, 16], [1.0, 2.0, 3.0, 4.0, 5.0])
    keys, values = table.export()
    assert keys.numpy().tolist() == [[16], [-7], [-1], [3], [19], [-1], [35], [-1]]
    assert values.numpy().tolist() == [[5.0], [4.0], [0.0], [1.0], [2.0], [0.0], [3.0], [0.0]]
    texts = MUTABLE.DenseHashTable(tf.string, tf.float32, -1.0, "", "del", initial_num_buckets=8)
    texts.insert(["a", "b", "hello", "x y"], [1.0, 2.0, 3.0, 4.0])
    assert texts.export()[0].numpy().ravel().tolist() == [b"", b"", b"b", b"hello", b"a", b"", b"", b"x y"]
    wide = MUTABLE.DenseHashTable(tf.int64, tf.float32, [-1.0, -1.0], -1, -2, initial_num_buckets=4)
    wide.insert(list(range(20)), np.ones((20, 2)))
    keys, values = wide.export()
    assert keys.shape == (32, 1) and values.shape == (32, 2) and keys.numpy().ravel().tolist() == list(range(20)) + [-1] * 12


def test_the_saver_and_what_fills_tables(module, tmp_path):
    """What tests/referee/exchange.py runs in a session of TensorFlow: here, that the graph names it."""
    path = str(tmp_path / "m")
    tf.saved_model.save(module, path, signatures=module.look)
    from ninefold import _core
    with open(path + "/saved_model.pb", "rb") as file:
        meta = _core.decode_message("SavedModel", file.read())["meta_graphs"][0]
    saver = meta["saver_def"]
    assert (saver["filename_tensor_name"], saver["version"]) == ("saver_filename:0", 2)
    ops = {name: (op, inputs) for name, op, inputs, _ in _core.ImportedGraph(meta["graph_def"].numpy()).nodes()}
    start = meta["signature_def"]["__saved_model_init_op"]["outputs"]["__saved_model_init_op"]["name"]
    assert ops[start][0] == "NoOp" and len(ops[start][1]) == 6                      # one a table
    assert ops[saver["restore_op_name"]][0] == "NoOp"
    assert sorted(ops[i[1:]][0] for i in ops[saver["restore_op_name"]][1]) == ["AssignVariableOp"] + ["LookupTableImportV2"] * 4
    assert ops[saver["save_tensor_name"].split(":")[0]][0] == "Identity"
    asset = meta["asset_file_def"][0]
    assert asset["filename"] == "lines.txt" and ops[asset["tensor_info"]["name"][:-2]][0] == "Const"


def test_a_damaged_function_of_a_table(module, tmp_path):
    path = str(tmp_path / "m")
    tf.saved_model.save(module, path)
    from ninefold import _core
    with open(path + "/saved_model.pb", "rb") as file:
        message = _core.decode_message("SavedModel", file.read())
    nodes = message["meta_graphs"][0]["object_graph_def"]["nodes"]
    for node in nodes:
        for pair in node.get("saveable_objects", {}).values():
            pair["save_function"] = 0
    with open(path + "/saved_model.pb", "wb") as file:
        file.write(_core.encode_message("SavedModel", message))
    with pytest.raises(OSError, match="should be a function that moves a table's values"):
        tf.saved_model.load(path)
