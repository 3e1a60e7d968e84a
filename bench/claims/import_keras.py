# A process that imports the framework and Keras.
def measure(tf):
    tf.keras.layers.Dense
    return None
