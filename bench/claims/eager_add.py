# Two scalars added eagerly.
import os
import sys
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from timing import per_call  # noqa: E402

WANTED = 6


def measure(tf):
    a, b = tf.constant(1.0), tf.constant(2.0)
    return per_call(lambda: a + b, 20000)
