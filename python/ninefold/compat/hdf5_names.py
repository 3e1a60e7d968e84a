"""In: a file or group of h5py's. Out: Keras' lists of names in its attributes. HDF5 keeps 64 KB an attribute, so that a
longer list lies in numbered pieces: name0, name1, ..."""
import numpy as np

LIMIT = 64512


def load_attributes_from_hdf5_group(group, name):
    pieces = [group.attrs[name]] if name in group.attrs else []
    while name not in group.attrs and f"{name}{len(pieces)}" in group.attrs:
        pieces.append(group.attrs[f"{name}{len(pieces)}"])
    return [one.decode("utf8") if hasattr(one, "decode") else one for piece in pieces for one in piece]


def save_attributes_to_hdf5_group(group, name, data):
    long = [one for one in data if len(one) > LIMIT]
    if long:
        raise RuntimeError("The following attributes cannot be saved to HDF5 file because they are larger than "
                           f"{LIMIT} bytes: {long}")
    names = np.asarray(data)
    count = 1
    while any(piece.nbytes > LIMIT for piece in np.array_split(names, count)):
        count += 1
    if count == 1:
        group.attrs[name] = data
    else:
        for i, piece in enumerate(np.array_split(names, count)):
            group.attrs[f"{name}{i}"] = piece
