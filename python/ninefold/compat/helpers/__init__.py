# In: private paths of TensorFlow (compat/private.py). Out: the helpers behind them that known packages take, one topic a file.
