# In: nothing. Out: a small model that Keras 2.9.0 trained and saved as a SavedModel, with its predictions:
#   python tests/referee/record_keras_saved_models.py tests/data/saved_models/keras          (TensorFlow 2.9.0)
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
tf.keras.utils.set_random_seed(3)
model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="relu", input_shape=(4,)), tf.keras.layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae"])
x = np.random.RandomState(1).rand(8, 4).astype("float32")
model.fit(x, x.sum(1), epochs=3, verbose=0)
model.save(os.path.join(folder, "dense"))
with open(os.path.join(folder, "dense.json"), "w") as file:
    json.dump({"x": x.tolist(), "predictions": model.predict(x, verbose=0).tolist(),
               "iterations": int(model.optimizer.iterations)}, file)
    file.write("\n")
