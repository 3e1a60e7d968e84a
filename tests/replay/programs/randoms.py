# In: nothing. Out: random numbers of every road: ops, functions, initializers, Generator, datasets.
import numpy as np
from replay import case

# Uniform numbers, choices and permutations agree to the bit; normals go through log, sin and cos.
FINE = 1e-6


@case("random-uniform-shuffle", exact=("*",))
def _(tf):
    r = tf.random
    return {"first": r.uniform([5]), "again": r.uniform([5]), "seeded": r.uniform([3], seed=5),
            "seeded again": r.uniform([3], seed=5), "range": r.uniform([3], -2.0, 3.0),
            "double": r.uniform([3], dtype=tf.float64), "int": r.uniform([4], -7, 99, tf.int32),
            "long": r.uniform([3], 0, 10 ** 15, tf.int64), "half": r.uniform([3], dtype=tf.float16),
            "shuffle": r.shuffle(tf.range(10)), "rows": r.shuffle(tf.reshape(tf.range(8), [4, 2])),
            "empty": r.uniform([0, 2])}


@case("random-normal-truncated", tolerance=FINE)
def _(tf):
    r = tf.random
    return {"normal": r.normal([5]), "scaled": r.normal([3], 2.0, 0.5, seed=3),
            "double": r.normal([3], dtype=tf.float64), "truncated": r.truncated_normal([9]),
            "gamma": r.gamma([2], [0.2, 1.0, 3.5]), "poisson": r.poisson([4], [0.5, 40.0])}


@case("random-categorical-dropout", exact=("*",))
def _(tf):
    logits = [[0.0, 1, 2, -1], [1, 1, 1, 1]]
    return {"categorical": tf.random.categorical(logits, 6),
            "dropout": tf.nn.dropout(tf.ones([2, 6]), 0.3),
            "layer": tf.keras.layers.Dropout(0.5)(tf.ones([2, 4]), training=True)}


@case("random-in-functions", exact=("*",))
def _(tf):
    @tf.function
    def draw():
        return tf.random.uniform([2]), tf.random.uniform([2]), tf.random.uniform([2], seed=4)
    first, second = draw(), draw()
    tf.random.set_seed(8)
    return {"first": list(first), "second": list(second), "after set_seed": list(draw()),
            "eager": tf.random.uniform([2])}


@case("random-stateless-generator", tolerance=FINE)
def _(tf):
    g = tf.random.Generator.from_seed(1234)
    seed = [12, -5]
    return {"normal": tf.random.stateless_normal([3], seed),
            "uniform": tf.random.stateless_uniform([3], seed),
            "ints": tf.random.stateless_uniform([4], seed, 3, 100, tf.int32),
            "split": tf.random.experimental.stateless_split(seed, 2),
            "generator": g.normal([4]), "next": g.uniform([3]), "state": g.state,
            "seeds": g.make_seeds(2), "child": g.split(1)[0].uniform([3])}


@case("initializers", tolerance=FINE,
      exact=("Glorot uniform*", "He uniform*", "uniform*", "zeros", "ones", "constant"))
def _(tf):
    i = tf.keras.initializers
    makers = {"Glorot uniform": i.GlorotUniform(), "Glorot normal": i.GlorotNormal(),
              "He uniform": i.HeUniform(), "He normal": i.HeNormal(),
              "Lecun normal": i.LecunNormal(), "uniform": i.RandomUniform(-1, 2, seed=5),
              "normal": i.RandomNormal(1, 0.1), "truncated": i.TruncatedNormal(),
              "zeros": i.Zeros(), "ones": i.Ones(), "constant": i.Constant(3)}
    result = {name: make((3, 4)) for name, make in makers.items()}
    result["Glorot uniform of a kernel"] = i.GlorotUniform()((3, 3, 2, 4))
    return result


@case("initializer-orthogonal", tolerance=1e-5)
def _(tf):
    return {"tall": tf.keras.initializers.Orthogonal()((4, 2)),
            "wide": tf.keras.initializers.Orthogonal(gain=2.0)((2, 4))}


def lists(dataset):
    return np.array([x.numpy() for x in dataset])


@case("dataset-shuffle", exact=("*",))
def _(tf):
    source = tf.data.Dataset.range(20)
    seeded = source.shuffle(6, seed=3)
    fixed = source.shuffle(6, seed=3, reshuffle_each_iteration=False)
    return {"1": lists(seeded), "2": lists(seeded), "fixed 1": lists(fixed),
            "fixed 2": lists(fixed),
            "large": lists(source.shuffle(100)),
            "repeat": lists(source.shuffle(5, seed=1).repeat(2)),
            "after repeat": lists(source.repeat(2).shuffle(30, seed=2))}


@case("dataset-random-map", exact=("*",))
def _(tf):
    source = tf.data.Dataset.range(5)
    drawn = source.map(lambda x: tf.random.uniform([]))
    kept = tf.data.Dataset.range(12).filter(lambda x: tf.random.uniform([]) < 0.5)
    return {"1": lists(drawn), "2": lists(drawn), "filter": lists(kept),
            "random": lists(tf.data.Dataset.random(4).take(3))}


@case("dataset-stages", exact=("*",))
def _(tf):
    source = tf.data.Dataset.range(10)
    pairs = tf.data.Dataset.from_tensor_slices({"a": np.arange(6),
                                                "b": np.arange(12.).reshape(6, 2)})
    even = source.batch(4, drop_remainder=True)
    parallel = source.map(lambda x: x * x, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
    return {"batch": [x for x in source.batch(4)], "even": [x for x in even],
            "parallel": lists(parallel), "take": lists(source.skip(2).take(3)),
            "repeat": lists(source.take(2).repeat(3)),
            "filter": lists(source.filter(lambda x: x > 6)),
            "pairs": [x for x in pairs.batch(4)], "length": len(even),
            "cardinality": source.repeat().cardinality(),
            "spec": str(pairs.batch(4).element_spec), "repr": repr(even),
            "sum": source.reduce(np.int64(0), lambda a, x: a + x),
            "zip": [x for x in tf.data.Dataset.zip((source.take(2), source.skip(8)))]}
