# In: a program that saves SavedModels over one another, killed at any moment. Out: the old one or the new one, whole.
import os
import random
import signal
import subprocess
import sys
import time

import ninefold as tf

# NINEFOLD_SOAK=1: 200 kills.
KILLS = 200 if os.environ.get("NINEFOLD_SOAK") else 4
SAVES = """
import sys
import ninefold as tf

class Numbers(tf.Module):
    def __init__(self, n):
        super().__init__()
        self.v = [tf.Variable(tf.fill([500], float(n))) for _ in range(4)]
        self.constant = n

    @tf.function(input_signature=[])
    def told(self):
        return tf.fill([1000], float(self.constant))

n = int(sys.argv[2])
while True:
    n += 1
    tf.saved_model.save(Numbers(n), sys.argv[1])
    print(n, flush=True)
"""


def test_killed_at_any_moment_is_old_or_new(tmp_path):
    path, rng, last = str(tmp_path / "m"), random.Random(5), 0
    for kill in range(KILLS):
        child = subprocess.Popen([sys.executable, "-c", SAVES, path, str(last)], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline(), f"kill {kill}: the program that saves did not come to its first save"
        time.sleep(rng.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        told = [int(line) for line in child.communicate()[0].split()]
        loaded = tf.saved_model.load(path)
        values = {float(x) for v in loaded.v for x in v.numpy()} | {float(x) for x in loaded.told().numpy()}
        assert len(values) == 1, f"kill {kill}: files of several saves: {sorted(values)}"
        now = int(values.pop())
        assert now >= max([last + 1] + told)
        last = now
    assert last >= KILLS
    left = [name for name in os.listdir(tmp_path) if name != "m"]      # folders of killed saves, hidden and beside the target
    assert all(name.startswith(".m.") for name in left) and len(left) <= KILLS
