# In: TensorFlow 2.9.0 and h5py. Out: small HDF5 files of every manner in tests/data/io/hdf5, and contents.txt, which says what
# h5py reads in them. Run by hand, once: python tests/referee/record_hdf5.py tests/data/io/hdf5
import hashlib
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np

OUT = sys.argv[1]
NUMBERS = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "int64": 9, "bool": 10, "uint16": 17,
           "float16": 19, "uint32": 22, "uint64": 23}


def layers(file, count, **how):
    """A flat weights file as Keras makes it."""
    names = [f"layer_{i}" for i in range(count)]
    for i, name in enumerate(names):
        group = file.create_group(name)
        group.attrs["weight_names"] = [f"{name}/kernel:0".encode(), f"{name}/bias:0".encode()]
        inside = group.create_group(name)
        inside.create_dataset("kernel:0", data=np.arange(6, dtype="f4").reshape(2, 3) + i, **how)
        inside.create_dataset("bias:0", data=np.full(3, -i, "f4"), **how)
    file.attrs["layer_names"] = [name.encode() for name in names]
    file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", "2.9.0"


def one_layer(fill):
    def make(file):
        group = file.create_group("all")
        fill(group)
        group.attrs["weight_names"] = [name.encode() for name in group if isinstance(group[name], h5py.Dataset)]
        file.attrs["layer_names"] = ["all"]      # texts of variable length
    return make


def indices(group):
    """Chunks under every kind of index: two or three dimensions, edges that stick out, filters."""
    x = np.arange(5 * 7 * 3, dtype="f4").reshape(5, 7, 3)
    for name, how in {
            "single": dict(chunks=(5, 7, 3)), "single_gzip": dict(chunks=(5, 7, 3), compression="gzip"),
            "fixed": dict(chunks=(2, 3, 2)), "fixed_gzip": dict(chunks=(2, 3, 2), compression="gzip", shuffle=True),
            "grows": dict(chunks=(2, 3, 2), maxshape=(5, None, 3)),
            "grows_lzf": dict(chunks=(2, 3, 2), maxshape=(None, 7, 9), compression="lzf", shuffle=True, fletcher32=True),
            "grows_twice": dict(chunks=(2, 3, 2), maxshape=(None, None, 3)),
            "grows_twice_gzip": dict(chunks=(2, 3, 2), maxshape=(None, None, 3), compression="gzip", fletcher32=True),
            "may_grow": dict(chunks=(5, 7, 3), maxshape=(9, 9, 9))}.items():
        group.create_dataset(name, data=x, **how)
    part = group.create_dataset("part", shape=(20, 20), chunks=(3, 4), dtype=">f8", fillvalue=2.5, compression="gzip")
    part[4:9, 7:13] = 1.25
    shrunk = group.create_dataset("shrunk", data=x, chunks=(2, 3, 2), maxshape=(None, None, 3))
    shrunk.resize((3, 4, 3))
    early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    early.set_chunk((2, 2))
    early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)      # chunks one after another, without an index
    h5py.h5d.create(group.id, b"in_a_row", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((3, 5)), early).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.arange(15, dtype="f4").reshape(3, 5))


def many_chunks(group):
    """Pages of a fixed array, super blocks of an extensible one, trees of several levels."""
    x = (np.arange(1100) % 256).astype("u1")
    group.create_dataset("fixed", data=x, chunks=(1,))
    group.create_dataset("grows", data=x, chunks=(1,), maxshape=(None,))
    group.create_dataset("grows_twice", data=x[:300].reshape(3, 100), chunks=(1, 1), maxshape=(None, None))


def types(group):
    for name in NUMBERS:
        group.create_dataset(name, data=np.arange(3).astype(name))
        if np.dtype(name).itemsize > 1:
            group.create_dataset(f"{name}_big", data=np.arange(3).astype(name).astype(np.dtype(name).newbyteorder(">")))
    group.create_dataset("scalar", data=np.float64(3.5))
    group.create_dataset("zero", shape=(0, 4), dtype="f4")
    group.create_dataset("never", shape=(4,), dtype="i8", fillvalue=-7)
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(group.id, b"compact", h5py.h5t.STD_I32LE, h5py.h5s.create_simple((3,)), compact).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.array([7, 8, 9], "i4"))
    group["soft"], group["relative"] = h5py.SoftLink("/all/scalar"), h5py.SoftLink("scalar")
    group["again"] = group["compact"]
    group.file["named"] = np.dtype("<f4")
    group.create_dataset("committed", data=np.ones(3, "f4"), dtype=group.file["named"])


def attributes(group):
    """So many that newer files keep them in a heap with a tree."""
    group.create_dataset("w", data=np.ones(3, "f4"))
    for i in range(60):
        group.attrs[f"note{i}"] = f"text {i}"
    if group.file.libver[0] != "earliest":
        group.attrs["large"] = np.zeros(20000, "f4")     # an object outside of the heap's blocks


def many_links(group):
    """Trees of links of several levels."""
    group.create_dataset("w0", data=np.ones(3, "f4"))
    for i in range(1, 300):
        group[f"w{i}"] = group["w0"]


FILES = {"layers": lambda file: layers(file, 12), "many_links": one_layer(many_links),
         "gzip": lambda file: layers(file, 2, compression="gzip", shuffle=True),
         "indices": one_layer(indices), "many_chunks": one_layer(many_chunks), "types": one_layer(types),
         "attributes": one_layer(attributes)}


def keras_models(path):
    import tensorflow as tf
    K = tf.keras
    K.utils.set_random_seed(5)

    def trained(model, optimizer):
        model.compile(optimizer, "mse")
        x = np.ones((4, *model.input_shape[1:]), "f4")
        model.fit(x, np.zeros((4, *model.output_shape[1:]), "f4"), verbose=0)
        return model

    dense = trained(K.Sequential([K.layers.Dense(2, input_shape=(3,)), K.layers.BatchNormalization()]), "adam")
    dense.save(path("keras_model.h5"))
    inner = K.Sequential([K.layers.Dense(2, input_shape=(3,)), K.layers.Dropout(0.5)], name="inner")
    trained(K.Sequential([inner, K.layers.Dense(1)]), K.optimizers.SGD(0.1, momentum=0.9)).save(path("keras_nested.h5"))
    lstm = trained(K.Sequential([K.layers.Embedding(5, 2, input_length=3), K.layers.Bidirectional(K.layers.GRU(2)), K.layers.Dense(1)]),
                   "rmsprop")
    lstm.save(path("keras_recurrent.h5"), include_optimizer=True)
    lstm.save_weights(path("keras_recurrent_weights.h5"))
    K.Sequential([K.layers.Flatten(input_shape=(2,))]).save_weights(path("keras_no_weights.h5"))


def names(group, attribute):
    """As Keras reads a list, whole or in pieces."""
    if attribute in group.attrs:
        found = list(group.attrs[attribute])
    else:
        found = [n for i in range(100) if f"{attribute}{i}" in group.attrs for n in group.attrs[f"{attribute}{i}"]]
    return [n.decode() if isinstance(n, bytes) else n for n in found]


def contents(name):
    with h5py.File(os.path.join(OUT, name)) as file:
        root = file if "layer_names" in file.attrs else file["model_weights"]
        for layer in names(root, "layer_names"):
            for weight in names(root[layer], "weight_names"):
                array = np.asarray(root[layer][weight])
                array = array.astype(array.dtype.newbyteorder("<"))
                shape = ",".join(map(str, array.shape)) or "-"
                yield f"{name} {layer} {weight} {NUMBERS[str(array.dtype)]} {shape} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}\n"


os.makedirs(OUT, exist_ok=True)
for version in ("earliest", "v108", "latest"):      # what 1.8 writes is as the latest but for the indices of chunks
    for kind, make in FILES.items() if version != "v108" else [("indices", FILES["indices"])]:
        with h5py.File(os.path.join(OUT, f"{kind}_{version}.h5"), "w", libver=version) as h5:
            make(h5)
for kind, how in {"behind_a_block": dict(userblock_size=512), "in_order": dict(track_order=True)}.items():
    with h5py.File(os.path.join(OUT, f"{kind}.h5"), "w", **how) as h5:
        layers(h5, 10)
keras_models(lambda name: os.path.join(OUT, name))
with open(os.path.join(OUT, "contents.txt"), "w") as table:
    for each in sorted(os.listdir(OUT)):
        if each.endswith(".h5"):
            table.writelines(contents(each))
