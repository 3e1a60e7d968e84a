# In: the objects of a SavedModel that is written, and the rows of its checkpoint. Out: the graph for readers that know no
# objects (TensorFlow Serving, tf.compat.v1.saved_model.load): signatures as calls, what fills tables, a saver.
from . import nest, structured
from .dtypes import as_dtype
from .saved_tables import is_resource
from .specs import TensorSpec
from .. import _core

PREDICT, INIT = "tensorflow/serving/predict", "__saved_model_init_op"
_STRING = as_dtype("string")


def _info(name, spec):
    return {"name": name, "dtype": structured.number_of(spec.dtype), "tensor_shape": structured.shape_message(spec.shape)}


class Nodes:
    """The nodes of the graph that stand for a Saver's objects, each made when it is first needed."""

    def __init__(self, saver):
        self.of, self.writer, self.nodes = saver, saver.writer, {}
        self.files = [self.writer.constant("asset", _core.convert(name, "string")) for _, name in saver.assets]

    def node(self, at):
        """The node of object `at`."""
        if at not in self.nodes:
            message, obj = self.of.messages[at], self.of.objects[at]
            if "variable" in message:
                self.nodes[at] = self.variable(obj)
            elif "constant" in message:
                self.nodes[at] = message["constant"]["operation"]
            elif "asset" in message:        # the reader puts its own path in
                self.nodes[at] = self.files[message["asset"]["asset_file_def_index"]]
            else:
                self.nodes[at] = self.writer.call("table", self._function(at, "_create_resource"), [], [], ["resource"])
        return self.nodes[at]

    def variable(self, v):
        return self.writer.variable(TensorSpec(v.shape, v.dtype, v.name.split(":")[0]))

    def _function(self, at, name):
        """The name of the function that is the object's child; None if it has no such child."""
        child = next((c["node_id"] for c in self.of.messages[at].get("children", []) if c["local_name"] == name), None)
        return None if child is None else self.of.messages[child]["function"]["concrete_functions"][0]

    def assets(self):
        return [{"tensor_info": {"name": node + ":0", "dtype": structured.number_of("string"), "tensor_shape": {}}, "filename": name}
                for node, (_, name) in zip(self.files, self.of.assets)]

    def signatures(self, given):
        """The signatures as calls."""
        out = {}
        for key, (function, names) in sorted(given.items()):
            name = self.of.names[id(function)]
            inputs = {n: (self.writer.placeholder(TensorSpec(s.shape, s.dtype, f"{key}_{n}")), s)
                      for n, s in zip(names, function._handle.inputs)}
            dtypes = [s.dtype for s in function._handle.inputs] + [t.dtype for t in function.captured_inputs]
            bound = [self.node(b) for b in self.of.concrete[name]["bound_inputs"]]
            call = self.writer.call("StatefulPartitionedCall", name, [node for node, _ in inputs.values()] + bound, dtypes,
                                    [s.dtype for s in function._handle.outputs])
            outputs, place = {}, 0
            for n, spec in sorted(function._structured_outputs.items()):
                parts = nest.flatten(spec, expand_composites=True)
                told = [_info(f"{call}:{place + i}", s) for i, s in enumerate(function._handle.outputs[place:place + len(parts)])]
                place += len(parts)
                outputs[n] = told[0] if isinstance(spec, TensorSpec) else {"composite_tensor": {
                    "type_spec": structured.encode(spec)["type_spec_value"], "components": told}}
            out[key] = {"inputs": {n: _info(node + ":0", s) for n, (node, s) in inputs.items()},
                        "outputs": outputs, "method_name": PREDICT}
        return out

    def initialize(self):
        """(what a reader runs first, the collection that names it): it fills the tables."""
        done = []
        for at, obj in enumerate(self.of.objects):
            if is_resource(obj) and self._function(at, "_initialize") is not None:
                name = self._function(at, "_initialize")
                bound = self.of.concrete[name]["bound_inputs"]
                inputs = [self.node(b) for b in bound]
                done.append(self.writer.call("initialize", name, inputs, [self._dtype(b) for b in bound], ["int32"]))
        node = self.writer.node("NoOp", "NoOp", ["^" + name for name in done])
        told = {"outputs": {INIT: {"name": node, "tensor_shape": {"unknown_rank": True}}}}
        value = node.encode()               # CollectionDef{node_list{value}}
        inner = b"\x0a" + bytes([len(value)]) + value
        return told, {"saved_model_main_op": b"\x0a" + bytes([len(inner)]) + inner}

    def _dtype(self, at):
        message, obj = self.of.messages[at], self.of.objects[at]
        return obj.dtype if "constant" in message else _STRING if "asset" in message else as_dtype("resource")

    def saver(self, rows):
        """SaverDef of the nodes that write and read the checkpoint `rows` [(key, variable or value, object)]."""
        w, values, dtypes, puts = self.writer, [], [], []
        at_of = {id(obj): at for at, obj in enumerate(self.of.objects) if obj is not None}
        variables, tables = {}, {}
        prefix = w.placeholder(TensorSpec([], "string", "saver_filename"))
        for key, value, obj in rows:
            if isinstance(value, _core.VariableBase):
                at = self.of.places.get(self.of._key(value))
                node = self.node(at) if at is not None else variables.setdefault(self.of._key(value), None) or self.variable(value)
                variables[self.of._key(value)] = node
                values.append(w.node("ReadVariableOp", node + "/Read/ReadVariableOp", [node], {"dtype": value.dtype}))
                puts.append((node, value.dtype))
            elif is_resource(obj) and id(obj) in at_of:
                moved = tables.get(id(obj))
                if moved is None:
                    node, count = self.node(at_of[id(obj)]), 0
                    types = [v.dtype for _, v, o in rows if o is obj]
                    moved = tables[id(obj)] = [w.node("LookupTableExportV2", "table_values", [node], {
                        "Tkeys": types[0], "Tvalues": types[1]}), count, node, types]
                values.append(moved[0] + (f":{moved[1]}" if moved[1] else ""))
                puts.append((moved, moved[1]))
                moved[1] += 1
            else:
                values.append(w.constant("value", _core.convert(value)))
                puts.append(None)
            dtypes.append(value.dtype)
        if not rows:
            return None
        names = w.constant("save/tensor_names", _core.convert([key for key, _, _ in rows], "string"))
        slices = w.constant("save/shape_and_slices", _core.convert([""] * len(rows), "string"))
        part = w.node("ShardedFilename", "save/ShardedFilename", [prefix, w.constant("save/shard", _core.convert(0)),
                                                                  w.constant("save/num_shards", _core.convert(1))])
        saved = w.node("SaveV2", "save/SaveV2", [part, names, slices, *values], dtypes=dtypes)
        packed = w.node("ExpandDims", "save/checkpoint_prefixes", [part, w.constant("save/axis", _core.convert(0)), "^" + saved],
                        {"T": _STRING, "Tdim": as_dtype("int32")})
        merged = w.node("MergeV2Checkpoints", "save/MergeV2Checkpoints", [packed, prefix])
        whole = w.node("Identity", "save/control_dependency", [prefix, "^" + merged], {"T": _STRING})
        read = w.node("RestoreV2", "save/RestoreV2", [prefix, names, slices], dtypes=dtypes)
        done = []
        for i, put in enumerate(puts):
            tensor = read + (f":{i}" if i else "")
            if put is None:
                continue
            if isinstance(put[0], str):
                done.append(w.node("AssignVariableOp", "save/AssignVariableOp", [put[0], tensor], {"dtype": put[1]}))
            elif put[1] == 0:               # keys, whose values come next
                moved = put[0]
                done.append(w.node("LookupTableImportV2", "save/table_restore", [moved[2], tensor, f"{read}:{i + 1}"], {
                    "Tin": moved[3][0], "Tout": moved[3][1]}))
        all_done = w.node("NoOp", "save/restore_all", ["^" + name for name in done])
        return {"filename_tensor_name": prefix + ":0", "save_tensor_name": whole + ":0", "restore_op_name": all_done, "version": 2}
