"""In: TensorFlow 2.9.0. Out: vectors.txt, the numbers that tests/unit/random must reproduce.

  python record.py > vectors.txt

A row is: function | state | parameters | values. State "seeds a b skip" is the kernel with
attributes seed=a, seed2=b after `skip` blocks; "stateless a b" is what tf.random.stateless_* make of [a, b].
Values are decimal and exact; "#h" is the 64-bit FNV-1a hash of the bytes of a long result.
"""
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
RAW = tf.raw_ops


def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = (h ^ b) * 0x100000001b3 & (1 << 64) - 1
    return '#%016x' % h


def text(value):
    a = value.numpy() if hasattr(value, 'numpy') else np.asarray(value)
    if a.size > 300:
        return fnv(np.ascontiguousarray(a).tobytes())
    if a.dtype.kind in 'iu':
        return ' '.join(str(v) for v in a.ravel().tolist())
    form = '%.17g' if a.dtype == np.float64 else '%.9g'
    return ' '.join(form % float(v) for v in a.ravel())


def row(name, state, parameters, value):
    print('%s | %s | %s | %s' % (name, state, ' '.join(str(p) for p in parameters), text(value)))


def seeded(name, op, parameters, skip=0, seed=3, seed2=4, **kw):
    """One call of a legacy kernel whose state is fresh; with skip, the call after it."""
    tf.random.set_seed(0)
    state = 'seeds %d %d %d' % (seed, seed2, skip)
    if skip:
        op(seed=seed, seed2=seed2, **kw)
    row(name, state, parameters, op(seed=seed, seed2=seed2, **kw))


def stateless(name, op, parameters, seed=(12, -5), **kw):
    row(name, 'stateless %d %d' % tuple(seed), parameters, op(seed=seed, **kw))


print('# Recorded with TensorFlow %s by record.py; see there for the columns.' % tf.__version__)
FLOATS = [('f16', tf.float16), ('bf16', tf.bfloat16), ('f32', tf.float32), ('f64', tf.float64)]
for kind, op in (('uniform', RAW.RandomUniform), ('normal', RAW.RandomStandardNormal),
                 ('truncated_normal', RAW.TruncatedNormal)):
    for suffix, dtype in FLOATS:
        for n in (1, 5, 23, 40001):
            seeded('%s_%s' % (kind, suffix), op, [n], shape=[n], dtype=dtype)
        seeded('%s_%s' % (kind, suffix), op, [7], skip=7 * 256, shape=[7], dtype=dtype)
for suffix, dtype, ranges in (
        ('i32', tf.int32, [(-7, 1000003), (0, 1), (-2**31, 2**31 - 1), (3, 100)]),
        ('i64', tf.int64, [(-7, 10**15), (0, 2**31), (-2**63, 2**63 - 1)])):
    for lo, hi in ranges:
        for n in (9, 3001):
            seeded('uniform_' + suffix, RAW.RandomUniformInt, [n, lo, hi], shape=[n],
                   minval=tf.constant(lo, dtype), maxval=tf.constant(hi, dtype))
ST = tf.random
for seed in ((12, -5), (0, 0), (2**62 + 1, -2**63)):
    for suffix, dtype in FLOATS:
        stateless('uniform_' + suffix, ST.stateless_uniform, [6], seed, shape=[6], dtype=dtype)
        stateless('normal_' + suffix, ST.stateless_normal, [6], seed, shape=[6], dtype=dtype)
        stateless('truncated_normal_' + suffix, ST.stateless_truncated_normal, [6], seed, shape=[6],
                  dtype=dtype)
    for suffix, dtype in (('u32', tf.uint32), ('u64', tf.uint64)):
        stateless('full_' + suffix, ST.stateless_uniform, [7], seed, shape=[7], minval=None,
                  maxval=None, dtype=dtype)
    stateless('uniform_i32', ST.stateless_uniform, [5, 3, 100], seed, shape=[5], minval=3,
              maxval=100, dtype=tf.int32)

# Distributions. Parameters: sizes first, then the parameter arrays.
ALPHA = [.2, 1., 3.5, .9, 40.]
RATE = [.5, 40., 9.99, 10., 0., 1000.]
for suffix, dtype in FLOATS:
    if dtype == tf.bfloat16:
        continue
    seeded('gamma_' + suffix, RAW.RandomGamma, [4, 5] + ALPHA, shape=[4],
           alpha=tf.constant(ALPHA, dtype))
    seeded('poisson_' + suffix, RAW.RandomPoissonV2, [6, 6] + RATE, shape=[6],
           rate=tf.constant(RATE, dtype), dtype=dtype)
stateless('gamma_f32', lambda seed: ST.stateless_gamma([700, 5], seed, tf.constant(ALPHA)),
          [700, 5] + ALPHA)
stateless('poisson_f32', lambda seed: ST.stateless_poisson([700, 6], seed, tf.constant(RATE),
                                                         tf.float32), [700, 6] + RATE)
seeded('gamma_f32', RAW.RandomGamma, [2, 5] + ALPHA, skip=10 * 256, shape=[2],
       alpha=tf.constant(ALPHA))
COUNTS, PROBS = [10, 40, 100, 0, 7, 7, 1000, 30], [.3, .5, .9, .4, 0., 1., .02, .7]
for n in (3, 120):
    for suffix, dtype in (('f32', tf.float32), ('f64', tf.float64)):
        stateless('binomial_' + suffix, lambda seed: ST.stateless_binomial(
            [n, 8], seed, tf.constant(COUNTS, dtype), tf.constant(PROBS, dtype), dtype),
            [n, 8] + COUNTS + PROBS)
LOGITS = [0., 1., 2., -1., 1., 1., 1., 1., -np.inf, 3., np.nan, 2.5]
for suffix, dtype in (('f32', tf.float32), ('f64', tf.float64)):
    for rows, samples in ((2, 6), (3, 7), (1, 1)):
        part = LOGITS[:4 * rows]
        seeded('multinomial_' + suffix, RAW.Multinomial, [rows, 4, samples] + part,
               logits=tf.constant(part, dtype, [rows, 4]), num_samples=samples)
        seeded('multinomial_' + suffix, RAW.Multinomial, [rows, 4, samples] + part,
               skip=rows * 2 * ((samples + 3) // 4 * 4) * 256,
               logits=tf.constant(part, dtype, [rows, 4]), num_samples=samples)
for n in (2, 10, 1001):
    seeded('permutation', RAW.RandomShuffle, [n], value=tf.range(n, dtype=tf.int64))
seeded('permutation', RAW.RandomShuffle, [10], skip=3, value=tf.range(10, dtype=tf.int64))

# Batches, samples, then means, deviations, lower and upper bounds of each batch.
INF = np.inf
LIMITS = [(0, 1, 3, 5), (0, 1, -2, 2), (1, 2, -1, 1.5), (0, 1, -1.5, 9), (0, 1, 1, 1.2),
          (0, 1, 5, INF), (0, 1, -INF, -4), (3, .5, 10, 11), (0, 1, -.1, .1)]
for suffix, dtype in (('f32', tf.float32), ('f64', tf.float64)):
    for limits in LIMITS:
        for n in (4, 50, 450):
            stateless('parameterized_truncated_normal_' + suffix,
                      lambda seed: ST.stateless_parameterized_truncated_normal(
                          [n], seed, *[tf.constant(v, dtype) for v in limits]),
                      [1, n, 1] + list(limits))
    for n in (7, 450):
        seeded('parameterized_truncated_normal_' + suffix, RAW.ParameterizedTruncatedNormal,
               [1, n, 1, 0, 1, -2, 2], shape=[n],
               **dict(zip(('means', 'stdevs', 'minvals', 'maxvals'),
                          [tf.constant(v, dtype) for v in LIMITS[1]])))
    three = LIMITS[:3]
    each = [tf.constant([l[k] for l in three], dtype) for k in range(4)]
    seeded('parameterized_truncated_normal_' + suffix, RAW.ParameterizedTruncatedNormal,
           [3, 5, 3] + [l[k] for k in range(4) for l in three], shape=[3, 5], means=each[0],
           stdevs=each[1], minvals=each[2], maxvals=each[3])
    seeded('parameterized_truncated_normal_' + suffix, RAW.ParameterizedTruncatedNormal,
           [3, 5, 3] + [l[k] for k in range(4) for l in three], skip=3 * 2000 * 8 // 4,
           shape=[3, 5], means=each[0], stdevs=each[1], minvals=each[2], maxvals=each[3])
    stateless('parameterized_truncated_normal_' + suffix,
              lambda seed: ST.stateless_parameterized_truncated_normal([5, 3], seed, *each),
              [3, 5, 3] + [l[k] for k in range(4) for l in three])

for top, count, seed in ((99, 100, (5, 9)), (1000, 40, (5, 9)), (2**40, 8, (2**31 + 3, 7)),
                         (1, 2, (0, 0)), (0, 1, (5, 9)), (65535, 9, (1, 2)), (65536, 9, (1, 2))):
    value = [int(tf.random.experimental.index_shuffle(
        tf.constant(i, tf.int64), tf.constant(seed, tf.uint32), tf.constant(top, tf.int64)))
        for i in range(count)]
    row('index_shuffle', 'seeds %d %d 0' % seed, [top, count], value)

# Boxes: height, width, number of boxes, minimum covered, aspect range, area range, attempts, boxes;
# the result is y, x, h, w.
BOXES = [[.1, .2, .6, .8], [.4, .4, .9, .95], [0., .5, .3, 1.]]
for h, w, boxes, covered, aspect, area, attempts in (
        (100, 120, [], .1, (.75, 1.33), (.05, 1.), 100),
        (224, 160, BOXES, .5, (.75, 1.33), (.08, 1.), 100),
        (7, 9, BOXES[:1], .9, (.5, 2.), (.3, .9), 20),
        (50, 50, BOXES, 1., (.9, 1.1), (.01, .02), 3),
        (33, 500, [], 0., (.1, 9.), (.05, .5), 10)):
    for seed in range(1, 7):
        tf.random.set_seed(0)
        b, s, _ = RAW.SampleDistortedBoundingBoxV2(
            image_size=[h, w, 3], bounding_boxes=np.array(boxes, np.float32).reshape(1, -1, 4),
            min_object_covered=covered, seed=seed, seed2=seed + 1, aspect_ratio_range=aspect,
            area_range=area, max_attempts=attempts, use_image_if_no_bounding_boxes=True)
        row('distorted_box', 'seeds %d %d 0' % (seed, seed + 1),
            [h, w, len(boxes), covered, *aspect, *area, attempts] + [v for q in boxes for v in q],
            [int(b[0]), int(b[1]), int(s[0]), int(s[1])])
sys.stdout.flush()
