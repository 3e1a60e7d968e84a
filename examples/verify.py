# The source documents' checks of an installation, one after the other.
import os

# 只使用第0和第1号GPU
os.environ["CUDA_VISIBLE_DEVICES"] = "0,1"

import tensorflow as tf
print("TensorFlow version:", tf.__version__)
print("GPUs Available:", tf.config.list_physical_devices('GPU'))

tf.test.is_built_with_cuda() # 应返回 True

print("Version:", tf.__version__)
print("Built with CUDA:", tf.test.is_built_with_cuda())
print("GPUs:", tf.config.list_physical_devices('GPU'))

gpus = tf.config.experimental.list_physical_devices('GPU')
if gpus:
    try:
        for gpu in gpus:
            tf.config.experimental.set_memory_growth(gpu, True)
    except RuntimeError as e:
        print(e)
